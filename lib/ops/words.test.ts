/**
 * Words: what a call by name, with arguments and attributes as a case file has them, means.
 */
import { describe, expect, test } from 'vitest'
import { arrayFrom, type DType, sizeOf } from '../data/index.js'
import { interpreters } from '../interpret/index.js'
import {
  type Attrs,
  apply,
  closeStrict,
  isTerm,
  parameter,
  type Sample,
  show,
  type Term,
} from '../term/index.js'
import { gelu, silu } from './activation.js'
import { argmax, argmin } from './argmax.js'
import { stack } from './concat.js'
import { constant, iota } from './constant.js'
import { straightThrough } from './control/customJvp.js'
import { cummax, cumprod, cumsum } from './cumulative.js'
import { det } from './det.js'
import { einsum } from './einsum.js'
import { matmul } from './matmul.js'
import type { Operand } from './operand.js'
import { randomBits, randomFoldIn, randomNormal, randomSplit, randomUniform } from './random.js'
import { prod, reduceMax, sum } from './reduce.js'
import { refusal } from './refusal.fixture.js'
import { clamp, where } from './select.js'
import { pad, slice } from './slice.js'
import { argsort, sort, sortWithIndices, topK } from './sort.js'
import { avgPool, conv, maxPool } from './spatial.js'
import { digamma } from './special.js'
import { logSoftmax, logsumexp, mean, norm, softmax, std, variance } from './statistics.js'
import { oneHot, scatterAdd, scatterSet, take, takeAlongAxis } from './take.js'
import { expandDims, moveAxis, reverse, squeeze, transpose } from './transpose.js'
import { ops, words } from './vocabulary.js'

const dtypes = { float: 'f64', int: 'i32', uint: 'u32', bool: 'bool' } as const

test('every op has a word, but those that other words and control flow are made of', () => {
  expect(ops.map((op) => op.name).filter((name) => !(name in words))).toEqual([
    ...['size', 'scale', 'switch', 'whileLoop', 'scan', 'checkpoint', 'customJvp', 'customVjp'],
    ...['customTangent', 'linearCall', 'customBatching', 'dot', 'gather', 'scatter', 'recurrence'],
    'windows',
  ])
})

describe('a word with the name of an op means the op', () => {
  // Those of constants and of sorting take other attributes than their ops; they are below.
  const named = ops.filter((op) => op.name in words && !['constant', 'sort'].includes(op.name))
  test.each(named.map((op) => [op.name, op] as const))('%s', (name, op) => {
    for (const sample of op.samples) {
      const attrs = sample.attrs ?? {}
      const word = resultOf(sample, (params) => words[name](params, attrs))
      expect(word).toEqual(resultOf(sample, (params) => apply(op, params, attrs)))
    }
  })

  /** At numbers spread over the sample's ranges. */
  function resultOf({ args }: Sample, f: (params: readonly Term[]) => Term | readonly Term[]) {
    const types = args.map(({ kind, shape }) => ({ dtype: dtypes[kind], shape }))
    const params = types.map((type, i) => parameter({ name: 'f' }, `x${i}`, type))
    const arrays = types.map(({ dtype, shape }, i) => {
      const [low, high] = dtype === 'bool' ? [0, 1] : (args[i].range ?? [-2, 2])
      const at = (_: unknown, k: number) => low + ((high - low) * ((k * 7 + i * 3) % 11)) / 10
      const values = Array.from({ length: sizeOf(shape) }, at)
      return arrayFrom(dtype, shape, dtype === 'f64' ? values : values.map(Math.round))
    })
    return interpreters.evaluate(closeStrict('f', params, [f(params)].flat()), arrays, {})
  }
})

const tensor = (shape: readonly number[], dtype: DType = 'f32'): Term =>
  parameter({ name: 'f' }, 'x', { dtype, shape })

const x = tensor([2, 3])
const v = tensor([4])
const u = tensor([4])
const i = tensor([2], 'i32')
const image = tensor([1, 2, 6, 6])
const kernel = tensor([2, 1, 3, 3])
const key = tensor([2], 'u32')
const tall = tensor([3, 2])
const square = tensor([2, 2])
const pair = tensor([2])
const thin = tensor([1, 3, 1])
const small = tensor([3, 2, 2, 2])
const column = tensor([2, 1], 'i32')
const flag = tensor([2, 3], 'bool')

