/**
 * Words on reductions: mean, variance, std, norm, logsumexp, softmax, logSoftmax.
 */
import { type Dim, dimProduct } from '../data/index.js'
import type { Term } from '../term/index.js'
import { add, convert, div, mul, reciprocal, stopGradient, sub } from './arithmetic.js'
import { needInteger, needTerm } from './attributes.js'
import { axesOf, axisOf } from './axes.js'
import { reshape, sumAxes } from './broadcast.js'
import { eq, isFinite as isFiniteNumber } from './compare.js'
import { sizeTerm } from './constant.js'
import { exp, log } from './exponential.js'
import { needFloat } from './operand.js'
import { sqrt, square } from './power.js'
import { keptShape, type ReduceOptions, reduceMax, reduceWith, reduceWord, sum } from './reduce.js'
import { where } from './select.js'
import type { Word } from './vocabulary.js'

/** The mean over axes; NaN of none. */
export function mean(x: Term, options: ReduceOptions = {}): Term {
  needFloat('mean', [x])
  return reduceWith('mean', x, options, (axes) => meanOver(x, axes))
}

/** Half precision cannot hold the sum of what it can hold the mean of. */
function meanOver(x: Term, axes: readonly number[]): Term {
  const dtype = x.dtype === 'f16' ? 'f32' : x.dtype
  const total = sumAxes(convert(x, dtype), axes)
  const size = dimProduct(axes.map((a): Dim => x.shape[a]))
  return convert(div(total, sizeTerm(size, dtype)), x.dtype)
}

/** The mean squared distance from the mean over axes: divided by n, not n − 1. */
export function variance(x: Term, options: ReduceOptions = {}): Term {
  needFloat('variance', [x])
  return spreadOf('variance', x, options)
}

function spreadOf(op: string, x: Term, options: ReduceOptions): Term {
  const axes = axesOf(op, options.axes, x)
  const centred = sub(x, mean(x, { axes, keepDims: true }))
  return mean(square(centred), { axes, keepDims: options.keepDims })
}

/** √variance. Where all are equal the gradient is 0, by choice. */
export const std = (x: Term, options: ReduceOptions = {}): Term => {
  needFloat('std', [x])
  return root(spreadOf('std', x, options))
}

/** ‖x‖₂ over axes. At 0 the gradient is 0, by choice. */
export const norm = (x: Term, options: ReduceOptions = {}): Term => {
  needFloat('norm', [x])
  const squares = square(x)
  return root(reduceWith('norm', squares, options, (axes) => sumAxes(squares, axes)))
}

/** √x, whose derivatives at 0 are 0: neither branch sees the singular point. */
function root(x: Term): Term {
  const isZero = eq(x, 0)
  return where(isZero, 0, sqrt(where(isZero, 1, x)))
}

/** log Σ eˣ over axes, without overflow; −∞ of none and where all are −∞. */
export function logsumexp(x: Term, options: ReduceOptions = {}): Term {
  needFloat('logsumexp', [x])
  const axes = axesOf('logsumexp', options.axes, x)
  const top = topOf(x, axes)
  const result = add(log(sumAxes(exp(sub(x, top)), axes)), reshape(top, droppedShape(x, axes)))
  return options.keepDims ? reshape(result, keptShape(x, axes)) : result
}

/** eˣ / Σ eˣ along an axis, the last by default. */
export function softmax(x: Term, axis = -1): Term {
  needFloat('softmax', [x])
  const axes = [axisOf('softmax', axis, x)]
  const e = exp(sub(x, topOf(x, axes)))
  // One quotient a row: the sum is at least 1, so nothing overflows.
  return mul(e, reciprocal(sum(e, { axes, keepDims: true })))
}

/** log softmax(x) along an axis, the last by default, without overflow. */
export function logSoftmax(x: Term, axis = -1): Term {
  needFloat('logSoftmax', [x])
  const axes = [axisOf('logSoftmax', axis, x)]
  const below = sub(x, topOf(x, axes))
  return sub(below, log(sum(exp(below), { axes, keepDims: true })))
}

/**
 * The largest, to subtract before exp; 0 where that is not finite. The result does not depend on
 * it, so it is a constant to differentiation. Axes stay as 1.
 */
function topOf(x: Term, axes: readonly number[]): Term {
  const top = reduceMax(stopGradient(x), { axes, keepDims: true })
  return where(isFiniteNumber(top), top, 0)
}

const droppedShape = (x: Term, axes: readonly number[]): readonly Dim[] =>
  x.shape.filter((_, i) => !axes.includes(i))

export const statisticsWords: Readonly<Record<string, Word>> = {
  mean: reduceWord('mean', mean),
  variance: reduceWord('variance', variance),
  std: reduceWord('std', std),
  norm: reduceWord('norm', norm),
  logsumexp: reduceWord('logsumexp', logsumexp),
  softmax: ([x], attrs) =>
    softmax(needTerm('softmax', x), needInteger('softmax', attrs, 'axis', -1)),
  logSoftmax: ([x], attrs) =>
    logSoftmax(needTerm('logSoftmax', x), needInteger('logSoftmax', attrs, 'axis', -1)),
}
