/**
 * What a native backend stands on: a compiler, the runtime that it built, memory, options.
 */
import { availableParallelism, homedir } from 'node:os'
import { join } from 'node:path'
import {
  flag,
  needOptions,
  number,
  type Options,
  positive,
  text,
  whole,
} from '../../lib/lang/options.js'
import type { Rates } from '../../lib/loop/schedule/index.js'
import { type Builder, openBuilder, openBuilt } from './build.js'
import { openCache } from './cache.js'
import { mostThreads } from './emit/meeting.js'
import { importKoffi, openRuntime, type Runtime } from './library.js'
import { type Memory, openMemory } from './memory.js'
import { ratesOf } from './rates.js'
import { runtimeText } from './runtime.js'
import { findCompiler, noCompiler } from './toolchain.js'
import { compilerVersion } from './version.js'

export interface NativeOptions {
  /** The C compiler: a path, or a name to look for. By default cc, gcc or clang. */
  readonly compiler?: string
  /** Threads of a call, the caller's included; as many as the machine has unless said otherwise. */
  readonly threads?: number
  /** Nanoseconds that threads must save for a call to use them; by default they need only save. */
  readonly leastGain?: number
  /**
   * Sums of products by fused multiply-adds where the machine has them: each rounds once instead
   * of twice, so results differ from other backends' in the last place, and are nearer. On.
   */
  readonly contract?: boolean
  /** Where compiled programs are kept, a folder of the user's alone. */
  readonly cacheFolder?: string
  /** How large that folder may grow; 256 MB unless said otherwise. */
  readonly cacheBytes?: number
}

const nativeOptions: Options<NativeOptions> = {
  compiler: text,
  threads: whole(1, mostThreads),
  leastGain: number,
  contract: flag,
  cacheFolder: text,
  cacheBytes: positive,
}

export interface Host {
  readonly builder: Builder
  readonly runtime: Runtime
  readonly memory: Memory
  /** What estimates rest on. */
  readonly rates: Rates
  readonly threads: number
  /** How many C compilers may be at work at once. */
  readonly compilers: number
  readonly contract: boolean
  readonly leastGain: number
  /** Of this compiler; undefined where it cannot tell itself from another. */
  readonly version: string | undefined
}

/** Blocks that wait for the next array of their size. */
const keptBytes = 512 * 2 ** 20

/** Rejects with a PullbackError where there is no compiler, no koffi, or no folder to write to. */
export async function openHost(options: NativeOptions): Promise<Host> {
  needOptions('makeNative', 0, nativeOptions, options)
  const koffi = await importKoffi()
  const compiler = findCompiler(options.compiler, process.env.PATH ?? '')
  if (compiler === undefined) return noCompiler(options.compiler)
  const folder = options.cacheFolder ?? defaultFolder()
  const builder = openBuilder(compiler, openCache(folder, options.cacheBytes ?? 256 * 2 ** 20))
  const runtime = loadRuntime(builder, (path) => openRuntime(koffi, path))
  return {
    builder,
    runtime,
    memory: openMemory(runtime, keptBytes),
    rates: ratesOf(builder, runtime.measure),
    threads: options.threads ?? Math.min(availableParallelism(), mostThreads),
    compilers: availableParallelism(),
    contract: options.contract ?? true,
    leastGain: options.leastGain ?? 0,
    version: compilerVersion(),
  }
}

/** The user's folder for what can be made again. */
function defaultFolder(): string {
  const { XDG_CACHE_HOME: given } = process.env
  const base =
    given !== undefined && given !== ''
      ? given
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Caches')
        : join(homedir(), '.cache')
  return join(base, 'pullback', 'native')
}

function loadRuntime(builder: Builder, open: (path: string) => Runtime | string): Runtime {
  const what = 'the runtime'
  return openBuilt(builder, what, () => builder.build(runtimeText, what), open).opened
}
