/**
 * The runtime as functions: what JavaScript calls of it, through koffi.
 *
 * koffi is an optional peer of the package: it is imported where the backend is opened, and its
 * absence is an error that says what to install. Addresses are numbers; 0 is none.
 */
import { fail } from '../../lib/data/error.js'
import type { TypedArray } from '../../lib/data/index.js'

export interface Runtime {
  /** Runs a program's `run` on so many threads; how many it were. */
  readonly call: (program: number, table: Float64Array, threads: number) => number
  /** The same on another thread than JavaScript's. */
  readonly callLater: (program: number, table: Float64Array, threads: number) => Promise<number>
  /** The program in a shared library; undefined where the library does not load. */
  readonly open: (path: string) => OpenLibrary | undefined
  readonly allocate: (bytes: number) => number
  readonly free: (address: number) => void
  readonly addressOf: (array: TypedArray) => number
  readonly write: (to: number, from: TypedArray) => void
  readonly read: (to: TypedArray, from: number) => void
}

export interface OpenLibrary {
  readonly run: number
  readonly close: () => void
}

type Koffi = Awaited<typeof import('koffi')>['default']

/** koffi, or why it cannot be had. */
export async function importKoffi(): Promise<Koffi> {
  try {
    const { default: koffi } = await import('koffi')
    return koffi
  } catch (cause) {
    return fail({
      code: 'backend',
      where: 'the native backend',
      what: `the package koffi does not load: ${cause instanceof Error ? cause.message : cause}`,
      fix: 'npm install koffi, or use the wasm backend',
    })
  }
}

/** Binds the runtime in a shared library; throws what koffi throws where it does not load. */
export function openRuntime(koffi: Koffi, path: string): Runtime {
  const library = koffi.load(path)
  const call = library.func('int64_t pullback_call(double, double *, int64_t)')
  const open = library.func('double pullback_open(const char *, _Out_ double *)')
  const close = library.func('void pullback_close(double)')
  return {
    call,
    callLater: (program, table, threads) =>
      new Promise((resolve, reject) => {
        call.async(program, table, threads, (error: unknown, used: number) => {
          if (error === null || error === undefined) resolve(used)
          else reject(error)
        })
      }),
    open: (at) => {
      const handle = new Float64Array(1)
      const run: number = open(at, handle)
      const [address = 0] = handle
      if (run === 0) {
        if (address !== 0) close(address)
        return undefined
      }
      return { run, close: () => close(address) }
    },
    allocate: library.func('double pullback_allocate(double)'),
    free: library.func('void pullback_free(double)'),
    addressOf: library.func('double pullback_address(void *)'),
    write: copying(library.func('void pullback_write(double, void *, double)')),
    read: (() => {
      const read = library.func('void pullback_read(void *, double, double)')
      return (to: TypedArray, from: number): void => read(to, from, to.byteLength)
    })(),
  }
}

const copying =
  (write: (to: number, from: TypedArray, bytes: number) => void) =>
  (to: number, from: TypedArray): void =>
    write(to, from, from.byteLength)
