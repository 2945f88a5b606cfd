/**
 * Refusals: control flow.
 *
 * Each row is an ill-typed program, then what the checker says of it: sentence @ source at fault.
 */
import { describe, expect, it } from 'vitest'
import { openChecker } from './checker.fixture.js'

using check = openChecker()

const refusals: readonly (readonly [source: string, ...sentences: string[]])[] = [
  ['cond(x, () => x, () => x)', '✗ cond needs bool, got f32: cast it with convert @ x'],
  [
    'cond(c, () => x, () => x)',
    '✗ cond needs one bool, got bool[2, 3]: use where to choose elementwise @ c',
  ],
  ['cond(gt(s, 0), () => x, () => y)', '✗ cond: the branches differ: f32[2, 3] and f32[4, 3] @ y'],
  [
    "cond(gt(s, 0), () => x, () => convert(x, 'i32'))",
    "✗ cond: the branches differ: f32[2, 3] and i32[2, 3] @ convert(x, 'i32')",
  ],
  [
    'cond(gt(s, 0), () => ({ a: x, h: y }), () => ({ a: x, h: x }))',
    "✗ cond: the branches differ at 'h': f32[4, 3] and f32[2, 3] @ ({ a: x, h: x })",
  ],
  [
    'cond(gt(s, 0), () => [x, y], () => [x])',
    "✗ cond: the branches differ in what they hold: '1' @ [x]",
  ],
  [
    'cond(gt(s, 0), () => x, () => ({ x }))',
    '✗ cond: the branches differ: f32[2, 3] and a record @ ({ x })',
  ],
  [
    'cond(gt(s, 0), (v) => v, (v) => sum(v), x)',
    '✗ cond: the branches differ: f32[2, 3] and f32[] @ sum(v)',
  ],
  [
    'switchCase(s, [() => x, () => x])',
    '✗ switchCase needs an integer index, got f32: cast it with convert @ s',
  ],
  [
    'switchCase(k, [() => x, () => x, () => y])',
    '✗ switchCase: the branches differ: f32[2, 3] and f32[4, 3] @ [() => x, () => x, () => y]',
  ],
  [
    'scan(s, x, (h, v) => [add(h, v), null])',
    '✗ scan: the carry changes: f32[] and f32[3] @ add(h, v)',
  ],
  [
    "scan({ h: s, i: k }, i, (h, v) => [{ h: h.h, i: convert(h.i, 'f32') }, null])",
    "✗ scan: the carry changes at 'i': i32[] and f32[] @ { h: h.h, i: convert(h.i, 'f32') }",
  ],
  ['scan(s, { i, x }, (h) => [h, null])', '✗ scan: the sequences have lengths 2 and 5 @ { i, x }'],
  [
    'scan(0, x, (h, v) => [h, null])',
    "✗ scan: the carry holds a number: give it a dtype, as constant(0, { dtype: 'i32' }) @ 0",
  ],
  [
    'whileLoop({ i: 0, x }, (c) => lt(c.i, 3), (c) => ({ i: add(c.i, 1), x: c.x }))',
    "✗ whileLoop: the carry holds a number at 'i': give it a dtype, as constant(0, { dtype: 'i32' }) @ { i: 0, x }",
  ],
  [
    'forLoop(3, [s, 1], (i, [h, n]) => [h, n])',
    "✗ forLoop: the carry holds a number at '1': give it a dtype, as constant(0, { dtype: 'i32' }) @ [s, 1]",
  ],
  ['scan(s, s, (h) => [h, null])', '✗ scan needs a first axis on every sequence @ s'],
  ['map(s, (v) => v)', '✗ map needs a first axis on every sequence @ s'],
  ['map({ i, y }, (v) => v.y)', '✗ map: the sequences have lengths 4 and 5 @ { i, y }'],
  ['whileLoop(s, (h) => h, (h) => h)', '✗ whileLoop needs bool, got f32: cast it with convert @ h'],
  [
    'whileLoop(x, (h) => gt(h, 0), (h) => h)',
    '✗ whileLoop needs one bool, got bool[2, 3]: use where to choose elementwise @ gt(h, 0)',
  ],
  [
    'whileLoop(x, (h) => gt(sum(h), 0), (h) => sum(h))',
    '✗ whileLoop: the carry changes: f32[2, 3] and f32[] @ sum(h)',
  ],
  [
    'forLoop(s, x, (i, h) => h)',
    '✗ forLoop needs an integer index, got f32: cast it with convert @ s',
  ],
  [
    'forLoop(10, x, (i, h) => sum(h, { axes: 0 }))',
    '✗ forLoop: the carry changes: f32[2, 3] and f32[3] @ sum(h, { axes: 0 })',
  ],
  [
    'associativeScan(x, (a, b) => sum(a))',
    '✗ associativeScan: the element changes: f32[3] and f32[] @ sum(a)',
  ],
]

const said = check.refusals(refusals.map(([source]) => source))

describe('ill-typed control flow is refused in words', () => {
  it.each(refusals.map(([source, ...sentences], i) => ({ source, sentences, said: said[i] })))(
    '$source',
    ({ sentences, said }) => expect(said).toEqual(sentences),
  )
})
