/**
 * What a workload is: a program in the language, its inputs, and how far results may differ.
 *
 * Each has its full size and a tiny one, at which tests compare it with the reference backend.
 * Inputs come from a seeded generator, so that every process makes the same.
 */
import type { Runnable } from '../backends/index.js'

/** An array on the host, before it is anybody's. */
export interface HostData {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** By path: `state.count` is an input within a record. */
export type Inputs = Readonly<Record<string, HostData>>

export interface Problem {
  readonly program: Runnable<unknown, unknown>
  readonly inputs: Inputs
  /** The most that results may differ, as a part of the largest element of an array. */
  readonly tolerance: number
  /** What ours must give, where a peer is no measure for it: its one result, and how far off. */
  readonly exact?: { readonly value: () => number; readonly tolerance: number }
}

export type Scale = 'full' | 'tiny'

export interface Workload {
  readonly name: string
  /** Workloads of a kind are one computation at several sizes. */
  readonly kind: string
  readonly make: (scale: Scale) => Problem
  /** What is timed: calls of a program that has run before, or all from source to first result. */
  readonly measure: 'steady' | 'first'
}

/** A workload from its sizes at each scale. */
export const workload = <P>(
  name: string,
  kind: string,
  sizes: Readonly<Record<Scale, P>>,
  make: (sizes: P) => Problem,
  measure: Workload['measure'] = 'steady',
): Workload => ({ name, kind, make: (scale) => make(sizes[scale]), measure })

/**
 * Tolerance for results that round at most `depth` times along their longest chain: half an ulp
 * each on both sides, of terms no larger than the largest element.
 */
export const roundings = (depth: number): number => depth * 2 ** -23

/** Uniform numbers between ±`scale`, the same for the same name, drawn when first asked for. */
export const random = (name: string, shape: readonly number[], scale = 1): HostData =>
  drawnLate(shape, () => draw(name, shape, scale))

/** Data that is made when first asked for, since a program's time must not have it. */
export function drawnLate(shape: readonly number[], make: () => Float32Array): HostData {
  let drawn: Float32Array | undefined
  return {
    shape,
    get data() {
      drawn ??= make()
      return drawn
    },
  }
}

/** By mulberry32, seeded by the name. */
function draw(name: string, shape: readonly number[], scale: number): Float32Array {
  const data = new Float32Array(shape.reduce((n, size) => n * size, 1))
  let state = [...name].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 16777619), 2166136261)
  for (let i = 0; i < data.length; i++) {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    data[i] = (((bits ^ (bits >>> 14)) >>> 0) / 2 ** 31 - 1) * scale
  }
  return data
}

/** Inputs of the same shape in each, filled by their names. */
export const filled = (shapes: Readonly<Record<string, readonly number[]>>, scale = 1): Inputs =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, random(name, shape, scale)]),
  )
