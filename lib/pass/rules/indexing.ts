/**
 * Computed positions that are known after all: they become slices, or nothing.
 *
 *   gather(x, iota) → x     gather(x, 2) → slice x     dynamicSlice(x, 1, 0) → slice x
 *
 * Indices are clamped as the ops clamp them. Ends: each rule removes an indexing op.
 */
import { type Dim, isFloat } from '../../data/index.js'
import {
  dynamicSliceOp,
  dynamicUpdateSliceOp,
  gatherOp,
  iotaOp,
  reshape,
  scatterOp,
  slice,
} from '../../ops/index.js'
import type { Term } from '../../term/index.js'
import { isSplat, splatOf } from '../constant.js'
import { type Rule, reorders, rule } from '../rewrite.js'

const sameShape = (a: Term, b: Term) =>
  a.shape.length === b.shape.length && a.shape.every((d, i) => d === b.shape[i])

const isNumber = (d: Dim): d is number => typeof d === 'number'

/** x at one position of an axis, which stays with size 1. */
const at = (x: Term, axis: number, from: number, size: Dim): Term =>
  slice(
    x,
    x.shape.map((_, i) => (i === axis ? from : 0)),
    x.shape.map((d, i) => (i === axis ? from + Number(size) : d)),
  )

export const indexingRules: readonly Rule[] = [
  rule('gather(x, iota) → x', [gatherOp], ({ args: [x, i], attrs, out }) => {
    const axis = attrs.axis as number // the op's own
    const whole = attrs.batch === 0 && i.node.op === iotaOp && i.shape[0] === x.shape[axis]
    return whole && sameShape(x, out) ? x : undefined
  }),
  rule('gather(x, constant) → slice x', [gatherOp], ({ args: [x, i], attrs, out }) => {
    const axis = attrs.axis as number // the op's own
    const [index, size] = [splatOf(i), x.shape[axis]]
    const one = attrs.batch === 0 && i.shape.every((d) => d === 1)
    if (!one || index === undefined || !isNumber(size) || size === 0) return undefined
    return reshape(at(x, axis, Math.min(Math.max(index, 0), size - 1), 1), out.shape)
  }),
  rule(
    'dynamicSlice(x, constants) → slice x',
    [dynamicSliceOp],
    ({ args: [x, ...starts], out }) => {
      const from = starts.map(splatOf)
      if (!x.shape.every(isNumber) || !out.shape.every(isNumber)) return undefined
      const clamped = from.map((s, i) =>
        s === undefined ? -1 : Math.max(0, Math.min(s, Number(x.shape[i]) - Number(out.shape[i]))),
      )
      if (clamped.includes(-1)) return undefined
      return slice(
        x,
        clamped,
        clamped.map((s, i) => s + Number(out.shape[i])),
      )
    },
  ),
  rule('dynamicUpdateSlice(x, all of u) → u', [dynamicUpdateSliceOp], ({ args: [x, u] }) =>
    sameShape(x, u) ? u : undefined,
  ),
  reorders('scatter add(0, iota, u) → u', [scatterOp], ({ args: [x, i, u], attrs }) => {
    const axis = attrs.axis as number // the op's own
    const whole = attrs.batch === 0 && i.node.op === iotaOp && i.shape[0] === x.shape[axis]
    const zero = isSplat(x, 0) && isFloat(x.dtype)
    return whole && zero && attrs.mode === 'add' && sameShape(x, u) ? u : undefined
  }),
]
