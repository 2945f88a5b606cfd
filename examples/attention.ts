/**
 * Causal self-attention, written for one head, batched over heads; its Jacobian shows that no
 * position looks ahead.
 */
import {
  abs,
  div,
  f32,
  fn,
  ge,
  iota,
  jacrev,
  matmul,
  reduceMax,
  reshape,
  run,
  softmax,
  transpose,
  vmap,
  where,
} from 'pullback'

const size = 8
const head = f32('time', size)

/** softmax(q·kᵀ/√d)·v, where row t sees the columns up to t. [time, 8] each → [time, 8]. */
const attend = fn({ q: head, k: head, v: head }, function attend({ q, k, v }) {
  const scores = div(matmul(q, transpose(k)), Math.sqrt(size))
  const at = iota({ length: 'time' })
  const seen = ge(reshape(at, ['time', 1]), at)
  return matmul(softmax(where(seen, scores, Number.NEGATIVE_INFINITY)), v)
})

const heads = vmap(attend, { size: 'heads' })
console.log(heads)

/** How much each position's result moves with the value at each other: [time, time]. */
const influence = fn({ q: head, k: head, v: head }, function influence(given) {
  const jacobian = jacrev(attend, 'v')(given)
  return reduceMax(abs(jacobian), { axes: [1, 3] })
})

const time = 5
const wave = (phase: number) => ({
  shape: [time, size],
  data: Float32Array.from({ length: time * size }, (_, i) => Math.sin(0.7 * i + phase)),
})
const given = { q: wave(0), k: wave(1), v: wave(2) }
const table = await run(influence, given)
console.log('influence of each position (across) on each result (down):')
for (const row of table.toNested()) {
  console.log(row.map((x) => (x === 0 ? '   ·' : x.toFixed(2))).join('  '))
}

const stacked = (x: { readonly data: Float32Array }) => ({
  shape: [2, time, size],
  data: Float32Array.from([...x.data, ...x.data.map((v) => -v)]),
})
const many = { q: stacked(given.q), k: stacked(given.k), v: stacked(given.v) }
const { shape } = await run(heads, many)
console.log('two heads at once:', shape.join(' × '))
