/**
 * Control flow as steps of a program: loops and branches around the steps of the bodies.
 *
 *   scan (c, x) → (c′, y) over T    →    h = c; for t < T: body(h, x[t]) → next, y[t]; swap h, next
 *
 * Rows are not copied: the body's kernels read and write at the counter. A carry has two buffers
 * that swap; a body never writes what it reads.
 */
import { type Dim, dimSub } from '../../data/index.js'
import type { Func, TensorType } from '../../term/index.js'
import { load, size, sub, variable } from '../expression.js'
import { inout, input, kernel, output } from '../kernel.js'
import type { Step } from '../program.js'
import { type Block, parallel, store } from '../statement.js'
import { loopIndex } from './access.js'
import { type Assembly, type Frame, fresh, type Residence, runStep } from './assembly.js'
import type { OpaqueCall, OpaqueSteps } from './call.js'
import { storageOf } from './scalar.js'

interface ScanAttrs {
  readonly body: Func
  readonly consts: number
  readonly carry: number
  readonly length: Dim
  readonly reverse: boolean
}

export function scanSteps({ node, args, outs, frame, assembly }: OpaqueCall): OpaqueSteps {
  const attrs = node.attrs as unknown as ScanAttrs // the op's type rule checked them
  const counter = assembly.counter()
  const step = variable(counter)
  const last = size(dimSub(attrs.length, 1))
  const row = { size: attrs.length, at: attrs.reverse ? sub(last, step) : step }
  const rowOf = (r: Residence): Residence => ({ ...r, lead: [...r.lead, row] })
  const { carry, consts } = attrs
  const types = node.outs
  const now = types.slice(0, carry).map((t) => fresh(t, assembly))
  const next = types.slice(0, carry).map((t) => fresh(t, assembly))
  const ys = types.slice(carry).map((t, i) => outs[carry + i] ?? fresh(t, assembly))
  const body = assembly.body(attrs.body, {
    params: [...args.slice(0, consts), ...now, ...args.slice(consts + carry).map(rowOf)],
    results: [...next, ...ys.map(rowOf)],
    counters: [...frame.counters, { name: counter, below: attrs.length }],
  })
  const swaps = now.map((b, i): Step => ({ tag: 'swap', a: b.buffer, b: next[i].buffer }))
  const steps: Step[] = [
    ...now.flatMap((to, i) => copySteps(args[consts + i], to, types[i], frame, assembly)),
    { tag: 'for', counter, below: attrs.length, body: [...body, ...swaps] },
  ]
  return finish(steps, [...now, ...ys], outs, types, frame, assembly)
}

export function branchSteps({ node, args, outs, frame, assembly }: OpaqueCall): OpaqueSteps {
  const branches = node.attrs.branches as readonly Func[] // the op's type rule checked them
  const [index, ...operands] = args
  const results = node.outs.map((t, i) => outs[i] ?? fresh(t, assembly))
  const on = index.lead.length === 0 ? index : fresh(node.args[0], assembly)
  const cases = branches.map((branch) =>
    assembly.body(branch, { params: operands, results, counters: frame.counters }),
  )
  return {
    steps: [
      ...(on === index ? [] : copySteps(index, on, node.args[0], frame, assembly)),
      { tag: 'branch', on: on.buffer, cases },
    ],
    outs: results,
  }
}

/** Copies chosen results to where they must go. */
function finish(
  steps: readonly Step[],
  chosen: readonly Residence[],
  wanted: readonly (Residence | undefined)[],
  types: readonly TensorType[],
  frame: Frame,
  assembly: Assembly,
): OpaqueSteps {
  const copies = chosen.flatMap((from, i) => {
    const to = wanted[i]
    return to === undefined || to === from ? [] : copySteps(from, to, types[i], frame, assembly)
  })
  return { steps: [...steps, ...copies], outs: chosen.map((c, i) => wanted[i] ?? c) }
}

/** Copies an array from one place to another; a kernel where either is a row of something. */
export function copySteps(
  from: Residence,
  to: Residence,
  type: TensorType,
  frame: Frame,
  assembly: Assembly,
): readonly Step[] {
  if (from.lead.length + to.lead.length === 0) {
    return [{ tag: 'copy', from: from.buffer, to: to.buffer }]
  }
  const dtype = storageOf(type.dtype)
  const at = type.shape.map((_, k) => loopIndex(k))
  const shapeOf = (r: Residence) => [...r.lead.map((l) => l.size), ...type.shape]
  const indexOf = (r: Residence) => [...r.lead.map((l) => l.at), ...at]
  const value = load('in0', dtype, indexOf(from))
  const body = type.shape.reduceRight<Block>(
    (inner, dim, k) => [parallel(`i${k}`, dim, () => inner)],
    [store('out1', indexOf(to), value)],
  )
  const make = to.lead.length > 0 ? inout : output
  const copy = kernel('copy', {
    counters: frame.counters,
    buffers: [input('in0', dtype, shapeOf(from)), make('out1', dtype, shapeOf(to))],
    body,
  })
  return [runStep(assembly.add(copy), { in0: from.buffer, out1: to.buffer })]
}
