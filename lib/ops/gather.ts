/**
 * Reading and writing at computed positions of one axis: gather and scatter, each the other's
 * transpose (scatter's `add`).
 *
 *   x [B…, pre…, N, post…], i [B…, I…]   gather →  [B…, pre…, I…, post…]
 *
 * Gather clamps indices to the axis; scatter drops what falls outside it. `batch` counts the
 * leading sizes B… that both share. All of scatter's modes are linear in (x, updates) once the
 * indices, or the winners, are known.
 */
import { allocate, type Dim, dimProduct, fail, sizeOf } from '../data/index.js'
import { type ArgSample, apply1, type Op, showType, type Term } from '../term/index.js'
import { convert, reciprocal, scale, sub } from './arithmetic.js'
import { range } from './axes.js'
import { broadcastTo, reshape } from './broadcast.js'
import { eq, ge, lt } from './compare.js'
import { iota, sizeTerm } from './constant.js'
import { batchAll } from './elementwise.js'
import { and } from './logic.js'
import { count, full, zeros } from './operand.js'
import { checkPlace, extents, forEachPick, gatheredShape, type Place, placeOf } from './place.js'
import { max, min } from './select.js'
import { rounded } from './strided.js'
import { moveAxis } from './transpose.js'

const floats = (...shape: number[]): ArgSample => ({ kind: 'float', shape })
const indices = (last: number, ...shape: number[]): ArgSample => ({
  kind: 'int',
  shape,
  range: [-1, last + 1],
})

export const gatherOp: Op = {
  name: 'gather',
  doc: 'The slices of x at indices of one axis; indices are clamped to it.',
  grade: ['smooth', 'cut'],
  type: ([x, i], attrs) => {
    const place = placeOf(attrs)
    checkPlace('gather', x, i, place)
    return [{ dtype: x.dtype, shape: gatheredShape(x, i, place) }]
  },
  evaluate: ({ args, attrs, types }) => {
    const [x, i] = args
    const out = { ...types[0], data: allocate(x.dtype, sizeOf(types[0].shape)) }
    const { size, post } = extents(x, i, placeOf(attrs))
    if (size === 0 && out.data.length > 0) {
      fail({ code: 'shape', where: 'gather', what: `cannot take from an axis of size 0` })
    }
    forEachPick(x, i, placeOf(attrs), (row, index, update) => {
      const from = (row * size + Math.min(Math.max(index, 0), size - 1)) * post
      const to = update * post
      for (let q = 0; q < post; q++) out.data[to + q] = x.data[from + q]
    })
    return [out]
  },
  jvp: ({ primals, tangents, attrs }) => [
    tangents[0] && apply1(gatherOp, [tangents[0], primals[1]], attrs),
  ],
  transpose: ({ cotangent, args, attrs }) => {
    const [x, i] = args
    const place = placeOf(attrs)
    return [scatter(zeros(x), clampTo(i, x.shape[place.axis]), cotangent, place, 'add'), null]
  },
  batch: ({ args, attrs, batched, size }) => {
    const { axis, batch } = placeOf(attrs)
    const [x, i] = args
    if (batched[0] && !batched[1] && batch === 0) return [gather(x, i, { axis: axis + 1, batch })]
    if (batched[0]) {
      const [, each] = batchAll(args, batched, size)
      return [gather(x, each, { axis: axis + 1, batch: batch + 1 })]
    }
    // The examples become the first of the picks, then come to the front.
    const picked = gather(x, moveAxis(i, 0, batch), { axis, batch })
    return [moveAxis(picked, axis, 0)]
  },
  cost: () => ({ flops: 0 }),
  samples: [
    { args: [floats(4, 2), indices(4, 3)], attrs: { axis: 0, batch: 0 } },
    { args: [floats(2, 3, 4), indices(3, 2, 2)], attrs: { axis: 1, batch: 0 } },
    { args: [floats(2, 3, 4), indices(4, 2, 5)], attrs: { axis: 2, batch: 1 } },
    { args: [floats(2, 3, 4), indices(4, 2, 3)], attrs: { axis: 2, batch: 2 } },
    { args: [floats(3, 2), indices(3, 0)], attrs: { axis: 0, batch: 0 } },
  ],
}

/** x's slices at the indices, in place of the axis. */
export const gather = (x: Term, i: Term, place: Place): Term =>
  apply1(gatherOp, [x, i], { axis: place.axis, batch: place.batch })

/** What happens to updates that meet: they add up; or the last one stays, alone. */
export type ScatterMode = 'add' | 'set' | 'min' | 'max'

