/**
 * Ops that stand alone: each turns into steps of its own over whole buffers.
 */
import { fail } from '../../data/index.js'
import type { Node } from '../../term/index.js'
import type { OpaqueRule } from './call.js'
import { bodySteps, branchSteps, scanSteps, whileSteps } from './control.js'
import { runningRules } from './lane.js'
import { scatterSteps, updateSteps } from './scatter.js'
import { sortSteps } from './sort.js'

const rules: Readonly<Record<string, OpaqueRule>> = {
  scan: scanSteps,
  switch: branchSteps,
  whileLoop: whileSteps,
  checkpoint: bodySteps,
  scatter: scatterSteps,
  dynamicUpdateSlice: updateSteps,
  sort: sortSteps,
  ...runningRules,
}

export function opaqueRule(node: Node): OpaqueRule {
  const rule = rules[node.op.name]
  if (rule !== undefined) return rule
  return fail({
    code: 'compile',
    where: node.source?.line() ?? `'${node.op.name}'`,
    what: `the compiler has no kernel for '${node.op.name}'`,
    fix: "Run it with { backend: reference }, from 'pullback/backends/reference'",
  })
}
