/**
 * The published entry `pullback/effects`: programs with effects, and their handlers.
 */
export {
  flatMap,
  gen,
  type Handler,
  handle,
  isProgram,
  later,
  pure,
  request,
} from '../lib/lang/program.js'
export type { EffectsOf, Program } from '../lib/types/program.js'
export { collected, type Logged, log, silenced, tap } from './log.js'
export { Monad, URI } from './monad.js'
export { value } from './value.js'
