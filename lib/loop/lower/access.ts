/**
 * Reading a term at an index, through everything that needs no memory of its own.
 *
 *   mul (broadcastTo b) (transpose x)  at [i, j]    →    b at [j] · x at [j, i]
 *
 * Walking stops at base terms: parameters, large constants, and results of nodes that some kernel
 * computes. What a base term turns into (a load, a register) is the caller's business.
 */
import { dimProduct, type NDArray } from '../../data/index.js'
import { isParameter, type Node, type Term } from '../../term/index.js'
import { type Expr, size, variable } from '../expression.js'
import { reduceRules } from './reduce.js'
import { literal, reindex, scalarRules, viewRules } from './rules.js'

export type ReadBase = (term: Term, at: readonly Expr[]) => Expr

/** Index maps that are always folded into their readers. */
const free = [
  'broadcastTo',
  'transpose',
  'slice',
  'reverse',
  'iota',
  'size',
  'stopGradient',
  'piecewise',
]

/** Computes one element from elements, at the index of its result. */
export const isMap = (node: Node): boolean =>
  node.op.name in scalarRules || (node.op.name in viewRules && !isFree(node))

export const isReduction = (node: Node): boolean => node.op.name in reduceRules

export function isFree(node: Node): boolean {
  const { name } = node.op
  if (name === 'constant') return isScalarConstant(node)
  return free.includes(name) || name === 'reshape'
}

/** Hands whole arrays on: its arguments cannot be index maps. */
export const needsMemory = (node: Node): boolean =>
  !isMap(node) && !isReduction(node) && !isFree(node) && !readsElements.includes(node.op.name)

/** Ops with kernels of their own that read elements one by one. */
const readsElements = [
  'cumsum',
  'cumprod',
  'cummax',
  'recurrence',
  'argmax',
  'argmin',
  'sort',
  'scatter',
]

export const isScalarConstant = (node: Node): boolean =>
  node.op.name === 'constant' && dimProduct(node.outs[0].shape) === 1

/** Elements of a map's result, from elements of its arguments. */
export function mapElement(
  node: Node,
  at: readonly Expr[],
  read: (arg: number, at: readonly Expr[]) => Expr,
): Expr {
  const view = viewRules[node.op.name]
  if (view !== undefined) return view(node, at, read)
  return scalarRules[node.op.name](
    node.args.map((_, i) => read(i, at)),
    node,
  )
}

/**
 * The element of `term` at `at`; `inlined` nodes are computed here, `readBase` gives the others.
 */
export function element(
  term: Term,
  at: readonly Expr[],
  inlined: (node: Node) => boolean,
  readBase: ReadBase,
): Expr {
  const { node } = term
  const again = (arg: number, index: readonly Expr[]) =>
    element(node.args[arg], index, inlined, readBase)
  if (isParameter(term)) return readBase(term, at)
  if (isScalarConstant(node)) return literal(term, (node.attrs.value as NDArray).data[0])
  if (node.op.name === 'reshape') {
    const source = aliasOf(term, inlined)
    return source === undefined
      ? again(0, reindex(term.shape, node.args[0].shape, at))
      : readBase(term, at)
  }
  return isFree(node) || inlined(node) ? mapElement(node, at, again) : readBase(term, at)
}

/**
 * The base term whose memory a reshape is a view of; undefined where the reshape only moves axes
 * of size 1 (an index map) or stands on something that has no memory.
 */
export function aliasOf(term: Term, inlined: (node: Node) => boolean): Term | undefined {
  if (term.node.op.name !== 'reshape') return undefined
  const source = term.node.args[0]
  if (sameSqueezed(term, source)) return undefined
  const inner = aliasOf(source, inlined)
  if (inner !== undefined) return inner
  const { node } = source
  const hasMemory = isParameter(source) || !(isFree(node) || inlined(node))
  return hasMemory ? source : undefined
}

const squeezed = (term: Term) => term.shape.filter((d) => d !== 1)

const sameSqueezed = (a: Term, b: Term): boolean => String(squeezed(a)) === String(squeezed(b))

/** The loop index of the k-th axis of a nest. */
export const loopIndex = (k: number): Expr => variable(`i${k}`)

/** The index of a value that is computed at the innermost loops of its own shape. */
export function canonicalIndex(shape: readonly (number | string)[], from = 0): readonly Expr[] {
  let next = from
  return shape.map((d) => (d === 1 ? size(0) : loopIndex(next++)))
}

/** Whether an index is exactly the canonical one of its shape. */
export function isCanonical(shape: readonly (number | string)[], at: readonly Expr[]): boolean {
  const expected = canonicalIndex(shape)
  return at.every((e, k) => {
    const want = expected[k]
    if (want.tag === 'variable') return e.tag === 'variable' && e.name === want.name
    return e.tag === 'constant' && Number(e.value) === 0
  })
}
