/**
 * Terms: the values of a program, as an immutable graph.
 *
 * A node is one application of an op: arguments, attributes and one term per result. A term is
 * one result of a node. Parameters are nodes of the op `param`, owned by a binder (the function
 * being traced); every node knows the binders that it depends on, so closing a function never
 * walks outside it. Nothing here is global: two graphs meet only where an op takes from both.
 */
import { type Dim, type DType, fail, invariant } from '../data/index.js'
import type { Op } from './op.js'
import type { Source } from './source.js'

export interface TensorType {
  readonly dtype: DType
  readonly shape: readonly Dim[]
}

/** Attribute values: plain data, or closed functions (the bodies of control flow). */
export type Attr = unknown
export type Attrs = Readonly<Record<string, Attr>>

/** The identity of one traced function. */
export interface Binder {
  /** For messages only. */
  readonly name: string
  /** False: terms built from its parameters do not note the line that built them. */
  readonly lines?: boolean
  /** The names of sizes that its parameters declare. */
  readonly sizes?: readonly string[]
  /** The random keys used while it is traced, each with who used it; filled by `useKey`. */
  readonly keys?: Map<Term, KeyUse>
}

/** One use of a random key: by which program, and at which line. */
export interface KeyUse {
  readonly user: object
  readonly source: Source
}

export interface Node {
  readonly op: Op
  readonly args: readonly Term[]
  readonly attrs: Attrs
  readonly outs: readonly Term[]
  /** The binders whose parameters this node depends on; empty for a closed expression. */
  readonly binders: readonly Binder[]
  /**
   * The user's line; filled once, by the call that built the node or from its user's at closing.
   */
  source: Source | undefined
  /** The named sizes below it; filled once, by the first to ask (`namesOf`). */
  names?: readonly string[]
}

/** One result of a node. A class, because operators and `pipe` need a prototype. */
export class Term implements TensorType {
  readonly node: Node
  readonly index: number
  readonly dtype: DType
  readonly shape: readonly Dim[]

  constructor(node: Node, index: number, type: TensorType) {
    this.node = node
    this.index = index
    this.dtype = type.dtype
    this.shape = type.shape
  }

  /** `x.pipe(f, g)` is `g(f(x))`. */
  pipe(...functions: readonly ((x: never) => unknown)[]): unknown {
    // Typed by the overloads of `Tensor.pipe`; here only the chain matters.
    return functions.reduce<unknown>((x, f) => (f as (x: unknown) => unknown)(x), this)
  }

  /** Text shows the type (`${x}`); arithmetic and comparison operators have no value to work on. */
  [Symbol.toPrimitive](hint: 'string' | 'number' | 'default'): string {
    return hint === 'string' ? showType(this) : noValue(this)
  }

  /** What `console.log` shows in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return showType(this)
  }

  toJSON(): never {
    return noValue(this)
  }
}

function noValue(term: Term): never {
  return fail({
    code: 'trace',
    what: `a tensor ${showType(term)} has no value while the program is being built`,
    where: `'${term.node.op.name}'`,
    fix: 'Compute with add, mul…, compare with gt, lt, eq…, choose with where or cond, and read values after run or evaluate',
  })
}

export const isTerm = (x: unknown): x is Term => x instanceof Term

/** `f32[batch, 784]` */
export const showType = (type: TensorType): string => `${type.dtype}[${type.shape.join(', ')}]`

/** One record for all nodes without attributes. */
export const noAttrs: Attrs = Object.freeze({})

/** Applies an op: its type rule checks the arguments and gives the results. */
export function apply(
  op: Op,
  args: readonly Term[],
  attrs: Attrs = noAttrs,
  source?: Source,
): readonly Term[] {
  const types = op.type(args, attrs)
  return build(op, args, attrs, types, joinBinders(args), source)
}

/** Applies an op of one result. */
export function apply1(op: Op, args: readonly Term[], attrs: Attrs = noAttrs): Term {
  const outs = apply(op, args, attrs)
  invariant(outs.length === 1, `${op.name} has ${outs.length} results where one was taken`)
  return outs[0]
}

/** The same application over other arguments of the same types. */
export const withArgs = (node: Node, args: readonly Term[]): readonly Term[] =>
  build(node.op, args, node.attrs, node.outs, joinBinders(args), node.source)

/** A parameter of the function that `binder` stands for. */
export function parameter(binder: Binder, name: string, type: TensorType): Term {
  const types = [{ dtype: type.dtype, shape: type.shape }]
  return build(paramOp, [], { name }, types, [binder], undefined)[0] as Term
}

export const isParameter = (term: Term): boolean => term.node.op === paramOp

/** The leaf of every function. It has no rules: interpreters bind it before they meet it. */
export const paramOp: Op = {
  name: 'param',
  doc: 'A parameter of a function.',
  grade: 'smooth',
  samples: [],
  type: () => unbound(),
  evaluate: () => unbound(),
  jvp: () => unbound(),
  transpose: () => unbound(),
  batch: () => unbound(),
  cost: () => ({ flops: 0 }),
}

function unbound(): never {
  throw new Error('broken invariant: a parameter has no rule')
}

function build(
  op: Op,
  args: readonly Term[],
  attrs: Attrs,
  types: readonly TensorType[],
  binders: readonly Binder[],
  source: Source | undefined,
): readonly Term[] {
  const outs: Term[] = []
  const node: Node = { op, args, attrs, outs, binders, source }
  for (let index = 0; index < types.length; index++) outs.push(new Term(node, index, types[index]))
  return outs
}

/**
 * The union of the arguments' binders, sharing an argument's list where it already is the union.
 */
function joinBinders(args: readonly Term[]): readonly Binder[] {
  let union: readonly Binder[] = []
  for (const { node } of args) {
    if (node.binders === union || node.binders.length === 0) continue
    const missing = node.binders.filter((b) => !union.includes(b))
    if (missing.length === node.binders.length && union.length === 0) union = node.binders
    else if (missing.length > 0) union = [...union, ...missing]
  }
  return union
}
