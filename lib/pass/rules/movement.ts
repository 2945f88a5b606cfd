/**
 * Movement of data: reshapes, transposes, reverses, slices, pads, joins and broadcasts that meet.
 *
 *   transpose(transpose x) → transpose x     slice(concat(a, b)) → slice a     f(broadcast x) → broadcast f(x)
 *
 * No arithmetic changes, so every rule is exact. Ends: each rule removes a movement, or moves a
 * broadcast towards the results, where it ends; what it builds is no larger than what it replaces.
 */
import { type Dim, dimAdd, dimMul, dimSub } from '../../data/index.js'
import {
  broadcastTo,
  broadcastToOp,
  concat,
  concatOp,
  pad,
  padOp,
  reshape,
  reshapeOp,
  reverse,
  reverseOp,
  slice,
  sliceOp,
  transpose,
  transposeOp,
} from '../../ops/index.js'
import { type Attrs, apply1, type Term } from '../../term/index.js'
import { splatOf } from '../constant.js'
import { elementwiseOps } from '../elementwise.js'
import { type Rule, rule } from '../rewrite.js'

type Shape = readonly Dim[]

const sameShape = (a: Shape, b: Shape) => a.length === b.length && a.every((d, i) => d === b[i])

const dims = (attrs: Attrs, key: string) => attrs[key] as Shape // of the ops of this file
const numbers = (attrs: Attrs, key: string) => attrs[key] as readonly number[] // likewise

/** The scalar that a term repeats. */
const scalarUnder = (x: Term): Term | undefined =>
  x.node.op === broadcastToOp && x.node.args[0].shape.length === 0 ? x.node.args[0] : undefined

