/**
 * Pull: cotangents pulled back along a tape, node by node, each by the derivative of that one node.
 *
 *   pullBack(tape, cotangents of the results, …)   →   cotangents of the parameters
 *
 * Loops go backwards over the tapes of their steps. `meet` sees each node with the cotangents of
 * its results and those of its arguments; what it gives ends the walk. null is a zero.
 */
import { dimValue, emptyArray, isFloat, type NDArray, type Sizes } from '../../lib/data/index.js'
import { interpreters, resolveAttrs, type Vjp, vjp } from '../../lib/interpret/index.js'
import { sections } from '../../lib/ops/control/lists.js'
import { scanAttrs } from '../../lib/ops/control/scanType.js'
import { whileAttrs } from '../../lib/ops/control/whileType.js'
import { checkpointOp, scanOp, switchOp, whileOp } from '../../lib/ops/index.js'
import {
  apply,
  closeStrict,
  type Func,
  type Node,
  parameter,
  type TensorType,
} from '../../lib/term/index.js'
import { type Ended, rowOf, type Tape } from './tape.js'

type Cotangents = readonly (NDArray | null)[]

/** What the cotangents of a node's results and arguments say; undefined to go on. */
export type MeetBack<F> = (node: Node, given: Cotangents, found: Cotangents) => F | undefined

export type Pulled<F> = { readonly cts: Cotangents } | { readonly ended: Ended<F> }

export const pullBack = <F>(
  tape: Tape,
  cotangents: Cotangents,
  sizes: Sizes,
  meet: MeetBack<F>,
): Pulled<F> => pull({ sizes, meet, rules: new Map() }, tape, cotangents)

interface Walk<F> {
  readonly sizes: Sizes
  readonly meet: MeetBack<F>
  /** The derivatives of single nodes, made when first needed. */
  readonly rules: Map<Node, Vjp>
}

function pull<F>(walk: Walk<F>, tape: Tape, cotangents: Cotangents): Pulled<F> {
  const { func, slots, bodies } = tape
  const flow: (NDArray | null)[] = slots.map(() => null)
  const receive = (slot: number, ct: NDArray | null) => {
    if (ct !== null) flow[slot] = sum(flow[slot], ct)
  }
  func.resultSlots.forEach((slot, i) => {
    receive(slot, cotangents[i])
  })
  let end = slots.length
  for (let i = func.nodes.length - 1; i >= 0; i--) {
    const node = func.nodes[i]
    end -= node.outs.length
    const given = flow.slice(end, end + node.outs.length)
    if (node.op.jvp === 'zero' || given.every((ct) => ct === null)) continue
    const args = func.wiring[i].map((slot) => slots[slot])
    const steps = bodies.get(i)
    const pulled =
      steps === undefined
        ? { cts: pullNode(walk, node, args, given) }
        : pullBodies(walk, node, args, given, steps)
    if ('ended' in pulled) return pulled
    const found = walk.meet(node, given, pulled.cts)
    if (found !== undefined) return { ended: { found, steps: [] } }
    func.wiring[i].forEach((slot, k) => {
      receive(slot, pulled.cts[k])
    })
  }
  return { cts: func.params.map((_, i) => flow[i]) }
}

function sum(a: NDArray | null, b: NDArray): NDArray {
  if (a === null) return b
  const data = b.data.slice()
  for (let i = 0; i < data.length; i++) data[i] += a.data[i]
  return { ...b, data }
}

/** The zeros that a symbolic zero stands for. */
const zerosLike = ({ dtype, shape }: TensorType, sizes: Sizes): NDArray =>
  emptyArray(
    dtype,
    shape.map((dim) => dimValue(dim, sizes)),
  )

