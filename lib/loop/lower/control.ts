/**
 * Control flow as steps of a program: loops and branches around the steps of the bodies.
 *
 *   scan (c, x) → (c′, y) over T    →    h = c; for t < T: body(h, x[t]) → next, y[t]; swap h, next
 *
 * Rows are not copied: the body's kernels read and write at the counter. A carry has two buffers
 * that swap; a body never writes what it reads.
 */
import { type Dim, dimSub } from '../../data/index.js'
import { scanAttrs, whileAttrs } from '../../ops/index.js'
import type { Func, TensorType } from '../../term/index.js'
import { size, sub, variable } from '../expression.js'
import type { Step } from '../program.js'
import { type Assembly, type Frame, fresh, type Residence } from './assembly.js'
import type { OpaqueCall, OpaqueSteps } from './call.js'
import { findInPlace } from './inplace.js'
import { overAll, standalone } from './standalone.js'

export function scanSteps(call: OpaqueCall): OpaqueSteps {
  const { node, memory, outs, frame, assembly } = call
  const attrs = scanAttrs(node.attrs)
  const { body, carry, consts, length } = attrs
  const counter = assembly.counter()
  const step = variable(counter)
  const row = { size: length, at: attrs.reverse ? sub(size(dimSub(length, 1)), step) : step }
  const rowOf = (r: Residence): Residence => ({ ...r, lead: [...r.lead, row] })
  const args = node.args.map((_, i) => memory(i))
  const carried = carries(body, consts, carry, assembly)
  const ys = node.outs.slice(carry).map((t, i) => outs[carry + i] ?? fresh(t, assembly))
  const xs = args.slice(consts + carry)
  const steps = assembly.body(body, {
    params: [...args.slice(0, consts), ...carried.now, ...xs.map(rowOf)],
    consumed: [
      ...args.slice(0, consts).map(() => false),
      ...carried.inPlace,
      ...xs.map(() => false),
    ],
    results: [...carried.next, ...ys.map(rowOf)],
    counters: [...frame.counters, { name: counter, below: length }],
  })
  const all: Step[] = [
    ...carried.now.flatMap((to, i) =>
      copySteps(args[consts + i], to, node.outs[i], frame, assembly),
    ),
    { tag: 'for', counter, below: length, body: [...steps, ...carried.swaps] },
  ]
  return finish(all, [...carried.now, ...ys], call)
}

interface Carries {
  readonly now: readonly Residence[]
  /** Where the body leaves the next ones; the same where it updates in place. */
  readonly next: readonly Residence[]
  readonly inPlace: readonly boolean[]
  readonly swaps: readonly Step[]
}

/** Buffers for the carries of a loop whose body takes them behind `consts` parameters. */
function carries(body: Func, consts: number, count: number, assembly: Assembly): Carries {
  const inPlace = inPlaceCarries(assembly.anchored(body).func, consts, count)
  const types = body.params.slice(consts, consts + count)
  const now = types.map((t) => fresh(t, assembly))
  const next = types.map((t, i) => (inPlace[i] ? now[i] : fresh(t, assembly)))
  const swaps = now.flatMap((a, i): readonly Step[] =>
    inPlace[i] ? [] : [{ tag: 'swap', a: a.buffer, b: next[i].buffer }],
  )
  return { now, next, inPlace, swaps }
}

/** Which carries a body only ever updates: its result is a chain of updates of the carry. */
function inPlaceCarries(body: Func, consts: number, count: number): readonly boolean[] {
  const isCarry = body.params.map((_, i) => i >= consts && i < consts + count)
  const { nodes } = findInPlace(body, isCarry)
  return body.results.slice(0, count).map((result, i) => {
    let term = result
    while (nodes.has(term.node)) term = term.node.args[0]
    return term !== result && term === body.params[consts + i]
  })
}

