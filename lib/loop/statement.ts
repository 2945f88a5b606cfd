/**
 * Statements of the loop language: loops, bindings, stores, branches.
 *
 *   parallel('i', 'n', (i) => [store('y', [i], mul(load('x', 'f32', [i]), 2))])
 *
 * The modes of a loop: `sequential` is in order; `parallel` has independent iterations, in any
 * order and on any thread; `vector` and `unrolled` have independent iterations that may advance
 * `width` at a time, statement by statement. An `accumulate` may be reordered in every mode.
 * Names are unique in a kernel. A `local` is scratch memory for the rest of its block.
 */
import type { Dim } from '../data/dim.js'
import {
  type Expr,
  type Operand,
  type ScalarType,
  type StorageType,
  size,
  variable,
} from './expression.js'

export type Mode = 'sequential' | 'parallel' | 'vector' | 'unrolled'
/**
 * What the iterations of a loop are divided among: CPU threads, workgroups of a GPU, the
 * invocations of a workgroup. Without effect on results, but that an `accumulate` inside a loop
 * over invocations is combined across them, in a fixed order.
 */
export type Spread = 'threads' | 'groups' | 'invocations'
/** Associative and commutative: a schedule may reorder them. */
export type Combine = 'add' | 'mul' | 'min' | 'max' | 'and' | 'or' | 'xor'

export interface Loop {
  readonly tag: 'loop'
  readonly index: string
  readonly from: Expr
  /** Exclusive. */
  readonly to: Expr
  readonly step: number
  readonly mode: Mode
  /** Iterations that advance together; 1 unless vector or unrolled. */
  readonly width: number
  readonly spread?: Spread
  readonly body: Block
}

export type Block = readonly Stmt[]

export type Stmt =
  | Loop
  | { readonly tag: 'let'; readonly name: string; readonly value: Expr }
  | Variable
  | { readonly tag: 'assign'; readonly name: string; readonly value: Expr }
  | { readonly tag: 'accumulate'; readonly name: string; readonly value: Expr }
  | Store
  | Local
  | {
      readonly tag: 'if'
      readonly condition: Expr
      readonly yes: Block
      readonly no: Block
    }
  | { readonly tag: 'while'; readonly condition: Expr; readonly body: Block }
  | Touch

/** A mutable scalar, one for each lane that surrounds it; `combine` makes it an accumulator. */
export interface Variable {
  readonly tag: 'variable'
  readonly name: string
  readonly initial: Expr
  readonly combine: Combine | undefined
}
export interface Store {
  readonly tag: 'store'
  readonly buffer: string
  readonly at: readonly Expr[]
  readonly value: Expr
}
export interface Local {
  readonly tag: 'local'
  readonly name: string
  readonly dtype: StorageType
  readonly shape: readonly Dim[]
}
/** No meaning: `count` elements from `at` on are about to be used. May run past the end. */
export interface Touch {
  readonly tag: 'touch'
  readonly buffer: string
  readonly at: readonly Expr[]
  readonly count: number
}

const counted =
  (mode: Mode) =>
  (index: string, extent: Dim, body: (index: Expr) => Block): Loop => ({
    tag: 'loop',
    index,
    from: size(0),
    to: size(extent),
    step: 1,
    mode,
    width: 1,
    body: body(variable(index)),
  })
export const parallel = counted('parallel')
export const sequential = counted('sequential')

export const bind = (name: string, value: Expr): Stmt => ({ tag: 'let', name, value })

export const declare = (name: string, initial: Expr): Stmt => ({
  tag: 'variable',
  name,
  initial,
  combine: undefined,
})
export const accumulator = (name: string, combine: Combine, initial: Expr): Stmt => ({
  tag: 'variable',
  name,
  initial,
  combine,
})
export const assign = (name: string, value: Expr): Stmt => ({ tag: 'assign', name, value })
export const accumulate = (name: string, value: Expr): Stmt => ({ tag: 'accumulate', name, value })

export const store = (name: string, at: readonly Operand[], value: Expr): Stmt => ({
  tag: 'store',
  buffer: name,
  at: at.map((index) => (typeof index === 'number' ? size(index) : index)),
  value,
})
export const local = (name: string, dtype: StorageType, shape: readonly Dim[]): Stmt => ({
  tag: 'local',
  name,
  dtype,
  shape,
})
export const when = (condition: Expr, yes: Block, no: Block = []): Stmt => ({
  tag: 'if',
  condition,
  yes,
  no,
})
export const whileTrue = (condition: Expr, body: Block): Stmt => ({ tag: 'while', condition, body })

/** What leaves an accumulator as it is. */
export function identityOf(combine: Combine, dtype: ScalarType): number {
  const whole = dtype !== 'f32' && dtype !== 'f64'
  const low = dtype === 'u32' || dtype === 'bool' ? 0 : -(2 ** 31)
  const high = dtype === 'u32' ? 2 ** 32 - 1 : dtype === 'bool' ? 1 : 2 ** 31 - 1
  const identities: Readonly<Record<Combine, number>> = {
    add: 0,
    mul: 1,
    min: whole ? high : Infinity,
    max: whole ? low : -Infinity,
    and: dtype === 'u32' ? 2 ** 32 - 1 : dtype === 'bool' ? 1 : -1,
    or: 0,
    xor: 0,
  }
  return identities[combine]
}
