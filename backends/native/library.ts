/**
 * The runtime as functions: what JavaScript calls of it, through koffi.
 *
 * koffi is an optional peer of the package: it is imported where the backend is opened, and its
 * absence is an error that says what to install. Addresses are numbers; 0 is none.
 */
import { fail } from '../../lib/data/error.js'
import type { TypedArray } from '../../lib/data/index.js'
import type { Measured } from './rates.js'

export interface Runtime {
  /** Runs a program's `run` on so many threads; how many it were. */
  readonly call: (program: number, table: Float64Array, threads: number) => number
  /** The same on another thread than JavaScript's. */
  readonly callLater: (program: number, table: Float64Array, threads: number) => Promise<number>
  /** The program in a shared library; why, where the library does not load or holds none. */
  readonly open: (path: string) => OpenLibrary | string
  readonly allocate: (bytes: number) => number
  readonly free: (address: number) => void
  readonly addressOf: (array: TypedArray) => number
  readonly write: (to: number, from: TypedArray) => void
  readonly read: (to: TypedArray, from: number) => void
  /**
   * Starts a program, the first of the words, without a shell, beside this one: its number, or
   * minus the system's error. It reads the file; what it says is not kept.
   */
  readonly start: (words: readonly string[], input: string) => number
  /** What the machine does in a nanosecond, at the bytes of its caches; takes some milliseconds. */
  readonly measure: (l2: number, l3: number) => Measured
  /** Waits for a program so many seconds at the most: what it ended with, or minus an error. */
  readonly wait: (process: number, seconds: number) => number
}

export interface OpenLibrary {
  readonly run: number
  readonly close: () => void
}

/** What is used of koffi, whose functions take what their declaration says. */
export interface Koffi {
  readonly load: (path: string) => Library
}
interface Library {
  readonly func: (declaration: string) => Foreign
}
interface Foreign {
  (...values: readonly unknown[]): unknown
  readonly async: (...values: readonly unknown[]) => void
}

/** koffi, or why it cannot be had. Named by a variable, so that no bundler looks for it. */
export async function importKoffi(): Promise<Koffi> {
  const name = 'koffi'
  try {
    const module: { readonly default: Koffi } = await import(/* @vite-ignore */ name)
    return module.default
  } catch (cause) {
    return fail({
      code: 'backend',
      where: 'the native backend',
      what: `the package koffi does not load: ${cause instanceof Error ? cause.message : cause}`,
      fix: 'npm install koffi, or use the wasm backend',
    })
  }
}

/** Binds the runtime in a shared library; why, where that does not load. */
export function openRuntime(koffi: Koffi, path: string): Runtime | string {
  try {
    return bind(koffi.load(path))
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}

function bind(library: Library): Runtime {
  const call = library.func('int64_t pullback_call(double, double *, int64_t)')
  const open = library.func('double pullback_open(const char *, _Out_ double *)')
  const close = library.func('void pullback_close(double)')
  const allocate = library.func('double pullback_allocate(double)')
  const free = library.func('void pullback_free(double)')
  const addressOf = library.func('double pullback_address(void *)')
  const write = library.func('void pullback_write(double, void *, double)')
  const read = library.func('void pullback_read(void *, double, double)')
  const start = library.func('double pullback_start(void *, double, const char *)')
  const wait = library.func('double pullback_wait(double, double)')
  const measure = library.func('void pullback_measure(double, double, _Out_ double *)')
  // What C declares as double or int64_t arrives as a number: that is what the casts rest on.
  return {
    call: (program, table, threads) => call(program, table, threads) as number,
    callLater: (program, table, threads) =>
      new Promise((resolve, reject) => {
        call.async(program, table, threads, (error: unknown, used: number) => {
          if (error === null || error === undefined) resolve(used)
          else reject(error)
        })
      }),
    open: (at) => {
      const handle = new Float64Array(1)
      const run = open(at, handle) as number
      const [address = 0] = handle
      if (run !== 0) return { run, close: () => close(address) }
      if (address !== 0) close(address)
      return address === 0 ? 'the system does not take it' : 'it holds no program'
    },
    allocate: (bytes) => allocate(bytes) as number,
    free: (address) => void free(address),
    addressOf: (array) => addressOf(array) as number,
    write: (to, from) => void write(to, from, from.byteLength),
    read: (to, from) => void read(to, from, to.byteLength),
    start: (words, input) =>
      start(Buffer.from(`${words.join('\0')}\0`), words.length, input) as number,
    measure: (inL2, inL3) => {
      const rates = new Float64Array(4)
      measure(inL2, inL3, rates)
      const [clock = 0, l2 = 0, l3 = 0, memory = 0] = rates
      return { clock, l2, l3, memory }
    },
    wait: (process, seconds) => wait(process, seconds) as number,
  }
}
