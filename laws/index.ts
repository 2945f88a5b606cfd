/**
 * The published entry `pullback/laws`: laws as values, what they are tried on, and kits of them.
 */
export {
  hold,
  holdAll,
  inWords,
  type Law,
  law,
  type Refutation,
  type RunOptions,
  refutations,
  report,
} from './law.js'
export type { Measured } from './measured.js'
export { type Program, type ProgramOptions, programs } from './programs.js'
