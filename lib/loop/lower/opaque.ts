/**
 * Ops that stand alone: each turns into steps of its own over whole buffers.
 */
import { fail } from '../../data/index.js'
import type { Node } from '../../term/index.js'
import type { Step } from '../program.js'
import type { Assembly, Frame } from './lower.js'
import type { Residence } from './nest.js'

export interface OpaqueCall {
  readonly node: Node
  readonly args: readonly Residence[]
  readonly outs: readonly Residence[]
  readonly frame: Frame
  readonly assembly: Assembly
}

export type OpaqueRule = (call: OpaqueCall) => readonly Step[]

const rules: Readonly<Record<string, OpaqueRule>> = {}

export function opaqueRules(node: Node): OpaqueRule {
  const rule = rules[node.op.name]
  if (rule !== undefined) return rule
  return fail({
    code: 'compile',
    where: node.source?.line() ?? `'${node.op.name}'`,
    what: `the compiler has no kernel for '${node.op.name}'`,
    fix: "Run it with backend: 'reference'",
  })
}
