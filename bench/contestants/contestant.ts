/**
 * A contestant: a library that can be asked for a workload and timed on it.
 *
 *   open → prepare(workload) → call, call, … → results
 *
 * Each runs in a process of its own, so that none slows another down.
 */
import type { Inputs, Workload } from '../workload.js'

export interface Contestant {
  readonly name: string
  /** What runs the workload, or why it cannot. */
  readonly prepare: (workload: Workload, inputs: Inputs) => Promise<Prepared | Missing>
}

export interface Prepared {
  /** One call on inputs in place; it returns when the work is done, results let go. */
  readonly call: () => void | Promise<void>
  /** Where calls run in yet another process, what is read there instead of here. */
  readonly there?: There
  /** The results of one call, on the host, in the order of the program's leaves. */
  readonly results: () => Promise<readonly Float32Array[]>
  /** Asked after the first results, since printing a program takes time too. */
  readonly facts?: () => Facts
}

export interface There {
  /** From the source of the program to its first result on the host. */
  readonly first: Spent
  readonly calls: (count: number) => Promise<Spent>
}

/** Milliseconds on each clock; the processor runs for all threads. */
export type Spent = Readonly<Record<Clock, number>>

/** What a compiler says of its program. */
export interface Facts {
  readonly kernels: number | undefined
  readonly peakBytes: number | undefined
  readonly compileMs: number
}

/** The library has no such thing: `no gradient of conv`. */
export interface Missing {
  readonly missing: string
}

/**
 * What is read: the time on the wall, or that of the processor, for one thread on busy machines.
 */
export type Clock = 'wall' | 'cpu'

export interface Settings {
  readonly threads: number
  readonly backend: string
  readonly scale: 'full' | 'tiny'
  readonly clock: Clock
}

/** A library that may not be installed; the caller says what of it is used. */
export async function load<Library>(name: string): Promise<Library | undefined> {
  try {
    return (await import(name)) as Library // the caller's description of what the package exports
  } catch (cause) {
    if (isAbsent(cause, name)) return undefined
    throw cause
  }
}

const isAbsent = (cause: unknown, name: string): boolean =>
  cause instanceof Error &&
  'code' in cause &&
  cause.code === 'ERR_MODULE_NOT_FOUND' &&
  cause.message.includes(`'${name}'`)
