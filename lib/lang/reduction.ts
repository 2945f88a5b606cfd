/**
 * Reductions, orders along an axis, and contractions.
 */
import type { Attrs } from '../term/index.js'
import { call } from './call.js'
import { attributed, binary, type Form, operand, operation, paired, wrong } from './form.js'

/** One axis may be written without brackets. */
const withAxes = (attrs: Attrs): Attrs =>
  typeof attrs.axes === 'number' ? { ...attrs, axes: [attrs.axes] } : attrs

/** The last axis, unless one is named. */
const alongLast = (attrs: Attrs): Attrs => ({ axis: -1, ...attrs })

const einsumForm: Form =
  (name) =>
  (spec, ...operands) => {
    if (typeof spec !== 'string') wrong(name, spec, 'a specification such as "ij,jk->ik"')
    return call(
      name,
      operands.map((x) => operand(name, x)),
      { spec },
    )
  }

/** The sum over axes, all of them unless named; rounding grows with log n. */
export const sum = operation('sum', attributed(withAxes))
/** The mean over axes, all of them unless named; NaN of none. */
export const mean = operation('mean', attributed(withAxes))
/** The product over axes, which vanish; 1 of none. Derivatives exact at zeros, to any order. */
export const prod = operation('prod', attributed(withAxes))
/** The largest over axes, which vanish; −∞ of none; NaN stays. Ties share the derivative. */
export const reduceMax = operation('reduceMax', attributed(withAxes))
/** The smallest over axes, which vanish; ∞ of none; NaN stays. Ties share the derivative. */
export const reduceMin = operation('reduceMin', attributed(withAxes))
/** The mean square distance from the mean over axes; divides by n. */
export const variance = operation('variance', attributed(withAxes))
/** The square root of the variance over axes; divides by n. Its gradient is 0 where it is 0. */
export const std = operation('std', attributed(withAxes))
/** log Σ eˣ over axes, without overflow. */
export const logsumexp = operation('logsumexp', attributed(withAxes))
/** √Σ x² over axes, the 2-norm. At 0 the gradient is 0. */
export const norm = operation('norm', attributed(withAxes))

/** Running sums along an axis. */
export const cumsum = operation('cumsum', attributed(alongLast))
/** Running products along an axis; derivatives exact at zeros, to any order. */
export const cumprod = operation('cumprod', attributed(alongLast))
/**
 * Running maxima along an axis; NaN stays. Ties share as in a balanced tree of max (JAX), along an
 * axis of named size as in a chain of max.
 */
export const cummax = operation('cummax', attributed(alongLast))
/** eˣ / Σ eˣ along an axis, the last unless named; without overflow. */
export const softmax = operation('softmax', attributed(alongLast))
/** log softmax x along an axis, the last unless named. */
export const logSoftmax = operation('logSoftmax', attributed(alongLast))
/** The elements in ascending order along an axis, the last unless named; stable, NaN last. */
export const sort = operation('sort', attributed(alongLast))
/** Where each element in ascending order comes from, as i32; stable. */
export const argsort = operation('argsort', attributed(alongLast))
/** The index (i32) of the first largest along an axis, the last unless named; of a NaN if any. */
export const argmax = operation('argmax', attributed(alongLast))
/** The index (i32) of the first smallest along an axis, the last unless named; of a NaN if any. */
export const argmin = operation('argmin', attributed(alongLast))
/** The k largest along the last axis, falling, and where they are, as i32. → [values, indices] */
export const topK = operation('topK', attributed())

/**
 * The matrix product by NumPy’s rules. [.., m, k] · [.., k, n] → [.., m, n]; a vector is a row on
 * the left, a column on the right.
 */
export const matmul = operation('matmul', binary)
/** Products summed over the letters that the result leaves out: einsum("ij,jk->ik", a, b). */
export const einsum = operation('einsum', einsumForm)
/** Cross-correlation. x [N, C, s…], kernel [O, C / groups, k…] → [N, O, out…]. */
export const conv = operation('conv', paired)
/** The largest in each window of the spatial axes. [N, C, s…] → [N, C, out…]; no padding. */
export const maxPool = operation('maxPool', attributed())
/** The mean of each window of the spatial axes. [N, C, s…] → [N, C, out…]; no padding. */
export const avgPool = operation('avgPool', attributed())
