/**
 * Words of one element at a time.
 */
import {
  isAny,
  isBool,
  isNumber,
  isReal,
  isWhole,
  type Maker,
  numbers,
  oftenReal,
  one,
  pick,
  rough,
  sameType,
  smooth,
  table,
  tame,
  two,
} from '../maker.js'

export const elementwise: Readonly<Record<string, Maker>> = {
  ...table(
    'sin cos tanh sigmoid exp softplus logSigmoid erf atan expm1 silu gelu stopGradient sinh cosh',
    smooth(one()),
  ),
  ...table('neg square', {
    smooth: true,
    call: (pool, choose, float) => one(oftenReal(isNumber)(choose))(pool, choose, float),
  }),
  ...table('abs sign relu', rough(one(isNumber))),
  ...table(
    'floor ceil round log log1p sqrt rsqrt reciprocal tan cbrt asinh acosh atanh asin acos erfc sinc erfInv lgamma digamma',
    rough(one()),
  ),
  isFinite: rough(one()),
  piecewise: smooth(one()),
  straightThrough: rough((pool, choose) => {
    const hard = pick(pool, choose)
    const soft = hard && pick(pool, choose, sameType(hard))
    return hard && soft && { args: [hard, soft] }
  }),
  polygamma: rough(one(isReal, (_, choose) => ({ n: choose(3) }))),
  not: rough(one((t) => isBool(t) || isWhole(t))),
  ...table('add sub mul', {
    smooth: true,
    call: (pool, choose, float) => two(choose(3) > 0 ? tame : numbers)(pool, choose, float),
  }),
  ...table('max min eq ne lt le gt ge div rem mod pow', rough(two(numbers))),
  ...table('atan2 hypot logaddexp xlogy', rough(two(numbers, () => isReal))),
  ...table('shiftLeft shiftRight', rough(two(numbers, () => isWhole))),
  ...table('and or xor', {
    smooth: false,
    call: (pool, choose) => {
      const x = pick(pool, choose, choose(3) > 0 ? isBool : isWhole)
      const y = x && pick(pool, choose, (t) => t.dtype === x.dtype)
      return x && y && { args: [x, y] }
    },
  }),
  where: rough((pool, choose) => {
    const c = pick(pool, choose, isBool)
    const x = pick(pool, choose, oftenReal(isAny)(choose))
    const y = x && pick(pool, choose, (t) => t.dtype === x.dtype)
    if (!c || !x || !y) return undefined
    return { args: choose(3) === 0 ? [c, x, numbers[choose(numbers.length)]] : [c, x, y] }
  }),
  select: rough((pool, choose) => {
    const c = pick(pool, choose, isBool)
    const x = c && pick(pool, choose, (t) => isNumber(t) && String(t.shape) === String(c.shape))
    const y = x && pick(pool, choose, sameType(x))
    return c && x && y && { args: [c, x, y] }
  }),
  clamp: rough(one(isReal, (_, choose) => ({ min: [-1, 0][choose(2)], max: [0.5, 2][choose(2)] }))),
  convert: rough(
    one(isAny, (_, choose, float) => ({
      dtype: [float, float, 'f64', 'f32', 'i32', 'i32', 'u32', 'bool'][choose(8)],
    })),
  ),
}
