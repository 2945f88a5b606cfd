/**
 * Functions that the tests of the command line load.
 */
import {
  add,
  f32,
  fn,
  grad,
  i32,
  log,
  mul,
  sin,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
} from '../lib/index.js'
import { stopGradient } from '../lib/ops/index.js'
import { isTerm } from '../lib/term/index.js'

/** Σ tanh(x·w) + sin(b) */
export const smooth = fn(
  { x: f32('batch', 3), p: { w: f32(3), b: f32() } },
  function smooth({ x, p }) {
    return add(sum(tanh(mul(x, p.w))), sin(p.b))
  },
)

export const slope = grad(smooth, 'p')

/** x, as a constant to differentiation. */
const still = <T extends Tensor>(x: T): T =>
  // The same shape and dtype; a tensor is a term at run time.
  isTerm(x) ? (stopGradient(x) as unknown as T) : x

/** x² whose derivative misses one factor. */
export const wrong = fn({ x: f32(3) }, function wrong({ x }) {
  return mul(x, still(x))
})

export const whole = fn({ i: i32(3) }, function whole({ i }) {
  return i
})

/** tanh xᵀ, written the way it is wanted. */
export const turned = fn({ x: f32(20, 30) }, function turned({ x }) {
  return transpose(tanh(x), [1, 0])
})

/** Not a number anywhere near zero. */
export const nowhere = fn({ x: f32(3) }, function nowhere({ x }) {
  return log(sub(x, 10))
})

export const notAFunction = 3
