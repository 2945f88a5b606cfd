/**
 * The contract of a backend: capabilities, load, call, place, read, release.
 *
 *   load(func)  →  an Executable            once a program
 *   call(args)  →  resident arrays          once a step: synchronous, it starts the work
 *   read(arrays) →  host arrays             waits for the device
 *
 * Calls are plain functions, so that a small program costs what its work costs; what may wait or
 * fail later is an effect. Failures are PullbackErrors: thrown by the plain functions, in the
 * error channel of the effects. Work that fails after `call` returned fails in `read`.
 */
/// <reference lib="esnext.disposable" preserve="true" />
import * as Context from 'effect/Context'
import * as Effect from 'effect/Effect'
import type * as Scope from 'effect/Scope'
import { type DType, type NDArray, PullbackError, type Sizes } from '../lib/data/index.js'
import type { Func } from '../lib/term/index.js'

/** The backend in use, as a service; its layer's scope owns every array and program of it. */
export class Backend extends Context.Service<Backend, BackendService>()('pullback/Backend') {}

export interface BackendService {
  readonly name: string
  readonly capabilities: Capabilities
  /** Compiles a closed function; released with the scope. */
  readonly load: (
    func: Func,
    options?: LoadOptions,
  ) => Effect.Effect<Executable, PullbackError, Scope.Scope>
  /** A copy of a host array on the device. */
  readonly place: (array: NDArray) => ResidentArray
  /** Copies on the host, once the work that makes them is done; one transfer for all. */
  readonly read: (
    arrays: readonly ResidentArray[],
  ) => Effect.Effect<readonly NDArray[], PullbackError>
  /** The same at once, where `capabilities.synchronous`; elsewhere a PullbackError. */
  readonly readSync: (arrays: readonly ResidentArray[]) => readonly NDArray[]
}

export interface Capabilities {
  readonly dtypes: readonly DType[]
  /** Loading never waits and calls are done when they return: `Effect.runSync` and `readSync`. */
  readonly synchronous: boolean
}

export interface LoadOptions {
  /** Parameters whose resident argument the program may overwrite; a call ends its life. */
  readonly donate?: readonly number[]
}

export interface Executable {
  readonly func: Func
  /**
   * Starts the program. Arguments have the parameters' dtypes and, with the named sizes bound to
   * `sizes`, their shapes: the caller has checked. Host arrays are copied, never kept or written.
   */
  readonly call: (args: readonly Value[], sizes: Sizes) => readonly ResidentArray[]
  /**
   * The same without holding up JavaScript while a long program computes, for those who wait for
   * it; absent where `call` does not hold it up for long, or cannot do otherwise.
   */
  readonly callLater?: (
    args: readonly Value[],
    sizes: Sizes,
  ) => Effect.Effect<readonly ResidentArray[], PullbackError>
  /** Times the kernels of one call by the device's own clock; absent where it keeps none. */
  readonly profile?: (
    args: readonly NDArray[],
    sizes: Sizes,
  ) => Effect.Effect<readonly KernelTime[], PullbackError>
  /** What the backend made of the program, for `explain` and for tests of the compiler. */
  readonly describe: (sizes?: Sizes) => Description
}

/** One run of a kernel, or of a part of it. */
export interface KernelTime {
  readonly name: string
  /** Nanoseconds from the start of the call. */
  readonly from: number
  readonly to: number
  /** Bytes of the buffers that it binds, and operations on elements, as far as they are counted. */
  readonly bytes: number
  readonly flops: number
}

export interface Description {
  /** The forms below the term graph, in order: loops, module text, … */
  readonly stages: readonly Stage[]
  /** The peak of device memory of one call, where the backend plans it and sizes are known. */
  readonly peakBytes: number | undefined
  /** One reason for each compilation so far, the first included. */
  readonly compilations: readonly string[]
}

export interface Stage {
  readonly name: string
  readonly text: string
  /** Where a stage is long: its text is an overview then, and these are its parts. */
  readonly parts?: readonly Stage[]
}

/**
 * An array on the device until it is released: by `release`, by `using`, by the scope of its
 * backend, or by the garbage collector. It can be passed to calls without being read.
 */
export interface ResidentArray {
  readonly tag: 'resident'
  readonly dtype: DType
  readonly shape: readonly number[]
  /** False once released or donated; using it then is an error. */
  readonly live: boolean
  /** Gives the memory back; a second time does nothing. */
  readonly release: () => void
  readonly [Symbol.dispose]: () => void
}

/** An argument of a call. */
export type Value = NDArray | ResidentArray

export const isResident = (value: unknown): value is ResidentArray =>
  typeof value === 'object' && value !== null && 'tag' in value && value.tag === 'resident'

/** A call for those who wait for it: off the way of JavaScript where the backend can. */
export const callAwaited = (
  executable: Executable,
  args: readonly Value[],
  sizes: Sizes,
): Effect.Effect<readonly ResidentArray[], PullbackError> =>
  Effect.flatten(
    attempt(
      () => executable.callLater?.(args, sizes) ?? Effect.succeed(executable.call(args, sizes)),
    ),
  )

/** A call whose results live as long as the scope. */
export const callScoped = (
  executable: Executable,
  args: readonly Value[],
  sizes: Sizes,
): Effect.Effect<readonly ResidentArray[], PullbackError, Scope.Scope> =>
  Effect.acquireRelease(
    attempt(() => executable.call(args, sizes)),
    (results) =>
      Effect.sync(() => {
        for (const result of results) result.release()
      }),
  )

/** Runs a plain function; what it throws on purpose becomes the failure, the rest stays a defect. */
export const attempt = <A>(run: () => A): Effect.Effect<A, PullbackError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(run())
    } catch (error) {
      return error instanceof PullbackError ? Effect.fail(error) : Effect.die(error)
    }
  })
