import { describe, expect, test } from 'vitest'
import { dimValue, type NDArray } from '../data/index.js'
import { interpreters, vjp } from '../interpret/index.js'
import {
  add,
  logSoftmax,
  matmul,
  mean,
  mul,
  neg,
  ops,
  scan,
  sigmoid,
  sliceAxis,
  square,
  sub,
  sum,
  tanh,
} from '../ops/index.js'
import { closeStrict, parameter, parse, type Term } from '../term/index.js'
import { compareOrders, costOf } from './compare.js'
import { optimise } from './pass.js'
import { standard } from './standard.js'

const binder = { name: 'f' }
const input = (name: string, ...shape: (number | string)[]) =>
  parameter(binder, name, { dtype: 'f64', shape })

function values(shape: readonly number[], seed: number): NDArray {
  const data = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
    Math.sin(seed + 1.7 * i),
  )
  return { dtype: 'f64', shape, data }
}

const network = () => {
  const [x, w, v] = [input('x', 5, 4), input('w', 4, 3), input('v', 3, 2)]
  const out = logSoftmax(matmul(tanh(matmul(x, w)), v))
  return closeStrict('network', [x, w, v], [neg(mean(square(sum(out, { axes: [1] }))))])
}

const recurrent = () => {
  const [xs, w, v, h] = [input('xs', 6, 3), input('w', 3, 3), input('v', 3, 3), input('h', 3)]
  const step = ([s]: readonly Term[], [x]: readonly Term[]) => {
    const next = tanh(add(matmul(s, w), matmul(x, v)))
    return { carry: [next], ys: [mul(next, next)] }
  }
  const { ys } = scan(step, [h], [xs])
  return closeStrict('recurrent', [xs, w, v, h], [mean(ys[0])])
}

/** Gates cut from one projection, sizes named: what a recurrent layer looks like. */
const gated = () => {
  const [w, u, b] = [input('w', 2, 4), input('u', 2, 4), input('b', 4)]
  const [xs, h] = [input('xs', 't', 'b', 2), input('h', 'b', 2)]
  const step = ([s]: readonly Term[], [x]: readonly Term[]) => {
    const z = add(add(matmul(s, u), matmul(x, w)), b)
    const [gate, value] = [sliceAxis(z, 1, 0, 2), sliceAxis(z, 1, 2, 4)]
    const next = add(mul(sigmoid(gate), tanh(value)), mul(sub(1, sigmoid(gate)), s))
    return { carry: [next], ys: [next] }
  }
  return closeStrict('gated', [w, u, b, xs, h], [mean(square(scan(step, [h], [xs]).ys[0]))])
}

const sizes = { t: 4, b: 3 }

describe.each([network(), recurrent(), gated()])('$name', (func) => {
  const active = func.params.map(() => true)

  test('both orders give the same gradients, at a stated cost', () => {
    const { late, early } = compareOrders(func, active, { verify: true })
    const inputs = func.params.map((p, i) =>
      values(
        p.shape.map((d) => dimValue(d, sizes)),
        i,
      ),
    )
    const one: NDArray = { dtype: 'f64', shape: [], data: Float64Array.of(1) }
    const [a, b] = [late, early].map((g) => interpreters.evaluate(g.func, [...inputs, one], sizes))
    const plain = vjp(func, active, interpreters).func
    const exact = interpreters.evaluate(plain, [...inputs, one], sizes)
    exact.forEach((x, i) => {
      x.data.forEach((v, j) => {
        expect(a[i].data[j]).toBeCloseTo(v, 12)
        expect(b[i].data[j]).toBeCloseTo(v, 12)
      })
    })
    for (const { cost } of [late, early]) {
      expect(cost.nodes).toBeGreaterThan(0)
      expect(dimValue(cost.flops, sizes)).toBeGreaterThan(0)
    }
  })
})

test('the gradient of a recurrent network is two loops and products over all steps', () => {
  const { late } = compareOrders(recurrent(), [false, true, true, true])
  const names = late.func.nodes.map((n) => n.op.name)
  expect(names.filter((n) => n === 'scan')).toHaveLength(2)
  // The input projection before the loops; the gradients of both weights after them.
  expect(names.filter((n) => n === 'dot')).toHaveLength(3)
})

test('costs count bodies once and loops by their steps', () => {
  const f = parse(
    `fn f(h: f64[3], xs: f64[4, 3]) {
      z = scan(h, xs) {
        body: fn g(h: f64[3], x: f64[3]) { a = add(h, x)
          return a }
        consts: 0 carry: 1 length: 4 reverse: false }
      return z
    }`,
    ops,
  )
  expect(costOf(f)).toEqual({ flops: 12, nodes: 2, elements: 6 })
})

test('a deep gradient comes out of the passes no larger', () => {
  const [x, w] = [input('x', 'b', 8), input('w', 8, 8)]
  let y = x
  for (let i = 0; i < 40; i++) y = tanh(matmul(y, w))
  const { late } = compareOrders(closeStrict('deep', [x, w], [mean(y)]), [true, true])
  expect(late.func.nodes.length).toBeGreaterThan(150)
  const again = optimise(late.func, standard)
  expect(again.nodes.length).toBeLessThanOrEqual(late.func.nodes.length)
})
