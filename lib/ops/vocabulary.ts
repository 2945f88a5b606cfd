/**
 * The vocabulary by name: what case files, the parser of printed terms and the laws look up.
 *
 * Each family exports its ops (records with every rule) and its words (how a call in a case file,
 * positional arguments and an attribute record, becomes terms). This file joins the families.
 */
import type { Attrs, Op, Term } from '../term/index.js'
import { activationOps, activationWords } from './activation.js'
import { arithmeticOps, arithmeticWords } from './arithmetic.js'
import { broadcastOps, broadcastWords } from './broadcast.js'
import { compareOps, compareWords } from './compare.js'
import { constantOps, constantWords } from './constant.js'
import { exponentialOps, exponentialWords } from './exponential.js'
import { hyperbolicOps, hyperbolicWords } from './hyperbolic.js'
import { logicOps, logicWords } from './logic.js'
import { logisticOps, logisticWords } from './logistic.js'
import type { Operand } from './operand.js'
import { powerOps, powerWords } from './power.js'
import { roundingOps, roundingWords } from './rounding.js'
import { selectOps, selectWords } from './select.js'
import { specialOps, specialWords } from './special.js'
import { trigonometricOps, trigonometricWords } from './trigonometric.js'

/** One call by name: arguments and attributes as in a case file; malformed ones are errors. */
export type Word = (args: readonly Operand[], attrs: Attrs) => Term | readonly Term[]

/** Every op that can be a node. */
export const ops: readonly Op[] = [
  ...constantOps,
  ...broadcastOps,
  ...arithmeticOps,
  ...compareOps,
  ...logicOps,
  ...selectOps,
  ...exponentialOps,
  ...logisticOps,
  ...powerOps,
  ...roundingOps,
  ...trigonometricOps,
  ...hyperbolicOps,
  ...specialOps,
  ...activationOps,
]

/** Every word that builds nodes without a body of its own. */
export const words: Readonly<Record<string, Word>> = {
  ...constantWords,
  ...broadcastWords,
  ...arithmeticWords,
  ...compareWords,
  ...logicWords,
  ...selectWords,
  ...exponentialWords,
  ...logisticWords,
  ...powerWords,
  ...roundingWords,
  ...trigonometricWords,
  ...hyperbolicWords,
  ...specialWords,
  ...activationWords,
}
