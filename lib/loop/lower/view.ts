/**
 * Ops that only rearrange: an element of the result is an element of an argument at another
 * index, or one of several by a condition. They never need a kernel of their own.
 *
 *   transpose{perm: [1, 0]} x  at [i, j]    →    x at [j, i]
 *   concat{axis: 0} a b        at [i]       →    i < |a| ? a at [i] : b at [i − |a|]
 */
import { type Dim, dimAdd, dimMul, dimProduct, dimSub } from '../../data/index.js'
import type { Node, Term } from '../../term/index.js'
import {
  add,
  and,
  clampIndex,
  constant,
  convert,
  div,
  type Expr,
  eq,
  ge,
  lt,
  max,
  min,
  mul,
  rem,
  select,
  size,
  sub,
} from '../expression.js'
import { storageOf } from './scalar.js'

/** An element of an argument: its number, one index an axis. */
export type Read = (arg: number, at: readonly Expr[]) => Expr
export type ViewRule = (node: Node, at: readonly Expr[], read: Read) => Expr

export const viewRules: Readonly<Record<string, ViewRule>> = {
  broadcastTo: (node, at, read) => {
    const { shape } = node.args[0]
    const offset = at.length - shape.length
    const out = node.outs[0].shape
    return read(
      0,
      shape.map((d, i) => (d === 1 && out[offset + i] !== 1 ? size(0) : at[offset + i])),
    )
  },
  reshape: (node, at, read) => read(0, reindex(node.outs[0].shape, node.args[0].shape, at)),
  transpose: (node, at, read) => {
    const perm = node.attrs.perm as readonly number[] // the op's type rule checked it
    return read(
      0,
      perm.map((_, axis) => at[perm.indexOf(axis)]),
    )
  },
  reverse: (node, at, read) => {
    const axes = node.attrs.axes as readonly number[] // the op's type rule checked it
    const { shape } = node.args[0]
    return read(
      0,
      at.map((i, axis) => (axes.includes(axis) ? sub(size(dimSub(shape[axis], 1)), i) : i)),
    )
  },
  slice: (node, at, read) => {
    const start = node.attrs.start as readonly Dim[] // the op's type rule checked both
    const stride = node.attrs.stride as readonly number[] | undefined
    return read(
      0,
      at.map((i, axis) => add(size(start[axis]), mul(i, stride?.[axis] ?? 1))),
    )
  },
  pad: (node, at, read) => padded(node, at, read),
  concat: (node, at, read) => {
    const axis = node.attrs.axis as number // the op's type rule checked it
    const parts = node.args.flatMap((a, k) => (a.shape[axis] === 0 ? [] : [k]))
    const part = (n: number, from: Dim): Expr => {
      const { shape } = node.args[parts[n]]
      const here = clampIndex(sub(at[axis], size(from)), shape[axis])
      const value = read(parts[n], at.with(axis, here))
      const next = dimAdd(from, shape[axis])
      if (n === parts.length - 1) return value
      return select(lt(at[axis], size(next)), value, part(n + 1, next))
    }
    return parts.length === 0 ? read(0, at) : part(0, 0)
  },
  gather: (node, at, read) => {
    const axis = node.attrs.axis as number // the op's type rule checked both
    const batch = node.attrs.batch as number
    const [x, i] = node.args
    const width = i.shape.length - batch
    const index = read(1, [...at.slice(0, batch), ...at.slice(axis, axis + width)])
    const here = clampIndex(convert('i32', index), x.shape[axis])
    return read(0, [...at.slice(0, axis), here, ...at.slice(axis + width)])
  },
  dynamicSlice: (node, at, read) => {
    const { shape } = node.args[0]
    const sizes = node.outs[0].shape
    return read(
      0,
      at.map((i, axis) => add(i, dynamicStart(read(axis + 1, []), shape[axis], sizes[axis]))),
    )
  },
  dynamicUpdateSlice: (node, at, read) => {
    const [x, update] = node.args
    const from = x.shape.map((d, axis) => dynamicStart(read(axis + 2, []), d, update.shape[axis]))
    const inside = at.map((i, axis) => sub(i, from[axis]))
    const within = inside.map((i, axis) => and(ge(i, 0), lt(i, size(update.shape[axis]))))
    const clamped = inside.map((i, axis) => clampIndex(i, update.shape[axis]))
    if (within.length === 0) return read(1, [])
    if (isEmpty(update)) return read(0, at)
    return select(within.reduce(and), read(1, clamped), read(0, at))
  },
  windows: (node, at, read) => {
    const strides = node.attrs.strides as readonly number[] // the op's type rule checked it
    const rank = node.args[0].shape.length
    const lead = rank - strides.length
    const spatial = strides.map((s, k) => add(mul(at[lead + k], s), at[rank + k]))
    return read(0, [...at.slice(0, lead), ...spatial])
  },
  iota: (node, at) => convert(storageOf(node.outs[0].dtype), at[0]),
  size: (node) => convert(storageOf(node.outs[0].dtype), size(node.attrs.size as Dim)),
}

