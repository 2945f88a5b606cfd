/**
 * The contract of ops that stand alone: arrays in, steps out.
 */
import type { Node } from '../../term/index.js'
import type { Expr } from '../expression.js'
import type { Step } from '../program.js'
import type { Assembly, Frame, Residence } from './assembly.js'
import type { Builder } from './standalone.js'

export interface OpaqueCall {
  readonly node: Node
  /** The memory of an argument, for rules that pass whole arrays on. */
  readonly memory: (arg: number) => Residence
  /** Elements of an argument inside a kernel: index maps and scalars need no memory. */
  readonly reader: (builder: Builder, arg: number) => (at: readonly Expr[]) => Expr
  /** Where a result must go; undefined where the rule may choose. */
  readonly outs: readonly (Residence | undefined)[]
  /** Whether the result takes the memory of the first argument, which nobody reads afterwards. */
  readonly inPlace: boolean
  readonly frame: Frame
  readonly assembly: Assembly
}

export interface OpaqueSteps {
  readonly steps: readonly Step[]
  readonly outs: readonly Residence[]
}

export type OpaqueRule = (call: OpaqueCall) => OpaqueSteps
