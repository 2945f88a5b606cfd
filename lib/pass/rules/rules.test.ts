/**
 * Every rule of every table: what it turns into what, as text, and that the values stay.
 *
 * One line an example: the program in words of its own, `⇒`, the program afterwards as printed.
 * Inputs: x, y f64[3]; z f64[2, 3]; s f64[]; i, j i32[3]; k i32[]; p, q bool[3].
 */
import { describe, expect, test } from 'vitest'
import { arrayFrom, type DType, type NDArray, sizeOf } from '../../data/index.js'
import { interpreters } from '../../interpret/index.js'
import { ops } from '../../ops/index.js'
import { type Func, parse, show, verify } from '../../term/index.js'
import { eraseRules } from '../erase.js'
import { placeRules } from '../place.js'
import { type Rule, rewriteBy } from '../rewrite.js'
import { adjointRules } from './adjoint.js'
import { arithmeticRules } from './arithmetic.js'
import { choiceRules } from './choice.js'
import { examples } from './examples.fixture.js'
import { indexingRules } from './indexing.js'
import { movementRules } from './movement.js'
import { stabilityRules } from './stability.js'

const rules: readonly Rule[] = [
  ...arithmeticRules,
  ...choiceRules,
  ...movementRules,
  ...indexingRules,
  ...adjointRules,
  ...stabilityRules,
  ...eraseRules,
  ...placeRules,
]

const inputs: Readonly<Record<string, readonly [DType, readonly number[]]>> = {
  x: ['f64', [3]],
  y: ['f64', [3]],
  z: ['f64', [2, 3]],
  s: ['f64', []],
  i: ['i32', [3]],
  j: ['i32', [3]],
  k: ['i32', []],
  p: ['bool', [3]],
  q: ['bool', [3]],
}

const head = Object.entries(inputs)
  .map(([name, [dtype, shape]]) => `${name}: ${dtype}[${shape.join(', ')}]`)
  .join(', ')

const program = (body: string): Func =>
  parse(`fn f(${head}) {\n${body.replaceAll('; ', '\n')}\n}`, ops)

/** The lines between the head and the closing brace, without types. */
const bodyOf = (func: Func): string =>
  show(func)
    .split('\n')
    .slice(1, -1)
    .map((line) => line.trim().replaceAll(/(%\d+): [a-z0-9]+\[[^\]]*\]/g, '$1'))
    .join('; ')

const unusual = [0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity, 1e300, -1e-310, 2.75, -3]
const whole = [0, 1, -1, 2, 5, -2147483648, 2147483647, 3]
const moderate = [0.3, -1.2, 2.1, 0.7, -0.4, 1.6]

/** Arguments whose combinations run through all pairs of the values. */
function argumentsAt(step: number, floats: readonly number[]): readonly NDArray[] {
  return Object.values(inputs).map(([dtype, shape], n) => {
    const values = dtype === 'f64' ? floats : dtype === 'bool' ? [0, 1] : whole
    const stride = [1, values.length, 5, 7][n % 4]
    const pick = (e: number) => values[Math.floor((step + e * 11) / stride) % values.length]
    return arrayFrom(
      dtype,
      shape,
      Array.from({ length: sizeOf(shape) }, (_, e) => pick(e)),
    )
  })
}

const run = (func: Func, args: readonly NDArray[]) => interpreters.evaluate(func, args, {})

const bits = (arrays: readonly NDArray[]) =>
  arrays.map((a) => Array.from(a.data, (v) => (Object.is(v, -0) ? '-0' : String(v))))

test('every rule has an example', () => {
  const shown = new Set(examples.map(([name]) => name))
  expect(rules.map((r) => r.name).filter((name) => !shown.has(name))).toEqual([])
  const known = new Set(rules.map((r) => r.name))
  expect([...shown].filter((name) => !known.has(name))).toEqual([])
})

describe.each(examples)('%s', (name, before, after) => {
  const own = rules.filter((r) => r.name === name)
  const f = program(before)

  test(`${before} ⇒ ${after}`, () => {
    const result = rewriteBy(own)(f)
    verify(result, name)
    expect(bodyOf(result)).toBe(after)
  })

  test('keeps the values', () => {
    const g = rewriteBy(own)(f)
    const exact = own.every((r) => r.kind === 'exact')
    for (let step = 0; step < 150; step++) {
      const args = argumentsAt(step, exact ? unusual : moderate)
      const [was, is] = [run(f, args), run(g, args)]
      if (exact) expect(bits(is)).toEqual(bits(was))
      else
        was.forEach((w, i) => {
          w.data.forEach((v, e) => {
            expect(is[i].data[e]).toBeCloseTo(v, 10)
          })
        })
    }
  })
})
