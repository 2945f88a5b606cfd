/**
 * Logic on bools, bit by bit on i32 and u32; and shifts. Nothing here has a derivative.
 *
 * A bool is stored as 0 or 1, so that and, or, xor are the same bit operations for all three.
 */
import type { Op } from '../term/index.js'
import { binaryCall, type ElementwiseRule, elementwise, unaryCall } from './elementwise.js'
import type { Word } from './vocabulary.js'

const bits: readonly [number, number] = [0, 13]

const discrete = (
  name: string,
  rule: Pick<ElementwiseRule, 'doc' | 'takes' | 'evaluate' | 'domain'> & Partial<ElementwiseRule>,
): Op => elementwise(name, { grade: 'cut', jvp: 'zero', transpose: 'nonlinear', flops: 1, ...rule })

export const notOp: Op = discrete('not', {
  doc: 'The opposite of a bool; every bit of an integer inverted.',
  takes: 'bits',
  evaluate: (x) => 1 - x,
  evaluateInteger: (x) => ~x,
  domain: [bits],
})
export const not = unaryCall(notOp)

export const andOp: Op = discrete('and', {
  doc: 'Both; on integers bit by bit.',
  takes: 'bits',
  evaluate: (x, y) => x & y,
  domain: [bits, bits],
})
export const and = binaryCall(andOp)

export const orOp: Op = discrete('or', {
  doc: 'Either or both; on integers bit by bit.',
  takes: 'bits',
  evaluate: (x, y) => x | y,
  domain: [bits, bits],
})
export const or = binaryCall(orOp)

export const xorOp: Op = discrete('xor', {
  doc: 'Exactly one; on integers bit by bit.',
  takes: 'bits',
  evaluate: (x, y) => x ^ y,
  domain: [bits, bits],
})
export const xor = binaryCall(xorOp)

export const shiftLeftOp: Op = discrete('shiftLeft', {
  doc: 'x · 2ˢ in 32 bits, the higher ones lost; 0 where s < 0 or s ≥ 32, as in StableHLO.',
  takes: 'integer',
  evaluate: (x, s) => (s >= 0 && s < 32 ? x << s : 0),
  domain: [bits, bits],
})
export const shiftLeft = binaryCall(shiftLeftOp)

export const shiftRightOp: Op = discrete('shiftRight', {
  doc: '⌊x / 2ˢ⌋: the sign fills in on i32, zeros on u32. s < 0 counts as 32 or more.',
  takes: 'integer',
  evaluate: (x, s) => Math.floor(x / 2 ** (s >= 0 && s < 32 ? s : 32)),
  domain: [bits, bits],
})
export const shiftRight = binaryCall(shiftRightOp)

export const logicOps: readonly Op[] = [notOp, andOp, orOp, xorOp, shiftLeftOp, shiftRightOp]

export const logicWords: Readonly<Record<string, Word>> = {
  not: ([x]) => not(x),
  and: ([x, y]) => and(x, y),
  or: ([x, y]) => or(x, y),
  xor: ([x, y]) => xor(x, y),
  shiftLeft: ([x, s]) => shiftLeft(x, s),
  shiftRight: ([x, s]) => shiftRight(x, s),
}
