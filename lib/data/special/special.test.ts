/**
 * Special functions against values computed in 50 digits and rounded once (mpmath 1.3).
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cosPi, digamma, erf, erfc, erfInv, lgamma, polygamma, sinc, sinPi } from './index.js'

/** The distance in units of the last place of `want`. */
function ulps(got: number, want: number): number {
  if (Object.is(got, want)) return 0
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(want))), -1022)
  return Math.abs(got - want) / 2 ** (exponent - 52)
}

const functions: Readonly<Record<string, (x: number) => number>> = {
  erf,
  erfc,
  erfInv,
  lgamma,
  digamma,
  trigamma: (x) => polygamma(1, x),
  tetragamma: (x) => polygamma(2, x),
  sinc,
}

const table: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  erf: [
    [1e-300, 1.1283791670955126e-300],
    [1e-10, 1.1283791670955126e-10],
    [0.3, 0.3286267594591274],
    [0.7, 0.6778011938374184],
    [0.9999999, 0.842700751438961],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [3.4, 0.9999984780066371],
    [5.9, 0.9999999999999999],
    [-0.5, -0.5204998778130465],
    [-2.2, -0.9981371537020182],
  ],
  erfc: [
    [1e-20, 1.0],
    [0.3, 0.6713732405408726],
    [0.4999999, 0.47950021006521576],
    [0.5, 0.4795001221869535],
    [1, 0.15729920705028513],
    [2.3, 0.0011431765973566525],
    [7.7, 1.2942740067717136e-27],
    [15.2, 1.695311623663205e-102],
    [26.5, 2.2109076642637343e-307],
    [-0.3, 1.3286267594591274],
    [-0.99, 1.8385080695553697],
    [-1.2, 1.9103139782296354],
    [-5, 1.9999999999984626],
  ],
  erfInv: [
    [1e-300, 8.86226925452758e-301],
    [1e-9, 8.86226925452758e-10],
    [0.1, 0.08885599049425769],
    [0.4999, 0.4768250236254278],
    [0.5, 0.4769362762044699],
    [0.9, 1.1630871536766743],
    [0.9999, 2.75106390571208],
    [0.9999999999999999, 5.8635847487551676],
    [-0.7, -0.7328690779592167],
  ],
  lgamma: [
    [1e-300, 690.7755278982137],
    [1e-8, 18.42068073818021],
    [0.3, 1.0957979948180756],
    [0.75, 0.20328095143129538],
    [0.9999999999, 5.7721571274281786e-11],
    [1.0000000001, -5.772157125783244e-11],
    [1.25, -0.09827183642181316],
    [1.75, -0.08440112102048555],
    [1.9999999999, -4.2278437004755317e-11],
    [2.0000000001, 4.2278437011204657e-11],
    [2.6, 0.35741186354897986],
    [3.5, 1.2009736023470743],
    [7.999, 8.523145786158915],
    [8, 8.525161361065415],
    [100.5, 361.4355404677776],
    [10000000000.0, 220258509288.81058],
    [1e300, 6.897755278982137e302],
    [-1e-280, 644.7238260383328],
    [-0.5, 1.2655121234846454],
    [-1.5, 0.860047015376481],
    [-3.7, -1.3797399049658245],
    [-20.3, -41.887292480135244],
    [-100.7, -365.61225576180533],
  ],
  digamma: [
    [1e-300, -9.999999999999999e299],
    [1e-5, -100000.57719921567],
    [0.3, -3.502524222200133],
    [1, -0.5772156649015329],
    [1.4616321449683622, -9.241265521729427e-17],
    [1.4616321449683625, 1.2245374622004068e-16],
    [1.9, 0.35618416116405965],
    [2, 0.42278433509846713],
    [5.5, 1.6110931485817512],
    [9.99, 2.250700372831201],
    [10, 2.251752589066721],
    [100000.0, 11.512920464961896],
    [1e300, 690.7755278982137],
    [-0.3, 2.113309779635399],
    [-1.7, -1.4857174995110567],
    [-20.3, 5.317549924239749],
  ],
  trigamma: [
    [1e-100, 1e200],
    [0.01, 10001.621213528313],
    [0.5, 4.934802200544679],
    [1, 1.6449340668482264],
    [5, 0.22132295573711533],
    [15, 0.0689382278476838],
    [100000000.0, 1.000000005e-8],
    [1e200, 1e-200],
    [-0.3, 13.945160267805722],
    [-4.6, 10.716107835423417],
  ],
  tetragamma: [
    [1e-80, -2.0000000000000004e240],
    [0.01, -2000002.340398677],
    [0.5, -16.82879664423432],
    [1, -2.4041138063191885],
    [5, -0.048789732245114494],
    [15, -0.004750602716551555],
    [100000000.0, -1.00000001e-16],
    [-0.3, 67.63908119988317],
    [-4.6, -22.314382257130532],
  ],
  sinc: [
    [1e-300, 1.0],
    [1e-8, 0.9999999999999999],
    [0.3, 0.8583936913341398],
    [0.999999, 1.0000010000281109e-6],
    [1.000001, -9.999989999170885e-7],
    [-2.5, 0.12732395447351627],
    [100000.25, 2.2507851634298567e-6],
    [1000000000000000.5, 3.183098861837905e-16],
  ],
}

