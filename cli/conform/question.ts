/**
 * What a check asks, as one closed function with its arguments.
 *
 *   hessian of f in x   →   batch (jvp (grad f)) over the unit tangents of x, and a transposition
 *
 * So a derivative is always a program like any other: the backend under test runs it whole, and
 * the Jacobians exercise the batching rules too. `answers` puts the results in the case's form.
 */
import {
  type DType,
  emptyArray,
  fail,
  isFloat,
  type NDArray,
  sizeOf,
} from '../../lib/data/index.js'
import { interpreters, vjp } from '../../lib/interpret/index.js'
import { scalar, zeros } from '../../lib/ops/index.js'
import { closeStrict, type Func, inline, type Term } from '../../lib/term/index.js'
import type { Kind } from './form.js'

export interface Question {
  readonly func: Func
  readonly args: readonly NDArray[]
  /** The function's results as the arrays that the case expects. */
  readonly answers: (results: readonly NDArray[]) => readonly NDArray[]
}

export interface Asked {
  readonly kind: Kind
  /** Positions of params. */
  readonly wrt: readonly number[]
  readonly tangents: readonly NDArray[]
  readonly cotangents: readonly NDArray[]
}

export function questionOf(func: Func, inputs: readonly NDArray[], asked: Asked): Question {
  const { kind, wrt } = asked
  for (const i of wrt) {
    if (isFloat(func.params[i].dtype)) continue
    fail({ code: 'derivative', what: `the param '${nameOf(func, i)}' is ${func.params[i].dtype}` })
  }
  switch (kind) {
    case 'value':
      return { func, args: inputs, answers: (results) => results }
    case 'jvp':
      return forward(func, inputs, wrt, asked.tangents)
    case 'vjp':
      return backward(func, inputs, wrt, asked.cotangents)
    case 'grad':
      return { func: gradient(func, wrt), args: inputs, answers: (results) => results }
    case 'jacobian':
      return byRows(func, inputs, wrt[0])
    case 'jacfwd':
      return byColumns(func, inputs, wrt[0])
    case 'hessian':
      return byColumns(gradient(func, wrt), inputs, wrt[0])
    case 'third': {
      const only = func.params.length === 1 && func.params[0].shape.length === 0
      if (!only) fail({ code: 'shape', what: 'not a function of one scalar' })
      const third = gradient(gradient(gradient(func, [0]), [0]), [0])
      return { func: third, args: inputs, answers: (results) => results }
    }
  }
}

function forward(
  func: Func,
  inputs: readonly NDArray[],
  wrt: readonly number[],
  tangents: readonly NDArray[],
): Question {
  const tangent = interpreters.jvp(func, activeIn(func, wrt))
  // The tangent parameters come in the order of the params, the case's in the order of wrt.
  const ordered = [...wrt].sort((a, b) => a - b).map((i) => tangents[wrt.indexOf(i)])
  return {
    func: tangent.func,
    args: [...inputs, ...ordered],
    answers: (results) =>
      present(func, tangent.active, results.slice(0, func.results.length), results),
  }
}

/** Tangents behind the values, zero arrays where a result has none. */
function present(
  func: Func,
  active: readonly boolean[],
  values: readonly NDArray[],
  results: readonly NDArray[],
): readonly NDArray[] {
  let next = func.results.length
  return values.map((value, i) =>
    active[i] ? results[next++] : emptyArray(value.dtype, value.shape),
  )
}

function backward(
  func: Func,
  inputs: readonly NDArray[],
  wrt: readonly number[],
  cotangents: readonly NDArray[],
): Question {
  const back = vjp(func, activeIn(func, wrt), interpreters)
  const given = cotangents.filter((_, i) => back.active[i])
  return {
    func: back.func,
    args: [...inputs, ...given],
    answers: (results) => {
      let next = func.results.length
      const ordered = new Map<number, NDArray>()
      ;[...wrt]
        .sort((a, b) => a - b)
        .forEach((i, k) => {
          const zero = () => emptyArray(inputs[i].dtype, inputs[i].shape)
          ordered.set(i, back.nonzero[k] ? results[next++] : zero())
        })
      return wrt.flatMap((i) => ordered.get(i) ?? [])
    },
  }
}

