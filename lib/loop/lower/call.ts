/**
 * The contract of ops that stand alone: whole buffers in, steps out.
 */
import type { Node } from '../../term/index.js'
import type { Step } from '../program.js'
import type { Assembly, Frame, Residence } from './assembly.js'

export interface OpaqueCall {
  readonly node: Node
  readonly args: readonly Residence[]
  /** Where a result must go; undefined where the rule may choose. */
  readonly outs: readonly (Residence | undefined)[]
  readonly frame: Frame
  readonly assembly: Assembly
}

export interface OpaqueSteps {
  readonly steps: readonly Step[]
  readonly outs: readonly Residence[]
}

export type OpaqueRule = (call: OpaqueCall) => OpaqueSteps
