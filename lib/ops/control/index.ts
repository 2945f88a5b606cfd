/**
 * Control flow and custom rules: ops whose attributes hold closed functions.
 */
import type { Op } from '../../term/index.js'
import { needTerm } from '../attributes.js'
import type { Word } from '../vocabulary.js'
import { checkpointOp } from './checkpoint.js'
import { customBatchingOp } from './customBatching.js'
import { customJvpOp, straightThrough } from './customJvp.js'
import { customTangentOp } from './customTangent.js'
import { customVjpOp } from './customVjp.js'
import { linearCallOp } from './linearCall.js'
import { scanOp } from './scan.js'
import { switchOp } from './switch.js'
import { whileOp } from './while.js'

export { checkpoint, checkpointFunc, checkpointOp } from './checkpoint.js'
export {
  type BatchRule,
  type BatchRuleCall,
  customBatching,
  customBatchingOp,
} from './customBatching.js'
export { customJvp, customJvpOp, straightThrough } from './customJvp.js'
export { customTangentOp, needForward } from './customTangent.js'
export { customVjp, customVjpOp, type Forward } from './customVjp.js'
export { customTranspose, linearCall, linearCallOp } from './linearCall.js'
export { associativeScan, forLoop, map } from './loops.js'
export { type Step, scan, scanFunc, scanOp } from './scan.js'
export { type ScanAttrs, scanAttrs } from './scanType.js'
export { cond, switchCase, switchFunc, switchOp } from './switch.js'
export { whileFunc, whileLoop, whileOp } from './while.js'
export { type WhileAttrs, whileAttrs } from './whileType.js'

export const controlOps: readonly Op[] = [
  switchOp,
  whileOp,
  scanOp,
  checkpointOp,
  customJvpOp,
  customVjpOp,
  customTangentOp,
  linearCallOp,
  customBatchingOp,
]

/** Words that take callbacks or bodies are read elsewhere: a call by name has neither. */
export const controlWords: Readonly<Record<string, Word>> = {
  straightThrough: ([hard, soft]) =>
    straightThrough(needTerm('straightThrough', hard), needTerm('straightThrough', soft)),
}
