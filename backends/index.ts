export { type AutoBackend, type AutoOptions, auto, makeAuto } from './auto.js'
export * from './backend.js'
export { makeReference, type ReferenceBackend, reference } from './reference/index.js'
export type {
  Given,
  HostArray,
  ReadBack,
  Resident,
  Residents,
  Results,
  Runnable,
  Stored,
} from './result.js'
export {
  type Compiled,
  type CompileOptions,
  compile,
  evaluate,
  type RunOptions,
  run,
  runEffect,
} from './run.js'
export { makeWasm, type WasmBackend, type WasmOptions, wasm } from './wasm/index.js'
export { makeWebgpu, type WebgpuBackend, type WebgpuOptions, webgpu } from './webgpu/index.js'
