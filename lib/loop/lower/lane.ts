/**
 * Ops that walk along one axis with a running value: sums, products and maxima so far, linear
 * recurrences, and where the extremes are.
 *
 *   cumsum x    →    parallel over the other axes; s = 0; for i: s = s + x[i]; y[i] = s
 */
import { type Dim, dimSub } from '../../data/index.js'
import {
  add,
  and,
  constant,
  type Expr,
  eq,
  gt,
  lt,
  max,
  mul,
  ne,
  or,
  select,
  size,
  sub,
  variable,
} from '../expression.js'
import { assign, bind, declare, sequential } from '../statement.js'
import { fresh } from './assembly.js'
import type { OpaqueCall, OpaqueRule, OpaqueSteps } from './call.js'
import { storageOf } from './scalar.js'
import { overAll, standalone } from './standalone.js'

/** The next value of a walk from the last one and the elements here. */
type Join = (value: Expr, here: readonly Expr[]) => Expr

export const runningRules: Readonly<Record<string, OpaqueRule>> = {
  cumsum: (call) => running(call, 0, (value, [x]) => add(value, x)),
  cumprod: (call) => running(call, 1, (value, [x]) => mul(value, x)),
  cummax: (call) => running(call, Number.NEGATIVE_INFINITY, (value, [x]) => max(value, x)),
  recurrence: (call) => running(call, 0, (value, [a, b]) => add(mul(a, value), b)),
  argmax: (call) => extreme(call, gt),
  argmin: (call) => extreme(call, lt),
}

function running(call: OpaqueCall, first: number, join: Join): OpaqueSteps {
  const { node, reader, outs, frame, assembly } = call
  const attrs = node.attrs as { readonly axis: number; readonly reverse: boolean } // checked
  const [type] = node.outs
  const to = outs[0] ?? fresh(type, assembly)
  const builder = standalone(frame, assembly)
  const sources = node.args.map((_, i) => reader(builder, i))
  const target = builder.output(to, type)
  const dtype = storageOf(type.dtype)
  const length = type.shape[attrs.axis]
  const value = variable('value', dtype)
  const start = first === Number.NEGATIVE_INFINITY && dtype === 'i32' ? -(2 ** 31) : first
  const body = overAll(without(type.shape, attrs.axis), 'i', (rest) => [
    declare('value', constant(dtype, dtype === 'u32' ? Math.max(start, 0) : start)),
    sequential('step', length, (step) => {
      const here = attrs.reverse ? sub(size(dimSub(length, 1)), step) : step
      const at = rest.toSpliced(attrs.axis, 0, here)
      const elements = sources.map((source) => source(at))
      return [assign('value', join(value, elements)), target.write(at, value)]
    }),
  ])
  return { steps: builder.finish(node.op.name, body), outs: [to] }
}

/** The first place of the extreme element; the first NaN, if there is one. */
function extreme(call: OpaqueCall, beats: (x: Expr, y: Expr) => Expr): OpaqueSteps {
  const { node, reader, outs, frame, assembly } = call
  const axis = node.attrs.axis as number // the op's type rule checked it
  const to = outs[0] ?? fresh(node.outs[0], assembly)
  const builder = standalone(frame, assembly)
  const source = reader(builder, 0)
  const target = builder.output(to, node.outs[0])
  const { shape, dtype } = node.args[0]
  const best = variable('best', storageOf(dtype))
  const body = overAll(without(shape, axis), 'i', (rest) => [
    declare('best', source(rest.toSpliced(axis, 0, size(0)))),
    declare('place', size(0)),
    sequential('step', shape[axis], (step) => {
      const x = source(rest.toSpliced(axis, 0, step))
      const turnsNaN = and(ne(x, x), eq(best, best))
      const wins = or(beats(x, best), turnsNaN)
      return [
        bind('wins', wins),
        assign('place', select(variable('wins', 'bool'), step, variable('place'))),
        assign('best', select(variable('wins', 'bool'), x, best)),
      ]
    }),
    target.write(rest, variable('place')),
  ])
  return { steps: builder.finish(node.op.name, body), outs: [to] }
}

const without = (shape: readonly Dim[], axis: number): readonly Dim[] =>
  shape.filter((_, i) => i !== axis)
