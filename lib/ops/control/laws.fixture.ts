/**
 * The derivative laws on a closed function and a point, for tests of control flow: each function
 * throws (by `expect`) where the law fails. Numbers come from a fixed generator.
 */
import { expect } from 'vitest'
import { arrayFrom, arrayOf, isFloat, type NDArray, sizeOf } from '../../data/index.js'
import { interpreters, vjp } from '../../interpret/index.js'
import { closeStrict, type Func, parameter, type TensorType, type Term } from '../../term/index.js'

/** A function of parameters of the given types. */
export function func(
  types: readonly TensorType[],
  body: (...params: Term[]) => readonly Term[],
): Func {
  const binder = { name: 'f' }
  const params = types.map((t, i) => parameter(binder, `x${i}`, t))
  return closeStrict('f', params, body(...params))
}

export const f64 = (...shape: (number | string)[]): TensorType => ({ dtype: 'f64', shape })

export const i32 = (...shape: (number | string)[]): TensorType => ({ dtype: 'i32', shape })

export const array = (data: readonly number[], shape?: readonly number[]): NDArray =>
  arrayFrom('f64', shape ?? [data.length], data)

export const num = (x: number): NDArray => arrayFrom('f64', [], [x])

export const int = (x: number): NDArray => arrayFrom('i32', [], [x])

/** Numbers in [-1, 1], the same for the same seed. */
export function random(shape: readonly number[], seed: number): NDArray {
  let state = (seed * 2654435761 + 12345) >>> 0
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state / 2 ** 32) * 2 - 1
  }
  return array(Array.from({ length: sizeOf(shape) }, next), shape)
}

export const evaluate = (f: Func, args: readonly NDArray[]): readonly NDArray[] =>
  interpreters.evaluate(f, args, {})

export function expectClose(
  actual: readonly NDArray[],
  expected: readonly NDArray[],
  tolerance = 1e-9,
): void {
  expect(actual.map((a) => [a.dtype, a.shape])).toEqual(expected.map((a) => [a.dtype, a.shape]))
  actual.forEach((a, r) => {
    a.data.forEach((x, i) => {
      const y = expected[r].data[i]
      const near = Object.is(x, y) || Math.abs(x - y) <= tolerance * (1 + Math.abs(y))
      expect(near, `result ${r}[${i}]: ${x} is not ${y}`).toBe(true)
    })
  })
}

const isActive = (f: Func) => f.params.map((p) => isFloat(p.dtype))

const floats = (list: readonly NDArray[]) => list.filter((a) => isFloat(a.dtype))

const dot = (a: readonly NDArray[], b: readonly NDArray[]) =>
  a.reduce((acc, x, i) => acc + [...x.data].reduce((sum, v, j) => sum + v * b[i].data[j], 0), 0)

const shift = (args: readonly NDArray[], by: readonly NDArray[], step: number) => {
  let next = 0
  return args.map((a) => {
    if (!isFloat(a.dtype)) return a
    const d = by[next++]
    return arrayOf(
      a.dtype,
      a.shape,
      a.data.map((x, i) => x + step * d.data[i]),
    )
  })
}

const directions = (args: readonly NDArray[], seed: number) =>
  floats(args).map((a, i) => random(a.shape, seed + i))

/** The tangents of the float results (zeros where symbolic) along the given direction. */
export function tangentsAt(f: Func, args: readonly NDArray[], d: readonly NDArray[]) {
  const forward = interpreters.jvp(f, isActive(f))
  const outs = evaluate(forward.func, [...args, ...d])
  const values = outs.slice(0, f.results.length)
  const given = outs.slice(f.results.length)
  let next = 0
  const tangents = values.flatMap((v, i) => {
    const own = forward.active[i]
      ? [given[next++]]
      : [
          arrayOf(
            v.dtype,
            v.shape,
            v.data.map(() => 0),
          ),
        ]
    return isFloat(v.dtype) ? own : []
  })
  return { values, tangents }
}

/** The cotangents of the float arguments (zeros where symbolic). */
export function cotangentsAt(f: Func, args: readonly NDArray[], ct: readonly NDArray[]) {
  const back = vjp(f, isActive(f), interpreters)
  let next = 0
  const results = f.results.map((r) => (isFloat(r.dtype) ? ct[next++] : null))
  const given = results.flatMap((r, i) => (back.active[i] && r !== null ? [r] : []))
  const outs = evaluate(back.func, [...args, ...given])
  const values = outs.slice(0, f.results.length)
  let at = f.results.length
  const cotangents = floats(args).map((a, i) =>
    back.nonzero[i]
      ? outs[at++]
      : arrayOf(
          a.dtype,
          a.shape,
          a.data.map(() => 0),
        ),
  )
  return { values, cotangents }
}

/** Tangents are the limit of difference quotients, and jvp's values are the function's. */
export function tangentLaw(f: Func, args: readonly NDArray[], tolerance = 1e-7): void {
  const d = directions(args, 7)
  const { values, tangents } = tangentsAt(f, args, d)
  expectClose(values, evaluate(f, args), 1e-12)
  const h = 1e-5
  const up = floats(evaluate(f, shift(args, d, h)))
  const down = floats(evaluate(f, shift(args, d, -h)))
  const slopes = up.map((u, i) =>
    arrayOf(
      'f64',
      u.shape,
      Float64Array.from(u.data, (x, j) => (x - down[i].data[j]) / (2 * h)),
    ),
  )
  expectClose(tangents, slopes, tolerance)
}

