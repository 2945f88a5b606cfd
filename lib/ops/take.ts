/**
 * Words on gather and scatter: take, takeAlongAxis, scatterAdd, scatterSet, oneHot.
 */
import { type DType, fail } from '../data/index.js'
import { isTerm, showType, type Term } from '../term/index.js'
import { convert } from './arithmetic.js'
import { needDType, needInteger, needTerm } from './attributes.js'
import { axisOf } from './axes.js'
import { broadcastTo, reshape } from './broadcast.js'
import { eq } from './compare.js'
import { iota } from './constant.js'
import { gather, type ScatterMode, scatter } from './gather.js'
import { type Operand, scalar } from './operand.js'
import { moveAxis } from './transpose.js'
import type { Word } from './vocabulary.js'

/**
 * x's slices at the indices of an axis, clamped to it. [pre…, N, post…], [I…] → [pre…, I…, post…]
 */
export const take = (x: Term, i: Operand, axis = 0): Term =>
  gather(x, indexTerm('take', i), { axis: axisOf('take', axis, x), batch: 0 })

/**
 * The element of each row of x at that row's indices, clamped. [r…, N], [r…, K] → [r…, K] on `axis`
 */
export function takeAlongAxis(x: Term, i: Term, axis = 0): Term {
  const at = axisOf('takeAlongAxis', axis, x)
  const last = x.shape.length - 1
  const fits =
    i.shape.length === x.shape.length && i.shape.every((d, k) => k === at || d === x.shape[k])
  if (!fits) {
    fail({
      code: 'shape',
      where: 'takeAlongAxis',
      what: `indices ${showType(i)} for ${showType(x)}`,
      expected: `equal sizes but on axis ${at}`,
    })
  }
  const rows = gather(moveAxis(x, at, last), moveAxis(i, at, last), { axis: last, batch: last })
  return moveAxis(rows, last, at)
}

/**
 * x with rows added at indices of its first axis; equal indices add up, those outside are dropped.
 */
export const scatterAdd = (x: Term, i: Operand, rows: Term): Term =>
  scatterRows('scatterAdd', x, i, rows, 'add')

/** x with rows set at indices of its first axis; of equal indices the last wins. */
export const scatterSet = (x: Term, i: Operand, rows: Term): Term =>
  scatterRows('scatterSet', x, i, rows, 'set')

function scatterRows(op: string, x: Term, i: Operand, rows: Term, mode: ScatterMode): Term {
  axisOf(op, 0, x)
  return scatter(x, indexTerm(op, i), rows, { axis: 0, batch: 0 }, mode)
}

/** 1 at each index, 0 elsewhere; a row of zeros where out of range. [I…] → [I…, depth] */
export function oneHot(i: Operand, depth: number, dtype: DType = 'f32'): Term {
  const index = indexTerm('oneHot', i)
  if (!Number.isInteger(depth) || depth < 0) {
    fail({ code: 'attribute', where: 'oneHot', what: `depth ${depth}`, expected: 'a size' })
  }
  const shape = [...index.shape, depth]
  const each = broadcastTo(reshape(index, [...index.shape, 1]), shape)
  return convert(eq(each, broadcastTo(iota(depth, index.dtype), shape)), dtype)
}

function indexTerm(op: string, i: Operand): Term {
  if (isTerm(i)) return i
  if (typeof i === 'number' && Number.isInteger(i)) return scalar(i, 'i32')
  return fail({ code: 'input', where: op, what: `index ${String(i)}`, expected: 'whole numbers' })
}

export const takeWords: Readonly<Record<string, Word>> = {
  take: ([x, i], attrs) => take(needTerm('take', x), i, needInteger('take', attrs, 'axis', 0)),
  takeAlongAxis: ([x, i], attrs) =>
    takeAlongAxis(
      needTerm('takeAlongAxis', x),
      needTerm('takeAlongAxis', i),
      needInteger('takeAlongAxis', attrs, 'axis', 0),
    ),
  scatterAdd: ([x, i, u]) => scatterAdd(needTerm('scatterAdd', x), i, needTerm('scatterAdd', u)),
  scatterSet: ([x, i, u]) => scatterSet(needTerm('scatterSet', x), i, needTerm('scatterSet', u)),
  oneHot: ([i], attrs) =>
    oneHot(
      i,
      needInteger('oneHot', attrs, 'depth'),
      attrs.dtype === undefined ? 'f32' : needDType('oneHot', attrs),
    ),
}