/** By the rules of the op: the vjp of a function of this one node. */
function pullNode<F>(
  { sizes, rules }: Walk<F>,
  node: Node,
  args: readonly NDArray[],
  given: Cotangents,
): Cotangents {
  const moving = node.args.map(({ dtype }) => isFloat(dtype))
  const rule = rules.get(node) ?? vjp(alone(node), moving, interpreters)
  rules.set(node, rule)
  const cts = node.outs.flatMap((out, i) =>
    rule.active[i] ? [given[i] ?? zerosLike(out, sizes)] : [],
  )
  const answers = interpreters.evaluate(rule.func, [...args, ...cts], sizes)
  let next = node.outs.length
  let leaf = 0
  return moving.map((moves) => (moves && rule.nonzero[leaf++] ? answers[next++] : null))
}

/** A function that is one node. */
function alone(node: Node): Func {
  const binder = { name: node.op.name }
  const params = node.args.map((arg, i) => parameter(binder, `x${i}`, arg))
  return closeStrict(binder.name, params, apply(node.op, params, node.attrs, node.source))
}

/** Through the bodies that a node ran, the last step first. */
function pullBodies<F>(
  walk: Walk<F>,
  node: Node,
  args: readonly NDArray[],
  given: Cotangents,
  steps: readonly Tape[],
): Pulled<F> {
  const attrs = resolveAttrs(node.op, node.attrs, walk.sizes)
  switch (node.op) {
    case switchOp: {
      const pulled = pull(walk, steps[0], given)
      return 'ended' in pulled ? pulled : { cts: [null, ...pulled.cts] }
    }
    case checkpointOp:
      return pull(walk, steps[0], given)
    case scanOp: {
      const { consts, carry, reverse } = scanAttrs(attrs)
      const rows = args.slice(consts + carry)
      return pullLoop(walk, steps, { fixed: consts, carry, given, rows, reverse })
    }
    case whileOp: {
      const { conditionConsts, bodyConsts } = whileAttrs(attrs)
      const carry = args.length - conditionConsts - bodyConsts
      const loop = { fixed: bodyConsts, carry, given, rows: [], reverse: false }
      const pulled = pullLoop(walk, steps, loop)
      if ('ended' in pulled) return pulled
      return { cts: [...args.slice(0, conditionConsts).map(() => null), ...pulled.cts] }
    }
  }
  throw new Error(`broken invariant: ${node.op.name} has no bodies`)
}

interface LoopOf {
  /** How many arguments are the same at each step, and how many are carried. */
  readonly fixed: number
  readonly carry: number
  readonly given: Cotangents
  /** The sequences, of which each step took a row. */
  readonly rows: readonly NDArray[]
  readonly reverse: boolean
}

function pullLoop<F>(walk: Walk<F>, steps: readonly Tape[], loop: LoopOf): Pulled<F> {
  const { fixed, carry, given, rows, reverse } = loop
  const [last, stacked] = sections(given, [carry])
  let carried: Cotangents = last
  let constant: Cotangents = Array.from({ length: fixed }, () => null)
  const sequences: (NDArray | null)[] = rows.map(() => null)
  for (let k = steps.length - 1; k >= 0; k--) {
    const at = reverse ? steps.length - 1 - k : k
    const own = stacked.map((ct) => (ct === null ? null : rowOf(ct, at)))
    const pulled = pull(walk, steps[k], [...carried, ...own])
    if ('ended' in pulled) {
      const { found, steps: inner } = pulled.ended
      return { ended: { found, steps: [at, ...inner] } }
    }
    const [toFixed, toCarry, toRows] = sections(pulled.cts, [fixed, carry])
    constant = constant.map((ct, i) => {
      const more = toFixed[i]
      return more === null ? ct : sum(ct, more)
    })
    carried = toCarry
    toRows.forEach((ct, i) => {
      if (ct === null) return
      const whole = sequences[i] ?? emptyArray(rows[i].dtype, rows[i].shape)
      whole.data.set(ct.data, at * ct.data.length)
      sequences[i] = whole
    })
  }
  return { cts: [...constant, ...carried, ...sequences] }
}
