/**
 * The native backend: a whole program is one function of C in a shared library, and one call.
 *
 * Loading compiles with the system's C compiler, once: the library is kept in a folder of the
 * user's. Arguments are read where they are, typed arrays too; results stay in memory of the
 * backend until they are read or let go. A call at new sizes lays out the arena again but compiles
 * nothing.
 */
import * as Effect from 'effect/Effect'
import { type DType, type NDArray, type Sizes, sizeOf } from '../../lib/data/index.js'
import { type Compilation, compile } from '../../lib/loop/compile.js'
import type { Func } from '../../lib/term/index.js'
import { type Addressed, addressed } from '../addressed.js'
import {
  attempt,
  type BackendService,
  type Executable,
  isResident,
  type LoadOptions,
  type ResidentArray,
  type Value,
} from '../backend.js'
import { needDTypes } from '../dtypes.js'
import { type CompilationLog, compilationLog, donateOption } from '../log.js'
import { describe } from './describe.js'
import { executableOf, type Executable as Loaded, textOf } from './executable.js'
import { type Host, type NativeOptions, openHost } from './host.js'
import { type Known, keyOfFunc, recall, remember } from './known.js'
import { type Pins, pinned } from './pins.js'

export interface NativeBackend extends BackendService {
  /** Ends the life of every array that the backend holds. */
  readonly close: () => void
  /** Bytes of memory in use: arrays, programs and their arenas. */
  readonly usedBytes: () => number
}

/** Nanoseconds: a call estimated to take longer does not hold up JavaScript. */
const longCall = 1_000_000

const dtypes: readonly DType[] = ['f32', 'f64', 'i32', 'u32', 'bool']

/** Rejects with a PullbackError where there is no compiler, no koffi, or no folder to write to. */
export async function makeNative(options: NativeOptions = {}): Promise<NativeBackend> {
  const host = await openHost(options)
  const { memory, runtime } = host
  const { allocate } = memory
  const { free, pin } = pinned(memory.free)
  const { write, read } = runtime
  const arrays = addressed('native', { allocate, free, write, read })
  const held = { ...arrays, pin }
  const log = compilationLog()
  const readSync = (list: readonly ResidentArray[]): readonly NDArray[] => list.map(arrays.read)
  return {
    name: 'native',
    capabilities: { dtypes, synchronous: true },
    load: (func, loadOptions) =>
      Effect.acquireRelease(
        attempt(() => load(func, host, log, loadOptions)),
        ({ loaded }) => Effect.sync(loaded.release),
      ).pipe(Effect.map((compiled) => executable(compiled, host, held, loadOptions))),
    place: arrays.place,
    read: (list) => attempt(() => readSync(list)),
    readSync,
    close: () => {
      arrays.close()
      memory.close()
    },
    usedBytes: memory.used,
  }
}

interface Compiled {
  readonly func: Func
  /** Every stage, for those who ask: a program that was known has not been through them. */
  readonly compilation: () => Compilation
  readonly known: Known
  readonly loaded: Loaded
  /** One for each compilation of a program of this name so far. */
  readonly reasons: readonly string[]
}

type Held = Addressed & Pick<Pins, 'pin'>

function load(
  func: Func,
  host: Host,
  log: CompilationLog,
  { donate = [] }: LoadOptions = {},
): Compiled {
  needDTypes('native', dtypes, func)
  const hardware = { ...host.builder.machine.hardware, threads: host.threads }
  let stages: Compilation | undefined
  const compilation = (): Compilation => {
    stages ??= compile(func, { hardware })
    return stages
  }
  const key = keyOfFunc(func, host)
  const known =
    (key === undefined ? undefined : recall(key, host)) ??
    remember(key, compilation().program, host)
  const reasons = log.note(func, donateOption(func, donate))
  return { func, compilation, known, loaded: executableOf(known, host), reasons }
}

function executable(
  { func, compilation, known, loaded, reasons }: Compiled,
  host: Host,
  arrays: Held,
  { donate = [] }: LoadOptions = {},
): Executable {
  const { runtime } = host
  /** Arguments and results of one call, and what to do behind it. */
  const prepare = (args: readonly Value[], sizes: Sizes, place: (value: Value) => boolean) => {
    const placed: ResidentArray[] = []
    const given = args.map((a): Value => {
      if (isResident(a) || !place(a)) return a
      const array = arrays.place(a)
      placed.push(array)
      return array
    })
    const made = func.results.map((r) => arrays.make(r.dtype, r.shape, sizes))
    return {
      made,
      used: [...given.filter(isResident), ...made],
      addresses: () => [
        ...given.map((a) => (isResident(a) ? arrays.address(a) : runtime.addressOf(a.data))),
        ...made.map(arrays.address),
      ],
      end: () => {
        for (const array of placed) array.release()
        for (const i of donate) releaseArgument(args[i])
      },
      undo: () => {
        for (const array of made) array.release()
      },
    }
  }
  const call: Executable['call'] = (args, sizes) => {
    const { made, addresses, end, undo } = prepare(args, sizes, isEmpty)
    try {
      loaded.run(sizes, addresses())
    } catch (cause) {
      undo()
      throw cause
    } finally {
      end()
    }
    return made
  }
  /**
   * Arguments are taken as they are now: host arrays are copied, resident ones outlive a release.
   */
  const callLater: Executable['callLater'] = (args, sizes) => {
    if (known.needs(sizes).nanoseconds < longCall) return attempt(() => call(args, sizes))
    return Effect.flatMap(
      attempt(() => {
        const prepared = prepare(args, sizes, () => true)
        return {
          ...prepared,
          at: prepared.addresses(),
          unpin: prepared.used.map((a) => arrays.pin(arrays.block(a))),
        }
      }),
      ({ made, at, end, unpin }) =>
        Effect.promise(() => loaded.runLater(sizes, at)).pipe(
          Effect.as(made),
          Effect.ensuring(
            Effect.sync(() => {
              for (const free of unpin) free()
              end()
            }),
          ),
        ),
    )
  }
  const compilations = [...reasons.slice(0, -1), `${reasons.at(-1)}, ${howMade(known)}`]
  return {
    func,
    call,
    callLater,
    describe: (sizes) => {
      const stages = compilation()
      const { text } = textOf(stages.program, host)
      return describe(stages, text, loaded.workingBytes, compilations, sizes)
    },
  }
}

function howMade({ recalled, compiled }: Known): string {
  if (recalled) return 'known from before: neither lowered nor compiled'
  return compiled ? 'compiled' : 'compiled before and found in the cache'
}

/** An empty array gets room of its own, since kernels may look. */
const isEmpty = (value: Value): boolean => sizeOf(value.shape) === 0

function releaseArgument(value: Value | undefined): void {
  if (value !== undefined && isResident(value)) value.release()
}
