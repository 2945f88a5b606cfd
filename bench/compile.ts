/**
 * How long the compiler takes. Run it compiled, since loaders that keep names slow it down:
 * `npx tsc -p bench/tsconfig.json && node bench/dist/bench/compile.js`.
 *
 *   a step of training a 784-256-128-10 network; the gradient of a recurrent network of 800 steps
 *
 * From the function to its first result: derivatives, passes, kernels, schedules, module, call.
 * Processor time beside time, since a busy machine stretches the latter. The first line of each is
 * that of an engine that has not optimised the compiler yet.
 */

import * as Effect from 'effect/Effect'
import { makeWasm } from '../backends/wasm/index.js'
import { arrayFrom, dimValue, sizeOf } from '../lib/data/index.js'
import { add, f32, fn, grad, i32, matmul, relu, scan, sum, tanh } from '../lib/index.js'
import { closureOf } from '../lib/lang/index.js'
import { dense, softmaxCrossEntropy } from '../lib/nn/index.js'
import { sgd } from '../lib/optim/index.js'
import type { Func } from '../lib/term/index.js'

const aim = 60

function network(): Func {
  const params = {
    w1: f32(784, 256),
    b1: f32(256),
    w2: f32(256, 128),
    b2: f32(128),
    w3: f32(128, 10),
    b3: f32(10),
  }
  const inputs = { params, images: f32('batch', 784), labels: i32('batch') }
  const loss = fn(inputs, function loss({ params: p, images, labels }) {
    const h1 = relu(dense({ x: images, w: p.w1, b: p.b1 }))
    const h2 = relu(dense({ x: h1, w: p.w2, b: p.b2 }))
    return softmaxCrossEntropy({ logits: dense({ x: h2, w: p.w3, b: p.b3 }), labels })
  })
  const step = fn(inputs, function step({ params, images, labels }) {
    const gradients = grad(loss, 'params')({ params, images, labels })
    return { loss: loss({ params, images, labels }), params: sgd(params, gradients, { rate: 0.1 }) }
  })
  return closureOf(step, 'bench').func
}

function recurrent(): Func {
  const inputs = { xs: f32(800, 8), w: f32(8, 8), v: f32(8, 8), h: f32(8) }
  const loss = fn(inputs, function loss({ xs, w, v, h }) {
    const [last] = scan(h, xs, (s, x) => [tanh(add(matmul(s, w), matmul(x, v))), null])
    return sum(last)
  })
  return closureOf(grad(loss, 'w'), 'bench').func
}

/** Builds, compiles and calls once; how long that took. */
function measure(build: () => Func): { readonly wall: number; readonly processor: number } {
  const backend = makeWasm()
  const [start, used] = [performance.now(), process.cpuUsage()]
  const sizes = { batch: 32 }
  const once = Effect.gen(function* () {
    const func = build()
    const program = yield* backend.load(func)
    const args = func.params.map(({ dtype, shape }) => {
      const bound = shape.map((d) => dimValue(d, sizes))
      return arrayFrom(dtype, bound, new Float32Array(sizeOf(bound)))
    })
    backend.readSync(program.call(args, sizes))
  })
  Effect.runSync(Effect.scoped(once))
  const { user, system } = process.cpuUsage(used)
  return { wall: performance.now() - start, processor: (user + system) / 1000 }
}

for (const [name, build] of Object.entries({ network, recurrent })) {
  const times = Array.from({ length: 12 }, () => measure(build))
  const best = (key: 'wall' | 'processor') => Math.min(...times.map((t) => t[key]))
  const [first] = times
  const show = (label: string, wall: number, processor: number) =>
    console.log(
      `${name.padEnd(10)} ${label.padEnd(6)} ${wall.toFixed(0).padStart(5)} ms, ` +
        `processor ${processor.toFixed(0).padStart(5)} ms, aim ${aim} ms`,
    )
  show('first', first.wall, first.processor)
  show('best', best('wall'), best('processor'))
}