export function whileSteps(call: OpaqueCall): OpaqueSteps {
  const { node, memory, frame, assembly } = call
  const attrs = whileAttrs(node.attrs)
  const args = node.args.map((_, i) => memory(i))
  const { conditionConsts, bodyConsts } = attrs
  const forCondition = args.slice(0, conditionConsts)
  const forBody = args.slice(conditionConsts, conditionConsts + bodyConsts)
  const init = args.slice(conditionConsts + bodyConsts)
  const carried = carries(attrs.body, bodyConsts, init.length, assembly)
  const goesOn = fresh({ dtype: 'bool', shape: [] }, assembly)
  const stays = (count: number) => Array.from({ length: count }, () => false)
  const { counters } = frame
  const test = assembly.body(attrs.condition, {
    params: [...forCondition, ...carried.now],
    consumed: stays(forCondition.length + init.length),
    results: [goesOn],
    counters,
  })
  const body = assembly.body(attrs.body, {
    params: [...forBody, ...carried.now],
    consumed: [...stays(forBody.length), ...carried.inPlace],
    results: carried.next,
    counters,
  })
  const loop = [...body, ...carried.swaps]
  const steps: Step[] = [
    ...carried.now.flatMap((to, i) => copySteps(init[i], to, node.outs[i], frame, assembly)),
    attrs.maxSteps === null
      ? { tag: 'while', test, condition: goesOn.buffer, body: loop }
      : bounded(attrs.maxSteps, test, goesOn.buffer, loop, assembly),
  ]
  return finish(steps, carried.now, call)
}

/** A loop of at most `limit` steps: those after the condition fails do nothing. */
function bounded(
  limit: Dim,
  test: readonly Step[],
  condition: string,
  body: readonly Step[],
  assembly: Assembly,
): Step {
  const branch: Step = { tag: 'branch', on: condition, cases: [[], body] }
  return { tag: 'for', counter: assembly.counter(), below: limit, body: [...test, branch] }
}

/** A body in place, as steps of its own: nothing fuses across its edge. */
export function bodySteps({ node, memory, outs, frame, assembly }: OpaqueCall): OpaqueSteps {
  const body = node.attrs.body as Func // the op's type rule checked it
  const params = node.args.map((_, i) => memory(i))
  const results = node.outs.map((t, i) => outs[i] ?? fresh(t, assembly))
  const consumed = params.map(() => false)
  const { counters } = frame
  return { steps: assembly.body(body, { params, consumed, results, counters }), outs: results }
}

export function branchSteps(call: OpaqueCall): OpaqueSteps {
  const { node, memory, outs, frame, assembly } = call
  const branches = node.attrs.branches as readonly Func[] // the op's type rule checked them
  const [index, ...params] = node.args.map((_, i) => memory(i))
  const results = node.outs.map((t, i) => outs[i] ?? fresh(t, assembly))
  const on = index.lead.length === 0 ? index : fresh(node.args[0], assembly)
  const consumed = params.map(() => false)
  const cases = branches.map((branch) =>
    assembly.body(branch, { params, consumed, results, counters: frame.counters }),
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
  { node, outs, frame, assembly }: OpaqueCall,
): OpaqueSteps {
  const copies = chosen.flatMap((from, i) => {
    const to = outs[i]
    return to === undefined || to === from ? [] : copySteps(from, to, node.outs[i], frame, assembly)
  })
  return { steps: [...steps, ...copies], outs: chosen.map((c, i) => outs[i] ?? c) }
}

/** Copies an array from one place to another; a kernel where either is not a plain whole. */
export function copySteps(
  from: Residence,
  to: Residence,
  type: TensorType,
  frame: Frame,
  assembly: Assembly,
): readonly Step[] {
  const plain = [from, to].every((r) => r.lead.length === 0 && r.order === undefined)
  if (plain) return [{ tag: 'copy', from: from.buffer, to: to.buffer }]
  const builder = standalone(frame, assembly)
  const source = builder.input(from, type)
  const target = builder.output(to, type)
  const body = overAll(type.shape, 'i', (at) => [target.write(at, source.read(at))])
  return builder.finish('copy', body)
}
