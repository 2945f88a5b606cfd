/**
 * Ops that walk along one axis with a running value: sums, products and maxima so far, linear
 * recurrences, and where the extremes are.
 *
 *   cumsum x    →    parallel over the other axes; s = 0; for i: s = s + x[i]; y[i] = s
 */
import { type Dim, dimProduct, dimSub } from '../../data/index.js'
import {
  add,
  and,
  constant,
  type Expr,
  eq,
  gt,
  load,
  lt,
  max,
  min,
  mul,
  ne,
  or,
  type StorageType,
  select,
  size,
  sub,
  variable,
} from '../expression.js'
import {
  assign,
  type Block,
  bind,
  declare,
  local,
  parallel,
  type Stmt,
  sequential,
  store,
} from '../statement.js'
import { fresh } from './assembly.js'
import type { OpaqueCall, OpaqueRule, OpaqueSteps } from './call.js'
import { storageOf } from './scalar.js'
import { overAll, standalone } from './standalone.js'
import { without } from './walk.js'

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
  const length = type.shape[attrs.axis]
  const rows = without(type.shape, attrs.axis)
  const divided = sources.length === 1 && assembly.walks.divides(dimProduct(rows), length)
  // That blocks from the end write every element is not shown by the verifier.
  const target = divided && attrs.reverse ? builder.update(to, type) : builder.output(to, type)
  const dtype = storageOf(type.dtype)
  const value = variable('value', dtype)
  const start = first === Number.NEGATIVE_INFINITY && dtype === 'i32' ? -(2 ** 31) : first
  const neutral = constant(dtype, dtype === 'u32' ? Math.max(start, 0) : start)
  const step = (rest: readonly Expr[], at: Expr, writes: boolean): Block => {
    const here = attrs.reverse ? sub(size(dimSub(length, 1)), at) : at
    const place = rest.toSpliced(attrs.axis, 0, here)
    const elements = sources.map((source) => source(place))
    const next = assign('value', join(value, elements))
    return writes ? [next, target.write(place, value)] : [next]
  }
  const body = divided
    ? blockwise({ rows, length, dtype, neutral, join: (x, y) => join(x, [y]), step })
    : overAll(rows, 'i', (rest) => [
        declare('value', neutral),
        sequential('step', length, (at) => step(rest, at, true)),
      ])
  return { steps: builder.finish(node.op.name, body), outs: [to] }
}

interface Walk {
  readonly rows: readonly Dim[]
  readonly length: Dim
  readonly dtype: StorageType
  readonly neutral: Expr
  readonly join: (x: Expr, y: Expr) => Expr
  /** One step of a row, with or without its result. */
  readonly step: (row: readonly Expr[], at: Expr, writes: boolean) => Block
}

/** Steps of a walk that one invocation makes. */
const block = 256

/**
 * The same in blocks: what each comes to, where each starts from, then each from there. What a block
 * comes to lies where the block begins, in an array as long as the walk.
 */
function blockwise({ rows, length, dtype, neutral, join, step }: Walk): Block {
  const value = variable('value', dtype)
  const walk = (row: readonly Expr[], from: Expr, writes: boolean): Stmt => ({
    ...sequential('step', 0, (at) => step(row, add(from, at), writes)),
    to: min(block, sub(size(length), from)),
  })
  const held = (row: readonly Expr[], from: Expr): Expr => load('blocks', dtype, [...row, from])
  const blocks = (
    loop: typeof parallel,
    prefix: string,
    body: (row: readonly Expr[], from: Expr) => Block,
    before: Block = [],
  ): Block =>
    overAll(rows, prefix, (row) => [
      ...before,
      { ...loop(`${prefix}.block`, length, (from) => body(row, from)), step: block },
    ])
  return [
    local('blocks', dtype, [...rows, length]),
    ...blocks(parallel, 'i', (row, from) => [
      declare('value', neutral),
      walk(row, from, false),
      store('blocks', [...row, from], value),
    ]),
    ...blocks(
      sequential,
      'q',
      (row, from) => [
        declare('total', held(row, from)),
        store('blocks', [...row, from], value),
        assign('value', join(value, variable('total', dtype))),
      ],
      [declare('value', neutral)],
    ),
    ...blocks(parallel, 'j', (row, from) => [
      declare('value', held(row, from)),
      walk(row, from, true),
    ]),
  ]
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
