/**
 * Ops that stand alone: each turns into steps of its own over whole buffers.
 */
import { fail } from '../../data/index.js'
import type { Node } from '../../term/index.js'
import type { Step } from '../program.js'
import { branchSteps, scanSteps } from './control.js'
import type { Assembly, Frame } from './lower.js'
import type { Residence } from './nest.js'

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

const rules: Readonly<Record<string, OpaqueRule>> = {
  scan: scanSteps,
  switch: branchSteps,
}

export function opaqueRule(node: Node): OpaqueRule {
  const rule = rules[node.op.name]
  if (rule !== undefined) return rule
  return fail({
    code: 'compile',
    where: node.source?.line() ?? `'${node.op.name}'`,
    what: `the compiler has no kernel for '${node.op.name}'`,
    fix: "Run it with backend: 'reference'",
  })
}