type Results = Term | readonly Term[]

const meanings: readonly (readonly [string, readonly Operand[], Attrs, () => Results])[] = [
  ['silu', [x], {}, () => silu(x)],
  ['gelu', [x], {}, () => gelu(x, 'tanh')],
  ['gelu', [x], { approximate: 'none' }, () => gelu(x, 'none')],
  ['polygamma', [x], { n: 0 }, () => digamma(x)],
  ['argmax', [x], {}, () => argmax(x)],
  ['argmax', [x], { axis: 0 }, () => argmax(x, 0)],
  ['argmin', [x], { axis: 0 }, () => argmin(x, 0)],
  ['argmax', [x], { axis: 0, keepDims: true }, () => argmax(x, 0, true)],
  ['argmin', [x], { axis: 0, keepDims: true }, () => argmin(x, 0, true)],
  ['stack', [x, x], {}, () => stack([x, x], 0)],
  ['stack', [x, x], { axis: -1 }, () => stack([x, x], -1)],
  ['constant', [], { data: [1, 2], shape: [2, 1] }, () => constant([1, 2], [2, 1], 'f64')],
  ['constant', [], { data: [true], shape: [], dtype: 'bool' }, () => constant([1], [], 'bool')],
  ['iota', [], { length: 3 }, () => iota(3, 'i32')],
  ['iota', [], { length: 'n', dtype: 'f32' }, () => iota('n', 'f32')],
  ['cumsum', [x], {}, () => cumsum(x, { axis: 1, reverse: false })],
  ['cumsum', [x], { axis: -1, reverse: true }, () => cumsum(x, { axis: 1, reverse: true })],
  ['cumprod', [x], { axis: 1 }, () => cumprod(x, { axis: 1, reverse: false })],
  ['cummax', [x], { axis: 1 }, () => cummax(x, { axis: 1, reverse: false })],
  ['det', [square], {}, () => det(square)],
  ['einsum', [x, x], { spec: 'ij,kj->ik' }, () => einsum('ij,kj->ik', [x, x])],
  ['matmul', [x, tall], {}, () => matmul(x, tall)],
  ['randomBits', [key], { shape: [3] }, () => randomBits(key, [3])],
  ['randomSplit', [key], { count: 2 }, () => randomSplit(key, 2)],
  ['randomFoldIn', [key], { data: 7 }, () => randomFoldIn(key, 7)],
  ['randomUniform', [key], { shape: [3] }, () => randomUniform(key, [3])],
  ['randomNormal', [key], { shape: [3] }, () => randomNormal(key, [3])],
  ['sum', [x], {}, () => sum(x)],
  ['sum', [x], { axes: 1, keepDims: true }, () => sum(x, { axes: [1], keepDims: true })],
  ['prod', [x], { axes: [-1] }, () => prod(x, { axes: [1] })],
  ['reduceMax', [x], { axes: [0, 1] }, () => reduceMax(x)],
  ['mean', [x], { axes: [1] }, () => mean(x, { axes: [1] })],
  [
    'variance',
    [x],
    { axes: [1], keepDims: true },
    () => variance(x, { axes: [1], keepDims: true }),
  ],
  ['std', [x], {}, () => std(x)],
  ['norm', [x], { axes: [0] }, () => norm(x, { axes: [0] })],
  [
    'logsumexp',
    [x],
    { axes: [1], keepDims: true },
    () => logsumexp(x, { axes: [1], keepDims: true }),
  ],
  ['softmax', [x], {}, () => softmax(x, 1)],
  ['softmax', [x], { axis: 0 }, () => softmax(x, 0)],
  ['logSoftmax', [x], {}, () => logSoftmax(x, 1)],
  ['logSoftmax', [x], { axis: 0 }, () => logSoftmax(x, 0)],
  ['where', [flag, x, 1], {}, () => where(flag, x, 1)],
  ['select', [flag, 0, x], {}, () => where(flag, 0, x)],
  ['clamp', [x], { min: 0 }, () => clamp(x, 0, Infinity)],
  ['clamp', [x], { max: 2 }, () => clamp(x, -Infinity, 2)],
  ['slice', [v], { start: [1], limit: [3] }, () => slice(v, [1], [3])],
  ['slice', [v], { start: [0], limit: [4], stride: [2] }, () => slice(v, [0], [4], [2])],
  ['pad', [v], { low: [1], high: [2] }, () => pad(v, [1], [2], [0], 0)],
  ['pad', [v, 4], { low: [1], high: [2], interior: [1] }, () => pad(v, [1], [2], [1], 4)],
  ['pad', [v], { low: [1], high: [0], value: 3 }, () => pad(v, [1], [0], [0], 3)],
  ['sort', [x], {}, () => sort(x, -1, false)],
  ['sort', [x], { axis: 0, descending: true }, () => sort(x, 0, true)],
  ['argsort', [x], {}, () => argsort(x, -1, false)],
  ['argsort', [x], { axis: 0, descending: true }, () => argsort(x, 0, true)],
  ['topK', [x], { k: 2 }, () => topK(x, 2)],
  ['conv', [image, small], {}, () => conv(image, small)],
  [
    'conv',
    [image, kernel],
    {
      strides: [2, 1],
      padding: [
        [1, 0],
        [0, 2],
      ],
      inputDilation: [1, 2],
      kernelDilation: [2, 1],
      groups: 2,
    },
    () =>
      conv(image, kernel, {
        strides: [2, 1],
        padding: [
          [1, 0],
          [0, 2],
        ],
        inputDilation: [1, 2],
        kernelDilation: [2, 1],
        groups: 2,
      }),
  ],
  [
    'conv',
    [image, kernel],
    { padding: 'same', groups: 2 },
    () => conv(image, kernel, { padding: 'same', groups: 2 }),
  ],
  [
    'conv',
    [image, kernel],
    { padding: 'valid', groups: 2 },
    () =>
      conv(image, kernel, {
        padding: [
          [0, 0],
          [0, 0],
        ],
        groups: 2,
      }),
  ],
  [
    'maxPool',
    [image],
    { window: [2, 3] },
    () => maxPool(image, { window: [2, 3], strides: [2, 3] }),
  ],
  [
    'avgPool',
    [image],
    { window: [2, 2], strides: [1, 2] },
    () => avgPool(image, { window: [2, 2], strides: [1, 2] }),
  ],
  ['take', [x, i], {}, () => take(x, i, 0)],
  ['take', [x, 1], { axis: 1 }, () => take(x, 1, 1)],
  ['takeAlongAxis', [v, i], {}, () => takeAlongAxis(v, i, 0)],
  ['takeAlongAxis', [x, column], { axis: 1 }, () => takeAlongAxis(x, column, 1)],
  ['scatterAdd', [v, i, pair], {}, () => scatterAdd(v, i, pair)],
  ['scatterSet', [v, i, pair], {}, () => scatterSet(v, i, pair)],
  ['oneHot', [i], { depth: 3 }, () => oneHot(i, 3, 'f32')],
  ['oneHot', [i], { depth: 3, dtype: 'bool' }, () => oneHot(i, 3, 'bool')],
  ['transpose', [x], {}, () => transpose(x, [1, 0])],
  ['moveAxis', [image], { from: 1, to: -1 }, () => moveAxis(image, 1, 3)],
  ['reverse', [x], {}, () => reverse(x, [0, 1])],
  ['reverse', [x], { axes: -1 }, () => reverse(x, [1])],
  ['squeeze', [thin], {}, () => squeeze(thin, [0, 2])],
  ['squeeze', [thin], { axes: [2] }, () => squeeze(thin, [2])],
  ['expandDims', [x], { axis: 1 }, () => expandDims(x, 1)],
  ['straightThrough', [v, u], {}, () => straightThrough(v, u)],
]

