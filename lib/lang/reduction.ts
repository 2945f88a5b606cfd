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

export const sum = operation('sum', attributed(withAxes))
export const mean = operation('mean', attributed(withAxes))
export const prod = operation('prod', attributed(withAxes))
export const reduceMax = operation('reduceMax', attributed(withAxes))
export const reduceMin = operation('reduceMin', attributed(withAxes))
export const variance = operation('variance', attributed(withAxes))
export const std = operation('std', attributed(withAxes))
export const logsumexp = operation('logsumexp', attributed(withAxes))
export const norm = operation('norm', attributed(withAxes))

export const cumsum = operation('cumsum', attributed(alongLast))
export const cumprod = operation('cumprod', attributed(alongLast))
export const cummax = operation('cummax', attributed(alongLast))
export const softmax = operation('softmax', attributed(alongLast))
export const logSoftmax = operation('logSoftmax', attributed(alongLast))
export const sort = operation('sort', attributed(alongLast))
export const argsort = operation('argsort', attributed(alongLast))
export const argmax = operation('argmax', attributed(alongLast))
export const argmin = operation('argmin', attributed(alongLast))
export const topK = operation('topK', attributed())

export const matmul = operation('matmul', binary)
export const einsum = operation('einsum', einsumForm)
export const conv = operation('conv', paired)
export const maxPool = operation('maxPool', attributed())
export const avgPool = operation('avgPool', attributed())
