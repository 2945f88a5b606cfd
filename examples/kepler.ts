/**
 * A rule of one's own: Kepler's equation, solved by a loop and differentiated by a formula.
 *
 * The loop finds the angle E with E − e·sin E = M. Its derivative needs no loop:
 * dE = (dM + sin E · de) / (1 − e·cos E). Laws compare the rule with differences of the values.
 */
import {
  abs,
  add,
  cos,
  customJvp,
  div,
  f64,
  fn,
  grad,
  gt,
  mul,
  run,
  sin,
  sub,
  vmap,
  whileLoop,
} from 'pullback'
import { derivativeLaws, refutations } from 'pullback/laws'

/** How far an angle is from solving the equation for M and e. */
const miss = fn({ angle: f64(), m: f64(), e: f64() }, function miss({ angle, m, e }) {
  return sub(sub(angle, mul(e, sin(angle))), m)
})

/** The angle by Newton's method; one step more makes its own derivative as exact as its value. */
const search = fn({ m: f64(), e: f64() }, function search({ m, e }) {
  const better = fn({ angle: f64() }, ({ angle }) =>
    sub(angle, div(miss({ angle, m, e }), sub(1, mul(e, cos(angle))))),
  )
  const near = whileLoop(
    m,
    (angle) => gt(abs(miss({ angle, m, e })), 1e-12),
    (angle) => better({ angle }),
  )
  return better({ angle: near })
})

/** The same function with its derivative by the formula, which `sign` can spoil. */
const withRule = (sign: 1 | -1) =>
  customJvp(search, (at, tangent) => {
    const angle = search(at)
    const moved = add(tangent.m, mul(mul(sin(angle), tangent.e), sign))
    return div(moved, sub(1, mul(at.e, cos(angle))))
  })

const anomaly = withRule(1)
const rates = vmap(grad(anomaly, 'm'), { inAxes: { e: null } })
const m = [0, 1, 2, 3]
const e = 0.6
const [angles, speeds] = await Promise.all([
  run(vmap(anomaly, { inAxes: { e: null } }), { m, e }),
  run(rates, { m, e }),
])
m.forEach((time, i) => {
  const [angle, speed] = [angles, speeds].map((x) => x.data[i].toFixed(6))
  console.log(`M = ${time}: E = ${angle}, dE/dM = ${speed}`)
})

for (const sign of [1, -1] as const) {
  const laws = derivativeLaws(withRule(sign), { low: 0.1, high: 0.8 })
  const broken = refutations(laws, { runs: 20, seed: 1 })
  const names = broken.map(({ law }) => law.name).join('; ')
  console.log(`rule with sign ${sign}: ${broken.length === 0 ? 'all laws hold' : names}`)
}
