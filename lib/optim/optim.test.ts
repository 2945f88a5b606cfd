import { expect, it } from 'vitest'
import { arrayFrom } from '../data/index.js'
import { interpreters } from '../interpret/index.js'
import { add, closureOf, f32, fn, grad, square, sum } from '../lang/index.js'
import { adam, adamSpecs, adamStart, momentum, momentumStart, sgd } from './index.js'

const params = { w: f32(2), deep: [f32()] as const }
const loss = fn({ params }, ({ params: { w, deep } }) => add(sum(square(w)), square(deep[0])))

/** The results of a function at scalars and pairs, as numbers. */
const at = (f: unknown, ...values: readonly (readonly number[])[]) => {
  const { func } = closureOf(f, 'test')
  const args = func.params.map(({ shape }, i) => arrayFrom('f32', shape.map(Number), values[i]))
  return interpreters.evaluate(func, args, {}).map((a) => Array.from(a.data))
}
const f = Math.fround

it('sgd goes down the gradient, in the structure of the parameters', () => {
  const step = fn({ params, rate: f32() }, ({ params, rate }) =>
    sgd(params, grad(loss, 'params')({ params }), { rate }),
  )
  expect(at(step, [1, -2], [4], [0.25])).toEqual([[0.5, -1], [2]])
})

it('momentum keeps its velocity and steps by Nesterov’s rule', () => {
  const step = fn({ params, velocity: params }, ({ params, velocity }) =>
    momentum(params, grad(loss, 'params')({ params }), velocity, { rate: 0.125, decay: 0.5 }),
  )
  // v = 0.5·v + 2θ; θ − 0.125·(2θ + 0.5·v)
  expect(at(step, [1, -2], [4], [2, 0], [0])).toEqual([
    [1 - 0.125 * (2 + 0.5 * 3), -2 - 0.125 * (-4 + 0.5 * -4)],
    [4 - 0.125 * (8 + 0.5 * 8)],
    [3, -4],
    [8],
  ])
})

it('the first step of Adam is the rate, against the sign of each gradient', () => {
  const step = fn({ params }, ({ params }) => {
    const gradients = grad(loss, 'params')({ params })
    return adam(params, gradients, adamStart(params), { rate: 0.5, epsilon: 0 })
  })
  const [w, b, , , , , count] = at(step, [1, -2], [4])
  expect([w, b, count]).toEqual([
    [expect.closeTo(0.5, 6), expect.closeTo(-1.5, 6)],
    [expect.closeTo(3.5, 6)],
    [1],
  ])
})

it('Adam undoes the start from zero: equal gradients make equal steps', () => {
  const step = fn({ params, state: adamSpecs(params) }, ({ params, state }) =>
    adam(params, grad(loss, 'params')({ params }), state, { rate: 0.5 }),
  )
  // Averages as they are after two steps with the gradient 2, which this third one has again.
  const mean = 2 * (1 - 0.9 ** 2)
  const square = 4 * (1 - 0.999 ** 2)
  const [w] = at(step, [1, 1], [1], [mean, mean], [mean], [square, square], [square], [2])
  expect(w).toEqual([expect.closeTo(0.5, 5), expect.closeTo(0.5, 5)])
})

it('velocities start from zeros in the types of the parameters', () => {
  expect(
    at(
      fn({ params }, ({ params }) => momentumStart(params)),
      [1, 2],
      [f(3)],
    ),
  ).toEqual([[0, 0], [0]])
})
