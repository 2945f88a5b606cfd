/**
 * The laws of derivatives and batches (laws/) on a closed function and a point, for tests of
 * control flow: each function throws where the law fails. Numbers come from a fixed generator.
 */
import { expect } from 'vitest'
import { batchIsMap, gradientsOfBatch, type Lanes } from '../../../laws/derivative/batch.js'
import { type PointLaw, pointLaws } from '../../../laws/derivative/laws.js'
import { type Point, pointOf, pulled, pushed } from '../../../laws/derivative/point.js'
import { drawLike } from '../../../laws/draw.js'
import { holds } from '../../../laws/measured.js'
import { inWords } from '../../../laws/report.js'
import { arrayFrom, isFloat, type NDArray, sizeOf } from '../../data/index.js'
import { interpreters, vjp } from '../../interpret/index.js'
import {
  closeStrict,
  type Func,
  inline,
  parameter,
  type TensorType,
  type Term,
} from '../../term/index.js'
import { constant } from '../constant.js'

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

const at = (f: Func, args: readonly NDArray[]): Point => pointOf(f, args, { seed: 7 })

const held = (p: Point, { name, check }: PointLaw): void => {
  const measured = check(p)
  expect(
    measured === undefined || holds(measured),
    measured && `${name}: ${inWords(measured)}`,
  ).toBe(true)
}

/** The floating results, and their tangents along the given direction, zeros written out. */
export const tangentsAt = (f: Func, args: readonly NDArray[], d: readonly NDArray[]) =>
  pushed(at(f, args), d)

/** The floating results, and the cotangents of the float arguments, zeros written out. */
export const cotangentsAt = (f: Func, args: readonly NDArray[], ct: readonly NDArray[]) =>
  pulled(at(f, args), ct)

/** Tangents are linear, the limit of differences, and come with the function's values. */
export function tangentLaw(f: Func, args: readonly NDArray[]): void {
  const p = at(f, args)
  for (const law of [pointLaws.values, pointLaws.linear, pointLaws.differences]) held(p, law)
}

/** ⟨ct, J d⟩ = ⟨Jᵀ ct, d⟩, and vjp's values are the function's. */
export const adjointLaw = (f: Func, args: readonly NDArray[]): void =>
  held(at(f, args), pointLaws.adjoint)

/** A batch is its lanes one by one; each mask says which arguments carry the batch. */
export function batchLaw(
  f: Func,
  args: readonly NDArray[],
  masks?: readonly (readonly boolean[])[],
  lanes: Lanes = nearby,
): void {
  const { name, source } = pointLaws.map
  held(at(f, args), { name, source, check: (p) => batchIsMap(p, masks, lanes) })
}

/** Differentiating a batch is batching the derivative. */
export function batchedAdjointLaw(f: Func, args: readonly NDArray[]): void {
  const { name, source } = pointLaws.gradients
  held(at(f, args), { name, source, check: (p) => gradientsOfBatch(p, nearby) })
}

/** All of the laws, then on the derivatives themselves. */
export function allLaws(f: Func, args: readonly NDArray[]): void {
  for (const [g, more] of [[f, args] as const, ...derivativesOf(f, args)]) {
    tangentLaw(g, more)
    adjointLaw(g, more)
    batchLaw(g, more)
  }
  batchedAdjointLaw(f, args)
  hessianLaw(f, args)
}

/** The Hessian of a weighted sum of the results is symmetric, and in either order the same. */
export function hessianLaw(f: Func, args: readonly NDArray[]): void {
  for (const law of [pointLaws.symmetric, pointLaws.orders]) held(at(f, args), law)
}

/** The function's jvp and vjp as functions, with arguments. */
export function derivativesOf(f: Func, args: readonly NDArray[]) {
  const isActive = f.params.map((p) => isFloat(p.dtype))
  const floats = args.filter((a) => isFloat(a.dtype))
  const forward = interpreters.jvp(f, isActive)
  const back = vjp(f, isActive, interpreters)
  const values = evaluate(f, args)
  const cts = values.flatMap((v, i) => (back.active[i] ? [random(v.shape, 91 + i)] : []))
  return [
    [forward.func, [...args, ...floats.map((a, i) => random(a.shape, 83 + i))]],
    [back.func, [...args, ...cts]],
  ] as const
}

/** The argument and two others near it. */
const nearby: Lanes = (arg, _, draw) =>
  [0, 1, 2].map((k) => {
    const noise = drawLike(arg, draw)
    return { ...arg, data: arg.data.map((x, i) => x + 0.1 * k * noise.data[i]) }
  })

/** The gradient of a function of one argument with one scalar result. */
export const grad = (f: Func): Func =>
  func(f.params, (x) => {
    const back = vjp(f, [true], interpreters).func
    return inline(back, [x, constant([1], [], 'f64')]).slice(1)
  })
