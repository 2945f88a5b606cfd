/**
 * A derivative by one's own word: log(1 + eˣ), whose slope is the sigmoid of x.
 *
 * `hasty` takes the slope for eˣ. While developing, `customJvp(soft, tooSteep)` is refused where it
 * stands, with the input that shows it; here `laws: false` lets it pass, so that `customRuleLaws`
 * can tell at length. `mended` passes both.
 */
import { add, customJvp, exp, f64, fn, log, mul, sigmoid, type Tensor } from 'pullback'

interface Point {
  readonly x: Tensor<[3], 'f64'>
}

export const soft = fn({ x: f64(3) }, function soft({ x }) {
  return log(add(1, exp(x)))
})

export const tooSteep = ({ x }: Point, tangents: Point) => mul(tangents.x, exp(x))

export const hasty = customJvp(soft, tooSteep, { laws: false })

export const mended = customJvp(soft, ({ x }, tangents) => mul(tangents.x, sigmoid(x)))
