/**
 * The ops' own samples as programs with inputs: what every interpreter and backend is compared on.
 */
import { describe, expect, it } from 'vitest'
import { arrayFrom, type DType, type NDArray, sizeOf } from '../data/index.js'
import { interpreters } from '../interpret/index.js'
import {
  type ArgSample,
  apply,
  closeStrict,
  type Func,
  type Op,
  parameter,
  type Sample,
} from '../term/index.js'
import { ops } from './vocabulary.js'

export type Runs = (func: Func, args: readonly NDArray[]) => readonly Values[]
export type Values = ArrayLike<number>

/** Every sample of every op, run in some way, gives what the op evaluates to. */
export function agreesOnSamples(title: string, runs: Runs): void {
  describe(title, () => {
    for (const op of ops.filter((o) => o.samples.length > 0)) {
      it(op.name, () => {
        op.samples.forEach((sample, i) => {
          const random = generator(i + 1)
          const args = sample.args.map((a) => sampled(a, random))
          const func = funcOf(op, sample)
          const expected = interpreters.evaluate(func, args, {}).map((r) => r.data)
          expect(worstError(expected, runs(func, args)), `sample ${i}`).toBeLessThan(2 ** -44)
        })
      })
    }
  })
}

const dtypeOf: Readonly<Record<ArgSample['kind'], DType>> = {
  float: 'f64',
  int: 'i32',
  uint: 'u32',
  bool: 'bool',
}

function sampled(sample: ArgSample, random: () => number): NDArray {
  const [low, high] = sample.kind === 'bool' ? [0, 1] : (sample.range ?? [-2, 2])
  const draw = () => {
    const x = low + (high - low) * random()
    return sample.kind === 'float' ? x : Math.floor(low + (high - low + 1) * random() * 0.999)
  }
  const values = Array.from({ length: sizeOf(sample.shape) }, draw)
  return arrayFrom(dtypeOf[sample.kind], sample.shape, values)
}

function funcOf(op: Op, sample: Sample): Func {
  const binder = { name: op.name }
  const params = sample.args.map((a, i) =>
    parameter(binder, `x${i}`, { dtype: dtypeOf[a.kind], shape: a.shape }),
  )
  return closeStrict(op.name, params, apply(op, params, sample.attrs ?? {}))
}

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

/** The largest error, relative to the value expected; NaN where a number belongs is infinite. */
function worstError(expected: readonly Values[], got: readonly Values[]): number {
  const errors = expected.flatMap((values, i) =>
    Array.from(values, (v, k) => {
      const w = got[i][k]
      const error =
        Object.is(v, w) || v === w ? 0 : Math.abs(v - w) / Math.max(Math.abs(v), 2 ** -30)
      return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error
    }),
  )
  return Math.max(0, ...errors)
}
