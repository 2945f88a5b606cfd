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
  accumulate,
  accumulator,
  assign,
  type Block,
  bind,
  declare,
  identityOf,
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
  argmax: (call) => extreme(call, 'max'),
  argmin: (call) => extreme(call, 'min'),
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

/** Steps that one invocation makes in a row. */
const block = 256
/** Levels of blocks where the length has a name: the last walk is short up to 2²⁴ elements. */
const levelsOfAny = 2

/** The elements under a block of each level. */
function strides(length: Dim): readonly number[] {
  const found = [block]
  for (let stride = block; isLong(length, stride, found.length); found.push(stride)) stride *= block
  return found
}

const isLong = (length: Dim, stride: number, levels: number): boolean =>
  typeof length === 'number' ? length > stride * block : levels < levelsOfAny

/**
 * The same in blocks, and blocks of blocks: what each comes to, where each starts from, then each
 * from there. What a block comes to lies where it begins, in an array as long as the walk.
 */
function blockwise({ rows, length, dtype, neutral, join, step }: Walk): Block {
  const value = variable('value', dtype)
  const levels = strides(length)
  const list = (level: number): string => `blocks${level}`
  const held = (level: number, row: readonly Expr[], from: Expr): Expr =>
    load(list(level), dtype, [...row, from])
  /** All blocks of a level, each from its first element. */
  const blocks = (
    loop: typeof parallel,
    level: number,
    prefix: string,
    body: (row: readonly Expr[], from: Expr) => Block,
    before: Block = [],
  ): Block =>
    overAll(rows, prefix, (row) => [
      ...before,
      { ...loop(`${prefix}.block`, length, (from) => body(row, from)), step: levels[level] },
    ])
  /** What lies in a block: elements, or blocks of the level below. */
  const inside = (level: number, from: Expr, body: (at: Expr) => Block): Stmt => ({
    ...sequential('step', 0, (at) => body(add(from, at))),
    to: min(levels[level], sub(size(length), from)),
    step: level === 0 ? 1 : levels[level - 1],
  })
  /** A block's total becomes where it starts from. */
  const start = (level: number, row: readonly Expr[], at: Expr): Block => [
    declare('total', held(level, row, at)),
    store(list(level), [...row, at], value),
    assign('value', join(value, variable('total', dtype))),
  ]
  const top = levels.length - 1
  const down = levels.map((_, level) => level).toReversed()
  return [
    ...levels.map((_, level) => local(list(level), dtype, [...rows, length])),
    ...levels.flatMap((_, level) =>
      blocks(parallel, level, `i${level}`, (row, from) => [
        declare('value', neutral),
        inside(level, from, (at) =>
          level === 0
            ? step(row, at, false)
            : [assign('value', join(value, held(level - 1, row, at)))],
        ),
        store(list(level), [...row, from], value),
      ]),
    ),
    ...blocks(sequential, top, 'q', (row, from) => start(top, row, from), [
      declare('value', neutral),
    ]),
    ...down.flatMap((level) =>
      blocks(parallel, level, `j${level}`, (row, from) => [
        declare('value', held(level, row, from)),
        inside(level, from, (at) =>
          level === 0 ? step(row, at, true) : start(level - 1, row, at),
        ),
      ]),
    ),
  ]
}

/** The first place of the extreme element; the first NaN, if there is one. */
function extreme(call: OpaqueCall, combine: 'max' | 'min'): OpaqueSteps {
  const { node, reader, outs, frame, assembly } = call
  const axis = node.attrs.axis as number // the op's type rule checked it
  const to = outs[0] ?? fresh(node.outs[0], assembly)
  const builder = standalone(frame, assembly)
  const source = reader(builder, 0)
  const target = builder.output(to, node.outs[0])
  const { shape, dtype } = node.args[0]
  const length = shape[axis]
  const search: Search = { length, dtype: storageOf(dtype), combine }
  const find = assembly.walks.reduces(length) ? findByReductions : findInOrder
  const body = overAll(without(shape, axis), 'i', (rest) => [
    ...find(search, (at) => source(rest.toSpliced(axis, 0, at))),
    target.write(rest, variable('place')),
  ])
  return { steps: builder.finish(node.op.name, body), outs: [to] }
}

interface Search {
  readonly length: Dim
  readonly dtype: StorageType
  readonly combine: 'max' | 'min'
}

const isNaNAt = (x: Expr): Expr => ne(x, x)

/** One walk: the best so far, and where it was. */
function findInOrder({ length, dtype, combine }: Search, element: (at: Expr) => Expr): Block {
  const best = variable('best', dtype)
  const beats = combine === 'max' ? gt : lt
  return [
    declare('best', element(size(0))),
    declare('place', size(0)),
    sequential('step', length, (step) => {
      const x = element(step)
      const wins = or(beats(x, best), and(isNaNAt(x), eq(best, best)))
      return [
        bind('wins', wins),
        assign('place', select(variable('wins', 'bool'), step, variable('place'))),
        assign('best', select(variable('wins', 'bool'), x, best)),
      ]
    }),
  ]
}

/** The extreme, then the first place of what equals it: in any order. */
function findByReductions({ length, dtype, combine }: Search, element: (at: Expr) => Expr): Block {
  const best = variable('best', dtype)
  const most = constant('i32', identityOf('min', 'i32'))
  return [
    accumulator('best', combine, constant(dtype, identityOf(combine, dtype))),
    sequential('step', length, (step) => [accumulate('best', element(step))]),
    accumulator('place', 'min', most),
    sequential('seek', length, (step) => {
      const x = element(step)
      const isHere = or(eq(x, best), and(isNaNAt(x), isNaNAt(best)))
      return [accumulate('place', select(isHere, step, most))]
    }),
  ]
}
