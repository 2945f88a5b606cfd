/**
 * Functions of terms: closed over named inputs, as bodies, and as functions of the language.
 */
import { fail } from '../data/index.js'
import { termOf } from '../lang/face.js'
import { type Closure, closedOf, fnOf, type RuntimeFn } from '../lang/index.js'
import { specKind } from '../lang/spec.js'
import { flatten, leaf } from '../lang/tree.js'
import {
  apply1,
  closeStrict,
  type Func,
  type Op,
  parameter,
  type TensorType,
  type Term,
} from '../term/index.js'
import type { Unary } from '../types/elementwise.js'
import type { Mark } from '../types/grade.js'

/** An op of one argument, elementwise, as an operation on tensors; its grade is the op's. */
export const unaryOperation = <const N extends string, const M extends Mark>(
  op: Op & { readonly name: N; readonly grade: M },
): Unary<N, M, 'float'> =>
  // Tensors are terms at run time; the op's type rule checks what the signature does.
  ((x: unknown) => apply1(op, [termOf(op.name, x)])) as Unary<N, M, 'float'>

/** Inputs by name, as `f64('n', 3)` gives them. */
export type TermInputs = Readonly<Record<string, TensorType>>

/**
 * A function of terms, closed over named inputs; `run`, `laws` and everything else that takes
 * functions takes it. Its result is the list of terms given.
 */
export function closed<const I extends TermInputs>(
  inputs: I,
  body: (inputs: { readonly [K in keyof I]: Term }) => readonly Term[],
  { name = 'closed' }: { readonly name?: string } = {},
): RuntimeFn {
  const binder = { name }
  const { leaves, paths } = flatten(inputs, specKind, `'${name}'`)
  const params = leaves.map((type, i) => parameter(binder, paths[i], type))
  // One parameter a name of the record.
  const given = Object.fromEntries(params.map((p, i) => [paths[i], p])) as {
    readonly [K in keyof I]: Term
  }
  return functionOf(closeStrict(name, params, body(given)))
}

/** The body of a loop, a branch or a rule, as ops hold it in their attributes. */
export function bodyOf(
  name: string,
  types: readonly TensorType[],
  body: (params: readonly Term[]) => readonly Term[],
): Func {
  const binder = { name }
  const params = types.map((type, i) => parameter(binder, `x${i}`, type))
  return closeStrict(name, params, body(params))
}

/**
 * A closed function of terms as a function of the language: inputs by the names of its parameters.
 */
export function functionOf(func: Func): RuntimeFn {
  const inputs = Object.fromEntries(
    func.params.map(({ node, dtype, shape }) => [String(node.attrs.name), { dtype, shape }]),
  )
  const { structure: input, paths } = flatten(inputs, specKind, `'${func.name}'`)
  if (paths.length !== func.params.length) {
    fail({
      code: 'input',
      where: `'${func.name}'`,
      what: 'two parameters have one name',
      fix: 'Name each parameter differently',
    })
  }
  const output: Closure['output'] = { tag: 'tuple', items: func.results.map(() => leaf) }
  const head = { name: func.name, inputs, input, paths }
  return fnOf({ tag: 'closure', ...head, func, captures: [], output })
}

/** The closed function of terms behind a function of the language. */
export const funcOf = (f: unknown): Func => closedOf(f, 'funcOf').func
