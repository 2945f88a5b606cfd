/**
 * Words along axes: reductions, scans, orders and contractions.
 */
import {
  axisIn,
  type Call,
  type Fits,
  isNamed,
  isNumber,
  isReal,
  type Maker,
  oftenReal,
  one,
  pick,
  rough,
  smooth,
  someAxes,
  table,
  withAxes,
} from '../maker.js'

const onAxis = (fits: Fits = isReal): Call =>
  one(withAxes(1, fits), (t, choose) => ({ axis: axisIn(t, choose) }))
const onAxes = (fits: Fits = isReal): Call =>
  one(withAxes(1, fits), (t, choose) => ({
    axes: someAxes(t, choose),
    keepDims: choose(2) === 0,
  }))
/** An axis that is never empty. */
const onFilledAxis = (fits: Fits): Call =>
  one(
    (t) => fits(t) && t.shape.some((d) => !isNamed(d)),
    (t, choose) => {
      const filled = t.shape.flatMap((d, i) => (isNamed(d) ? [] : [i]))
      return { axis: filled[choose(filled.length)] }
    },
  )

export const along: Readonly<Record<string, Maker>> = {
  sum: smooth((pool, choose, float) => onAxes(oftenReal(isNumber)(choose))(pool, choose, float)),
  mean: smooth(onAxes()),
  ...table('variance std norm', rough(onAxes())),
  ...table('softmax logSoftmax', smooth(onAxis())),
  cumsum: smooth(onAxis()),
  cumprod: rough(onAxis(isNumber)),
  logsumexp: smooth(one(withAxes(1), (t, choose) => ({ axes: [axisIn(t, choose)] }))),
  ...table('reduceMax reduceMin prod', rough(onAxes(isNumber))),
  ...table('sort cummax argsort', rough(onAxis(isNumber))),
  ...table('argmax argmin', rough(onFilledAxis(isNumber))),
  topK: rough(
    one(
      (t) => isReal(t) && typeof t.shape.at(-1) === 'number',
      (t, choose) => ({ k: choose(Number(t.shape.at(-1)) + 1) }),
    ),
  ),
  matmul: smooth((pool, choose) => {
    const x = pick(pool, choose, withAxes(1))
    const inner = x?.shape.at(-1)
    const fits: Fits = (t) =>
      withAxes(1)(t) && t.dtype === x?.dtype && (t.shape.at(-2) ?? t.shape[0]) === inner
    const y = x && pick(pool, choose, fits)
    return x && y && { args: [x, y] }
  }),
}