/** params → the gradient of the scalar result in each of wrt. */
function gradient(func: Func, wrt: readonly number[]): Func {
  const [out, ...others] = func.results
  if (out === undefined || others.length > 0 || out.shape.length > 0) {
    return fail({ code: 'shape', what: 'the result is not one scalar' })
  }
  const back = vjp(func, activeIn(func, wrt), interpreters)
  const seed = back.active[0] ? [scalar(1, out.dtype)] : []
  const given = inline(back.func, [...func.params, ...seed]).slice(1)
  const sorted = [...wrt].sort((a, b) => a - b)
  let next = 0
  const found = new Map<number, Term>(
    sorted.map((i, k) => [i, back.nonzero[k] ? given[next++] : zeros(func.params[i])]),
  )
  const gradients = wrt.map((i) => found.get(i) ?? zeros(func.params[i]))
  return closeStrict(`grad ${func.name}`, func.params, gradients)
}

/** Forward mode, all unit tangents at once: [in, out…] → [out…, in…]. */
function byColumns(func: Func, inputs: readonly NDArray[], wrt: number): Question {
  const tangent = interpreters.jvp(func, activeIn(func, [wrt]))
  const { dtype, shape } = inputs[wrt]
  const flags = tangent.func.params.map((_, i) => i >= func.params.length)
  const lanes = interpreters.batch(tangent.func, flags, sizeOf(shape))
  return {
    func: lanes.func,
    args: [...inputs, units(dtype, shape)],
    answers: (results) => {
      let next = func.results.length
      return func.results.map((result, i) => {
        const out = result.shape.map(Number)
        const whole = [...out, ...shape]
        if (!tangent.active[i]) return emptyArray(result.dtype, whole)
        const array = results[next]
        const columns = lanes.batched[next++] ? array : repeat(array, sizeOf(shape))
        return turned(columns, sizeOf(shape), whole)
      })
    },
  }
}

/** Reverse mode, all unit cotangents at once: [out, in…] → [out…, in…]. */
function byRows(func: Func, inputs: readonly NDArray[], wrt: number): Question {
  const back = vjp(func, activeIn(func, [wrt]), interpreters)
  const out = func.results[0]
  if (func.results.length !== 1) fail({ code: 'shape', what: 'a Jacobian of several results' })
  const shape = out.shape.map(Number)
  const whole = [...shape, ...inputs[wrt].shape]
  const zero: Question = {
    func,
    args: inputs,
    answers: () => [emptyArray(inputs[wrt].dtype, whole)],
  }
  if (!back.active[0] || !back.nonzero[0]) return zero
  const flags = back.func.params.map((_, i) => i >= func.params.length)
  const lanes = interpreters.batch(back.func, flags, sizeOf(shape))
  return {
    func: lanes.func,
    args: [...inputs, units(out.dtype, shape)],
    answers: (results) => {
      const rows = lanes.batched[1] ? results[1] : repeat(results[1], sizeOf(shape))
      return [{ dtype: rows.dtype, shape: whole, data: rows.data }]
    },
  }
}

const activeIn = (func: Func, wrt: readonly number[]): readonly boolean[] =>
  func.params.map((_, i) => wrt.includes(i))

const nameOf = (func: Func, i: number): string => String(func.params[i].node.attrs.name)

/** The unit arrays of a shape, stacked on axis 0. */
function units(dtype: DType, shape: readonly number[]): NDArray {
  const size = sizeOf(shape)
  const array = emptyArray(dtype, [size, ...shape])
  for (let i = 0; i < size; i++) array.data[i * size + i] = 1
  return array
}

function repeat(array: NDArray, times: number): NDArray {
  const out = emptyArray(array.dtype, [times, ...array.shape])
  for (let i = 0; i < times; i++) out.data.set(array.data, i * array.data.length)
  return out
}

/** [n, out…] as [out…, n], under the shape `whole`. */
function turned(array: NDArray, n: number, whole: readonly number[]): NDArray {
  const out = emptyArray(array.dtype, whole)
  const rest = n === 0 ? 0 : array.data.length / n
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < rest; j++) out.data[j * n + i] = array.data[i * rest + j]
  }
  return out
}
