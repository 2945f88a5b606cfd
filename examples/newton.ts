/**
 * Newton's method with the exact Hessian, as one loop inside one compiled program.
 */
import {
  add,
  and,
  div,
  f64,
  fn,
  grad,
  gt,
  hessian,
  i32,
  lt,
  mul,
  norm,
  run,
  square,
  stack,
  sub,
  take,
  whileLoop,
} from 'pullback'

/** Rosenbrock's valley, (1 − x)² + 100 (y − x²)². Its minimum is at (1, 1). */
const valley = fn({ p: f64(2) }, function valley({ p }) {
  const [x, y] = [take(p, 0), take(p, 1)]
  return add(square(sub(1, x)), mul(100, square(sub(y, square(x)))))
})
const slope = grad(valley, 'p')
const curvature = hessian(valley, 'p')

/** h⁻¹ g, by Cramer's rule. */
const solve = fn({ h: f64(2, 2), g: f64(2) }, function solve({ h, g }) {
  const [top, bottom] = [take(h, 0), take(h, 1)]
  const [a, b] = [take(top, 0), take(top, 1)]
  const [c, d] = [take(bottom, 0), take(bottom, 1)]
  const [u, v] = [take(g, 0), take(g, 1)]
  const numerators = stack([sub(mul(d, u), mul(b, v)), sub(mul(a, v), mul(c, u))])
  return div(numerators, sub(mul(a, d), mul(b, c)))
})

const minimise = fn({ start: f64(2), steps: i32() }, function minimise({ start, steps }) {
  return whileLoop(
    { p: start, steps },
    ({ p, steps }) => and(gt(norm(slope({ p })), 1e-9), lt(steps, 50)),
    ({ p, steps }) => ({
      p: sub(p, solve({ h: curvature({ p }), g: slope({ p }) })),
      steps: add(steps, 1),
    }),
  )
})

for (const start of [
  [-1.2, 1],
  [2, -3],
]) {
  const { p, steps } = await run(minimise, { start, steps: 0 })
  const found = Array.from(p.data, (x) => x.toFixed(6)).join(', ')
  console.log(`from ${start.join(', ')}: ${steps.toNested()} steps to ${found}`)
}
const h = await run(curvature, { p: [1, 1] })
console.log('the Hessian at the minimum:', JSON.stringify(h.toNested()))
