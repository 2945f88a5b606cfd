/**
 * The published entry `pullback/laws`: laws as values, what they are tried on, and kits of them.
 */
export {
  argumentsOf,
  arrays,
  floatTypes,
  type Interval,
  sampleArguments,
  shapes,
} from './arbitraries.js'
export { type Arrows, categoryLaws } from './arrow/category.js'
export { functorLaws } from './arrow/derivative.js'
export { backendLaws } from './backend.js'
export { type DerivativeOptions, derivativeLaws } from './derivative.js'
export { type HandlerSubject, handlerLaws } from './effect/handler.js'
export { monadLaws, type ProgramMonad } from './effect/monad.js'
export type { Request } from './effect/trace.js'
export { type LaterLaw, laterLaw } from './later.js'
export {
  type AnyLaw,
  hold,
  holdAll,
  type Law,
  law,
  type RunOptions,
  refutations,
} from './law.js'
export type { Measured } from './measured.js'
export { opLaws } from './op.js'
export { type PassOptions, passLaws } from './pass.js'
export { pipelineLaws } from './pipeline.js'
export { programLaws } from './program.js'
export { type Program, type ProgramOptions, programs } from './programs.js'
export { type Examined, inWords, type Refutation, report } from './report.js'
export { customRuleLaws } from './rule.js'
