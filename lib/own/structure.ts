/**
 * Operations that move, index, reduce and contract terms, as `pullback/ops` publishes them.
 */
import * as ops from '../ops/index.js'
import { given } from './given.js'
import {
  array,
  attributes,
  callable,
  calls,
  dtype,
  either,
  flag,
  listOf,
  natural,
  naturals,
  number,
  one,
  operand,
  operands,
  optional,
  record,
  size,
  sizes,
  tensor,
  tensors,
  text,
  type,
  whole,
  wholes,
} from './kinds.js'

const axis = optional(whole)
const place = record({ axis: whole, batch: natural })
const run = record({ axis: whole, reverse: flag })
const reduction = record({ axes: optional(wholes), keepDims: optional(flag) })
const pairs = listOf(listOf(size))

export const { broadcastTo, reshape } = given(ops, ['broadcastTo', 'reshape'], tensor, sizes)
export const { transpose } = given(ops, ['transpose'], tensor, optional(wholes))
export const { moveAxis } = given(ops, ['moveAxis'], tensor, whole, whole)
export const { expandDims } = given(ops, ['expandDims'], tensor, whole)
export const { squeeze } = given(ops, ['squeeze'], tensor, optional(wholes))
export const { reverse } = given(ops, ['reverse'], tensor, optional(wholes))
export const { slice } = given(ops, ['slice'], tensor, sizes, sizes, optional(wholes))
export const { sliceAxis } = given(ops, ['sliceAxis'], tensor, whole, size, size)
export const { pad } = given(
  ops,
  ['pad'],
  tensor,
  sizes,
  sizes,
  optional(wholes),
  optional(operand),
)
export const { padAxis } = given(ops, ['padAxis'], tensor, whole, size, size, optional(operand))
export const { concat, stack } = given(ops, ['concat', 'stack'], tensors, axis)

export const { take } = given(ops, ['take'], tensor, operand, axis)
export const { takeAlongAxis } = given(ops, ['takeAlongAxis'], tensor, tensor, axis)
export const { scatterAdd, scatterSet } = given(
  ops,
  ['scatterAdd', 'scatterSet'],
  tensor,
  operand,
  tensor,
)
export const { oneHot } = given(ops, ['oneHot'], operand, natural, optional(dtype))
export const { gather } = given(ops, ['gather'], tensor, tensor, place)
export const { scatter } = given(
  ops,
  ['scatter'],
  tensor,
  tensor,
  tensor,
  place,
  one('add', 'set', 'min', 'max'),
)
export const { dynamicSlice } = given(ops, ['dynamicSlice'], tensor, operands, sizes)
export const { dynamicUpdateSlice } = given(ops, ['dynamicUpdateSlice'], tensor, tensor, operands)

export const { sum, prod, reduceMax, reduceMin, mean, variance, std, norm, logsumexp } = given(
  ops,
  ['sum', 'prod', 'reduceMax', 'reduceMin', 'mean', 'variance', 'std', 'norm', 'logsumexp'],
  tensor,
  optional(reduction),
)
export const { softmax, logSoftmax } = given(ops, ['softmax', 'logSoftmax'], tensor, axis)
export const { argmax, argmin } = given(ops, ['argmax', 'argmin'], tensor, axis, optional(flag))
export const { sort, argsort, sortWithIndices } = given(
  ops,
  ['sort', 'argsort', 'sortWithIndices'],
  tensor,
  axis,
  optional(flag),
)
export const { topK } = given(ops, ['topK'], tensor, natural)
export const { sumAxes, keptShape } = given(ops, ['sumAxes', 'keptShape'], tensor, wholes)
export const { reduceWith } = given(ops, ['reduceWith'], text, tensor, reduction, calls(tensor))
export const { readingAll } = given(ops, ['readingAll'], text, attributes, callable)
export const { reduceOptions } = given(ops, ['reduceOptions'], text, attributes)
export const { reduceWord } = given(ops, ['reduceWord'], text, calls(tensor))
export const { cumsum, cumprod, cummax } = given(ops, ['cumsum', 'cumprod', 'cummax'], tensor, run)
export const { recurrence } = given(ops, ['recurrence'], tensor, tensor, run)
export const { shifted } = given(ops, ['shifted'], tensor, run, number)
export const { forEachLane } = given(ops, ['forEachLane'], array, run, callable)
export const { alongType } = given(ops, ['alongType'], text, type, attributes)
export const { runOf } = given(ops, ['runOf'], attributes)

export const { matmul } = given(ops, ['matmul'], tensor, tensor)
export const { det } = given(ops, ['det'], tensor)
export const { dot } = given(
  ops,
  ['dot'],
  tensor,
  tensor,
  record({ lhsBatch: naturals, rhsBatch: naturals, lhsContract: naturals, rhsContract: naturals }),
)
export const { dotAxes } = given(ops, ['dotAxes'], attributes)
export const { einsum } = given(ops, ['einsum'], text, tensors)
export const { conv } = given(
  ops,
  ['conv'],
  tensor,
  tensor,
  optional(
    record({
      strides: optional(naturals),
      padding: optional(either(one('same', 'valid'), pairs)),
      inputDilation: optional(naturals),
      kernelDilation: optional(naturals),
      groups: optional(natural),
    }),
  ),
)
export const { convWith } = given(
  ops,
  ['convWith'],
  tensor,
  tensor,
  record({
    strides: naturals,
    padding: pairs,
    inputDilation: naturals,
    kernelDilation: naturals,
    groups: size,
  }),
)
export const { maxPool, avgPool } = given(
  ops,
  ['maxPool', 'avgPool'],
  tensor,
  record({ window: naturals, strides: optional(naturals) }),
)
export const { windows } = given(
  ops,
  ['windows'],
  tensor,
  record({ window: naturals, strides: naturals }),
)

export const { randomBits } = given(ops, ['randomBits'], tensor, sizes)
export const { randomSplit } = given(ops, ['randomSplit'], tensor, size)
export const { randomFoldIn } = given(ops, ['randomFoldIn'], tensor, operand)
export const { randomUniform, randomNormal } = given(
  ops,
  ['randomUniform', 'randomNormal'],
  tensor,
  sizes,
  optional(dtype),
)