test.each(meanings.map(([word, args, attrs, meaning]) => [word, attrs, args, meaning] as const))(
  '%s with %j',
  (word, attrs, args, meaning) => {
    const text = (results: Term | readonly Term[]) =>
      show(closeStrict('f', [...new Set(args.filter(isTerm))], [results].flat()))
    expect(text(words[word](args, attrs))).toBe(text(meaning()))
  },
)

const onLast = ['argmax', 'argmin', 'softmax', 'logSoftmax', 'sort', 'argsort']
test.each([...onLast, 'cumsum', 'cumprod', 'cummax'])(
  '%s takes the last axis by itself',
  (word) => {
    const text = (attrs: Attrs) =>
      show(closeStrict('f', [image], [words[word]([image], attrs)].flat()))
    expect(text({})).toBe(text({ axis: 3 }))
  },
)

describe('what is wrong is said in the name of the word', () => {
  test.each(Object.keys(words))('%s without arguments', (word) => {
    expect(refusal(() => words[word]([], {}))).toContain(`: ${word}: `)
  })

  // Select is where, and says so.
  const tensors = meanings.filter(
    ([word, args]) => word !== 'select' && args.filter(isTerm).length > 1,
  )
  test.each(tensors)('%s without its last argument, or with a text for it', (word, args, attrs) => {
    const last = args.length - 1
    const wrong = [args.slice(0, last), args.with(last, 'text' as never)]
    for (const given of wrong) {
      if (['stack', 'einsum'].includes(word) && given.length === last) continue
      expect(refusal(() => words[word](given, attrs))).toContain(`: ${word}: `)
    }
  })

  const ofOne = [
    ...['sum', 'prod', 'reduceMax', 'reduceMin', 'mean', 'variance', 'std', 'norm', 'logsumexp'],
    ...['argmax', 'argmin', 'softmax', 'logSoftmax', 'sort', 'argsort', 'cumsum', 'cumprod'],
    ...['cummax', 'reverse', 'squeeze', 'expandDims'],
  ].map((word) => [word, [x]] as const)
  test.each<readonly [string, readonly Term[]]>([
    ...ofOne,
    ['concat', [x, x]],
    ['stack', [x, x]],
    ['take', [x, column]],
    ['takeAlongAxis', [x, column]],
  ])('%s along an axis that is not there', (word, args) => {
    const message = refusal(() => words[word](args, { axis: 9, axes: [9] }))
    expect(message).toContain(`attribute: ${word}: axis 9 of `)
  })

  test.each(meanings)('%s with another attribute', (word, args, attrs) => {
    for (const key of Object.keys(attrs)) {
      expect(refusal(() => words[word](args, { ...attrs, [key]: {} }))).toContain(
        `attribute: ${word}: attribute '${key}' is {}`,
      )
    }
  })
})

