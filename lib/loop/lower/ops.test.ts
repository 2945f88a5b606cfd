import { describe, expect, it } from 'vitest'
import { arrayFrom, type DType, type NDArray, sizeOf } from '../../data/index.js'
import { interpreters } from '../../interpret/index.js'
import { ops } from '../../ops/index.js'
import {
  type ArgSample,
  apply,
  closeStrict,
  type Func,
  type Op,
  parameter,
  type Sample,
} from '../../term/index.js'
import { compile } from '../compile.js'
import { interpretProgram } from '../interpret-program.js'
import { verifyKernel } from '../verify.js'

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

/** Runs the kernels and the reference; the largest error relative to the largest value. */
function difference(func: Func, args: readonly NDArray[]): number {
  const expected = interpreters.evaluate(func, args, {})
  const externals = Object.fromEntries([
    ...args.map((a, i) => [`p${i}`, a.data.slice()]),
    ...expected.map((r, i) => [`r${i}`, r.data.slice().fill(0)]),
  ])
  const { program } = compile(func)
  expect(program.kernels.flatMap(verifyKernel).map((f) => f.what)).toEqual([])
  interpretProgram(program, {}, externals)
  let worst = 0
  expected.forEach((r, i) => {
    const got = externals[`r${i}`]
    r.data.forEach((v, k) => {
      const same = Object.is(v, got[k]) || v === got[k]
      const error = same ? 0 : Math.abs(v - got[k]) / Math.max(Math.abs(v), 2 ** -30)
      worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error)
    })
  })
  return worst
}

describe('kernels mean what the op evaluates to', () => {
  for (const op of ops.filter((o) => o.samples.length > 0)) {
    it(op.name, () => {
      op.samples.forEach((sample, i) => {
        const random = generator(i + 1)
        const args = sample.args.map((a) => sampled(a, random))
        expect(difference(funcOf(op, sample), args), `sample ${i}`).toBeLessThan(2 ** -44)
      })
    })
  }
})
