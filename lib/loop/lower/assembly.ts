/**
 * What the parts of one program share while it is being built, and where things live in it.
 */
import type { Dim } from '../../data/index.js'
import type { Func, TensorType, Term } from '../../term/index.js'
import type { Expr } from '../expression.js'
import type { Counter, Kernel } from '../kernel.js'
import type { ProgramBuffer, RunStep, Step } from '../program.js'
import type { Anchored } from './anchor.js'
import type { WalkPolicy } from './walk.js'

/** Where a base term lives: a program buffer, or a row of one at the steps of outer loops. */
export interface Residence {
  readonly buffer: string
  readonly lead: readonly { readonly size: Dim; readonly at: Expr }[]
  /** The layout: which axis of the term each axis behind the lead is; in order where absent. */
  readonly order?: readonly number[]
}

/** The shape of the buffer that a term of the given type lives in, for one kernel. */
export function bufferShape({ lead, order }: Residence, { shape }: TensorType): readonly Dim[] {
  return [...lead.map((l) => l.size), ...(order?.map((axis) => shape[axis]) ?? shape)]
}

/** The index into the buffer of an element of the term. */
export function bufferIndex({ lead, order }: Residence, at: readonly Expr[]): readonly Expr[] {
  return [...lead.map((l) => l.at), ...(order?.map((axis) => at[axis]) ?? at)]
}

/** The surroundings of a body: where its parameters are, where its results go, outer counters. */
export interface Frame {
  readonly params: readonly Residence[]
  /** Parameters whose memory the body may overwrite. */
  readonly consumed: readonly boolean[]
  readonly results: readonly Residence[]
  readonly counters: readonly Counter[]
}

export interface Assembly {
  readonly walks: WalkPolicy
  readonly buffers: ProgramBuffer[]
  /** A new arena buffer. */
  readonly scratch: (dtype: Term['dtype'], shape: readonly Dim[]) => string
  /** A new name for the counter of a loop. */
  readonly counter: () => string
  /** Adds a kernel under a name of its own; the name. */
  readonly add: (kernel: Kernel) => string
  /** A body with memory for what must have some. */
  readonly anchored: (body: Func) => Anchored
  /** The steps of a body: for ops that hold functions. */
  readonly body: (func: Func, frame: Frame) => readonly Step[]
}

export const runStep = (kernel: string, buffers: Readonly<Record<string, string>>): RunStep => ({
  tag: 'run',
  kernel,
  buffers,
  sizes: {},
})

/** A new arena buffer for an array of the type, with its axes in an order of their own if given. */
export const fresh = (
  type: TensorType,
  assembly: Assembly,
  order?: readonly number[],
): Residence => {
  const place = order === undefined ? { lead: [] } : { lead: [], order }
  const buffer = assembly.scratch(type.dtype, bufferShape({ buffer: '', ...place }, type))
  return { buffer, ...place }
}