/** ⟨ct, J d⟩ = ⟨Jᵀ ct, d⟩, and vjp's values are the function's. */
export function adjointLaw(f: Func, args: readonly NDArray[], tolerance = 1e-10): void {
  const d = directions(args, 11)
  const { values, tangents } = tangentsAt(f, args, d)
  const ct = floats(values).map((v, i) => random(v.shape, 31 + i))
  const back = cotangentsAt(f, args, ct)
  expectClose(back.values, evaluate(f, args), 1e-12)
  expectClose([num(dot(back.cotangents, d))], [num(dot(ct, tangents))], tolerance)
}

/** A batch is its lanes one by one; each mask says which arguments carry the batch. */
export function batchLaw(
  f: Func,
  args: readonly NDArray[],
  masks: readonly (readonly boolean[])[] = defaultMasks(args),
  lanesOf: (arg: NDArray, i: number) => readonly NDArray[] = threeLanes,
): void {
  for (const mask of masks) {
    const lanes = args.map((a, i) => (mask[i] ? lanesOf(a, i) : [a, a, a]))
    const made = interpreters.batch(f, mask, 3)
    const outs = evaluate(
      made.func,
      args.map((a, i) => (mask[i] ? stack(lanes[i]) : a)),
    )
    const each = [0, 1, 2].map((k) =>
      evaluate(
        f,
        lanes.map((l) => l[k]),
      ),
    )
    const expected = outs.map((_, r) =>
      made.batched[r] ? stack(each.map((e) => e[r])) : each[0][r],
    )
    expectClose(outs, expected, 1e-11)
  }
}

/** Differentiating a batch is batching the derivative: the adjoint of a batched function. */
export function batchedAdjointLaw(f: Func, args: readonly NDArray[]): void {
  for (const mask of defaultMasks(args)) {
    const { func: many } = interpreters.batch(f, mask, 3)
    const wide = args.map((a, i) => (mask[i] ? stack(threeLanes(a)) : a))
    tangentLaw(many, wide)
    adjointLaw(many, wide)
  }
}

/** All of the laws, then on the derivative itself: forward over reverse, reverse over forward. */
export function allLaws(f: Func, args: readonly NDArray[]): void {
  tangentLaw(f, args)
  adjointLaw(f, args)
  batchLaw(f, args)
  batchedAdjointLaw(f, args)
  for (const [g, more] of derivativesOf(f, args)) {
    tangentLaw(g, more, 1e-6)
    adjointLaw(g, more)
    batchLaw(g, more)
  }
  hessianLaw(f, args)
}

/** The Hessian of a weighted sum of the results is symmetric. */
export function hessianLaw(f: Func, args: readonly NDArray[]): void {
  const [, [g, more]] = derivativesOf(f, args)
  const count = floats(args).length
  const seeds = [41, 59].map((seed) => {
    const d = directions(more, seed)
    return d.map((x, i) =>
      i < count
        ? x
        : arrayOf(
            x.dtype,
            x.shape,
            x.data.map(() => 0),
          ),
    )
  })
  const rows = seeds.map((d) => tangentsAt(g, more, d).tangents)
  const values = floats(evaluate(f, args)).length
  const cut = (r: readonly NDArray[]) => r.slice(values)
  const back = vjp(f, isActive(f), interpreters)
  const kept = (d: readonly NDArray[]) => d.slice(0, count).filter((_, i) => back.nonzero[i])
  const uHv = dot(cut(rows[0]), kept(seeds[1]))
  expectClose([num(uHv)], [num(dot(cut(rows[1]), kept(seeds[0])))], 1e-9)
}

/** The function's jvp and vjp as functions, with arguments. */
export function derivativesOf(f: Func, args: readonly NDArray[]) {
  const forward = interpreters.jvp(f, isActive(f))
  const back = vjp(f, isActive(f), interpreters)
  const values = evaluate(f, args)
  const cts = values.flatMap((v, i) => (back.active[i] ? [random(v.shape, 91 + i)] : []))
  return [
    [forward.func, [...args, ...directions(args, 83)]],
    [back.func, [...args, ...cts]],
  ] as const
}

export function stack(lanes: readonly NDArray[]): NDArray {
  const first = lanes[0]
  return arrayFrom(
    first.dtype,
    [lanes.length, ...first.shape],
    lanes.flatMap((l) => [...l.data]),
  )
}

/** The argument and two others near it. */
const threeLanes = (arg: NDArray): readonly NDArray[] =>
  [0, 1, 2].map((k) => {
    if (!isFloat(arg.dtype)) return arg
    const noise = random(arg.shape, 101 + k)
    return arrayOf(
      arg.dtype,
      arg.shape,
      arg.data.map((x, i) => x + 0.1 * k * noise.data[i]),
    )
  })

/** All batched, each alone, and all but the first. */
function defaultMasks(args: readonly NDArray[]): readonly (readonly boolean[])[] {
  const one = args.map((_, k) => args.map((__, i) => i === k))
  const masks = [args.map(() => true), ...one, args.map((_, i) => i > 0)]
  return masks.filter((m) => m.includes(true))
}
