/**
 * Refusals: matmul, einsum, convolution and pooling.
 *
 * Each row is an ill-typed program, then what the checker says of it: sentence @ source at fault.
 */
import { describe, expect, it } from 'vitest'
import { openChecker } from './checker.fixture.js'

using check = openChecker()

const refusals: readonly (readonly [source: string, ...sentences: string[]])[] = [
  ['matmul(x, x)', '✗ matmul: inner dimensions 3 and 2 differ in [2, 3] · [2, 3] @ x'],
  ['matmul(x, s)', '✗ matmul needs at least one axis, got []: use mul @ s'],
  ['matmul(s, x)', '✗ matmul needs at least one axis, got []: use mul @ x'],
  ['matmul(x, i)', '✗ dtypes f32 and i32 differ: cast one with convert @ i'],
  ['matmul(n, n)', '✗ matmul: inner dimensions 3 and n differ in [n, 3] · [n, 3] @ n'],
  ['matmul(img, x)', '✗ matmul: inner dimensions 32 and 2 differ in [8, 3, 32, 32] · [2, 3] @ x'],
  ['x.pipe(matmul(x))', '✗ matmul: inner dimensions 3 and 2 differ in [2, 3] · [2, 3] @ matmul(x)'],
  [
    'matmul(broadcastTo(x, [5, 2, 3]), broadcastTo(w, [7, 3, 4]))',
    '✗ matmul: leading axes [5] and [7] do not broadcast in [5, 2, 3] · [7, 3, 4] @ broadcastTo(w, [7, 3, 4])',
  ],
  ["einsum('ij,jk', x, w)", "✗ einsum: write the result too, as in 'ij,jk->ik' @ 'ij,jk'"],
  ["einsum('ij,jk->ik', x, y)", "✗ einsum: index j is both 3 and 4 @ 'ij,jk->ik'"],
  ["einsum('ij,jk->il', x, w)", "✗ einsum: index l of the result is in no operand @ 'ij,jk->il'"],
  ["einsum('ij,jk->ii', x, w)", "✗ einsum: index i is twice in the result @ 'ij,jk->ii'"],
  ["einsum('ij,jk->ik', x)", "✗ einsum: the spec names 2 operands, got 1 @ 'ij,jk->ik'"],
  ["einsum('ij->i', x, w)", "✗ einsum: the spec names 1 operands, got 2 @ 'ij->i'"],
  ["einsum('ijk->i', x)", "✗ einsum: 'ijk' has more letters than [2, 3] has axes @ 'ijk->i'"],
  ["einsum('i->i', x)", "✗ einsum: 'i' has fewer letters than [2, 3] has axes @ 'i->i'"],
  ["einsum('ij,j->i', x, k)", "✗ dtypes f32 and i32 differ: cast one with convert @ 'ij,j->i'"],
  [
    'conv(img, ker, { groups: 3 })',
    '✗ conv: [8, 3, 32, 32] has 3 channels, kernel [16, 3, 3, 3] takes 9 @ ker',
  ],
  ['conv(x, ker)', '✗ conv: [2, 3] and kernel [16, 3, 3, 3] differ in rank @ ker'],
  ['conv(img, x)', '✗ conv: [8, 3, 32, 32] and kernel [2, 3] differ in rank @ x'],
  ['conv(img, w)', '✗ conv: [8, 3, 32, 32] and kernel [3, 4] differ in rank @ w'],
  [
    'conv(slice(img, { start: [0, 0, 0, 0], limit: [8, 3, 2, 2] }), ker)',
    '✗ conv: kernel [16, 3, 3, 3] is larger than [8, 3, 2, 2] @ ker',
  ],
  [
    'maxPool(img, { window: [40, 2] })',
    '✗ maxPool: window [40, 2] is larger than [8, 3, 32, 32] @ { window: [40, 2] }',
  ],
  [
    'maxPool(img, { window: [2] })',
    '✗ maxPool: window [2] does not match the spatial axes of [8, 3, 32, 32] @ { window: [2] }',
  ],
  [
    'avgPool(x, { window: [2, 2] })',
    '✗ avgPool: window [2, 2] does not match the spatial axes of [2, 3] @ { window: [2, 2] }',
  ],
  [
    "convert(x, 'f99')",
    'Argument of type \'"f99"\' is not assignable to parameter of type \'"bool" | "f16" | "f32" | "f64" | "i32" | "u32"\'. @ \'f99\'',
  ],
]

const said = check.refusals(refusals.map(([source]) => source))

describe('an ill-typed contraction is refused in words', () => {
  it.each(refusals.map(([source, ...sentences], i) => ({ source, sentences, said: said[i] })))(
    '$source',
    ({ sentences, said }) => expect(said).toEqual(sentences),
  )
})
