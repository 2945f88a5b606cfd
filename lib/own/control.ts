/**
 * Loops, branches and custom rules on terms, as `pullback/ops` publishes them: bodies are checked
 * for what they return.
 */
import * as ops from '../ops/index.js'
import { given } from './given.js'
import {
  attributes,
  body,
  calls,
  either,
  flag,
  flags,
  func,
  listOf,
  maybeTensors,
  natural,
  optional,
  record,
  size,
  tensor,
  tensors,
} from './kinds.js'

const direction = { reverse: optional(flag) }

export const { cond } = given(ops, ['cond'], tensor, body, body, optional(tensors))
export const { switchCase } = given(ops, ['switchCase'], tensor, listOf(body), optional(tensors))
export const { switchFunc } = given(ops, ['switchFunc'], listOf(func), tensor, tensors)
export const { whileLoop } = given(
  ops,
  ['whileLoop'],
  calls(tensor),
  body,
  tensors,
  optional(record({ maxSteps: optional(size) })),
)
export const { whileFunc } = given(
  ops,
  ['whileFunc'],
  func,
  func,
  tensors,
  optional(
    record({
      conditionConsts: optional(natural),
      bodyConsts: optional(natural),
      maxSteps: optional(size),
    }),
  ),
)
export const { scan } = given(
  ops,
  ['scan'],
  calls(record({ carry: tensors, ys: optional(tensors) })),
  tensors,
  tensors,
  optional(record({ length: optional(size), ...direction })),
)
export const { scanFunc } = given(
  ops,
  ['scanFunc'],
  func,
  tensors,
  record({ carry: natural, consts: optional(natural), length: optional(size), ...direction }),
)
export const { forLoop } = given(ops, ['forLoop'], either(size, tensor), body, tensors)
export const { map } = given(ops, ['map'], body, tensors)
export const { associativeScan } = given(
  ops,
  ['associativeScan'],
  body,
  tensors,
  optional(record(direction)),
)
export const { checkpoint } = given(ops, ['checkpoint'], body, tensors)
export const { checkpointFunc } = given(ops, ['checkpointFunc'], func, tensors)
export const { scanAttrs, whileAttrs } = given(ops, ['scanAttrs', 'whileAttrs'], attributes)

export const { customJvp } = given(ops, ['customJvp'], body, calls(maybeTensors), tensors)
export const { customVjp } = given(
  ops,
  ['customVjp'],
  body,
  calls(record({ results: tensors, residuals: tensors })),
  calls(maybeTensors),
  tensors,
)
export const { linearCall } = given(ops, ['linearCall'], body, body, tensors, tensors)
export const { customTranspose } = given(ops, ['customTranspose'], body, body, tensors)
export const { customBatching } = given(
  ops,
  ['customBatching'],
  body,
  calls(record({ outs: tensors, batched: flags })),
  tensors,
)
export const { needForward } = given(ops, ['needForward'], func)
