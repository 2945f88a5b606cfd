/**
 * A recurrent network that learns to remember: which bit came two steps ago?
 *
 * The time loop is a `scan`, and its gradient is a loop too. Time is a named size: what was trained
 * on 12 steps runs on 100 as it is.
 */
import {
  add,
  broadcastTo,
  compile,
  constant,
  f32,
  fn,
  matmul,
  mean,
  mul,
  run,
  scan,
  softplus,
  sub,
  tanh,
  valueAndGrad,
} from 'pullback'
import { adam, adamSpecs } from 'pullback/optim'

const size = 8
const model = { wx: f32(1, size), wh: f32(size, size), out: f32(size) }
const batch = { bits: f32('time', 'rows', 1), wanted: f32('time', 'rows') }

/** The logit of a 1 two steps before each. [time, rows] */
const logits = fn({ model, bits: batch.bits }, function logits({ model, bits }) {
  const start = broadcastTo(constant(0), ['rows', size])
  const [, out] = scan(start, bits, (h, bit) => {
    const next = tanh(add(matmul(bit, model.wx), matmul(h, model.wh)))
    return [next, matmul(next, model.out)]
  })
  return out
})

/** Cross entropy, in nats a bit. */
const loss = fn({ model, ...batch }, function loss({ model, bits, wanted }) {
  const z = logits({ model, bits })
  return mean(sub(softplus(z), mul(z, wanted)))
})

const inputs = { model, state: adamSpecs(model), ...batch }
const step = fn(inputs, function step({ model, state, bits, wanted }) {
  const [value, gradients] = valueAndGrad(loss, 'model')({ model, bits, wanted })
  return { value, ...adam(model, gradients, state, { rate: 0.02 }) }
})

/** Random bits, and the same two steps later. */
function sample(time: number, rows: number) {
  const data = Float32Array.from({ length: time * rows }, () => (draw() < 0.5 ? 0 : 1))
  const late = data.map((_, i) => (i < 2 * rows ? 0 : data[i - 2 * rows]))
  return { bits: { data, shape: [time, rows, 1] }, wanted: { data: late, shape: [time, rows] } }
}

let seed = 7
/** Uniform in (0, 1), the same each time (Lehmer, 1951). */
const draw = () => {
  seed = (seed * 48271) % 2147483647
  return seed / 2147483647
}
const row = (value: () => number) => Array.from({ length: size }, value)
const filled = (value: () => number) => ({
  wx: [row(value)],
  wh: Array.from({ length: size }, () => row(value)),
  out: row(value),
})

await using program = await compile(step, { donate: ['model', 'state'] })
type Inputs = Parameters<typeof program.resident>[0]
let now: Pick<Inputs, 'model' | 'state'> = {
  model: filled(() => draw() - 0.5),
  state: { mean: filled(() => 0), meanSquare: filled(() => 0), count: 0 },
}
for (let i = 1; i <= 200; i++) {
  const { value, params, state } = program.resident({ ...now, ...sample(12, 32) })
  now = { model: params, state }
  if (i % 50 === 0) {
    const { data } = await program.read(value)
    console.log(`step ${i}: ${data[0].toFixed(3)} nats a bit`)
  }
}
const test = sample(100, 32)
const { data } = await run(logits, { model: now.model, bits: test.bits })
const right = data.filter((z, i) => z > 0 === test.wanted.data[i] > 0)
console.log(`on sequences of 100: ${((100 * right.length) / data.length).toFixed(1)} % right`)