export const movementRules: readonly Rule[] = [
  rule(
    'move(broadcast s) → broadcast s, s a scalar',
    [reshapeOp, transposeOp, reverseOp, sliceOp],
    ({ args: [x], out }) => {
      const scalar = scalarUnder(x)
      return scalar && broadcastTo(scalar, out.shape)
    },
  ),
  rule('broadcast(broadcast x) → broadcast x', [broadcastToOp], ({ args: [x], out }) => {
    if (sameShape(x.shape, out.shape)) return x
    return x.node.op === broadcastToOp ? broadcastTo(x.node.args[0], out.shape) : undefined
  }),
  rule(
    'broadcast(reshape x) → broadcast x, ones in front',
    [broadcastToOp],
    ({ args: [x], out }) => {
      if (x.node.op !== reshapeOp) return undefined
      const [inner] = x.node.args
      const ones = x.shape.length - inner.shape.length
      const leads =
        ones > 0 && x.shape.every((d, i) => (i < ones ? d === 1 : d === inner.shape[i - ones]))
      return leads ? broadcastTo(inner, out.shape) : undefined
    },
  ),
  rule('reshape(reshape x) → reshape x', [reshapeOp], ({ args: [x], out }) => {
    const nested = x.node.op === reshapeOp || sameShape(x.shape, out.shape)
    return nested ? reshape(x, out.shape) : undefined
  }),
  rule('transpose(transpose x) → transpose x', [transposeOp], ({ args: [x], attrs }) => {
    const perm = numbers(attrs, 'perm')
    const nested = x.node.op === transposeOp || perm.every((p, i) => p === i)
    return nested ? transpose(x, perm) : undefined
  }),
  rule(
    'transpose x → reshape x, where only ones move',
    [transposeOp],
    ({ args: [x], attrs, out }) => {
      const wide = numbers(attrs, 'perm').filter((p) => x.shape[p] !== 1)
      return wide.every((p, i) => i === 0 || wide[i - 1] < p) ? reshape(x, out.shape) : undefined
    },
  ),
  rule('reverse(reverse x) → x', [reverseOp], ({ args: [x], attrs }) => {
    const own = numbers(attrs, 'axes')
    const axes = own.filter((a) => x.shape[a] !== 1)
    if (x.node.op !== reverseOp) return axes.length < own.length ? reverse(x, axes) : undefined
    const below = numbers(x.node.attrs, 'axes')
    const left = [...own, ...below].filter((a) => own.includes(a) !== below.includes(a))
    return reverse(x.node.args[0], left)
  }),
  rule('slice(x, all of it) → x', [sliceOp], ({ args: [x], attrs }) => {
    const same = dims(attrs, 'start').every(
      (s, i) => s === 0 && dims(attrs, 'limit')[i] === x.shape[i],
    )
    return same && numbers(attrs, 'stride').every((s) => s === 1) ? x : undefined
  }),
  rule('slice(slice x) → slice x', [sliceOp], ({ args: [x], attrs, out }) =>
    x.node.op === sliceOp ? sliceOfSlice(x, attrs, out) : undefined,
  ),
  rule('slice(concat(a, b)) → slice a', [sliceOp], ({ args: [x], attrs }) =>
    x.node.op === concatOp ? sliceOfConcat(x, attrs) : undefined,
  ),
  rule('slice(pad x) → slice x', [sliceOp], ({ args: [x], attrs, out }) =>
    x.node.op === padOp ? sliceOfPad(x, attrs, out) : undefined,
  ),
  rule('slice(broadcast x) → broadcast(slice x)', [sliceOp], ({ args: [x], attrs, out }) => {
    if (x.node.op !== broadcastToOp) return undefined
    const [inner] = x.node.args
    const lead = x.shape.length - inner.shape.length
    const repeated = inner.shape.map((d, i) => d === 1 && x.shape[lead + i] !== 1)
    const part = <A>(list: readonly A[], otherwise: A) =>
      repeated.map((r, i) => (r ? otherwise : list[lead + i]))
    const start = part<Dim>(dims(attrs, 'start'), 0)
    const limit = part<Dim>(dims(attrs, 'limit'), 1)
    return broadcastTo(slice(inner, start, limit, part(numbers(attrs, 'stride'), 1)), out.shape)
  }),
  rule('pad(x, nothing) → x', [padOp], ({ args: [x, value], attrs, out }) => {
    const widths = [...dims(attrs, 'low'), ...dims(attrs, 'high'), ...dims(attrs, 'interior')]
    if (widths.every((w) => w === 0)) return x
    const [inside, outside] = [splatOf(x), splatOf(value)]
    return outside !== undefined && Object.is(inside, outside)
      ? broadcastTo(value, out.shape)
      : undefined
  }),
  rule('pad(pad x) → pad x', [padOp], ({ args: [x, value], attrs }) => {
    if (x.node.op !== padOp || x.node.args[1] !== value) return undefined
    const below = x.node.attrs
    const plain = numbers(attrs, 'interior').every((n) => n === 0)
    const grows = ['low', 'high'].every((k) =>
      [...dims(attrs, k), ...dims(below, k)].every((w) => Number(w) >= 0),
    )
    const both = (key: string) => dims(attrs, key).map((w, i) => dimAdd(w, dims(below, key)[i]))
    return plain && grows
      ? pad(x.node.args[0], both('low'), both('high'), numbers(below, 'interior'), value)
      : undefined
  }),
  rule('concat(concat(a, b), c) → concat(a, b, c)', [concatOp], ({ args, attrs, out }) => {
    const axis = attrs.axis as number // the op's own
    const flat = args.flatMap((a) =>
      a.node.op === concatOp && a.node.attrs.axis === axis ? a.node.args : [a],
    )
    const full = flat.filter((a) => a.shape[axis] !== 0)
    if (full.length === 0) return args[0]
    const joined = joinSlices(full, axis)
    const numbersIn = new Set(joined.map(splatOf))
    const [only] = numbersIn
    if (joined.length > 1 && numbersIn.size === 1 && only !== undefined) {
      const scalar = scalarUnder(joined[0])
      if (scalar) return broadcastTo(scalar, out.shape)
    }
    return joined.length < args.length || flat.length > args.length
      ? concat(joined, axis)
      : undefined
  }),
  rule(
    'f(broadcast x) → broadcast f(x), f elementwise',
    elementwiseOps,
    ({ node, args, attrs, out }) => {
      if (!args.every((a) => a.node.op === broadcastToOp)) return undefined
      const sources = args.map((a) => a.node.args[0])
      const wide = sources.find((s) => s.shape.length > 0)?.shape ?? []
      if (!sources.every((s) => s.shape.length === 0 || sameShape(s.shape, wide))) return undefined
      const inner = sources.map((s) => broadcastTo(s, wide))
      return broadcastTo(apply1(node.op, inner, attrs), out.shape)
    },
  ),
]

