/**
 * Every record of the vocabulary as a whole: what its fields may be, and what it costs.
 */
import { describe, expect, test } from 'vitest'
import { dimValue } from '../data/index.js'
import { interpreters } from '../interpret/index.js'
import { apply, closeStrict, type Func, type Op, parameter, type Sample } from '../term/index.js'
import { ops } from './vocabulary.js'

const dtypes = { float: 'f64', int: 'i32', uint: 'u32', bool: 'bool' } as const

function functionOf(op: Op, sample: Sample): Func {
  const params = sample.args.map((a, i) =>
    parameter({ name: 'f' }, `x${i}`, { dtype: dtypes[a.kind], shape: a.shape }),
  )
  return closeStrict('f', params, apply(op, params, sample.attrs ?? {}))
}

const flops = (func: Func): number =>
  dimValue(interpreters.cost(func).flops, { steps: 20, 'steps*': 20 })

const sampled = ops.filter((op) => op.samples.length > 0)

/** Case files and printed programs name ops: a name that changes is another language. */
const vocabulary = [
  'constant iota size broadcastTo sum reshape neg add sub mul scale reciprocal div',
  'convert stopGradient eq ne lt le gt ge isFinite not and or xor shiftLeft shiftRight',
  'select max min piecewise exp expm1 log log1p xlogy sigmoid softplus logSigmoid',
  'logaddexp square sqrt rsqrt cbrt pow hypot abs sign floor ceil round rem mod sin cos',
  'tan asin acos atan atan2 sinc sinh cosh tanh asinh acosh atanh erf erfc erfInv',
  'lgamma digamma polygamma relu concat switch whileLoop scan checkpoint customJvp',
  'customVjp customTangent linearCall customBatching cumsum cumprod cummax dot',
  'dynamicSlice dynamicUpdateSlice gather scatter recurrence prod reduceMax reduceMin',
  'slice pad transpose reverse argmax argmin sort conv windows',
].flatMap((line) => line.split(' '))

test('the vocabulary is this', () => {
  expect(ops.map((op) => op.name)).toEqual(vocabulary)
})

vocabulary.forEach((name, i) => {
  describe(name, () => {
    test('has a name, and grades that the types know, one for each argument at most', () => {
      expect(ops[i].name).toBe(name)
      const grades = [ops[i].grade].flat()
      expect(grades.length).toBeGreaterThan(0)
      for (const grade of grades) expect(['smooth', 'kink', 'jump', 'cut']).toContain(grade)
    })

    test('says of a rule that is no function that there is none', () => {
      const { jvp, transpose } = ops[i]
      if (typeof jvp !== 'function') expect(jvp).toBe('zero')
      if (typeof transpose !== 'function') expect(transpose).toBe('nonlinear')
    })

    test('has the attributes that it says to hold sizes', () => {
      const { dims = [], samples } = ops[i]
      for (const key of dims) expect(Object.keys(samples[0]?.attrs ?? { [key]: 1 })).toContain(key)
    })
  })
})

describe('cost', () => {
  /** Those that a batch makes into others: choices into selections, windows into gathers. */
  const others = ['switch', 'whileLoop', 'dynamicSlice', 'dynamicUpdateSlice', 'pad']

  test.each(sampled.map((op) => [op.name, op] as const))(
    'of many is as many times: %s',
    (name, op) => {
      for (const sample of op.samples) {
        const func = functionOf(op, sample)
        const every = func.params.map(() => true)
        const many = flops(interpreters.batch(func, every, 3).func)
        if (others.includes(name)) expect(many).toBeGreaterThanOrEqual(3 * flops(func))
        else expect(many).toBe(every.length === 0 ? flops(func) : 3 * flops(func))
      }
    },
  )

  const table: readonly (readonly [string, readonly number[]])[] = [
    ['neg', [1, 3, 0, 6, 4]],
    ['exp', [8, 24, 0, 48]],
    ['convert', [6, 3, 3, 3]],
    ['reshape', [0, 0, 0]],
    ['sum', [12, 24, 0]],
    ['reduceMax', [4, 12, 0]],
    ['cumsum', [5, 24, 0]],
    ['recurrence', [10, 48, 0]],
    ['argmax', [5, 24, 0]],
    ['sort', [80, 384, 0]],
    ['dot', [48, 240, 240, 288, 12, 0, 0]],
    ['conv', [192, 576, 192, 120, 0, 0]],
    ['scan', [9, 0]],
    ['linearCall', [3]],
  ]
  test.each(table)('%s takes %j operations', (name, want) => {
    const op = sampled.find((o) => o.name === name)
    expect(op?.samples.map((sample) => flops(functionOf(op, sample)))).toEqual(want)
  })
})
