/**
 * What serves those who name no backend: WebAssembly, one for the process, so that arrays left on
 * the device by one program are inputs of another; and a memo of what `run` compiled.
 *
 * This is the one thing that programs share. It is made at first use, holds no meaning (a program
 * gives the same results on a backend of its own), and a program goes when its function does.
 * Programs with f16 run on the reference backend: WebAssembly has no such numbers.
 */
import { bodiesOf, type Func } from '../lib/term/index.js'
import type { BackendService } from './backend.js'
import { makeReference } from './reference/index.js'
import { makeWasm } from './wasm/index.js'

interface Standard {
  readonly wasm: BackendService
  readonly reference: BackendService
}

let standard: Standard | undefined

/** The backend for a function, where none is named. */
export function standardBackend(func: Func): BackendService {
  standard ??= { wasm: makeWasm(), reference: makeReference() }
  return hasHalves(func) ? standard.reference : standard.wasm
}

function hasHalves(func: Func): boolean {
  const terms = [...func.params, ...func.nodes.flatMap((n) => n.outs)]
  const inside = func.nodes.flatMap((n) => bodiesOf(n.attrs))
  return terms.some((t) => t.dtype === 'f16') || inside.some(hasHalves)
}

interface Held {
  readonly release: () => Promise<void>
}

const programs = new WeakMap<object, Promise<Held>>()
const finaliser = new FinalizationRegistry<() => Promise<void>>((release) => void release())

/** The program of a function, compiled when it is first wanted; a failure is not remembered. */
export function programOf<P extends Held>(f: unknown, compile: () => Promise<P>): Promise<P> {
  if (typeof f !== 'function') return compile() // fails, and says why
  // Each function is only ever compiled by the one call in `run`, so what is held for it is a P.
  const known = programs.get(f) as Promise<P> | undefined
  if (known !== undefined) return known
  const made = compile()
  programs.set(f, made)
  made.then(
    ({ release }) => finaliser.register(f, release),
    () => programs.delete(f),
  )
  return made
}
