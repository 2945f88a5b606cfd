/**
 * Effect rows: what the checker says of effects that are left, and the types of programs.
 */
import { describe, expect, it } from 'vitest'
import { openChecker } from '../lib/types/checker.fixture.js'

const before = `
import { f32, fn, grad, gt, mul, sum } from '../index.js'
import { collected, Control, gen, log, pure, Random, silenced, tap, value } from './index.js'
const t = fn({ t: f32() }, ({ t }) => t).result
const by = 'measure' as 'score' | 'measure'
const logging = fn({ x: f32(3) }, function* ({ x }) {
  const y = yield* tap('x', x)
  return sum(y)
})
`
using check = openChecker(before, 'effects')

const [atValue, atGrad] = check.refusals([
  "value(gen(function* () { yield* log('x', logging.inputs as never); return 1 }))",
  "grad(logging, 'x')",
])
const types = check.types([
  'logging.result',
  'silenced(logging.result)',
  'value(silenced(logging.result))',
  'value(pure(3))',
  'value(collected(logging.result)).value',
  "grad(fn({ x: f32(3) }, ({ x }) => silenced(logging({ x }))), 'x').result",
])

const arguments_ = check.types([
  'Random.normal(mul(t, 2), 1, { by })',
  'Random.poisson(mul(t, 2), { by })',
  'Control.cond(gt(t, 0), () => Random.normal(mul(t, 2), 1, { by }), () => Random.normal(t, 1))',
])

describe('effect rows', () => {
  it('an effect that is left is refused where a value is asked for', () => {
    expect(atValue[0]).toMatch(/^✗ unhandled effect IO: handle it before value @/)
    expect(atGrad).toEqual(['✗ unhandled effect IO: handle it before grad @ logging'])
  })

  it('a parameter may be computed where it is given, with an estimator behind it', () => {
    const P = '{ readonly by: "measure" | "score"; }'
    const grades = '"t" | "t!cond" | "t#sampling normal" | "t#sampling normal by measure"'
    expect(arguments_).toEqual([
      `Drawn<"normal", [], "f32", "t", ${P}>`,
      `Drawn<"poisson", [], "f32", "t", ${P}>`,
      `Program<Tensor<[], "f32", ${grades}>, "Random">`,
    ])
  })

  it('handlers take their effect out of the row', () => {
    expect(types).toEqual([
      'Program<Tensor<[], "f32", "x">, "IO">',
      'Program<Tensor<[], "f32", "x">, never>',
      'Tensor<[], "f32", "x">',
      'number',
      'Tensor<[], "f32", "x">',
      'Tensor<[3], "f32", "x">',
    ])
  })
})
