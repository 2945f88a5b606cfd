/**
 * Wrong rules, made from right ones: each mutation breaks one rule of an op in one way.
 *
 *   sin: jvp with the wrong sign     (x, dx) ↦ dx · cos x   →   (x, dx) ↦ −dx · cos x
 *
 * A mutation that cannot change an op (it has no such rule) gives undefined.
 */
import type { NDArray } from '../../lib/data/index.js'
import { add, broadcastTo, mul, neg, reverse, slice } from '../../lib/ops/index.js'
import type { JvpCall, MaybeTerm, Op, Term, TransposeCall } from '../../lib/term/index.js'

export interface OpMutation {
  readonly name: string
  readonly mutate: (op: Op) => Op | undefined
}

const double = (t: Term): Term => mul(t, 2)
const turned = (t: Term): Term =>
  reverse(
    t,
    t.shape.map((_, i) => i),
  )
/** The first row for all. */
const firstRow = (t: Term): Term => {
  const start = t.shape.map(() => 0)
  const row = slice(t, start, [1, ...t.shape.slice(1)])
  return broadcastTo(row, t.shape)
}

const each = (list: readonly MaybeTerm[], f: (t: Term) => MaybeTerm) =>
  list.map((t) => (t === null ? null : f(t)))

const inJvp = (name: string, f: (t: Term) => MaybeTerm): OpMutation => ({
  name: `jvp: ${name}`,
  mutate: (op) => {
    const rule = op.jvp
    if (rule === 'zero') return undefined
    const jvp = (call: JvpCall) => {
      const answer = rule(call)
      return 'tangents' in answer
        ? { ...answer, tangents: each(answer.tangents, f) }
        : each(answer, f)
    }
    return { ...op, jvp }
  },
})

const inTranspose = (name: string, f: (t: Term) => MaybeTerm): OpMutation => ({
  name: `transpose: ${name}`,
  mutate: (op) => {
    const rule = op.transpose
    if (rule === 'nonlinear') return undefined
    return { ...op, transpose: (call: TransposeCall) => each(rule(call), f) }
  },
})

const inBatch = (name: string, f: (t: Term) => Term): OpMutation => ({
  name: `batch: ${name}`,
  mutate: (op) => ({
    ...op,
    batch: (call) => {
      const answer = op.batch(call)
      return 'outs' in answer
        ? { ...answer, outs: answer.outs.map((t, i) => (answer.batched[i] ? f(t) : t)) }
        : answer.map(f)
    },
  }),
})

const inEvaluate = (name: string, f: (x: NDArray) => NDArray): OpMutation => ({
  name: `evaluate: ${name}`,
  mutate: (op) => ({ ...op, evaluate: (call) => op.evaluate(call).map(f) }),
})

export const opMutations: readonly OpMutation[] = [
  inJvp('wrong sign', neg),
  inJvp('wrong factor', double),
  inJvp('off by one', (t) => add(t, 1)),
  inJvp('dropped', () => null),
  inJvp('elements in the wrong order', turned),
  {
    name: 'jvp: all terms but the first dropped',
    mutate: (op) => {
      const rule = op.jvp
      const several = op.samples.some((s) => s.args.filter((a) => a.kind === 'float').length > 1)
      if (rule === 'zero' || !several) return undefined
      const jvp = (call: JvpCall) => {
        const tangents = call.tangents.map((t, i) => (i === 0 ? t : null))
        return tangents[0] === null ? call.outs.map(() => null) : rule({ ...call, tangents })
      }
      return { ...op, jvp }
    },
  },
  inTranspose('wrong sign', neg),
  inTranspose('wrong factor', double),
  inTranspose('dropped', () => null),
  inTranspose('elements in the wrong order', turned),
  inBatch('examples in the wrong order', (t) => reverse(t, [0])),
  inBatch('the first example for all', firstRow),
  inEvaluate('elements in the wrong order', (x) => ({ ...x, data: x.data.slice().reverse() })),
  inEvaluate('the last element left out', (x) => {
    const data = x.data.slice()
    data[data.length - 1] = 0
    return { ...x, data }
  }),
  inEvaluate('wrong element type', (x) => ({ ...x, data: Uint8Array.from(x.data) })),
  inEvaluate('one axis too few', (x) => ({ ...x, shape: x.shape.slice(1) })),
]
