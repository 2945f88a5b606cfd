/**
 * Tape: a program evaluated with every intermediate value kept, its loops step by step.
 *
 *   tapeOf(func, args, sizes, meet)   →   the values of all nodes, and a tape of each body that ran
 *
 * `meet` sees each node with its arguments and results; what it gives ends the evaluation. Memory:
 * all values of all steps, which is what a diagnosis is for.
 */
import { dimValue, emptyArray, type NDArray, type Sizes, sizeOf } from '../../lib/data/index.js'
import { evaluateNode, interpreters, resolveAttrs } from '../../lib/interpret/index.js'
import { needFunc } from '../../lib/ops/control/body.js'
import { sections } from '../../lib/ops/control/lists.js'
import { scanAttrs } from '../../lib/ops/control/scanType.js'
import { branchesOf } from '../../lib/ops/control/switchType.js'
import { whileAttrs } from '../../lib/ops/control/whileType.js'
import { checkpointOp, scanOp, switchOp, whileOp } from '../../lib/ops/index.js'
import type { Func, Node } from '../../lib/term/index.js'

export interface Tape {
  readonly func: Func
  /** The value in each slot: parameters, then each node's results. */
  readonly slots: readonly NDArray[]
  /** The bodies that nodes ran, by the place of the node, in the order of running. */
  readonly bodies: ReadonlyMap<number, readonly Tape[]>
}

/** What the arguments and results of a node say; undefined to go on. */
export type Meet<F> = (
  node: Node,
  args: readonly NDArray[],
  outs: readonly NDArray[],
) => F | undefined

/** What ended an evaluation, and in which steps of the loops around it, the outermost first. */
export interface Ended<F> {
  readonly found: F
  readonly steps: readonly number[]
}

export type Taped<F> = { readonly tape: Tape } | { readonly ended: Ended<F> }

export function tapeOf<F>(
  func: Func,
  args: readonly NDArray[],
  sizes: Sizes,
  meet: Meet<F>,
): Taped<F> {
  const slots: NDArray[] = [...args]
  const bodies = new Map<number, readonly Tape[]>()
  for (let i = 0; i < func.nodes.length; i++) {
    const node = func.nodes[i]
    const inputs = func.wiring[i].map((slot) => slots[slot])
    const ran = runBodies(node, inputs, sizes, meet)
    if (ran !== undefined && 'ended' in ran) return ran
    const outs = ran === undefined ? evaluateNode(node, inputs, sizes, interpreters) : ran.outs
    if (ran !== undefined) bodies.set(i, ran.tapes)
    const found = meet(node, inputs, outs)
    if (found !== undefined) return { ended: { found, steps: [] } }
    slots.push(...outs)
  }
  return { tape: { func, slots, bodies } }
}

export const resultsOf = ({ func, slots }: Tape): readonly NDArray[] =>
  func.resultSlots.map((slot) => slots[slot])

type Ran<F> =
  | { readonly outs: readonly NDArray[]; readonly tapes: readonly Tape[] }
  | { readonly ended: Ended<F> }

/** A node with bodies, run through them; undefined for any other. */
function runBodies<F>(
  node: Node,
  args: readonly NDArray[],
  sizes: Sizes,
  meet: Meet<F>,
): Ran<F> | undefined {
  const attrs = resolveAttrs(node.op, node.attrs, sizes)
  switch (node.op) {
    case switchOp: {
      const branches = branchesOf(attrs)
      const at = Math.min(Math.max(args[0].data[0], 0), branches.length - 1)
      return once(tapeOf(branches[at], args.slice(1), sizes, meet))
    }
    case checkpointOp:
      return once(tapeOf(needFunc('checkpoint', attrs, 'body'), args, sizes, meet))
    case scanOp:
      return runScan(node, args, sizes, meet)
    case whileOp:
      return runWhile(node, args, sizes, meet)
  }
  return undefined
}

const once = <F>(taped: Taped<F>): Ran<F> =>
  'ended' in taped ? taped : { outs: resultsOf(taped.tape), tapes: [taped.tape] }

function runScan<F>(node: Node, args: readonly NDArray[], sizes: Sizes, meet: Meet<F>): Ran<F> {
  const { body, consts, carry, length, reverse } = scanAttrs(
    resolveAttrs(node.op, node.attrs, sizes),
  )
  const [fixed, init, xs] = sections(args, [consts, carry])
  const tapes: Tape[] = []
  let state: readonly NDArray[] = init
  const count = Number(length)
  const ys = body.results
    .slice(carry)
    .map(({ dtype, shape }) =>
      emptyArray(dtype, [count, ...shape.map((dim) => dimValue(dim, sizes))]),
    )
  for (let step = 0; step < count; step++) {
    const at = reverse ? count - 1 - step : step
    const taped = tapeOf(body, [...fixed, ...state, ...xs.map((x) => rowOf(x, at))], sizes, meet)
    if ('ended' in taped) return inStep(taped.ended, at)
    const outs = resultsOf(taped.tape)
    state = outs.slice(0, carry)
    ys.forEach((y, i) => {
      y.data.set(outs[carry + i].data, at * outs[carry + i].data.length)
    })
    tapes.push(taped.tape)
  }
  return { outs: [...state, ...ys], tapes }
}

function runWhile<F>(node: Node, args: readonly NDArray[], sizes: Sizes, meet: Meet<F>): Ran<F> {
  const attrs = resolveAttrs(node.op, node.attrs, sizes)
  const { condition, body, conditionConsts, bodyConsts, maxSteps } = whileAttrs(attrs)
  const [forCondition, forBody, init] = sections(args, [conditionConsts, bodyConsts])
  const tapes: Tape[] = []
  let state: readonly NDArray[] = init
  const limit = maxSteps === null ? Infinity : Number(maxSteps)
  for (let step = 0; step < limit; step++) {
    const [goesOn] = interpreters.evaluate(condition, [...forCondition, ...state], sizes)
    if (goesOn.data[0] === 0) break
    const taped = tapeOf(body, [...forBody, ...state], sizes, meet)
    if ('ended' in taped) return inStep(taped.ended, step)
    state = resultsOf(taped.tape)
    tapes.push(taped.tape)
  }
  return { outs: state, tapes }
}

const inStep = <F>({ found, steps }: Ended<F>, step: number): { readonly ended: Ended<F> } => ({
  ended: { found, steps: [step, ...steps] },
})

/** One row, as a view. */
export function rowOf(x: NDArray, at: number): NDArray {
  const shape = x.shape.slice(1)
  const size = sizeOf(shape)
  return { dtype: x.dtype, shape, data: x.data.subarray(at * size, (at + 1) * size) }
}
