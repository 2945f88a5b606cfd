/**
 * The published entry `pullback`: the language, and what runs it.
 */
export {
  type Compiled,
  type CompileOptions,
  compile,
  evaluate,
  type Given,
  type HostArray,
  type RunOptions,
  run,
} from './backends/index.js'
export * from './lib/index.js'
