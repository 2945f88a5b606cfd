/**
 * The wasm backend: a whole program is one WebAssembly module with one call.
 *
 * Arrays live in one linear memory: arguments are copied in, results stay until they are read or
 * let go, and can be passed back without a copy. Loading compiles; a call at new sizes lays out
 * the arena again but compiles nothing.
 */
import * as Effect from 'effect/Effect'
import type { DType, NDArray } from '../../lib/data/index.js'
import { flag, needOptions, number, type Options, positive, whole } from '../../lib/lang/options.js'
import { type Compilation, compile } from '../../lib/loop/compile.js'
import type { Func } from '../../lib/term/index.js'
import type { Addressed } from '../addressed.js'
import {
  attempt,
  type BackendService,
  type Executable,
  isResident,
  type LoadOptions,
  type ResidentArray,
} from '../backend.js'
import { needDTypes } from '../dtypes.js'
import { compilationLog, donateOption } from '../log.js'
import { describe } from './describe.js'
import { enableRelaxedSimd, hardwareOf } from './detect.js'
import { type Executable as Loaded, loadProgram } from './executable.js'
import { platformSpawn, type Spawn } from './member.js'
import { linearMemory } from './memory.js'
import { enablePairing, type Pairing } from './pairing.js'
import { residents } from './resident.js'
import { makeTeam } from './team.js'

export interface WasmOptions {
  /** The most that the memory may grow to, in bytes; 4 GiB less a page unless said otherwise. */
  readonly maximumBytes?: number
  /**
   * Multiply-adds of relaxed SIMD, where the engine has them: faster, and rounded once where the
   * machine can. The same machine gives the same results every time; another one may round
   * otherwise. On unless said otherwise; `false` gives the same results on every machine.
   */
  readonly relaxed?: boolean
  /**
   * Threads that large programs run on, the caller's included; 1 unless said otherwise. More take
   * Node or a page that is isolated from other origins; elsewhere there is one. Results are the
   * same for every count.
   */
  readonly threads?: number
  /**
   * The engine's experimental pairing of 128-bit lanes into 256, for the whole process, after a
   * check of half a second that it changes no result: see `pairing`. Off unless said otherwise.
   */
  readonly pairLanes?: boolean
  /** Nanoseconds that threads must save at least, by estimate, for a call to use them. */
  readonly leastGain?: number
}

const mostThreads = 64

const wasmOptions: Options<WasmOptions> = {
  maximumBytes: positive,
  relaxed: flag,
  threads: whole(1, mostThreads),
  pairLanes: flag,
  leastGain: number,
}

export interface WasmBackend extends BackendService {
  /** Ends the life of every array that the backend holds. */
  readonly close: () => void
  /** Bytes of memory in use: arrays, programs and their arenas. */
  readonly usedBytes: () => number
  /** Threads that a large program runs on now: 1 until workers are up, and after they were lost. */
  readonly threads: () => number
  /** Whether lanes are paired; `absent` on engines without it, Node 20 among them. */
  readonly pairing: Pairing
  /** Resolves when workers are up, or it is clear that there will be none. */
  readonly ready: () => Promise<void>
}

const dtypes: readonly DType[] = ['f32', 'f64', 'i32', 'u32', 'bool']

export const makeWasm = (options: WasmOptions = {}): WasmBackend =>
  makeWasmBy(platformSpawn(), options)

/** The backend with its way of starting workers. */
export function makeWasmBy(spawn: Spawn | undefined, options: WasmOptions): WasmBackend {
  needOptions('makeWasm', 0, wasmOptions, options)
  const { maximumBytes, leastGain } = options
  const relaxed = (options.relaxed ?? true) && enableRelaxedSimd()
  const pairing = options.pairLanes === true ? enablePairing(relaxed) : 'off'
  const count = options.threads ?? 1
  const limits = maximumBytes === undefined ? {} : { maximumBytes }
  const memory = linearMemory({ ...limits, shared: spawn !== undefined && count > 1 })
  const team = spawn === undefined || count === 1 ? undefined : makeTeam(memory, count, spawn)
  const arrays = residents(memory)
  const settings = { relaxed, team, ...(leastGain === undefined ? {} : { leastGain }) }
  const hardware = { ...hardwareOf(), threads: team?.count ?? 1 }
  const log = compilationLog()
  const load = (func: Func, { donate = [] }: LoadOptions = {}): Compiled => {
    needDTypes('wasm', dtypes, func)
    const compilation = compile(func, { hardware, donate })
    const loaded = loadProgram(compilation.program, memory, settings)
    return { compilation, loaded, reasons: log.note(func, donateOption(func, donate)) }
  }
  const readSync = (list: readonly ResidentArray[]): readonly NDArray[] => list.map(arrays.read)
  const backend: WasmBackend = {
    name: 'wasm',
    capabilities: { dtypes, synchronous: true },
    load: (func, loadOptions) =>
      Effect.acquireRelease(
        attempt(() => load(func, loadOptions)),
        ({ loaded }) => Effect.sync(loaded.release),
      ).pipe(Effect.map((compiled) => executable(compiled, arrays, loadOptions))),
    place: arrays.place,
    read: (list) => attempt(() => readSync(list)),
    readSync,
    close: () => {
      arrays.close()
      team?.close()
    },
    usedBytes: memory.used,
    threads: () => (team?.assembled() ? team.count : 1),
    pairing,
    ready: async () => team?.ready(),
  }
  if (team !== undefined) forgotten.register(backend, team.close)
  return backend
}

/** Workers end with a backend that nobody can use any more. */
const forgotten = new FinalizationRegistry<() => void>((close) => close())

interface Compiled {
  readonly compilation: Compilation
  readonly loaded: Loaded
  readonly reasons: readonly string[]
}

function executable(
  { compilation, loaded, reasons }: Compiled,
  arrays: Addressed,
  { donate = [] }: LoadOptions = {},
): Executable {
  const { source: func, reuse } = compilation
  const call: Executable['call'] = (args, sizes) => {
    const placed = args.map((a) => (isResident(a) ? a : arrays.place(a)))
    const addresses = placed.map(arrays.address)
    const made = func.results.map((r, i) => {
      const from = placed[reuse.get(i) ?? -1]
      const alone = from !== undefined && placed.indexOf(from) === placed.lastIndexOf(from)
      return alone ? arrays.take(from) : arrays.make(r.dtype, r.shape, sizes)
    })
    try {
      loaded.run(sizes, [...addresses, ...made.map(arrays.address)])
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
  return { func, call, describe: (sizes) => describe(compilation, loaded, reasons, sizes) }
}