describe('within four units of the last place', () => {
  test.each(Object.entries(table))('%s', (name, rows) => {
    for (const [x, want] of rows) {
      expect(ulps(functions[name](x), want), `${name}(${x})`).toBeLessThanOrEqual(4)
    }
  })
})

describe('at the ends of the domain', () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number
  const ends: readonly (readonly [string, number, number])[] = [
    ['erf', 0, 0],
    ['erf', -0, -0],
    ['erf', inf, 1],
    ['erf', -inf, -1],
    ['erfc', inf, 0],
    ['erfc', 30, 0],
    ['erfc', -inf, 2],
    ['erfInv', 1, inf],
    ['erfInv', -1, -inf],
    ['erfInv', 1.5, nan],
    ['erfInv', -0, -0],
    ['lgamma', 0, inf],
    ['lgamma', -0, inf],
    ['lgamma', -3, inf],
    ['lgamma', 1, 0],
    ['lgamma', 2, 0],
    ['lgamma', inf, inf],
    ['lgamma', -inf, inf],
    ['lgamma', 1e308, inf],
    ['digamma', 0, -inf],
    ['digamma', -0, inf],
    ['digamma', -1e-310, inf],
    ['digamma', -2, nan],
    ['digamma', inf, inf],
    ['digamma', -inf, nan],
    ['trigamma', 0, inf],
    ['trigamma', -2, inf],
    ['trigamma', inf, 0],
    ['tetragamma', 0, -inf],
    ['tetragamma', -0, inf],
    ['tetragamma', -2, nan],
    ['sinc', 0, 1],
    ['sinc', 3, 0],
    ['sinc', inf, 0],
  ]
  test.each(ends)('%s(%d) = %d', (name, x, want) => {
    const got = functions[name](x)
    // Zeros of either sign are one answer at sinc's zeros and at the far tail.
    if (want === 0 && x !== 0) expect(Math.abs(got)).toBe(0)
    else expect(got).toBe(want)
  })

  test.each(Object.keys(functions))('%s keeps NaN', (name) => {
    expect(functions[name](nan)).toBeNaN()
  })
})

describe('identities', () => {
  const between = (min: number, max: number) =>
    fc.double({ min, max, noNaN: true, noDefaultInfinity: true })

  test('erfInv undoes erf, as far as erf keeps the argument apart', () => {
    fc.assert(
      fc.property(between(-3, 3), (x) => {
        const condition = Math.exp(x * x)
        expect(Math.abs(erfInv(erf(x)) - x)).toBeLessThanOrEqual(2 ** -51 * condition)
      }),
    )
  })

  test('erfc is one minus erf', () => {
    fc.assert(
      fc.property(between(-6, 6), (x) => {
        expect(Math.abs(erf(x) + erfc(x) - 1)).toBeLessThanOrEqual(2 ** -51)
      }),
    )
  })

  test('digamma and its derivatives climb by reciprocals', () => {
    fc.assert(fc.property(between(0.01, 50), fc.integer({ min: 0, max: 6 }), climbs))
  })

  test('so do those of odd order left of 0, poles included', () => {
    const left = between(-90, -0.01).filter((x) => Math.abs(x - Math.round(x)) > 1e-6)
    fc.assert(fc.property(left, fc.constantFrom(1, 3, 5), climbs))
  })

  function climbs(x: number, n: number): void {
    const step = ((n % 2 === 0 ? 1 : -1) * factorial(n)) / x ** (n + 1)
    const above = polygamma(n, x + 1)
    const error = Math.abs(above - polygamma(n, x) - step)
    // x + 1 is rounded, which moves a derivative of order n by at most n + 2 units.
    expect(error).toBeLessThanOrEqual(2 ** -52 * (n + 8) * (Math.abs(step) + Math.abs(above)))
  }

  test('sinPi and cosPi lie on the circle and repeat exactly', () => {
    fc.assert(
      fc.property(between(-1e6, 1e6), (x) => {
        expect(Math.abs(sinPi(x) ** 2 + cosPi(x) ** 2 - 1)).toBeLessThanOrEqual(2 ** -51)
        const turned = x + 2 - 2 === x ? x + 2 : x
        expect(sinPi(turned)).toBe(sinPi(x))
      }),
    )
  })
})

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
