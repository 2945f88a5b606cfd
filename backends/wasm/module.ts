/**
 * A program as one module with one call: each kernel two functions, the steps a third kind, `run`.
 *
 *   kernels k0, k1; steps run k0, for t { run k1 }    →    k0, k0.entry, k1, k1.entry, run
 */
import { namesByKernel, type Program, programNames } from '../../lib/loop/index.js'
import { constantPool } from './constants.js'
import type { Target } from './emission.js'
import { encodeModule, type Module, type WasmFunction } from './encode.js'
import { globalCount } from './globals.js'
import { emitKernel } from './kernel.js'
import { emitTake } from './parts.js'
import { emitRun } from './steps.js'
import { emitBarrier } from './threads.js'

export interface CompiledProgram {
  readonly program: Program
  readonly module: Module
  readonly binary: Uint8Array<ArrayBuffer>
  /** To be copied into memory, on a multiple of 16. */
  readonly constants: Uint8Array<ArrayBuffer>
  /** The names whose values the table holds, in order. */
  readonly sizes: readonly string[]
}

export interface CompileOptions extends Target {
  /** Pages of the memory that the module will be given. */
  readonly memory: Module['memory']
}

export function compileProgram(program: Program, options: CompileOptions): CompiledProgram {
  const pool = constantPool()
  const functions: WasmFunction[] = []
  const entries = new Map<string, number>()
  const { memory } = options
  const imports = memory.shared ? ['check'] : []
  const [barrier, take] = [imports.length, imports.length + 1]
  const together = memory.shared ? { barrier, take } : undefined
  if (memory.shared) functions.push(emitBarrier(0), emitTake())
  const names = namesByKernel(program)
  for (const kernel of program.kernels) {
    const body = imports.length + functions.length
    const own = names.get(kernel.name) ?? []
    functions.push(...emitKernel(kernel, own, pool, options, body, together))
    entries.set(kernel.name, body + 1)
  }
  const sizes = programNames(program, names)
  functions.push(emitRun(program, sizes, names, entries, together?.barrier))
  const module: Module = { memory, imports, globals: globalCount, functions, data: [] }
  return { program, module, binary: encodeModule(module), constants: pool.bytes(), sizes }
}
