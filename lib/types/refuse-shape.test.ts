/**
 * Refusals: shape and indexing.
 *
 * Each row is an ill-typed program, then what the checker says of it: sentence @ source at fault.
 */
import { describe, expect, it } from 'vitest'
import { openChecker } from './checker.fixture.js'

using check = openChecker()

const refusals: readonly (readonly [source: string, ...sentences: string[]])[] = [
  ['reshape(x, [4, 2])', '✗ reshape: [2, 3] (6) does not fit [4, 2] (8) @ [4, 2]'],
  ['reshape(x, [-1, 4])', '✗ reshape: [2, 3] (6) does not fit [-1, 4] (4) @ [-1, 4]'],
  ['reshape(x, [-1, -1])', '✗ reshape: [-1, -1] has more than one -1 @ [-1, -1]'],
  ["reshape(n, ['m', 3])", "✗ reshape: [n, 3] (3·n) does not fit [m, 3] (3·m) @ ['m', 3]"],
  ['reshape(n, [3, 3])', '✗ reshape: [n, 3] (3·n) does not fit [3, 3] (9) @ [3, 3]'],
  ['x.pipe(reshape([7]))', '✗ reshape: [2, 3] (6) does not fit [7] (7) @ reshape([7])'],
  ['transpose(x, [0, 0])', '✗ transpose: [0, 0] is not an order of the axes of [2, 3] @ [0, 0]'],
  [
    'transpose(x, [0, 1, 2])',
    '✗ transpose: [0, 1, 2] is not an order of the axes of [2, 3] @ [0, 1, 2]',
  ],
  ['broadcastTo(x, [2, 4])', '✗ broadcastTo: [2, 3] does not stretch to [2, 4] @ [2, 4]'],
  ['broadcastTo(x, [3])', '✗ broadcastTo: [2, 3] does not stretch to [3] @ [3]'],
  ['concat([x, y], { axis: 1 })', '✗ concat: [2, 3] and [4, 3] differ beside axis 1 @ [x, y]'],
  ['concat([x, i])', '✗ dtypes f32 and i32 differ: cast one with convert @ [x, i]'],
  ['concat([x, x], { axis: 2 })', '✗ concat: axis 2 is out of range for [2, 3] @ { axis: 2 }'],
  ['concat([])', '✗ concat needs at least one tensor @ []'],
  ['stack([x, y])', '✗ stack: shapes [2, 3] and [4, 3] differ @ [x, y]'],
  [
    'stack([x, x], { axis: 3 })',
    '✗ stack: axis 3 is out of range for tensors of [2, 3] @ { axis: 3 }',
  ],
  [
    'slice(x, { start: [0, 0], limit: [2, 4] })',
    '✗ slice: limit 4 exceeds size 3 in [2, 3] @ { start: [0, 0], limit: [2, 4] }',
  ],
  [
    'slice(x, { start: [2, 0], limit: [1, 3] })',
    '✗ slice: start 2 exceeds limit 1 in [2, 3] @ { start: [2, 0], limit: [1, 3] }',
  ],
  [
    'slice(x, { start: [0], limit: [2, 3] })',
    '✗ slice: start needs one entry an axis of [2, 3], got 1 @ { start: [0], limit: [2, 3] }',
  ],
  [
    'slice(x, { start: [0, 0], limit: [2] })',
    '✗ slice: limit needs one entry an axis of [2, 3], got 1 @ { start: [0, 0], limit: [2] }',
  ],
  [
    "slice(n, { start: [0, 0], limit: ['m', 3] })",
    "✗ slice: limit 'm' is not the size n in [n, 3] @ { start: [0, 0], limit: ['m', 3] }",
  ],
  [
    'pad(x, { low: [1], high: [1, 1] })',
    '✗ pad: low needs one entry an axis of [2, 3], got 1 @ { low: [1], high: [1, 1] }',
  ],
  [
    'pad(x, { low: [0, -2], high: [0, -2] })',
    '✗ pad crops more than there is of [2, 3] @ { low: [0, -2], high: [0, -2] }',
  ],
  [
    'reverse(x, { axes: [0, 2] })',
    '✗ reverse: axis 2 is out of range for [2, 3] @ { axes: [0, 2] }',
  ],
  ['take(x, x)', '✗ take needs an integer index, got f32: cast it with convert @ x'],
  ['take(x, i, { axis: 2 })', '✗ take: axis 2 is out of range for [2, 3] @ { axis: 2 }'],
  [
    'x.pipe(take(i, { axis: -3 }))',
    '✗ take: axis -3 is out of range for [2, 3] @ take(i, { axis: -3 })',
  ],
  ['takeAlongAxis(x, i)', '✗ takeAlongAxis: [2, 3] and [5] differ beside axis 0 @ i'],
  [
    "takeAlongAxis(x, convert(x, 'i32'), { axis: 5 })",
    '✗ takeAlongAxis: axis 5 is out of range for [2, 3] @ { axis: 5 }',
  ],
  ['scatterAdd(x, i, y)', '✗ scatterAdd: updates [4, 3] are not [5, 3], rows of [2, 3] at [5] @ y'],
  ['scatterSet(x, y, x)', '✗ scatterSet needs an integer index, got f32: cast it with convert @ y'],
  ['scatterAdd(x, k, i)', '✗ dtypes f32 and i32 differ: cast one with convert @ i'],
  [
    'dynamicSlice(x, [k, 0], { sizes: [3, 3] })',
    '✗ dynamicSlice: a window of [3, 3] does not fit into [2, 3] @ { sizes: [3, 3] }',
  ],
  [
    'dynamicSlice(x, [k], { sizes: [1, 3] })',
    '✗ dynamicSlice: starts needs one entry an axis of [2, 3], got 1 @ [k]',
  ],
  [
    'dynamicUpdateSlice(x, y, [k, 0])',
    '✗ dynamicUpdateSlice: a window of [4, 3] does not fit into [2, 3] @ y',
  ],
  ['oneHot(x, { depth: 3 })', '✗ oneHot needs an integer index, got f32: cast it with convert @ x'],
  [
    "iota('n')",
    "Argument of type 'string' is not assignable to parameter of type 'IotaOptions'. @ 'n'",
  ],
  [
    'constant([1, 2, 3], { shape: [2, 2] })',
    '✗ constant: 3 elements do not fit [2, 2] (4) @ { shape: [2, 2] }',
  ],
]

const said = check.refusals(refusals.map(([source]) => source))

describe('an ill-typed shape operation is refused in words', () => {
  it.each(refusals.map(([source, ...sentences], i) => ({ source, sentences, said: said[i] })))(
    '$source',
    ({ sentences, said }) => expect(said).toEqual(sentences),
  )
})