/** A start index moved so that the window fits. */
export const dynamicStart = (start: Expr, whole: Dim, window: Dim): Expr =>
  max(min(convert('i32', start), size(dimSub(whole, window))), 0)

/**
 * The index under another shape with as many elements, row-major; axes of size 1 come and go.
 *
 *   [n, 24] as [n, 12, 2]  at [i, j]    →    [i, j / 2, j % 2]
 *
 * Axes are counted anew only as far as they do not fall together.
 */
export function reindex(
  from: readonly Dim[],
  to: readonly Dim[],
  at: readonly Expr[],
): readonly Expr[] {
  const [fromAxes, toAxes] = [longAxes(from), longAxes(to)]
  const index = to.map((): Expr => size(0))
  let [source, target] = [0, 0]
  for (const [sources, targets] of meetings(
    fromAxes.map((a) => from[a]),
    toAxes.map((a) => to[a]),
  )) {
    const flat = fromAxes
      .slice(source, sources)
      .reduce<Expr>((sum, axis) => add(mul(sum, size(from[axis])), at[axis]), size(0))
    let below: Dim = 1
    for (let k = targets - 1; k >= target; k--) {
      const axis = toAxes[k]
      const quotient = div(flat, size(below))
      index[axis] = k === target ? quotient : rem(quotient, size(to[axis]))
      below = dimMul(below, to[axis])
    }
    ;[source, target] = [sources, targets]
  }
  return index
}

const longAxes = (shape: readonly Dim[]): readonly number[] =>
  shape.flatMap((d, axis) => (d === 1 ? [] : [axis]))

/** After how many axes of each shape the same number of elements is reached, to the end of both. */
function meetings(
  from: readonly Dim[],
  to: readonly Dim[],
): readonly (readonly [sources: number, targets: number])[] {
  const [sources, targets] = [products(from), products(to)]
  const met: [number, number][] = []
  let start = 0
  for (const [i, product] of sources.slice(0, -1).entries()) {
    const j = targets.indexOf(product, start)
    if (product === 0 || j < 0 || j === targets.length - 1) continue
    met.push([i + 1, j + 1])
    start = j + 1
  }
  return [...met, [from.length, to.length]]
}

/** Of the first axis, the first two… */
const products = (shape: readonly Dim[]): readonly Dim[] =>
  shape.map((_, axis) => dimProduct(shape.slice(0, axis + 1)))

function padded(node: Node, at: readonly Expr[], read: Read): Expr {
  const low = node.attrs.low as readonly Dim[] // the op's type rule checked all three
  const interior = node.attrs.interior as readonly number[] | undefined
  const { shape } = node.args[0]
  const conditions: Expr[] = []
  const index = at.map((i, axis) => {
    const step = (interior?.[axis] ?? 0) + 1
    const from = sub(i, size(low[axis]))
    const here = step === 1 ? from : div(from, step)
    const untouched = step === 1 && low[axis] === 0 && shape[axis] === node.outs[0].shape[axis]
    if (untouched) return i
    conditions.push(ge(from, 0), lt(here, size(shape[axis])))
    if (step > 1) conditions.push(eq(rem(from, step), 0))
    return clampIndex(here, shape[axis])
  })
  if (conditions.length === 0) return read(0, at)
  if (isEmpty(node.args[0])) return read(1, [])
  return select(conditions.reduce(and), read(0, index), read(1, []))
}

const isEmpty = (term: Term): boolean => term.shape.includes(0)

/** A scalar constant as an expression. */
export const literal = (term: Term, value: number): Expr => constant(storageOf(term.dtype), value)
