/**
 * A derivative by one's own word: log(1 + eˣ), whose slope is the sigmoid of x.
 *
 * `hasty` takes the slope for eˣ; `customRuleLaws` refuses it, at the smallest input that shows it.
 * `mended` passes.
 */
import { add, customJvp, exp, f64, fn, log, mul, sigmoid } from 'pullback'

const soft = fn({ x: f64(3) }, function soft({ x }) {
  return log(add(1, exp(x)))
})

export const hasty = customJvp(soft, ({ x }, tangents) => mul(tangents.x, exp(x)))

export const mended = customJvp(soft, ({ x }, tangents) => mul(tangents.x, sigmoid(x)))
