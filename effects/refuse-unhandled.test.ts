/**
 * Refusals of effects that are left: each effect, in straight lines, loops and branches, before
 * each thing that takes a function without effects.
 */
import { describe, expect, it } from 'vitest'
import { openChecker } from '../lib/types/checker.fixture.js'

const before = `
import {
  compile, f32, fn, grad, gt, hessian, hvp, jacfwd, jacrev, jvp, linearize, run, u32, valueAndGrad,
  vjp, vmap,
} from '../index.js'
import {
  Check, Control, delivered, functionalized, gen, inspected, inspectGradient, IO, log, nanOrigin,
  Random, request, sampled, silenced, State, tap, tell, unchecked,
} from './index.js'
const spec = { t: f32() }
const logs = fn(spec, function* ({ t }) { return yield* tap('t', t) })
const draws = fn(spec, ({ t }) => Random.normal(t, 1))
const keeps = fn(spec, function* ({ t }) { return yield* State.get(yield* State.make(t)) })
const tells = fn(spec, function* ({ t }) { yield* tell(t); return t })
const checks = fn(spec, function* ({ t }) { yield* Check.finite(t, 't'); return t })
const looks = fn(spec, ({ t }) => inspectGradient(t, 't'))
const asks = fn(spec, ({ t }) => request<typeof t, 'Ask'>('Ask', t))
const loops = fn(spec, ({ t }) => Control.forLoop(3, t, (_, c) => gen(function* () {
  yield* log('c', c)
  return c
})))
const branches = fn(spec, ({ t }) => Control.cond(gt(t, 0), () => tap('t', t), () => tap('u', t)))
const saves = fn(spec, function* ({ t }) { yield* IO.save('t', t); return t })
`
using check = openChecker(before, 'effects')

/** What is asked for, and the effect that is left in it. */
const functions = {
  logs: 'IO',
  draws: 'Random',
  keeps: 'State',
  tells: 'Accumulate',
  checks: 'Check',
  looks: 'Inspect',
  asks: 'Ask',
  loops: 'IO',
  branches: 'IO',
  saves: 'IO',
} as const

const sentence = (effect: string, verb: string, at: string) =>
  `✗ unhandled effect ${effect}: handle it before ${verb} @ ${at}`

const refusals: readonly (readonly [source: string, ...sentences: string[]])[] = [
  ...Object.entries(functions).flatMap(([f, effect]) => [
    [`grad(${f}, 't')`, sentence(effect, 'grad', f)] as const,
    [`compile(${f})`, sentence(effect, 'compile', f)] as const,
  ]),
  ...['valueAndGrad', 'jvp', 'vjp', 'hessian', 'jacrev', 'jacfwd', 'linearize'].map(
    (verb) => [`${verb}(draws, 't')`, sentence('Random', verb, 'draws')] as const,
  ),
  ["hvp(keeps, 't')", sentence('State', 'hvp', 'keeps')],
  ['vmap(logs)', sentence('IO', 'vmap', 'logs')],
  ['run(tells, { t: 1 })', sentence('Accumulate', 'run', 'tells')],
  ['nanOrigin(checks, { t: 1 })', sentence('Check', 'nanOrigin', 'checks')],
]

const said = check.refusals(refusals.map(([source]) => source))

const accepted = check.refusals([
  "grad(fn(spec, ({ t }) => silenced(loops({ t }))), 't')",
  'compile(fn(spec, ({ t }) => delivered(branches({ t }))))',
  "grad(fn({ ...spec, key: u32(2) }, ({ t, key }) => sampled(key, draws({ t }))), 't')",
  "grad(fn(spec, ({ t }) => functionalized(keeps({ t }))), 't')",
  "grad(fn(spec, ({ t }) => unchecked(checks({ t }))), 't')",
  "inspected(looks, 't')",
])

describe('effects that are left are refused by name', () => {
  it.each(refusals.map(([source, ...sentences], i) => ({ source, sentences, said: said[i] })))(
    '$source',
    ({ sentences, said }) => expect(said).toEqual(sentences),
  )

  it('there are thirty of them, and what is handled is accepted', () => {
    expect(refusals.length).toBeGreaterThanOrEqual(30)
    expect(accepted.flat()).toEqual([])
  })
})
