/**
 * Trials: one op at one sample's arguments, drawn from a seed, as a closed function; and how numbers
 * are drawn and compared in the laws of ops.
 */
import { expect } from 'vitest'
import {
  allocate,
  type DType,
  dimValue,
  epsilon,
  isFloat,
  type NDArray,
  sizeOf,
} from '../data/index.js'
import { interpreters } from '../interpret/index.js'
import { apply, closeStrict, type Func, type Op, parameter, type Sample } from '../term/index.js'

/** Samples run loops without a bound for at most so many steps. */
export const flopsOf = (func: Func): number =>
  dimValue(interpreters.cost(func).flops, { steps: 20 })

export interface Trial {
  readonly func: Func
  readonly args: readonly NDArray[]
  readonly active: readonly boolean[]
  readonly draw: () => number
}

export function trial(op: Op, sample: Sample, seed: number, dtype: DType): Trial {
  const draw = generator(seed)
  const args = sample.args.map(({ kind, shape, range = [-2, 2] }): NDArray => {
    const [low, high] = range
    const type = ({ float: dtype, int: 'i32', uint: 'u32', bool: 'bool' } as const)[kind]
    const data = allocate(type, sizeOf(shape))
    for (let i = 0; i < data.length; i++) {
      if (kind === 'float') data[i] = low + (high - low) * draw()
      else if (kind === 'bool') data[i] = draw() < 0.5 ? 0 : 1
      else data[i] = low + Math.floor((high - low + 1) * draw())
    }
    return { dtype: type, shape, data }
  })
  const binder = { name: op.name }
  const params = args.map((a, i) => parameter(binder, `x${i}`, a))
  const func = closeStrict(op.name, params, apply(op, params, sample.attrs ?? {}))
  return { func, args, active: args.map((a) => isFloat(a.dtype)), draw }
}

/** The same with every float of which it is in the domain equal to one value. */
export function constantTrial(t: Trial, sample: Sample, value: number): Trial {
  const args = t.args.map((a, i) => {
    const [low, high] = sample.args[i].range ?? [-2, 2]
    const fits = t.active[i] && low <= value && value <= high
    return fits ? { ...a, data: a.data.map(() => value) } : a
  })
  return { ...t, args }
}

/** Equal up to so many roundings of the largest number. */
export function agree(found: NDArray, wanted: NDArray, roundings: number, what: string): void {
  expect(found.shape, `shape of ${what}`).toEqual(wanted.shape)
  const tolerance = epsilon[found.dtype] * roundings * (1 + magnitude(wanted))
  found.data.forEach((x, i) => {
    near(x, wanted.data[i], tolerance, `element ${i} of ${what}`)
  })
}

/** The rounding of the narrowest float on the way. */
export const coarsest = (func: Func): number =>
  Math.max(
    ...[...func.params, ...func.nodes.flatMap((n) => n.outs)].map((t) => epsilon[t.dtype]),
    epsilon.f64,
  )

export function near(found: number, wanted: number, tolerance: number, what: string): void {
  const same = Object.is(found, wanted) || Math.abs(found - wanted) <= tolerance
  if (!same) throw new Error(`${what}: ${found} and ${wanted} differ by more than ${tolerance}`)
}

export function inner(a: readonly NDArray[], b: readonly NDArray[]) {
  let sum = 0
  let size = 0
  a.forEach((x, r) => {
    x.data.forEach((v, i) => {
      const product = v * b[r].data[i]
      sum += product
      size += Math.abs(product)
    })
  })
  return { sum, magnitude: size + a.reduce((acc, x, r) => acc + magnitude(x) * magnitude(b[r]), 0) }
}

export const magnitude = (a: NDArray): number => {
  let largest = 0
  for (const x of a.data) largest = Math.max(largest, Math.abs(x))
  return largest
}

export const zero = (type: {
  readonly dtype: DType
  readonly shape: readonly (number | string)[]
}): NDArray => {
  const shape = type.shape.map(Number)
  return {
    dtype: type.dtype,
    shape,
    data: allocate(type.dtype, sizeOf(shape)),
  }
}

/** Random values of a type; with `from`, its own values in another order (they stay legal). */
export function random(
  type: Parameters<typeof zero>[0],
  draw: () => number,
  from?: NDArray,
): NDArray {
  const array = zero(type)
  for (let i = 0; i < array.data.length; i++) {
    if (from) array.data[i] = from.data[Math.floor(draw() * from.data.length)]
    else if (isFloat(array.dtype)) array.data[i] = 2 * draw() - 1
  }
  return array
}

export function stackArrays(arrays: readonly NDArray[]): NDArray {
  const { dtype, shape, data } = arrays[0]
  const joined = allocate(dtype, data.length * arrays.length)
  arrays.forEach((a, i) => {
    joined.set(a.data, i * data.length)
  })
  return { dtype, shape: [arrays.length, ...shape], data: joined }
}

/** Mulberry32: uniform in [0, 1). */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** FNV-1a, so that seeds do not move when ops are added. */
export function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
