import { describe, expect, it } from 'vitest'
import {
  add,
  cond,
  div,
  f32,
  fn,
  gelu,
  grad,
  i32,
  lt,
  matmul,
  mean,
  mul,
  relu,
  scan,
  sigmoid,
  softmax,
  sqrt,
  sub,
  sum,
  tanh,
  variance,
  vmap,
  whileLoop,
} from '../../index.js'
import { closureOf } from '../../lang/index.js'
import { dense, softmaxCrossEntropy } from '../../nn/index.js'
import { adam, adamSpecs, sgd } from '../../optim/index.js'
import { compile } from '../compile.js'
import type { Step } from '../program.js'

const compiled = (f: unknown) => compile(closureOf(f, 'test').func, { verify: true }).program

/** The kernels that a program without loops runs, by the ops that each fuses. */
const kernelsOf = (f: unknown): readonly string[] =>
  compiled(f).steps.flatMap((step) => (step.tag === 'run' ? [step.kernel] : []))

describe('kernels of chains and rows', () => {
  const x = { x: f32('b', 64) }

  it('tanh-GELU is one', () => {
    expect(kernelsOf(fn(x, ({ x }) => gelu(x)))).toHaveLength(1)
  })

  it('softmax is one', () => {
    expect(kernelsOf(fn(x, ({ x }) => softmax(x, { axis: 1 })))).toHaveLength(1)
  })

  it('layer normalisation is one', () => {
    const layerNorm = fn({ ...x, scale: f32(64), shift: f32(64) }, ({ x, scale, shift }) => {
      const centred = sub(x, mean(x, { axes: [1], keepDims: true }))
      const spread = sqrt(add(variance(x, { axes: [1], keepDims: true }), 1e-5))
      return add(mul(div(centred, spread), scale), shift)
    })
    expect(kernelsOf(layerNorm)).toHaveLength(1)
  })

  it('relu, times 2, plus 1, sigmoid is one', () => {
    expect(kernelsOf(fn(x, ({ x }) => sigmoid(add(mul(relu(x), 2), 1))))).toHaveLength(1)
  })
})

const params = {
  w1: f32(784, 256),
  b1: f32(256),
  w2: f32(256, 128),
  b2: f32(128),
  w3: f32(128, 10),
  b3: f32(10),
}
const batch = { images: f32('batch', 784), labels: i32('batch') }
const loss = fn({ params, ...batch }, function loss({ params: p, images, labels }) {
  const h1 = relu(dense({ x: images, w: p.w1, b: p.b1 }))
  const h2 = relu(dense({ x: h1, w: p.w2, b: p.b2 }))
  return softmaxCrossEntropy({ logits: dense({ x: h2, w: p.w3, b: p.b3 }), labels })
})

describe('kernels of a step of training a 784-256-128-10 network, loss included', () => {
  it('are at most 12 with plain descent', () => {
    const step = fn({ params, ...batch }, function step({ params, images, labels }) {
      const gradients = grad(loss, 'params')({ params, images, labels })
      return {
        loss: loss({ params, images, labels }),
        params: sgd(params, gradients, { rate: 0.1 }),
      }
    })
    const kernels = kernelsOf(step)
    expect(kernels.length, kernels.join('\n')).toBeLessThanOrEqual(12)
  })

  it('are at most 14 with Adam', () => {
    const inputs = { params, state: adamSpecs(params), ...batch }
    const step = fn(inputs, function step({ params, state, images, labels }) {
      const gradients = grad(loss, 'params')({ params, images, labels })
      return {
        loss: loss({ params, images, labels }),
        ...adam(params, gradients, state, { rate: 1e-3 }),
      }
    })
    const kernels = kernelsOf(step)
    expect(kernels.length, kernels.join('\n')).toBeLessThanOrEqual(14)
  })
})

it('equal kernels are one function, however often they run', () => {
  const deep = fn({ x: f32(16, 16), w: f32(16, 16) }, ({ x, w }) => {
    let y = matmul(x, w)
    for (let i = 0; i < 20; i++) y = tanh(matmul(y, w))
    return y
  })
  expect(kernelsOf(deep)).toHaveLength(21)
  expect(compiled(deep).kernels).toHaveLength(2)
})

describe('kernels of loops', () => {
  const recurrent = (length: number) => {
    const inputs = { xs: f32(length, 8), w: f32(8, 8), v: f32(8, 8), h: f32(8) }
    const network = fn(inputs, function network({ xs, w, v, h }) {
      const [last] = scan(h, xs, (s, x) => [tanh(add(matmul(s, w), matmul(x, v))), null])
      return sum(last)
    })
    return compiled(grad(network, 'w'))
  }

  it('of the gradient of a recurrent network are as many for 800 steps as for 3', () => {
    const [short, long] = [recurrent(3), recurrent(800)]
    expect(long.kernels.map((k) => k.name)).toEqual(short.kernels.map((k) => k.name))
    expect(countSteps(long.steps)).toBe(countSteps(short.steps))
  })

  const row = { x: f32() }
  it('of a batch of scans over scalars are one, the loop inside', () => {
    const walk = fn({ ...row, xs: f32(50) }, ({ x, xs }) => {
      const [last, ys] = scan(x, xs, (h, y) => [add(mul(h, 0.5), y), mul(h, y)])
      return { last, ys }
    })
    expectLoopInside(vmap(walk))
  })

  it('of a batch of whiles that stop apart are one, the loop inside', () => {
    const climb = fn(row, ({ x }) =>
      whileLoop(
        x,
        (v) => lt(v, 100),
        (v) => add(mul(v, 1.5), 1),
      ),
    )
    expectLoopInside(vmap(climb))
  })

  it('of a batch of conds are one', () => {
    const choose = fn(row, ({ x }) =>
      cond(
        lt(x, 0.5),
        () => mul(x, 2),
        () => sub(x, 1),
      ),
    )
    expect(kernelsOf(vmap(choose))).toHaveLength(1)
  })
})

function expectLoopInside(f: unknown): void {
  const { kernels, steps } = compiled(f)
  expect(kernels.map((k) => k.name)).toHaveLength(1)
  expect(steps.map((s) => s.tag)).toEqual(['run'])
}

function countSteps(steps: readonly Step[]): number {
  const inside = (step: Step): readonly (readonly Step[])[] => {
    switch (step.tag) {
      case 'for':
        return [step.body]
      case 'while':
        return [step.test, step.body]
      case 'branch':
        return step.cases
      case 'run':
      case 'copy':
      case 'swap':
        return []
    }
  }
  return steps.reduce((n, step) => n + 1 + inside(step).reduce((m, b) => m + countSteps(b), 0), 0)
}