export const scatterOp: Op = {
  name: 'scatter',
  doc:
    'x with updates added, set (last write wins, and alone gets the gradient), or joined by min ' +
    'or max (ties share) at indices of one axis; updates outside it are dropped.',
  grade: ['smooth', 'cut', 'smooth'],
  type: ([x, i, u], attrs) => {
    const place = placeOf(attrs)
    checkPlace('scatter', x, i, place)
    const expected = gatheredShape(x, i, place)
    if (u.dtype !== x.dtype || String(u.shape) !== String(expected)) {
      fail({
        code: u.dtype === x.dtype ? 'shape' : 'dtype',
        where: 'scatter',
        what: `updates ${showType(u)} for ${showType(x)} at indices ${showType(i)}`,
        expected: showType({ dtype: x.dtype, shape: expected }),
      })
    }
    return [{ dtype: x.dtype, shape: x.shape }]
  },
  evaluate: ({ args, attrs }) => {
    const [x, i, u] = args
    const { size, post } = extents(x, i, placeOf(attrs))
    const join = joins[attrs.mode as ScatterMode]
    const data = x.data.slice()
    forEachPick(x, i, placeOf(attrs), (row, index, update) => {
      if (index < 0 || index >= size) return
      const to = (row * size + index) * post
      const from = update * post
      for (let q = 0; q < post; q++) data[to + q] = join(data[to + q], u.data[from + q])
    })
    return [rounded({ dtype: x.dtype, shape: x.shape, data })]
  },
  jvp: ({ primals, tangents, attrs, out }) => {
    const [x, i, u] = primals
    const dx = tangents[0] ?? zeros(x)
    const du = tangents[2] ?? zeros(u)
    const mode = attrs.mode as ScatterMode
    const place = placeOf(attrs)
    if (mode === 'add' || mode === 'set') return [scatter(dx, i, du, place, mode)]
    const [shareX, shareU] = shares(x, i, u, out, place)
    return [scatter(scale(dx, shareX), i, scale(du, shareU), place, 'add')]
  },
  transpose: ({ cotangent, args, attrs, linear }) => {
    const [, i, u] = args
    const place = placeOf(attrs)
    const isSet = attrs.mode === 'set'
    const kept = () => (isSet ? scatter(cotangent, i, zeros(u), place, 'set') : cotangent)
    const each = () => gather(cotangent, i, place)
    const counts = () => (isSet ? isLast(args[0], i, place) : isInside(args[0], i, place))
    const mask = () => alongUpdates(convert(counts(), u.dtype), u, place)
    return [linear[0] ? kept() : null, null, linear[2] ? scale(each(), mask()) : null]
  },
  batch: ({ args, attrs, batched, size }) => {
    const { axis, batch } = placeOf(attrs)
    const [x, i, u] = batchAll(args, batched, size)
    const place = { axis: axis + 1, batch: batch + 1 }
    return [scatter(x, i, u, place, attrs.mode as ScatterMode)]
  },
  cost: ({ args }) => ({ flops: count(args[2]) }),
  samples: (['add', 'set', 'max', 'min'] as const).flatMap((mode) => [
    { args: [floats(4), indices(4, 6), floats(6)], attrs: { axis: 0, batch: 0, mode } },
    { args: [floats(2, 4, 2), indices(4, 3), floats(2, 3, 2)], attrs: { axis: 1, batch: 0, mode } },
    { args: [floats(2, 3), indices(3, 2, 4), floats(2, 4)], attrs: { axis: 1, batch: 1, mode } },
    { args: [floats(3, 2), indices(3, 0), floats(0, 2)], attrs: { axis: 0, batch: 0, mode } },
  ]),
}

/** x with the updates at the indices of an axis. */
export const scatter = (x: Term, i: Term, u: Term, place: Place, mode: ScatterMode): Term =>
  apply1(scatterOp, [x, i, u], { axis: place.axis, batch: place.batch, mode })

const joins: Readonly<Record<ScatterMode, (old: number, update: number) => number>> = {
  add: (a, b) => a + b,
  set: (_, b) => b,
  min: Math.min,
  max: Math.max,
}

/** 1 / (how many equal the extreme) for those that do, of x and of the updates. */
function shares(x: Term, i: Term, u: Term, out: Term, place: Place): readonly [Term, Term] {
  const inside = alongUpdates(convert(isInside(x, i, place), u.dtype), u, place)
  const winsX = convert(eq(x, out), x.dtype)
  const winsU = scale(convert(eq(u, gather(out, i, place)), u.dtype), inside)
  const ties = scatter(winsX, i, winsU, place, 'add')
  const tiesU = gather(ties, i, place)
  return [safeShare(winsX, ties), safeShare(winsU, tiesU)]
}

/** 1/k for each of the k that tie; 0 where none wins, as beside NaN. */
const safeShare = (wins: Term, ties: Term): Term => scale(wins, reciprocal(max(ties, 1)))

/** Whether an update's index lies on the axis. Shape of the indices. */
function isInside(x: Term, i: Term, { axis }: Place): Term {
  return and(ge(i, 0), lt(i, sizeTerm(x.shape[axis], i.dtype)))
}

/** Whether an update is the last at its place: each writes its number, and reads who stayed. */
function isLast(x: Term, i: Term, { axis, batch }: Place): Term {
  const shared = x.shape.slice(0, batch)
  const picks = i.shape.slice(batch)
  const numbers = broadcastTo(reshape(iota(dimProduct(picks)), picks), i.shape)
  const nobody = full(-1, { dtype: 'i32', shape: [...shared, x.shape[axis]] })
  const place = { axis: batch, batch }
  return eq(gather(scatter(nobody, i, numbers, place, 'set'), i, place), numbers)
}

/** A value an index as a value an update: [B…, I…] → [B…, pre…, I…, post…]. */
function alongUpdates(mask: Term, u: Term, { axis, batch }: Place): Term {
  const shape: readonly Dim[] = [
    ...mask.shape.slice(0, batch),
    ...range(batch, axis).map(() => 1),
    ...mask.shape.slice(batch),
  ]
  const post = range(shape.length, u.shape.length).map(() => 1)
  return broadcastTo(reshape(mask, [...shape, ...post]), u.shape)
}

/** Indices clamped to an axis of the given size. */
export const clampTo = (i: Term, size: Dim): Term => min(max(i, 0), sub(sizeTerm(size, i.dtype), 1))

export const gatherOps: readonly Op[] = [gatherOp, scatterOp]
