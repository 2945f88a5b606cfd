/**
 * A network of three layers that tells two spirals apart, trained by Adam.
 *
 * One compiled step does the loss, its gradient and the update; parameters stay on the device.
 */
import { compile, f32, fn, i32, run, tanh, valueAndGrad } from 'pullback'
import { countCorrect, dense, softmaxCrossEntropy } from 'pullback/nn'
import { adam, adamSpecs } from 'pullback/optim'

const width = 32
const layer = <const I extends number, const O extends number>(inputs: I, outputs: O) => ({
  w: f32(inputs, outputs),
  b: f32(outputs),
})
const model = { a: layer(2, width), b: layer(width, width), c: layer(width, 2) }
const batch = { points: f32('batch', 2), labels: i32('batch') }

const logits = fn({ model, points: batch.points }, function logits({ model, points }) {
  const { a, b, c } = model
  const h = tanh(dense({ x: points, ...a }))
  return dense({ x: tanh(dense({ x: h, ...b })), ...c })
})

const loss = fn({ model, ...batch }, function loss({ model, points, labels }) {
  return softmaxCrossEntropy({ logits: logits({ model, points }), labels })
})

const state = adamSpecs(model)
const step = fn({ model, state, ...batch }, function step({ model, state, points, labels }) {
  const [value, gradients] = valueAndGrad(loss, 'model')({ model, points, labels })
  return { value, ...adam(model, gradients, state, { rate: 0.01 }) }
})

const score = fn({ model, ...batch }, function score({ model, points, labels }) {
  return countCorrect({ logits: logits({ model, points }), labels })
})

/** Two arms of a spiral, turned by half a turn; `shift` moves the points along them. */
function spirals(count: number, shift: number) {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2)
  const points = Array.from(labels, (label, i) => {
    const along = 0.3 + (2.7 * (i + shift)) / count
    const angle = 2.5 * along + Math.PI * label
    return [along * Math.cos(angle), along * Math.sin(angle)]
  })
  return { points, labels }
}

/** A layer's parameters: numbers that look random, the same each time, or zeros. */
const filled = (weight: (i: number) => number) => (rows: number, columns: number) => ({
  w: {
    data: Float32Array.from({ length: rows * columns }, (_, i) => weight(i) / Math.sqrt(rows)),
    shape: [rows, columns],
  },
  b: { data: new Float32Array(columns), shape: [columns] },
})
const start = filled((i) => Math.sin(12.9898 * i * i + 4))
const zero = filled(() => 0)
const like = (of: typeof start) => ({ a: of(2, width), b: of(width, width), c: of(width, 2) })

await using program = await compile(step, { donate: ['model', 'state'] })
type Inputs = Parameters<typeof program.resident>[0]
let now: Pick<Inputs, 'model' | 'state'> = {
  model: like(start),
  state: { mean: like(zero), meanSquare: like(zero), count: 0 },
}
const training = spirals(200, 0)
for (let i = 1; i <= 300; i++) {
  const { value, params, state } = program.resident({ ...now, ...training })
  now = { model: params, state }
  if (i % 100 === 0)
    console.log(`step ${i}: loss ${(await program.read(value)).data[0].toFixed(3)}`)
}
const test = spirals(200, 0.5)
const right = await run(score, { model: now.model, ...test })
console.log(`points between: ${right.toNested()} of 200 on the right arm`)
