/**
 * Running functions, for those who want promises and plain values.
 *
 *   await run(f, { x: [[1, 2]], w })                →  the result, on the host
 *   await evaluate(add(x, y))                       →  a closed expression, on the spot
 *   const step = await compile(f, { backend })      →  a program to call again and again
 *
 * Everything wrong with the inputs is one PullbackError that names the input. `runEffect` is the
 * same as an effect over the service `Backend`.
 */
/// <reference lib="esnext.disposable" preserve="true" />
import * as Cause from 'effect/Cause'
import * as Context from 'effect/Context'
import * as Effect from 'effect/Effect'
import * as Exit from 'effect/Exit'
import * as Layer from 'effect/Layer'
import * as Scope from 'effect/Scope'
import { PullbackError } from '../lib/data/index.js'
import { closedOf, flatten, type LeafKind, need, termKind, unflatten } from '../lib/lang/index.js'
import { anything, flag, listOf, type Options, text } from '../lib/lang/options.js'
import { closeStrict } from '../lib/term/index.js'
import type { Tree } from '../lib/types/tree.js'
import {
  attempt,
  Backend,
  type BackendService,
  type Description,
  isResident,
  type ResidentArray,
} from './backend.js'
import { type Loaded, load } from './load.js'
import { makeReference } from './reference/index.js'
import {
  type Given,
  hostArray,
  type ReadBack,
  type Residents,
  type Results,
  type Runnable,
} from './result.js'
import { programOf, standardBackend } from './standard.js'

export interface RunOptions {
  /** A layer is opened for this use and closed behind it; an opened backend stays open. */
  readonly backend?: Layer.Layer<Backend, PullbackError> | BackendService
  /**
   * An index out of range in a gather or scatter is an error that names op, index and line, rather
   * than clamped or dropped. Where calls answer later, in those that are awaited.
   */
  readonly checked?: boolean
}

const runOptions: Options<RunOptions> = { backend: anything, checked: flag }

export interface CompileOptions extends RunOptions {
  /** Inputs, by path or by record of them, whose resident arrays a call may overwrite. */
  readonly donate?: readonly string[]
}

const compileOptions: Options<CompileOptions> = { ...runOptions, donate: listOf(text) }

