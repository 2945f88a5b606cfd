/**
 * What passes know of constants: literal arrays, and scalars broadcast to a shape.
 */
import type { NDArray } from '../data/index.js'
import { broadcastToOp, constantOp } from '../ops/index.js'
import type { Term } from '../term/index.js'

/** The array of a `constant` node. */
export const literalOf = (term: Term): NDArray | undefined =>
  term.node.op === constantOp ? (term.node.attrs.value as NDArray) : undefined // the op's own attribute

/** A literal, or a literal broadcast. */
export const isConstant = (term: Term): boolean =>
  term.node.op === constantOp ||
  (term.node.op === broadcastToOp && term.node.args[0].node.op === constantOp)

/** The number that every element is, if that is written in the program. */
export function splatOf(term: Term): number | undefined {
  const inner = term.node.op === broadcastToOp ? term.node.args[0] : term
  const value = literalOf(inner)
  if (value === undefined || value.data.length === 0) return undefined
  const [first] = value.data
  return value.data.length === 1 || value.data.every((x) => Object.is(x, first)) ? first : undefined
}

/** Whether every element is that number; zeros of different sign are different numbers. */
export const isSplat = (term: Term, x: number): boolean => Object.is(splatOf(term), x)

/** Small enough to stand in a loop's body. */
export const isSmallConstant = (term: Term): boolean =>
  isConstant(term) &&
  (splatOf(term) !== undefined || (literalOf(term)?.data.length ?? Infinity) <= 16)
