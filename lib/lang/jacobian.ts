/**
 * Jacobians: every derivative of every result, by one batched sweep over an identity basis.
 *
 *   jacrev(f, 'x')    one backward sweep for all elements of each result
 *   jacfwd(f, 'x')    one forward sweep for all elements of each input
 *   hessian(f, 'x')   jacfwd ∘ grad
 *
 * [out…] by [in…] → [out…, in…]. Sizes may be named. Results in records give records of Jacobians.
 */
import { dimProduct, isFloat } from '../data/index.js'
import { convert, eq, iota, reshape, transpose, zeros } from '../ops/index.js'
import type { TensorType, Term } from '../term/index.js'
import { closureOf, type RuntimeFn } from './closure.js'
import { type GradOptions, needDependence } from './dependence.js'
import { type Linear, linearizeAt, writtenOut } from './derive.js'
import { derived } from './derived.js'
import { gradOf } from './transform.js'
import { unflatten } from './tree.js'
import { mapRows } from './vmap.js'
import { readWrt } from './wrt.js'

export const jacrevOf = (f: unknown, wrt: unknown, options: GradOptions = {}): RuntimeFn =>
  jacobian('jacrev', f, wrt, options, backward)

export const jacfwdOf = (f: unknown, wrt: unknown, options: GradOptions = {}): RuntimeFn =>
  jacobian('jacfwd', f, wrt, options, forward)

export function hessianOf(f: unknown, wrt: unknown, options: GradOptions = {}): RuntimeFn {
  return jacfwdOf(gradOf(f, wrt, options), wrt, { almostEverywhere: true })
}

/** The Jacobians by result and active leaf. */
type Sweep = (linear: Linear, inputs: readonly Term[]) => readonly (readonly Term[])[]

function jacobian(
  where: string,
  f: unknown,
  names: unknown,
  options: GradOptions,
  sweep: Sweep,
): RuntimeFn {
  const closure = closureOf(f, where)
  const wrt = readWrt(closure, names, where)
  return derived(closure, where, (leaves) => {
    const inputs = wrt.activeOf(leaves)
    const linear = linearizeAt(closure, leaves, wrt.active)
    needDependence(closure, wrt, reached(linear), where, options)
    const blocks = sweep(linear, inputs).map((row) => wrt.form(row))
    return unflatten(closure.output, blocks)
  })
}

/** The active leaves' cotangents for cotangents of all results: null where none depends. */
const reached = ({ outs, moves, pull }: Linear) =>
  pull(outs.map((out, i) => (moves[i] ? zeros(out) : null)))

/** One backward sweep a result. */
const backward: Sweep = ({ outs, moves, pull }, inputs) =>
  outs.map((out, r) => {
    if (!moves[r] || !isFloat(out.dtype)) return inputs.map((x) => zeroBlock(out, x))
    const rows = mapRows('jacrev', [identity(out)], ([ct]) =>
      writtenOut(pull(outs.map((_, i) => (i === r ? ct : null))), inputs),
    )
    return rows.map((row, k) => reshape(row, [...out.shape, ...inputs[k].shape]))
  })

/** One forward sweep an input. */
const forward: Sweep = ({ outs, push }, inputs) => {
  const columns = inputs.map((input, k) =>
    mapRows('jacfwd', [identity(input)], ([dx]) =>
      writtenOut(push(inputs.map((x, i) => (i === k ? dx : zeros(x)))), outs),
    ),
  )
  return outs.map((out, r) =>
    inputs.map((input, k) => {
      const column = columns[k][r]
      const rank = out.shape.length
      const last = transpose(column, [...out.shape.map((_, axis) => axis + 1), 0])
      return reshape(rank === 0 ? column : last, [...out.shape, ...input.shape])
    }),
  )
}

const zeroBlock = (out: TensorType, input: TensorType): Term =>
  zeros({ dtype: input.dtype, shape: [...out.shape, ...input.shape] })

/** All unit tensors of a type, stacked. […] → [∏…, …] */
function identity({ dtype, shape }: TensorType): Term {
  const size = dimProduct(shape)
  const row = reshape(iota(size), [size, 1])
  const column = reshape(iota(size), [1, size])
  return reshape(convert(eq(row, column), dtype), [size, ...shape])
}
