/**
 * Refusals: functions and their arguments.
 *
 * Each row is an ill-typed program, then what the checker says of it: sentence @ source at fault.
 */
import { describe, expect, it } from 'vitest'
import { openChecker } from './checker.fixture.js'

using check = openChecker()

const refusals: readonly (readonly [source: string, ...sentences: string[]])[] = [
  ['dense({ x, w, c: i })', "✗ 'c' is f32, got i32: cast it with convert @ c"],
  ['dense({ x: y, w, c: s })', "✗ 'c' needs [o], got [] @ c"],
  ['dense({ x, w })', "✗ 'c' is missing @ { x, w }"],
  ['dense({ x, w, c: b, q: b })', "✗ no input is called 'q' @ q"],
  ['dense({ x: w, w, c: b })', "✗ 'i' is both 4 and 3 in 'w' @ w"],
  ['dense({ x, w, c: x })', "✗ 'c' needs [o], got [2, 3] @ c"],
  ['dense({ x, w, c: 1 })', "✗ 'c' needs [o], got a number @ c"],
  [
    'dense({ x, w: y, c: b })',
    "✗ 'i' is both 3 and 4 in 'w' @ w",
    "✗ 'o' is both 3 and 4 in 'c' @ c",
  ],
  ['loss({ x, p: x })', "✗ 'p' needs a record of tensors, got one tensor @ p"],
  [
    'loss({ x, p: { w: y, b } })',
    "✗ 'p.w' needs [3, 2], got [4, 3] @ w",
    "✗ 'p.b' needs [2], got [4] @ b",
  ],
  ['loss({ x, p: { w } })', "✗ 'p.b' is missing @ p"],
  [
    'loss({ x: y, p: { w: reshape(x, [3, 2]), b: constant([1, 2, 3]) } })',
    "✗ 'p.b' needs [2], got [3] @ b",
  ],
  [
    'apply(dense, { x: y, w: x, c: b })',
    "✗ 'i' is both 3 and 2 in 'w' @ w",
    "✗ 'o' is both 3 and 4 in 'c' @ c",
  ],
  [
    "fn({ x: f32('b', 3), y: f32('c', 3) }, ({ x, y }) => add(x, y))",
    '✗ shapes [b, 3] and [c, 3] do not broadcast @ y',
  ],
  [
    'fn({ a: f32(3), m: i32(3) }, ({ a, m }) => mul(a, m))',
    '✗ dtypes f32 and i32 differ: cast one with convert @ m',
  ],
  [
    'const f = fn({ a: f32(5, 3) }, ({ a }) => dense({ x: a, w, c: a }))',
    "✗ 'c' needs [o], got [5, 3] @ c",
  ],
  ['loss({ x, p: { w: transpose(x), b } })', "✗ 'p.b' needs [2], got [4] @ b"],
  [
    'loss({ x, p: { w: transpose(x), b: constant([1, 2]), q: b } })',
    "✗ no input is called 'p.q' @ p",
  ],
  ['loss({ x, p: { w: transpose(x) } })', "✗ 'p.b' is missing @ p"],
  ['loss({ x, p: x })', "✗ 'p' needs a record of tensors, got one tensor @ p"],
  [
    "vjp(fn({ x: f32('n') }, ({ x }) => [x, sum(x)]), 'x')({ primals: { x: b }, cotangent: [b, b] })",
    "✗ 'cotangent.1' needs [], got [4] @ b",
  ],
  [
    "vjp(fn({ x: f32('n') }, ({ x }) => [x, sum(x)]), 'x')({ primals: { x: b }, cotangent: [b] })",
    "✗ 'cotangent.1' is missing @ cotangent",
  ],
  [
    "vjp(fn({ x: f32('n') }, ({ x }) => [x, sum(x)]), 'x')({ primals: { x: b }, cotangent: [x.pipe(sum({ axes: 0 })), s] })",
    "✗ 'n' is both 4 and 3 in 'cotangent' @ cotangent",
  ],
  ['compose(quad, loss)', '✗ a record of results is needed, got one tensor @ loss'],
  ['compose(fn({ q: f32(3) }, ({ q }) => ({ x: q, z: q })), quad)', "✗ 'y' is missing @ quad"],
  [
    'compose(fn({ q: f32(3) }, ({ q }) => ({ x: q, y: q })), quad)',
    "✗ 'y' needs [2, 3], got [3] @ quad",
  ],
  [
    'fanout(quad, fn({ x: f32(4) }, ({ x }) => x))',
    "✗ fanout: the input 'x' is not the same in both @ fn({ x: f32(4) }, ({ x }) => x)",
  ],
]

const said = check.refusals(refusals.map(([source]) => source))

describe('an ill-typed call of a function is refused at the argument at fault', () => {
  it.each(refusals.map(([source, ...sentences], i) => ({ source, sentences, said: said[i] })))(
    '$source',
    ({ sentences, said }) => expect(said).toEqual(sentences),
  )
})