test.each<readonly [string, readonly Term[], () => Results, () => Results]>([
  ['gelu', [x], () => gelu(x), () => gelu(x, 'tanh')],
  ['argmax', [x], () => argmax(x), () => argmax(x, 1, false)],
  ['argmin', [x], () => argmin(x), () => argmin(x, 1, false)],
  ['constant', [], () => constant([1, 2]), () => constant([1, 2], [2], 'f32')],
  ['iota', [], () => iota(3), () => iota(3, 'i32')],
  ['sort', [x], () => sort(x), () => sort(x, 1, false)],
  ['argsort', [x], () => argsort(x), () => argsort(x, 1, false)],
  [
    'sortWithIndices',
    [image],
    () => sortWithIndices(image),
    () => sortWithIndices(image, 3, false),
  ],
  ['oneHot', [i], () => oneHot(i, 3), () => oneHot(i, 3, 'f32')],
  ['take', [x, i], () => take(x, i), () => take(x, i, 0)],
  ['softmax', [x], () => softmax(x), () => softmax(x, -1)],
  ['logSoftmax', [x], () => logSoftmax(x), () => logSoftmax(x, -1)],
  ['transpose', [image], () => transpose(image), () => transpose(image, [3, 2, 1, 0])],
  ['reverse', [x], () => reverse(x), () => reverse(x, [0, 1])],
  ['slice', [v], () => slice(v, [1], [3]), () => slice(v, [1], [3], [1])],
  ['pad', [v], () => pad(v, [1], [2]), () => pad(v, [1], [2], [0], 0)],
  ['sum', [x], () => sum(x), () => sum(x, { axes: [0, 1], keepDims: false })],
  ['randomUniform', [key], () => randomUniform(key, [2]), () => randomUniform(key, [2], 'f32')],
  ['randomNormal', [key], () => randomNormal(key, [2]), () => randomNormal(key, [2], 'f32')],
])('what %s leaves out is as documented', (_, params, short, long) => {
  const text = (results: Term | readonly Term[]) => show(closeStrict('f', params, [results].flat()))
  expect(text(short())).toBe(text(long()))
})
