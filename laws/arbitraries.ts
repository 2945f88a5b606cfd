/**
 * What laws are tried on: dtypes, shapes, arrays inside an interval, arguments of ops and functions.
 *
 * Floats lie on a grid, each element off it by its own fraction: they shrink to the middle of the
 * interval and reach its ends, but two are never equal and none is a whole number, since
 * differences say nothing at ties and kinks. Sizes shrink to one.
 */
import fc from 'fast-check'
import {
  arrayFrom,
  type DType,
  dimNames,
  dimValue,
  fail,
  isDType,
  isFloat,
  type NDArray,
  roundTo,
  type Sizes,
  sizeOf,
} from '../lib/data/index.js'
import { need } from '../lib/lang/index.js'
import { finite, type Options } from '../lib/lang/options.js'
import { type ArgSample, type Func, isFunc } from '../lib/term/index.js'
import { isCount, needs, needsMembers } from './given.js'

export interface Interval {
  /** Default: −2. */
  readonly low?: number
  /** Default: 2. */
  readonly high?: number
}

export const intervalOptions: Options<Interval> = { low: finite, high: finite }

/** Refuses what is no interval: an end that is no finite number, or the lower above the upper. */
export function needInterval(where: string, at: number, interval: Interval): void {
  need(where, at, intervalOptions, interval)
  const { low = -2, high = 2 } = interval
  if (low > high) {
    fail({ code: 'input', where, what: `low is ${low}, high is ${high}`, expected: 'low ≤ high' })
  }
}

export const floatTypes = (): fc.Arbitrary<'f64' | 'f32' | 'f16'> =>
  fc.constantFrom('f64', 'f32', 'f16')

/** Shapes of up to three axes, some of them empty or of one. */
export function shapes(longest = 4): fc.Arbitrary<readonly number[]> {
  needs('shapes', longest, isCount(longest), 'the longest size')
  return fc.array(fc.integer({ min: 0, max: longest }), { maxLength: 3 })
}

const steps = 1000
const golden = (Math.sqrt(5) - 1) / 2

/** Arrays of a type: floats inside the interval, whole numbers from it, bools. */
export function arrays(
  dtype: DType,
  shape: readonly number[],
  interval: Interval = {},
  place = 0,
): fc.Arbitrary<NDArray> {
  needInterval('arrays', 2, interval)
  const { low = -2, high = 2 } = interval
  needs('arrays', dtype, isDType(dtype), 'a dtype')
  needs('arrays', shape, Array.isArray(shape) && shape.every(isCount), 'a shape of whole numbers')
  const length = sizeOf(shape)
  const list = (of: fc.Arbitrary<number>) =>
    fc.array(of, { minLength: length, maxLength: length, size: 'max' })
  const typed = (values: readonly number[]) =>
    arrayFrom(dtype, shape, values, (x) => roundTo(dtype, x))
  if (dtype === 'bool') return list(fc.nat(1)).map(typed)
  if (!isFloat(dtype)) {
    const least = Math.ceil(low)
    return list(fc.integer({ min: least, max: Math.max(least, Math.floor(high)) })).map(typed)
  }
  const middle = (low + high) / 2
  return list(fc.integer({ min: -steps, max: steps })).map((grid) =>
    typed(
      grid.map((n, i) => {
        const fraction = ((i + 17 * place + 1) * golden) % 1
        return middle + ((high - low) / 2) * ((n + 0.8 * fraction + 0.1) / (steps + 1))
      }),
    ),
  )
}

const kinds = { int: 'i32', uint: 'u32', bool: 'bool' } as const

/** Arguments of an op inside its domain. */
export function sampleArguments(
  args: readonly ArgSample[],
  dtype: DType,
): fc.Arbitrary<readonly NDArray[]> {
  needs('sampleArguments', args, Array.isArray(args), 'the arguments of a sample')
  for (const arg of args) {
    const members = { kind: 'string', shape: 'list' } as const
    needsMembers('sampleArguments', arg, members, 'a kind and a shape')
  }
  return fc.tuple(
    ...args.map(({ kind, shape, range: [low, high] = [-2, 2] }, i) =>
      arrays(kind === 'float' ? dtype : kinds[kind], shape, { low, high }, i),
    ),
  )
}

/** A number for each named size: small, and different from its neighbours'. */
export function sizesOf(func: Func): fc.Arbitrary<Sizes> {
  const names = [...new Set(func.params.flatMap((p) => p.shape.flatMap(dimNames)))]
  return fc
    .nat(3)
    .map((first) => Object.fromEntries(names.map((name, i) => [name, 1 + ((first + i) % 4)])))
}

/** Arguments of a function: floats in the interval, whole numbers from 0 to 3, bools. */
export function argumentsOf(
  func: Func,
  interval: Interval,
): fc.Arbitrary<{ readonly sizes: Sizes; readonly args: readonly NDArray[] }> {
  needs('argumentsOf', func, isFunc(func), 'a closed function')
  needInterval('argumentsOf', 1, interval)
  return sizesOf(func).chain((sizes) =>
    fc
      .tuple(
        ...func.params.map(({ dtype, shape }, i) => {
          const dims = shape.map((dim) => dimValue(dim, sizes))
          return arrays(dtype, dims, isFloat(dtype) ? interval : { low: 0, high: 3 }, i)
        }),
      )
      .map((args) => ({ sizes, args })),
  )
}
