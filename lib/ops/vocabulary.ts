/**
 * The vocabulary by name: what case files, the parser of printed terms and the laws look up.
 *
 * Each family exports its ops (records with every rule) and its words (how a call in a case file,
 * positional arguments and an attribute record, becomes terms). This file joins the families.
 */
import type { Attrs, Op, Term } from '../term/index.js'
import { activationOps, activationWords } from './activation.js'
import { argmaxOps, argmaxWords } from './argmax.js'
import { arithmeticOps, arithmeticWords } from './arithmetic.js'
import { broadcastOps, broadcastWords } from './broadcast.js'
import { compareOps, compareWords } from './compare.js'
import { concatOps, concatWords } from './concat.js'
import { constantOps, constantWords } from './constant.js'
import { controlOps, controlWords } from './control/index.js'
import { convOps } from './conv.js'
import { cumulativeOps, cumulativeWords } from './cumulative.js'
import { detWords } from './det.js'
import { dotOps } from './dot.js'
import { dynamicOps, dynamicWords } from './dynamic.js'
import { einsumWords } from './einsum.js'
import { exponentialOps, exponentialWords } from './exponential.js'
import { gatherOps } from './gather.js'
import { hyperbolicOps, hyperbolicWords } from './hyperbolic.js'
import { logicOps, logicWords } from './logic.js'
import { logisticOps, logisticWords } from './logistic.js'
import { matmulWords } from './matmul.js'
import type { Operand } from './operand.js'
import { powerOps, powerWords } from './power.js'
import { randomWords } from './random.js'
import { recurrenceOps } from './recurrence.js'
import { reduceOps, reduceWords } from './reduce.js'
import { roundingOps, roundingWords } from './rounding.js'
import { selectOps, selectWords } from './select.js'
import { sliceOps, sliceWords } from './slice.js'
import { sortOps, sortWords } from './sort.js'
import { spatialWords } from './spatial.js'
import { specialOps, specialWords } from './special.js'
import { statisticsWords } from './statistics.js'
import { takeWords } from './take.js'
import { transposeOps, transposeWords } from './transpose.js'
import { trigonometricOps, trigonometricWords } from './trigonometric.js'
import { windowsOps } from './windows.js'

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
  ...concatOps,
  ...controlOps,
  ...cumulativeOps,
  ...dotOps,
  ...dynamicOps,
  ...gatherOps,
  ...recurrenceOps,
  ...reduceOps,
  ...sliceOps,
  ...transposeOps,
  ...argmaxOps,
  ...sortOps,
  ...convOps,
  ...windowsOps,
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
  ...concatWords,
  ...controlWords,
  ...cumulativeWords,
  ...dynamicWords,
  ...matmulWords,
  ...randomWords,
  ...reduceWords,
  ...sliceWords,
  ...statisticsWords,
  ...takeWords,
  ...transposeWords,
  ...argmaxWords,
  ...detWords,
  ...sortWords,
  ...spatialWords,
  ...einsumWords,
}
