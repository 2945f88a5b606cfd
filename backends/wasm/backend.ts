/**
 * The wasm backend: a whole program is one WebAssembly module with one call.
 *
 * Arrays live in one linear memory: arguments are copied in, results stay until they are read or
 * let go, and can be passed back without a copy. Loading compiles; a call at new sizes lays out
 * the arena again but compiles nothing.
 */
import * as Effect from 'effect/Effect'
import { type DType, fail, type NDArray } from '../../lib/data/index.js'
import { type Compilation, compile } from '../../lib/loop/compile.js'
import { type Func, showType } from '../../lib/term/index.js'
import {
  attempt,
  type BackendService,
  type Executable,
  isResident,
  type LoadOptions,
  type ResidentArray,
} from '../backend.js'
import { describe } from './describe.js'
import { type Executable as Loaded, loadProgram } from './executable.js'
import { linearMemory, type MemoryOptions } from './memory.js'
import { type Residents, residents } from './resident.js'

export interface WasmOptions extends MemoryOptions {
  /** Multiply-adds that round once, where the engine has them. */
  readonly relaxed?: boolean
}

export interface WasmBackend extends BackendService {
  /** Ends the life of every array that the backend holds. */
  readonly close: () => void
  /** Bytes of memory in use: arrays, programs and their arenas. */
  readonly usedBytes: () => number
}

const dtypes: readonly DType[] = ['f32', 'f64', 'i32', 'u32', 'bool']

export function makeWasm(options: WasmOptions = {}): WasmBackend {
  const memory = linearMemory(options)
  const arrays = residents(memory)
  const load = (func: Func): Compiled => {
    checkDtypes(func)
    const compilation = compile(func)
    const { program } = compilation
    return {
      compilation,
      loaded: loadProgram(program, memory, { relaxed: options.relaxed ?? false }),
    }
  }
  const readSync = (list: readonly ResidentArray[]): readonly NDArray[] => list.map(arrays.read)
  return {
    name: 'wasm',
    capabilities: { dtypes, synchronous: true },
    load: (func, loadOptions) =>
      Effect.acquireRelease(
        attempt(() => load(func)),
        ({ loaded }) => Effect.sync(loaded.release),
      ).pipe(Effect.map((compiled) => executable(compiled, arrays, loadOptions))),
    place: arrays.place,
    read: (list) => attempt(() => readSync(list)),
    readSync,
    close: arrays.close,
    usedBytes: memory.used,
  }
}

interface Compiled {
  readonly compilation: Compilation
  readonly loaded: Loaded
}

function executable(
  { compilation, loaded }: Compiled,
  arrays: Residents,
  { donate = [] }: LoadOptions = {},
): Executable {
  const func = compilation.source
  const call: Executable['call'] = (args, sizes) => {
    const placed = args.map((a) => (isResident(a) ? a : arrays.place(a)))
    const made = func.results.map((r) => arrays.make(r.dtype, r.shape, sizes))
    try {
      loaded.run(sizes, [...placed, ...made].map(arrays.address))
    } catch (cause) {
      for (const array of made) array.release()
      throw cause
    } finally {
      placed.forEach((array, i) => {
        if (array !== args[i] || donate.includes(i)) array.release()
      })
    }
    return made
  }
  const compilations = ['first load of the program']
  return { func, call, describe: (sizes) => describe(compilation, loaded, compilations, sizes) }
}

function checkDtypes(func: Func): void {
  const half = [...func.params, ...func.nodes.flatMap((n) => n.outs)].find((t) => t.dtype === 'f16')
  if (half === undefined) return
  fail({
    code: 'backend',
    where: half.node.source?.line() ?? `'${half.node.op.name}'`,
    what: `wasm has no ${showType(half)}`,
    expected: dtypes.join(', '),
    fix: "Convert to 'f32'",
  })
}
