/**
 * Walks divided for a device of many invocations mean what they mean in order: sums and extremes so
 * far, sorts with equal keys and NaN, scatters with indices out of range.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrayFrom, type NDArray, type Sizes } from '../../data/index.js'
import { interpreters } from '../../interpret/index.js'
import { scatter } from '../../ops/gather.js'
import { words } from '../../ops/index.js'
import { scatterAdd, scatterSet } from '../../ops/take.js'
import { closeStrict, type Func, parameter, type TensorType, type Term } from '../../term/index.js'
import { interpretProgram, verifyKernel } from '../index.js'
import { lower } from './lower.js'
import { inOrder, type WalkPolicy } from './walk.js'

const close = (types: readonly TensorType[], body: (params: readonly Term[]) => unknown): Func => {
  const binder = { name: 'walk' }
  const params = types.map((type, i) => parameter(binder, 'xiu'[i] ?? '', type))
  const made = body(params)
  return closeStrict('walk', params, Array.isArray(made) ? (made as Term[]) : [made as Term])
}

/** All that may be divided is. */
const divided: WalkPolicy = { divides: () => true, reduces: () => true }

function agree(func: Func, args: readonly NDArray[], sizes: Sizes): void {
  for (const walks of [inOrder, divided]) agreeUnder(walks, func, args, sizes)
}

function agreeUnder(walks: WalkPolicy, func: Func, args: readonly NDArray[], sizes: Sizes): void {
  const program = lower(func, { walks })
  for (const kernel of program.kernels) expect(verifyKernel(kernel)).toEqual([])
  const held = Object.fromEntries([
    ...args.map((a, i) => [`p${i}`, a.data.slice()] as const),
    ...func.results.map((_, i) => [`r${i}`, args[0]?.data.slice() ?? []] as const),
  ])
  const expected = interpreters.evaluate(func, args, sizes)
  expected.forEach(({ data }, i) => {
    held[`r${i}`] = data.slice().fill(0)
  })
  const got = interpretProgram(program, sizes, held)
  expect(expected.map((_, i) => got[`r${i}`])).toEqual(expected.map(({ data }) => data))
}

const joins: Readonly<Record<string, typeof scatterAdd>> = { add: scatterAdd, set: scatterSet }

/** Few different numbers, so that many are equal; sums of them are exact. */
const number = fc.constantFrom(0, 1, -1, 2, 0.5, 3, -4, Number.NaN)
const plain = fc.constantFrom(0, 1, -1, 2, 0.5, 3, -4)
const list = (of: fc.Arbitrary<number>, most = 700) =>
  fc.array(of, { minLength: 1, maxLength: most, size: 'max' })
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1)
const runs = { numRuns: 12, seed: 3 }

describe('a divided walk is the walk in order', () => {
  it.each(['cumsum', 'cumprod', 'cummax'])('%s', (name) => {
    const values =
      name === 'cummax' ? number : name === 'cumprod' ? fc.constantFrom(1, -1, 2, 0.5) : plain
    fc.assert(
      fc.property(list(values), fc.boolean(), (data, reverse) => {
        for (const shape of [[data.length], ['n']]) {
          const type: TensorType = { dtype: 'f64', shape }
          const func = close([type], ([x]) => words[name]([x as Term], { axis: 0, reverse }))
          agree(func, [arrayFrom('f64', [data.length], data)], { n: data.length })
        }
      }),
      runs,
    )
  })

  it('cumsum of more blocks than one walk goes through', () => {
    const data = Array.from({ length: 66_000 }, (_, i) => (i * 7) % 13)
    const func = close([{ dtype: 'f64', shape: [data.length] }], ([x]) =>
      words.cumsum([x as Term], { axis: 0 }),
    )
    agreeUnder(divided, func, [arrayFrom('f64', [data.length], data)], {})
  })

  it('a sort, stable, NaN largest, rows by themselves', () => {
    fc.assert(
      fc.property(list(number, 90), fc.boolean(), (data, descending) => {
        const half = Math.ceil(data.length / 2)
        const rows = [...data, ...data].slice(0, 2 * half)
        for (const shape of [
          [2, half],
          [2, 'n'],
        ]) {
          const type: TensorType = { dtype: 'f64', shape }
          const func = close([type], ([x]) => words.sort([x as Term], { axis: 1, descending }))
          agree(func, [arrayFrom('f64', [2, half], rows)], { n: half })
        }
      }),
      runs,
    )
  })

  it.each(['add', 'set'])('a scatter by %s, updates in order', (mode) => {
    const index = fc.integer({ min: -1, max: 6 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(index, plain, plain), { maxLength: 60, minLength: 1 }),
        (updates) => {
          for (const length of [updates.length, 'k']) {
            const func = close(
              [
                { dtype: 'f64', shape: [5, 2] },
                { dtype: 'i32', shape: [length] },
                { dtype: 'f64', shape: [length, 2] },
              ],
              ([x, i, u]) => joins[mode]?.(x as Term, i as Term, u as Term),
            )
            const args = [
              arrayFrom('f64', [5, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
              arrayFrom(
                'i32',
                [updates.length],
                updates.map(([at]) => at),
              ),
              arrayFrom(
                'f64',
                [updates.length, 2],
                updates.flatMap(([, a, b]) => [a, b]),
              ),
            ]
            agree(func, args, { k: updates.length })
          }
        },
      ),
      runs,
    )
  })

  it('a scatter of each row of a batch', () => {
    const count = 7
    const index = fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 14, maxLength: 14 })
    fc.assert(
      fc.property(index, list(plain, 28), fc.constantFrom('add', 'set'), (at, values, mode) => {
        for (const [rows, length] of [
          [2, count],
          ['b', 'k'],
        ]) {
          const func = close(
            [
              { dtype: 'f64', shape: [rows, 5, 2] },
              { dtype: 'i32', shape: [rows, length] },
              { dtype: 'f64', shape: [rows, length, 2] },
            ],
            ([x, i, u]) => scatter(x as Term, i as Term, u as Term, { axis: 1, batch: 1 }, mode),
          )
          const updates = Array.from({ length: 28 }, (_, n) => values[n % values.length] ?? 0)
          const args = [
            arrayFrom('f64', [2, 5, 2], numbers(20)),
            arrayFrom('i32', [2, count], at),
            arrayFrom('f64', [2, count, 2], updates),
          ]
          agree(func, args, { b: 2, k: count })
        }
      }),
      runs,
    )
  })

  it.each(['argmax', 'argmin'])('%s: the first of equals, the first NaN', (name) => {
    const worst = name === 'argmax' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
    const element = fc.constantFrom(0, -0, 1, -1, 3, -4, worst, Number.NaN)
    const lists = fc.oneof(list(element, 90), list(fc.constant(worst), 3))
    fc.assert(
      fc.property(lists, (data) => {
        for (const shape of [
          [2, data.length],
          [2, 'n'],
        ]) {
          const func = close([{ dtype: 'f64', shape }], ([x]) =>
            words[name]([x as Term], { axis: 1 }),
          )
          const rows = arrayFrom('f64', [2, data.length], [...data, ...data.toReversed()])
          agree(func, [rows], { n: data.length })
        }
      }),
      runs,
    )
  })
})