const isNumber = (d: Dim): d is number => typeof d === 'number'

function sliceOfSlice(x: Term, attrs: Attrs, out: Term): Term | undefined {
  const [start, stride] = [dims(attrs, 'start'), numbers(attrs, 'stride')]
  const below = x.node.attrs
  const inner = numbers(below, 'stride')
  const from = start.map((s, i) => dimAdd(dims(below, 'start')[i], dimMul(s, inner[i])))
  if ([...stride, ...inner].every((s) => s === 1)) {
    const to = dims(attrs, 'limit').map((l, i) => dimAdd(dims(below, 'start')[i], l))
    return slice(x.node.args[0], from, to)
  }
  const counts = out.shape
  if (![...counts, ...from].every(isNumber) || counts.some((n) => n === 0)) return undefined
  const steps = stride.map((s, i) => s * inner[i])
  const to = from.map((f, i) => Number(f) + (Number(counts[i]) - 1) * steps[i] + 1)
  return slice(x.node.args[0], from, to, steps)
}

/** The one piece that the slice lies in. */
function sliceOfConcat(x: Term, attrs: Attrs): Term | undefined {
  const axis = x.node.attrs.axis as number // the op's own
  const [start, limit] = [dims(attrs, 'start'), dims(attrs, 'limit')]
  let from: Dim = 0
  for (const piece of x.node.args) {
    const to: Dim = dimAdd(from, piece.shape[axis])
    if (isWithin(from, start[axis], limit[axis], to)) {
      const shifted = (list: Shape) => list.with(axis, dimSub(list[axis], from))
      return slice(piece, shifted(start), shifted(limit), numbers(attrs, 'stride'))
    }
    from = to
  }
  return undefined
}

/** from ≤ start ≤ limit ≤ to, for certain. */
const isWithin = (from: Dim, start: Dim, limit: Dim, to: Dim): boolean =>
  (from === start || (isNumber(from) && isNumber(start) && from <= start)) &&
  (limit === to || (isNumber(limit) && isNumber(to) && limit <= to))

function sliceOfPad(x: Term, attrs: Attrs, out: Term): Term | undefined {
  const [inner, value] = x.node.args
  const [start, limit, low] = [
    dims(attrs, 'start'),
    dims(attrs, 'limit'),
    dims(x.node.attrs, 'low'),
  ]
  if (numbers(x.node.attrs, 'interior').some((n) => n !== 0)) return undefined
  const ends = low.map((l, i) => dimAdd(l, inner.shape[i]))
  const inside = low.every((l, i) => isWithin(l, start[i], limit[i], ends[i]))
  if (inside) {
    const shift = (list: Shape) => list.map((d, i) => dimSub(d, low[i]))
    return slice(inner, shift(start), shift(limit), numbers(attrs, 'stride'))
  }
  const outside = low.some(
    (l, i) =>
      [l, start[i], limit[i], ends[i]].every(isNumber) && (limit[i] <= l || start[i] >= ends[i]),
  )
  return outside ? broadcastTo(value, out.shape) : undefined
}

/** Neighbours that are adjacent slices of one tensor become one slice. */
function joinSlices(terms: readonly Term[], axis: number): readonly Term[] {
  const joined: Term[] = []
  for (const term of terms) {
    const last = joined.at(-1)
    const both = last && adjacent(last, term, axis)
    if (both) joined[joined.length - 1] = both
    else joined.push(term)
  }
  return joined
}

function adjacent(a: Term, b: Term, axis: number): Term | undefined {
  const [x] = a.node.args
  if (a.node.op !== sliceOp || b.node.op !== sliceOp || x !== b.node.args[0]) return undefined
  const [p, q] = [a.node.attrs, b.node.attrs]
  if ([...numbers(p, 'stride'), ...numbers(q, 'stride')].some((s) => s !== 1)) return undefined
  const others = (key: string) => dims(p, key).every((d, i) => i === axis || d === dims(q, key)[i])
  const meets = dims(p, 'limit')[axis] === dims(q, 'start')[axis]
  return meets && others('start') && others('limit')
    ? slice(x, dims(p, 'start'), dims(p, 'limit').with(axis, dims(q, 'limit')[axis]))
    : undefined
}
