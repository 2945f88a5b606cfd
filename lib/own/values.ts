/**
 * Arrays, sizes, terms, functions and their interpreters, as `pullback/ops` publishes them.
 */
import * as data from '../data/index.js'
import * as interpret from '../interpret/index.js'
import * as ops from '../ops/index.js'
import * as term from '../term/index.js'
import * as functions from './functions.js'
import { checked, given } from './given.js'
import {
  anything,
  array,
  attributes,
  bindings,
  body,
  callable,
  dtype,
  flags,
  func,
  listOf,
  natural,
  naturals,
  number,
  numbers,
  op,
  operands,
  optional,
  parameterTerm,
  record,
  recordOf,
  size,
  sizes,
  tensors,
  text,
  type,
  types,
} from './kinds.js'

export const { allocate } = given(data, ['allocate'], dtype, natural)
export const { emptyArray } = given(data, ['emptyArray'], dtype, naturals)
export const { arrayOf } = given(data, ['arrayOf'], dtype, naturals, numbers)
export const { arrayFrom } = given(
  data,
  ['arrayFrom'],
  dtype,
  naturals,
  numbers,
  optional(callable),
)
export const { isFloat } = given(data, ['isFloat'], dtype)
export const { roundTo } = given(data, ['roundTo'], dtype, number)
export const { sizeOf } = given(data, ['sizeOf'], naturals)
export const { dimAdd, dimSub, dimMul, dimDivide } = given(
  data,
  ['dimAdd', 'dimSub', 'dimMul', 'dimDivide'],
  size,
  size,
)
export const { dimProduct } = given(data, ['dimProduct'], sizes)
export const { dimValue } = given(data, ['dimValue'], size, bindings)
export const { fail } = given(data, ['fail'], record({ code: text, what: text }))

export const { apply, apply1 } = given(term, ['apply', 'apply1'], op, tensors, optional(attributes))
export const { parameter } = given(term, ['parameter'], record({ name: text }), text, type)
export const { closeStrict } = given(term, ['closeStrict'], text, listOf(parameterTerm), tensors)
export const { parse } = given(term, ['parse'], text, listOf(op))
export const { show } = given(
  term,
  ['show'],
  func,
  optional(record({ most: optional(number), names: optional(callable) })),
)
export const { showType } = given(term, ['showType'], type)
export const { verify } = given(term, ['verify'], func, optional(text))

export const { closed } = given(
  functions,
  ['closed'],
  recordOf(type),
  body,
  optional(record({ name: optional(text) })),
)
export const { bodyOf } = given(functions, ['bodyOf'], text, types, body)
export const { functionOf } = given(functions, ['functionOf'], func)
export const { funcOf } = given(functions, ['funcOf'], anything)
export const { unaryOperation } = given(functions, ['unaryOperation'], op)

/** Calls by name, as case files make them. */
export const words: Readonly<Record<string, ops.Word>> = Object.fromEntries(
  Object.entries(ops.words).map(([name, word]) => [
    name,
    checked(name, word, [operands, attributes]),
  ]),
)

const rules = record({
  evaluate: callable,
  jvp: callable,
  split: callable,
  transpose: callable,
  batch: callable,
  cost: callable,
})

/** One flag for each parameter; those of other numbers are refused. */
function needFlags(where: string, { params }: term.Func, given: readonly boolean[]): void {
  if (given.length === params.length) return
  data.fail({
    code: 'input',
    where,
    what: `${given.length} flags for ${params.length} parameters`,
    expected: 'one a parameter',
  })
}

const own = interpret.interpreters

/** The interpreters over closed functions. */
export const interpreters: term.Interpreters = {
  evaluate: checked(
    'interpreters.evaluate',
    (f, args, sizes) => {
      needArguments(f, args)
      return own.evaluate(f, args, sizes)
    },
    [func, listOf(array), bindings],
  ),
  jvp: checked(
    'interpreters.jvp',
    (f, active) => {
      needFlags('interpreters.jvp', f, active)
      return own.jvp(f, active)
    },
    [func, flags],
  ),
  split: checked(
    'interpreters.split',
    (f, known) => {
      needFlags('interpreters.split', f, known)
      return own.split(f, known)
    },
    [func, flags],
  ),
  transpose: checked(
    'interpreters.transpose',
    (f, linear, cotangents) => {
      needFlags('interpreters.transpose', f, linear)
      return own.transpose(f, linear, cotangents)
    },
    [func, flags, flags],
  ),
  batch: checked(
    'interpreters.batch',
    (f, batched, size) => {
      needFlags('interpreters.batch', f, batched)
      return own.batch(f, batched, size)
    },
    [func, flags, size],
  ),
  cost: checked('interpreters.cost', own.cost, [func]),
}

/** The reverse derivative: `(params…, cotangents…) → (results…, cotangents of the active…)`. */
export const vjp: typeof interpret.vjp = checked(
  'vjp',
  (f, active, by) => {
    needFlags('vjp', f, active)
    return interpret.vjp(f, active, by)
  },
  [func, flags, rules],
)

/** Arrays of the parameters' dtypes and ranks. */
function needArguments({ params }: term.Func, args: readonly data.NDArray[]): void {
  const fits = (p: term.Term, x: data.NDArray | undefined) =>
    x !== undefined &&
    x.dtype === p.dtype &&
    x.shape.length === p.shape.length &&
    p.shape.every((d, i) => typeof d === 'string' || d === x.shape[i])
  if (args.length === params.length && params.every((p, i) => fits(p, args[i]))) return
  data.fail({
    code: 'input',
    where: 'interpreters.evaluate',
    what: `(${args.map(term.showType).join(', ')}) was given`,
    expected: `(${params.map(term.showType).join(', ')})`,
  })
}
