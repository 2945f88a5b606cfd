/**
 * The vocabulary by name: what case files, the parser of printed terms and the laws look up.
 *
 * Each family exports its ops (records with every rule) and its words (how a call in a case file,
 * positional arguments and an attribute record, becomes terms). This file joins the families.
 */
import type { Attrs, Op, Term } from '../term/index.js'
import { arithmeticOps, arithmeticWords } from './arithmetic.js'
import { broadcastOps, broadcastWords } from './broadcast.js'
import { constantOps, constantWords } from './constant.js'
import type { Operand } from './operand.js'

/** One call by name: arguments and attributes as in a case file; malformed ones are errors. */
export type Word = (args: readonly Operand[], attrs: Attrs) => Term | readonly Term[]

/** Every op that can be a node. */
export const ops: readonly Op[] = [...constantOps, ...broadcastOps, ...arithmeticOps]

/** Every word that builds nodes without a body of its own. */
export const words: Readonly<Record<string, Word>> = {
  ...constantWords,
  ...broadcastWords,
  ...arithmeticWords,
}
