/**
 * Refusals: elementwise operations and reductions.
 *
 * Each row is an ill-typed program, then what the checker says of it: sentence @ source at fault.
 */
import { describe, expect, it } from 'vitest'
import { openChecker } from './checker.fixture.js'

using check = openChecker()

const refusals: readonly (readonly [source: string, ...sentences: string[]])[] = [
  ['add(x, y)', '✗ shapes [2, 3] and [4, 3] do not broadcast @ y'],
  ['mul(x, y)', '✗ shapes [2, 3] and [4, 3] do not broadcast @ y'],
  ['add(x, i)', '✗ dtypes f32 and i32 differ: cast one with convert @ i'],
  ['sub(i, x)', '✗ dtypes i32 and f32 differ: cast one with convert @ x'],
  ['add(d, x)', '✗ dtypes f64 and f32 differ: cast one with convert @ x'],
  ['add(1, 2)', '✗ add of two numbers: compute it in TypeScript, or write constant(…) @ 2'],
  ['add(i, 0.5)', '✗ 0.5 is not an i32 @ 0.5'],
  ["mul(convert(k, 'u32'), -1)", '✗ -1 is not a u32 @ -1'],
  ['add(c, 1)', '✗ add needs numbers, got bool: cast it with convert @ 1'],
  ['add(c, c)', '✗ add needs numbers, got bool: cast it with convert @ c'],
  ['sin(i)', '✗ sin needs a floating dtype, got i32: cast it with convert @ i'],
  ['sqrt(c)', '✗ sqrt needs a floating dtype, got bool: cast it with convert @ c'],
  ['not(x)', '✗ not needs bool, got f32: cast it with convert @ x'],
  ['and(x, x)', '✗ and needs bool or integers, got f32: cast it with convert @ x'],
  ['gt(c, c)', '✗ gt needs numbers, got bool: cast it with convert @ c'],
  ['eq(x, y)', '✗ shapes [2, 3] and [4, 3] do not broadcast @ y'],
  ['where(x, x, 0)', '✗ where needs bool, got f32: cast it with convert @ x'],
  ['where(c, x, y)', '✗ shapes [2, 3] and [4, 3] do not broadcast @ y'],
  ['where(c, x, i)', '✗ dtypes f32 and i32 differ: cast one with convert @ i'],
  ['where(c, c, 1)', '✗ the other operand is bool, a number is not: cast one with convert @ 1'],
  ['where(c, 1, 2)', '✗ where of two numbers: compute it in TypeScript, or write constant(…) @ 2'],
  ['n.pipe(add(y))', '✗ shapes [n, 3] and [4, 3] do not broadcast @ add(y)'],
  ['x.pipe(sin, add(y), sum)', '✗ shapes [2, 3] and [4, 3] do not broadcast @ add(y)'],
  ['sum(x, { axes: 2 })', '✗ sum: axis 2 is out of range for [2, 3] @ { axes: 2 }'],
  ['sum(x, { axes: [0, -3] })', '✗ sum: axis -3 is out of range for [2, 3] @ { axes: [0, -3] }'],
  ['x.pipe(sum({ axes: 5 }))', '✗ sum: axis 5 is out of range for [2, 3] @ sum({ axes: 5 })'],
  ['mean(i)', '✗ mean needs a floating dtype, got i32: cast it with convert @ i'],
  [
    'logsumexp(x, { axes: [1, 2] })',
    '✗ logsumexp: axis 2 is out of range for [2, 3] @ { axes: [1, 2] }',
  ],
  ['argmax(x, { axis: 2 })', '✗ argmax: axis 2 is out of range for [2, 3] @ { axis: 2 }'],
  ['softmax(x, { axis: -3 })', '✗ softmax: axis -3 is out of range for [2, 3] @ { axis: -3 }'],
  [
    'x.pipe(softmax({ axis: 4 }))',
    '✗ softmax: axis 4 is out of range for [2, 3] @ softmax({ axis: 4 })',
  ],
  ['sort(c)', '✗ sort needs numbers, got bool: cast it with convert @ c'],
  ['topK(x, { k: 4 })', '✗ topK: k = 4 exceeds the last size of [2, 3] @ { k: 4 }'],
  ['topK(s, { k: 1 })', '✗ topK needs at least one axis, got [] @ { k: 1 }'],
]

const said = check.refusals(refusals.map(([source]) => source))

describe('an ill-typed elementwise operation or reduction is refused in words', () => {
  it.each(refusals.map(([source, ...sentences], i) => ({ source, sentences, said: said[i] })))(
    '$source',
    ({ sentences, said }) => expect(said).toEqual(sentences),
  )
})
