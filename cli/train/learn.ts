/**
 * Learn: epochs of steps over shuffled batches, with progress on the way.
 *
 * Parameters and velocity stay on the device, and each step gives the old ones away. Losses
 * are read a few steps at a time, so that the device need not wait.
 */
import type { BackendService, Description } from '../../backends/backend.js'
import { compile } from '../../backends/run.js'
import { type Draw, drawFrom } from '../../laws/draw.js'
import { type Digits, pixels } from './digits.js'
import { classify, initialParams, step } from './model.js'
import type { Progress } from './report.js'

export interface LearnOptions {
  readonly epochs: number
  readonly batch: number
  /** The first step size; it falls to zero along a cosine. */
  readonly rate: number
  readonly seed: number
}

export interface Learned {
  /** The digit of each test image. */
  readonly predicted: Int32Array
  readonly seconds: number
  readonly compiled: Description
}

/** Steps between two readings. */
const stride = 10

export async function learn(
  backend: BackendService,
  training: Digits,
  test: Digits,
  { epochs, batch, rate, seed }: LearnOptions,
  report: (progress: Progress) => void,
): Promise<Learned> {
  const began = performance.now()
  await using program = await compile(step, { backend, donate: ['params', 'velocity'] })
  type Inputs = Parameters<typeof program.resident>[0]
  type Outcome = ReturnType<typeof program.resident>
  const draw = drawFrom(seed)
  // Host arrays before the first step, resident ones from then on.
  let { params, velocity }: Pick<Inputs, 'params' | 'velocity'> = initialParams(draw)
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const started = performance.now()
    const batches = shuffled(training, batch, draw)
    let unread: Outcome[] = []
    let [done, loss, correct] = [0, 0, 0]
    for (const [i, { count, ...given }] of batches.entries()) {
      const along = (epoch - 1 + i / batches.length) / epochs
      const now = rate * 0.5 * (1 + Math.cos(Math.PI * along))
      const outcome = program.resident({ params, velocity, rate: now, ...given })
      ;({ params, velocity } = outcome)
      unread.push(outcome)
      done += count
      if (unread.length < stride && i < batches.length - 1) continue
      const read = await program.read(unread.map((o) => ({ loss: o.loss, correct: o.correct })))
      for (const o of unread) for (const array of [o.loss, o.correct]) array.release()
      unread = []
      for (const o of read) {
        loss += o.loss.data[0]
        correct += o.correct.data[0]
      }
      const seconds = (performance.now() - started) / 1000
      report({
        epoch,
        epochs,
        done,
        total: training.count,
        loss: loss / (i + 1),
        accuracy: correct / done,
        perSecond: done / seconds,
      })
    }
  }
  const seconds = (performance.now() - began) / 1000
  await using classifier = await compile(classify, { backend })
  const images = { data: test.images, shape: [test.count, pixels] }
  const { data: predicted } = await classifier({ params, images })
  return { predicted, seconds, compiled: program.describe() }
}

interface Batch {
  readonly count: number
  readonly images: { readonly data: Float32Array; readonly shape: readonly number[] }
  readonly labels: Int32Array
}

/** The digits in random order, cut into batches; the last may be smaller. */
function* cut(digits: Digits, order: Int32Array, size: number): Generator<Batch> {
  for (let from = 0; from < digits.count; from += size) {
    const rows = order.subarray(from, from + size)
    const data = new Float32Array(rows.length * pixels)
    rows.forEach((row, i) => {
      data.set(digits.images.subarray(row * pixels, (row + 1) * pixels), i * pixels)
    })
    const labels = rows.map((row) => digits.labels[row])
    yield { count: rows.length, images: { data, shape: [rows.length, pixels] }, labels }
  }
}

function shuffled(digits: Digits, size: number, draw: Draw): readonly Batch[] {
  const order = Int32Array.from({ length: digits.count }, (_, i) => i)
  for (let i = order.length - 1; i > 0; i--) {
    const k = Math.floor(draw() * (i + 1))
    const swapped = order[i]
    order[i] = order[k]
    order[k] = swapped
  }
  return [...cut(digits, order, size)]
}