/** A function compiled for a backend. Release it, or declare it with `using`. */
export interface Compiled<I, O> {
  /** Runs it: inputs in, results on the host. */
  (inputs: Given<I>): Promise<Results<O>>
  /** The same at once, on backends that are synchronous. */
  readonly sync: (inputs: Given<I>) => Results<O>
  /** Starts it and leaves the results on the device, where further calls take them as inputs. */
  readonly resident: (inputs: Given<I>) => Residents<O>
  /** Results of `resident`, or a part of them, on the host. */
  readonly read: <A>(results: A) => Promise<ReadBack<A>>
  readonly readSync: <A>(results: A) => ReadBack<A>
  readonly describe: () => Description
  readonly release: () => Promise<void>
  readonly [Symbol.dispose]: () => void
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** The function at the inputs: its result in the form that it returned. */
export const run = async <I, O>(
  f: Runnable<I, O>,
  inputs: Given<I>,
  options: RunOptions = {},
): Promise<Results<O>> => {
  need('run', 2, runOptions, options)
  const { backend, checked = false } = options
  if (backend !== undefined) {
    return settle(runEffect(f, inputs, { checked }).pipe(Effect.provide(layerOf(backend))))
  }
  if (!checked) {
    return programOf(f, () => compileFor('run', f)).then((program) => program(inputs))
  }
  return compileFor('run', f, { checked }).then((program) =>
    program(inputs).finally(() => program.release()),
  )
}

/** The same as an effect. */
export const runEffect = <I, O>(
  f: Runnable<I, O>,
  inputs: Given<I>,
  options: Pick<RunOptions, 'checked'> = {},
): Effect.Effect<Results<O>, PullbackError, Backend> =>
  Effect.scoped(
    Effect.gen(function* () {
      const closure = yield* attempt(() => closedOf(f, 'run'))
      const loaded = yield* load(closure, options)
      return (yield* runLoaded(loaded, inputs)) as Results<O> // unflattened as f returned it
    }),
  )

/** A closed expression, or several in records and arrays, without a function around them. */
export const evaluate = <const T extends Tree>(
  expression: T,
  options: RunOptions = {},
): Promise<Results<T>> =>
  settle(
    Effect.flatMap(
      attempt(() => {
        need('evaluate', 1, { backend: anything }, options)
        return closeExpression(expression)
      }),
      ({ func, structure }) =>
        Effect.gen(function* () {
          const backend = yield* Backend
          const executable = yield* backend.load(func)
          const results = yield* attempt(() => executable.call([], {}))
          const arrays = yield* readAndRelease(backend, results)
          return unflatten(structure, arrays.map(hostArray)) as Results<T> // the expression's form
        }).pipe(Effect.scoped, Effect.provide(layerOf(options.backend ?? makeReference()))),
    ),
  )

/** Compiles a function once, to be called many times. */
export const compile = <I, O>(
  f: Runnable<I, O, 'compile'>,
  options: CompileOptions = {},
): Promise<Compiled<I, O>> => compileFor('compile', f, options)

const compileFor = <I, O>(
  caller: 'run' | 'compile',
  f: { readonly inputs: I; readonly result: O },
  options: CompileOptions = {},
): Promise<Compiled<I, O>> =>
  settle(
    Effect.gen(function* () {
      const closure = yield* attempt(() => {
        need(caller, 1, compileOptions, options)
        return closedOf(f, caller)
      })
      const scope = yield* Scope.make()
      const loading = Effect.gen(function* () {
        const backend = options.backend ?? standardBackend(closure.func)
        // What is open needs no building, which takes a fresh process half a millisecond.
        const context = isOpen(backend)
          ? Context.make(Backend, backend)
          : yield* Layer.buildWithScope(layerOf(backend), scope)
        return yield* load(closure, options).pipe(
          Effect.provideContext(Context.add(context, Scope.Scope, scope)),
        )
      })
      const loaded = yield* loading.pipe(Effect.onError(() => Scope.close(scope, Exit.void)))
      return compiled<I, O>(loaded, () => Scope.close(scope, Exit.void))
    }),
  )

/** Trees coming from `loaded` have the form of the function's result: the casts rest on that. */
function compiled<I, O>(loaded: Loaded, close: () => Effect.Effect<void>): Compiled<I, O> {
  const { backend, executable, start, form } = loaded
  const release = () => Effect.runPromise(close())
  const call = (inputs: Given<I>) => settle(runLoaded(loaded, inputs)) as Promise<Results<O>>
  const residents = <A>(results: A) => flatten(results, residentKind, 'read')
  return Object.assign(call, {
    sync: (inputs: Given<I>) => {
      const results = start(inputs)
      const arrays = backend.readSync(results)
      for (const result of results) result.release()
      return form(arrays.map(hostArray)) as Results<O>
    },
    resident: (inputs: Given<I>) => form(start(inputs)) as Residents<O>,
    read: <A>(results: A) => {
      const { leaves, structure } = residents(results)
      const read = Effect.map(backend.read(leaves), (arrays) => arrays.map(hostArray))
      return settle(read).then((arrays) => unflatten(structure, arrays) as ReadBack<A>)
    },
    readSync: <A>(results: A) => {
      const { leaves, structure } = residents(results)
      return unflatten(structure, backend.readSync(leaves).map(hostArray)) as ReadBack<A>
    },
    describe: () => executable.describe(),
    release,
    [Symbol.dispose]: () => void release(),
    [Symbol.asyncDispose]: release,
  })
}

const residentKind: LeafKind<ResidentArray> = {
  noun: 'a resident array',
  isLeaf: (x): x is ResidentArray => typeof x === 'object' && x !== null && isResident(x),
}

const runLoaded = (
  { backend, startLater, form }: Loaded,
  inputs: unknown,
): Effect.Effect<unknown, PullbackError> =>
  Effect.gen(function* () {
    const arrays = yield* readAndRelease(backend, yield* startLater(inputs))
    return form(arrays.map(hostArray))
  })

const readAndRelease = (backend: BackendService, results: readonly ResidentArray[]) =>
  Effect.ensuring(
    backend.read(results),
    Effect.sync(() => {
      for (const result of results) result.release()
    }),
  )

function closeExpression(expression: unknown) {
  const { leaves, structure } = flatten(expression, termKind, 'evaluate')
  return { func: closeStrict('expression', [], leaves), structure }
}

type BackendOption = NonNullable<RunOptions['backend']>

function layerOf(backend: BackendOption): Layer.Layer<Backend, PullbackError> {
  if (isLayer(backend)) return backend
  return isOpen(backend)
    ? Layer.succeed(Backend, backend)
    : Layer.effect(Backend, notBackend(backend))
}

const isOpen = (backend: BackendOption): backend is BackendService =>
  typeof backend === 'object' && backend !== null && 'capabilities' in backend

/** A layer among the values of the option is one of a backend: the type has no other. */
const isLayer = (backend: BackendOption): backend is Layer.Layer<Backend, PullbackError> =>
  Layer.isLayer(backend)

/** Callers without types may pass anything, most likely a name. */
const notBackend = (given: unknown): Effect.Effect<never, PullbackError> =>
  Effect.fail(
    new PullbackError({
      code: 'input',
      where: 'the option `backend`',
      what:
        typeof given === 'string'
          ? `the name '${given}'`
          : `${given === null ? 'null' : typeof given}`,
      expected: 'a layer such as `wasm()`, or an opened backend such as `makeWasm()`',
      fix: "Import one from 'pullback/backends'",
    }),
  )

/** The promise of an effect; it rejects with the very error that the effect failed with. */
async function settle<A>(effect: Effect.Effect<A, PullbackError>): Promise<A> {
  const exit = await Effect.runPromiseExit(effect)
  if (Exit.isSuccess(exit)) return exit.value
  throw Cause.squash(exit.cause)
}
