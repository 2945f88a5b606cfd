/**
 * Functions: a program closed over named inputs.
 *
 *   fn({ w: f32(784, 10), x: f32('batch', 784) }, ({ w, x }) => matmul(x, w))
 *
 * The body runs once, on parameters. Its result is a tensor, or tensors in arrays and records; a
 * program, or a generator, whose effects are handled counts as its value. The function is
 * callable: `f({ w, x })` copies its body into the caller's graph. Inside another function's body
 * it may use that one's tensors; such a function runs only as part of it.
 */
import { dimNames, fail } from '../data/index.js'
import { sink } from '../interpret/index.js'
import {
  type Binder,
  close,
  closeStrict,
  isTerm,
  type Node,
  namesOf,
  parameter,
  showType,
  type TensorType,
  type Term,
} from '../term/index.js'
import type { FnOptions } from '../types/fn.js'
import { applyClosure, argumentsOf, meet } from './apply.js'
import type { Closure, Effectful, FnFields, Head, RuntimeFn } from './closure.js'
import { flag, type Options, text } from './options.js'
import { flatMap, gen, isProgram, pure, request } from './program.js'
import { type Stopped, stepThrough } from './scope.js'
import { type InputSpecs, specKind } from './spec.js'
import { flatten, type LeafKind, showStructure, unflatten } from './tree.js'

export const termKind: LeafKind<Term> = { noun: 'a tensor', isLeaf: isTerm }

export const fnOptions: Options<FnOptions> = { name: text, lines: flag }

/** Closes a body over its inputs. */
export function closeBody(
  inputs: InputSpecs,
  body: (inputs: never) => unknown,
  options: FnOptions = {},
): RuntimeFn {
  const name = options.name ?? (body.name || 'fn')
  const { leaves, paths, structure } = flatten(inputs, specKind, `'${name}'`)
  if (structure.tag !== 'record') {
    fail({
      code: 'input',
      where: 'fn',
      what: 'the inputs are not a record',
      fix: 'Write { x: f32(3) }',
    })
  }
  const head: Head = { name, inputs, input: structure, paths }
  const { lines = true } = options
  const binder: Binder = { name, lines, sizes: namesIn(leaves), keys: new Map() }
  const params = leaves.map((type, i) => parameter(binder, paths[i], type))
  // The body is typed by its specifications; what it is called on is built from the same ones.
  const call = (terms: readonly Term[]) =>
    answerOf(() => body(unflatten(structure, terms) as never))
  const first = call(params)
  if (first.tag === 'request') return effectful(head, params, first, call)
  return fnOf(closeOver(head, binder, params, first.value))
}

/** What a body gave: a value, or a program that stops at a request. */
function answerOf(run: () => unknown): Answer {
  const result = run()
  if (isProgram(result)) return stepThrough(result)
  // What gave a generator gives a new one, which has not begun, when asked again.
  if (isGenerator(result)) return stepThrough(gen(run as () => Generator<unknown, unknown, never>))
  return { tag: 'done', value: result }
}

type Answer = ReturnType<typeof stepThrough>

const isGenerator = (x: unknown): x is Generator<unknown, unknown, never> =>
  Object.prototype.toString.call(x) === '[object Generator]'

/**
 * A function whose result is a program: a call runs the body on the arguments, with their sizes.
 * Names of sizes that such a body writes itself are not replaced; it may read them off `x.shape`.
 */
function effectful(
  head: Head,
  params: readonly Term[],
  first: Stopped,
  body: (terms: readonly Term[]) => Answer,
): RuntimeFn {
  const call = (args: unknown): unknown => {
    const leaves = argumentsOf(head, args)
    meet(head, params, leaves)
    return resumed(body(leaves))
  }
  const closure: Effectful = { tag: 'effectful', ...head, effect: first.left }
  return callable(call, { inputs: head.inputs, result: resumed(first), closure })
}

/** The program that stopped where it stands. */
const resumed = (at: Answer): unknown =>
  at.tag === 'done'
    ? pure(at.value)
    : flatMap(request<unknown, string>(at.effect, at.payload), at.resume)

/** Runs a body on parameters of the given types and closes over what it used. */
export function traceClosure(
  head: Head,
  types: readonly TensorType[],
  body: (params: readonly Term[]) => unknown,
): Closure {
  const binder: Binder = { name: head.name, sizes: namesIn(types) }
  const params = types.map((type, i) => parameter(binder, head.paths[i], type))
  return closeOver(head, binder, params, body(params))
}

/** Closes over a result; tensors from outside become captures. */
function closeOver(head: Head, binder: Binder, params: readonly Term[], result: unknown): Closure {
  const { name } = head
  const { leaves, structure: output } = flatten(result, termKind, `the result of '${name}'`)
  const own = leaves.every((term) => term.node.binders.every((b) => b === binder))
  const { func, captures } = own
    ? { func: closeStrict(name, params, leaves), captures: [] }
    : close(name, params, leaves, (node) => usesOwnName(binder, node))
  return { tag: 'closure', ...head, func: sink(func), captures, output }
}

/**
 * Whether a node uses a size that only this function names: it belongs inside, even if all that it
 * computes with comes from outside, for the name means nothing there.
 */
function usesOwnName(binder: Binder, node: Node): boolean {
  const { sizes = [] } = binder
  if (sizes.length === 0) return false
  const outer = new Set(node.binders.flatMap((b) => b.sizes ?? []))
  return namesOf(node).some((name) => sizes.includes(name) && !outer.has(name))
}

const namesIn = (types: readonly TensorType[]): readonly string[] => [
  ...new Set(types.flatMap(({ shape }) => shape.flatMap(dimNames))),
]

/** The callable of a closure. */
export function fnOf(closure: Closure): RuntimeFn {
  const { inputs, output, func } = closure
  const call = (args: unknown): unknown => applyClosure(closure, args)
  return callable(call, { inputs, result: unflatten(output, func.results), closure })
}

function callable(call: (args: unknown) => unknown, fields: FnFields): RuntimeFn {
  Object.defineProperty(call, 'name', { value: fields.closure.name })
  // What `console.log` shows in Node, and templates anywhere.
  const value = () => showFn(fields.closure)
  Object.defineProperty(call, Symbol.for('nodejs.util.inspect.custom'), { value })
  Object.defineProperty(call, 'toString', { value })
  return Object.assign(call, fields)
}

/** `dense { x: f32[b, i], w: f32[i, o] } → f32[b, o]` */
function showFn(closure: Closure | Effectful): string {
  const { leaves } = flatten(closure.inputs, specKind, closure.name)
  const inputs = leaves.map((spec, i) => `${closure.paths[i]}: ${showType(spec)}`).join(', ')
  const results =
    closure.tag === 'effectful'
      ? `a program with effect ${closure.effect}`
      : showStructure(closure.output, closure.func.results.map(showType))
  return `${closure.name} { ${inputs} } → ${results}`
}
