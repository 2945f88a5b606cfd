/**
 * Logistic regression: all 20,000 steps of gradient descent are one loop in one compiled program,
 * and the Hessian at its end says how far to trust the result.
 *
 * Twenty students: how long each studied, and whether they passed.
 */
import { add, f64, fn, forLoop, grad, hessian, mul, run, softplus, sub, sum } from 'pullback'

const hours = [
  0.5, 0.75, 1, 1.25, 1.5, 1.75, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 4, 4.25, 4.5, 4.75, 5, 5.5,
]
const passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1]

const model = { slope: f64(), offset: f64() }
const data = { x: f64('n'), y: f64('n') }

/** −log of the likelihood: softplus(z) − y·z a student, where z = slope·x + offset. */
const loss = fn({ model, data }, function loss({ model, data }) {
  const z = add(mul(data.x, model.slope), model.offset)
  return sum(sub(softplus(z), mul(data.y, z)))
})

const fit = fn({ model, data }, function fit({ model, data }) {
  return forLoop(20_000, model, (_, now) => {
    const g = grad(loss, 'model')({ model: now, data })
    return {
      slope: sub(now.slope, mul(0.01, g.slope)),
      offset: sub(now.offset, mul(0.01, g.offset)),
    }
  })
})

const given = { x: hours, y: passed }
const fitted = await run(fit, { model: { slope: 0, offset: 0 }, data: given })
const [slope, offset] = [fitted.slope.toNested(), fitted.offset.toNested()]
const found = { model: { slope, offset }, data: given }
console.log(`log odds of passing = ${slope.toFixed(4)} · hours − ${(-offset).toFixed(4)}`)

// The inverse of the Hessian is the covariance of the estimates.
const h = await run(hessian(loss, 'model'), found)
const [a, b, c] = [h.slope.slope, h.slope.offset, h.offset.offset].map((x) => x.toNested())
const det = a * c - b * b
const errors = [Math.sqrt(c / det), Math.sqrt(a / det)].map((x) => x.toFixed(3))
console.log(`standard errors: slope ${errors[0]}, offset ${errors[1]}`)
for (const studied of [1, 3, 5]) {
  const odds = Math.exp(slope * studied + offset)
  console.log(`${studied} h: passes with probability ${(odds / (1 + odds)).toFixed(2)}`)
}
