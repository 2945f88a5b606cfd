/**
 * A pole balanced by policy gradients: a cart is pushed left or right fifty times a second, and
 * each push is a coin whose chance the policy decides. Coins have no path for a derivative; their
 * scores carry it, out of the loop that the episode is. Sixty-four episodes run at once, and each
 * one's score is measured against the mean of the others.
 *
 * The physics is that of Barto, Sutton and Anderson, "Neuronlike adaptive elements that can solve
 * difficult learning control problems" (1983).
 */
import {
  abs,
  add,
  and,
  compile,
  constant,
  convert,
  cos,
  div,
  f32,
  fn,
  lt,
  mul,
  sigmoid,
  sin,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  u32,
  valueAndGrad,
  where,
} from 'pullback'
import { Control, expectation, gen, Random } from 'pullback/effects'
import { adam, adamSpecs } from 'pullback/optim'

const steps = 200
const policy = { w: f32(4) }
const zero = constant(0)
const ten = constant(10)

type Scalar = Tensor<[], 'f32'>
type Cart = {
  readonly at: Scalar
  readonly speed: Scalar
  readonly angle: Scalar
  readonly turn: Scalar
}

/** The cart a fiftieth of a second later. */
function pushed({ at, speed, angle, turn }: Cart, force: Scalar): Cart {
  const swing = div(add(force, mul(0.05, mul(square(turn), sin(angle)))), 1.1)
  const inertia = mul(0.5, sub(4 / 3, div(mul(0.1, square(cos(angle))), 1.1)))
  const turning = div(sub(mul(9.8, sin(angle)), mul(cos(angle), swing)), inertia)
  const speeding = sub(swing, div(mul(0.05, mul(turning, cos(angle))), 1.1))
  return {
    at: add(at, mul(0.02, speed)),
    speed: add(speed, mul(0.02, speeding)),
    angle: add(angle, mul(0.02, turn)),
    turn: add(turn, mul(0.02, turning)),
  }
}

/** How many of the steps the pole stays up, within 12 degrees and 2.4 metres of the middle. */
const balancing = fn({ policy, key: u32(2) }, function balancing({ policy, key }) {
  const episode = gen(function* () {
    const near = () => Random.uniform(-0.05, 0.05)
    const cart: Cart = {
      at: yield* near(),
      speed: yield* near(),
      angle: yield* near(),
      turn: yield* near(),
    }
    const { time } = yield* Control.forLoop(steps, { cart, time: zero }, (_, { cart, time }) =>
      gen(function* () {
        const { at, speed, angle, turn } = cart
        const leaning = sum(mul(policy.w, stack([at, speed, angle, turn])))
        const right = yield* Random.bernoulli(sigmoid(leaning))
        const up = and(lt(abs(angle), 0.2094), lt(abs(at), 2.4))
        const next = pushed(cart, where(right, ten, -10))
        return {
          cart: {
            at: where(up, next.at, at),
            speed: where(up, next.speed, speed),
            angle: where(up, next.angle, angle),
            turn: where(up, next.turn, turn),
          },
          time: add(time, convert(up, 'f32')),
        }
      }),
    )
    return time
  })
  return expectation(key, episode, { samples: 64, baseline: 'leave-one-out' })
})

const state = adamSpecs(policy)
const step = fn({ policy, state, key: u32(2) }, function step({ policy, state, key }) {
  const [time, gradient] = valueAndGrad(balancing, 'policy')({ policy, key })
  const uphill = { w: mul(gradient.w, -1) }
  return { time, ...adam(policy, uphill, state, { rate: 0.1 }) }
})

await using program = await compile(step)
const zeros = { w: [0, 0, 0, 0] }
let now: Omit<Parameters<typeof program>[0], 'key'> = {
  policy: zeros,
  state: { mean: zeros, meanSquare: zeros, count: 0 },
}
for (let i = 0; i <= 60; i++) {
  const { time, params, state } = await program({ ...now, key: [1, i] })
  if (i % 20 === 0) console.log(`after ${i} updates: up for ${(time.toNested() / 50).toFixed(2)} s`)
  now = { policy: params, state }
}
