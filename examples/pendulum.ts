/**
 * A pendulum's length and friction, from watching it: the simulation is a `scan`, its gradient is
 * a loop backwards, and all 500 steps of Adam are one more loop around, in one program.
 */
import {
  add,
  div,
  exp,
  f64,
  fn,
  forLoop,
  mean,
  mul,
  neg,
  run,
  scan,
  sin,
  square,
  sub,
  valueAndGrad,
} from 'pullback'
import { adam, adamSpecs } from 'pullback/optim'

/** Seconds between two looks. */
const dt = 0.05
const p = { logLength: f64(), damping: f64() }
const start = { angle: f64(), speed: f64() }

/** The angle at each look, in radians: Euler's method, the speed first. [looks] → [looks]. */
const swing = fn({ p, start, looks: f64('looks') }, function swing({ p, start, looks }) {
  const stiffness = div(9.81, exp(p.logLength))
  const [, angles] = scan(start, looks, ({ angle, speed }) => {
    const force = neg(add(mul(stiffness, sin(angle)), mul(p.damping, speed)))
    const next = add(speed, mul(dt, force))
    return [{ angle: add(angle, mul(dt, next)), speed: next }, angle]
  })
  return angles
})

const loss = fn({ p, start, seen: f64('looks') }, function loss({ p, start, seen }) {
  return mean(square(sub(swing({ p, start, looks: seen }), seen)))
})

const inputs = { p, start, seen: f64('looks'), state: adamSpecs(p) }
const fit = fn(inputs, function fit({ p, start, seen, state }) {
  return forLoop(500, { p, state }, (_, now) => {
    const [, gradients] = valueAndGrad(loss, 'p')({ p: now.p, start, seen })
    const next = adam(now.p, gradients, now.state, { rate: 0.02 })
    return { p: next.params, state: next.state }
  })
})

const released = { angle: 1, speed: 0 }
const truth = { logLength: Math.log(1.3), damping: 0.25 }
const angles = await run(swing, { p: truth, start: released, looks: new Float64Array(200) })
/** The angles as a camera would see them, off by up to a hundredth. */
const seen = angles.data.map((angle, i) => angle + 0.01 * Math.sin(i * i))

const zero = { logLength: 0, damping: 0 }
const state = { mean: zero, meanSquare: zero, count: 0 }
const found = await run(fit, { p: zero, start: released, seen, state })
const length = Math.exp(found.p.logLength.toNested())
console.log(`length ${length.toFixed(2)} m, friction ${found.p.damping.toNested().toFixed(2)} 1/s`)
