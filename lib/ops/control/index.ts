/**
 * Control flow and custom rules: ops whose attributes hold closed functions.
 */
import type { Op } from '../../term/index.js'
import { checkpointOp } from './checkpoint.js'
import { scanOp } from './scan.js'
import { switchOp } from './switch.js'
import { whileOp } from './while.js'

export { checkpoint, checkpointFunc, checkpointOp } from './checkpoint.js'
export { type Step, scan, scanFunc, scanOp } from './scan.js'
export { cond, switchCase, switchFunc, switchOp } from './switch.js'
export { whileFunc, whileLoop, whileOp } from './while.js'

export const controlOps: readonly Op[] = [switchOp, whileOp, scanOp, checkpointOp]
