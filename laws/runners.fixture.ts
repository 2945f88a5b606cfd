/**
 * The kits under node:test: one rule that holds and one that does not.
 */
import { test } from 'node:test'
import { cos, customJvp, f64, fn, mul, neg, sin } from '../lib/index.js'
import { customRuleLaws, hold } from './index.js'

const wave = fn({ x: f64(3) }, ({ x }) => sin(x))
const right = customJvp(wave, ({ x }, tangents) => mul(tangents.x, cos(x)))
const wrong = customJvp(wave, ({ x }, tangents) => mul(tangents.x, neg(cos(x))))
const run = { runs: 10, seed: 5 }

for (const [name, rule] of [
  ['right', right],
  ['wrong', wrong],
] as const) {
  for (const law of customRuleLaws(rule).filter((l) =>
    l.name.endsWith('agrees with differences'),
  )) {
    test(`${name}: ${law.name}`, () => hold(law, run))
  }
}
