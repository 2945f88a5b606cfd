/**
 * Kernels: statements over buffers with symbolic sizes.
 *
 *   kernel('scale', { buffers: [input('x', 'f32', ['n']), output('y', 'f32', ['n'])],
 *     body: [parallel('i', 'n', (i) => [store('y', [i], mul(load('x', 'f32', [i]), 2))])] })
 */
import { type Dim, dimNames } from '../data/dim.js'
import type { BufferType, Expr } from './expression.js'
import { uniqueNames } from './rename.js'
import { shareExpressions } from './share.js'
import type { Block } from './statement.js'
import { expressionsOf, statementsOf, visitNodes } from './traverse.js'

/** `write` buffers are written at every element; `update` ones keep what is not written. */
export type Access = 'read' | 'write' | 'update'

export interface BufferParameter {
  readonly name: string
  readonly dtype: BufferType
  /** Row-major. */
  readonly shape: readonly Dim[]
  readonly access: Access
}

/** An i32 that the caller passes, in [0, below): the step of an outer loop, a branch. */
export interface Counter {
  readonly name: string
  readonly below: Dim
}

export interface Kernel {
  readonly name: string
  readonly counters: readonly Counter[]
  readonly buffers: readonly BufferParameter[]
  readonly body: Block
}

/** Builds a kernel: names become unique, expressions that occur twice are bound once. */
export function kernel(
  name: string,
  parts: {
    readonly counters?: readonly Counter[]
    readonly buffers: readonly BufferParameter[]
    readonly body: Block
  },
): Kernel {
  const { counters = [], buffers, body } = parts
  // A loop must not be called like a size either: index expressions hold both.
  const taken = new Set(kernelNames({ name, counters, buffers, body }))
  return { name, counters, buffers, body: shareExpressions(uniqueNames(body, taken)) }
}

const buffer =
  (access: Access) =>
  (name: string, dtype: BufferType, shape: readonly Dim[]): BufferParameter => ({
    name,
    dtype,
    shape,
    access,
  })
export const input = buffer('read')
export const output = buffer('write')
export const inout = buffer('update')

/** The names of a kernel's i32 parameters: its counters, then its named sizes by first use. */
export function kernelNames(kernel: Kernel): readonly string[] {
  const names = new Set(kernel.counters.map((c) => c.name))
  const meet = (dims: readonly Dim[]): void => {
    for (const dim of dims) for (const name of dimNames(dim)) names.add(name)
  }
  const meetSize = (node: Expr): void => {
    if (node.tag === 'size') meet([node.dim])
  }
  for (const b of kernel.buffers) meet(b.shape)
  const seen = new Set<Expr>()
  for (const s of statementsOf(kernel.body)) {
    if (s.tag === 'local') meet(s.shape)
    for (const e of expressionsOf(s)) visitNodes(e, seen, meetSize)
  }
  return [...names]
}
