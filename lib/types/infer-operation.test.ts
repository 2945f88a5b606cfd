/**
 * Inferred types: operations.
 *
 * Each row is an expression and its type, as the checker prints it.
 */
import { describe, expect, it } from 'vitest'
import { openChecker } from './checker.fixture.js'

using check = openChecker()

const types: readonly (readonly [source: string, type: string])[] = [
  ['add(x, 1)', 'Tensor<[2, 3], "f32", "x">'],
  ['mul(2, x)', 'Tensor<[2, 3], "f32", "x">'],
  ['add(x, constant(1))', 'Tensor<[2, 3], "f32", "x">'],
  ['add(n, 1)', 'Tensor<["n", 3], "f32", "n">'],
  ['add(n, x.pipe(slice({ start: [0, 0], limit: [1, 3] })))', 'Tensor<["n", 3], "f32", "n" | "x">'],
  ['add(u, n)', 'Tensor<["n", 3], "f32", "n" | "u">'],
  ['add(u, u)', 'Tensor<[number, 3], "f32", "u">'],
  ['add(any, x)', 'Tensor<Dim[], "f32", string>'],
  ['sub(d, 1.5)', 'Tensor<[2, 3], "f64", "d">'],
  ['add(mul(x, 2), div(x, add(x, 1)))', 'Tensor<[2, 3], "f32", "x">'],
  ['relu(x)', 'Tensor<[2, 3], "f32", "x~relu">'],
  ['abs(relu(x))', 'Tensor<[2, 3], "f32", "x~relu">'],
  ['floor(relu(x))', 'Tensor<[2, 3], "f32", "x#floor">'],
  ['rem(x, 2)', 'Tensor<[2, 3], "f32", "x!rem">'],
  ['max(x, s)', 'Tensor<[2, 3], "f32", "s~max" | "x~max">'],
  ['gt(x, 0)', 'Tensor<[2, 3], "bool", "x#gt">'],
  ['and(gt(x, 0), c)', 'Tensor<[2, 3], "bool", "c#and" | "x#gt">'],
  ['isFinite(d)', 'Tensor<[2, 3], "bool", "d#isFinite">'],
  ['where(c, x, 0)', 'Tensor<[2, 3], "f32", "c#where" | "x">'],
  ['where(gt(x, 0), x, s)', 'Tensor<[2, 3], "f32", "s" | "x" | "x!where">'],
  ['where(gt(x, 0), 1, s)', 'Tensor<[2, 3], "f32", "s" | "x#gt">'],
  ['x.pipe(sin, add(1), mul(x), sum({ axes: 0 }))', 'Tensor<[3], "f32", "x">'],
  [
    'x.pipe(matmul(w), softmax, relu, reshape([-1]), sum)',
    'Tensor<[], "f32", "w~relu" | "x~relu">',
  ],
  ["convert(i, 'f32')", 'Tensor<[5], "f32", "i">'],
  ["convert(x, 'i32')", 'Tensor<[2, 3], "i32", "x#convert">'],
  ["convert(x, 'f16')", 'Tensor<[2, 3], "f16", "x">'],
  ['clamp(x, { min: 0 })', 'Tensor<[2, 3], "f32", "x~clamp">'],
  ["x.pipe(gelu({ approximate: 'none' }))", 'Tensor<[2, 3], "f32", "x">'],
  ['sum(x)', 'Tensor<[], "f32", "x">'],
  ['sum(x, { axes: 0 })', 'Tensor<[3], "f32", "x">'],
  ['mean(x, { axes: [-1], keepDims: true })', 'Tensor<[2, 1], "f32", "x">'],
  ['reduceMax(x, { keepDims: true })', 'Tensor<[1, 1], "f32", "x~reduceMax">'],
  ['sum(i)', 'Tensor<[], "i32", "i">'],
  ['argmax(x)', 'Tensor<[2], "i32", "x#argmax">'],
  ['argmin(x, { axis: 0, keepDims: true })', 'Tensor<[1, 3], "i32", "x#argmin">'],
  ['softmax(x, { axis: 0 })', 'Tensor<[2, 3], "f32", "x">'],
  ['sort(x)', 'Tensor<[2, 3], "f32", "x~sort">'],
  ['argsort(x)', 'Tensor<[2, 3], "i32", "x#argsort">'],
  [
    'topK(x, { k: 2 })',
    'readonly [values: Tensor<[2, 2], "f32", "x~topK">, indices: Tensor<[2, 2], "i32", "x#topK">]',
  ],
  ['matmul(x, w)', 'Tensor<[2, 4], "f32", "w" | "x">'],
  ['matmul(n, w)', 'Tensor<["n", 4], "f32", "n" | "w">'],
  ['matmul(b, transpose(w))', 'Tensor<[3], "f32", "b" | "w">'],
  ['matmul(w, b)', 'Tensor<[3], "f32", "b" | "w">'],
  ['matmul(b, b)', 'Tensor<[], "f32", "b">'],
  ['matmul(img, transpose(img, [0, 1, 3, 2]))', 'Tensor<[8, 3, 32, 32], "f32", "img">'],
  ['matmul(u, w)', 'Tensor<[number, 4], "f32", "u" | "w">'],
  ["einsum('ij,jk->ik', x, w)", 'Tensor<[2, 4], "f32", "w" | "x">'],
  ["einsum('nij,jk,k->ni', stack([x, x]), w, b)", 'Tensor<[2, 2], "f32", "b" | "w" | "x">'],
  ["einsum('ii->i', matmul(w, transpose(w)))", 'Tensor<[3], "f32", "w">'],
  ["einsum('bchw->c', img)", 'Tensor<[3], "f32", "img">'],
  ['reshape(img, [8, -1])', 'Tensor<[8, 3072], "f32", "img">'],
  ["reshape(n, ['n', -1])", 'Tensor<["n", 3], "f32", "n">'],
  ["reshape(n, [3, 'n'])", 'Tensor<[3, "n"], "f32", "n">'],
  ['reshape(n, [-1])', 'Tensor<[number], "f32", "n">'],
  ['reshape(u, [-1, 3])', 'Tensor<[number, 3], "f32", "u">'],
  ['reshape(s, [])', 'Tensor<[], "f32", "s">'],
  ['reshape(s, [1, 1])', 'Tensor<[1, 1], "f32", "s">'],
  ['transpose(img, [0, 2, 3, 1])', 'Tensor<[8, 32, 32, 3], "f32", "img">'],
  ['x.pipe(transpose)', 'Tensor<[3, 2], "f32", "x">'],
  ["broadcastTo(b, ['n', 4])", 'Tensor<["n", 4], "f32", "b">'],
  ['concat([x, x, x], { axis: 1 })', 'Tensor<[2, 9], "f32", "x">'],
  ['concat([x, y])', 'Tensor<[6, 3], "f32", "x" | "y">'],
  ['concat([n, x])', 'Tensor<[number, 3], "f32", "n" | "x">'],
  ['stack([x, x], { axis: -1 })', 'Tensor<[2, 3, 2], "f32", "x">'],
  ["concat([x] as Tensor<[2, 3], 'f32', 'x'>[])", 'Tensor<[number, 3], "f32", "x">'],
  [
    'slice(img, { start: [0, 1, 0, 0], limit: [8, 3, 32, 32], stride: [1, 1, 2, 3] })',
    'Tensor<[8, 2, 16, 11], "f32", "img">',
  ],
  ["slice(n, { start: [0, 1], limit: ['n', 3] })", 'Tensor<["n", 2], "f32", "n">'],
  ['pad(x, { low: [1, 0], high: [1, -1], interior: [0, 2] })', 'Tensor<[4, 6], "f32", "x">'],
  ['pad(n, { low: [0, 1], high: [0, 0] })', 'Tensor<["n", 4], "f32", "n">'],
  ['reverse(x, { axes: [0, 1] })', 'Tensor<[2, 3], "f32", "x">'],
  ['take(x, i)', 'Tensor<[5, 3], "f32", "i#take" | "x">'],
  ['take(x, i, { axis: 1 })', 'Tensor<[2, 5], "f32", "i#take" | "x">'],
  ['take(x, 0)', 'Tensor<[3], "f32", "x">'],
  ['x.pipe(take(k, { axis: -1 }))', 'Tensor<[2], "f32", "k#take" | "x">'],
  ['takeAlongAxis(x, argsort(x), { axis: 1 })', 'Tensor<[2, 3], "f32", "x" | "x!takeAlongAxis">'],
  [
    'scatterAdd(y, i, broadcastTo(constant([1, 2, 3]), [5, 3]))',
    'Tensor<[4, 3], "f32", "i#scatterAdd" | "y">',
  ],
  ['dynamicSlice(x, [k, 0], { sizes: [1, 3] })', 'Tensor<[1, 3], "f32", "k#dynamicSlice" | "x">'],
  ['dynamicUpdateSlice(y, x, [k, 0])', 'Tensor<[4, 3], "f32", "k#dynamicUpdateSlice" | "x" | "y">'],
  ['oneHot(i, { depth: 10 })', 'Tensor<[5, 10], "f32", "i#oneHot">'],
  ['constant([[1, 2], [3, 4], [5, 6]])', 'Tensor<[3, 2], "f32", never>'],
  ['constant(new Float32Array(784), { shape: [28, 28] })', 'Tensor<[28, 28], "f32", never>'],
  ["constant(3, { dtype: 'i32' })", 'Tensor<[], "i32", never>'],
  ['iota({ length: 5 })', 'Tensor<[5], "i32", never>'],
  ['conv(img, ker)', 'Tensor<[8, 16, 30, 30], "f32", "img" | "ker">'],
  [
    "conv(img, ker, { strides: [2, 2], padding: 'same' })",
    'Tensor<[8, 16, 16, 16], "f32", "img" | "ker">',
  ],
  [
    'conv(img, ker, { padding: [[1, 1], [1, 1]], kernelDilation: [2, 2] })',
    'Tensor<[8, 16, 30, 30], "f32", "img" | "ker">',
  ],
  [
    'img.pipe(conv(ker), relu, maxPool({ window: [2, 2] }))',
    'Tensor<[8, 16, 15, 15], "f32", "img~relu" | "ker~relu">',
  ],
  ['avgPool(img, { window: [3, 3], strides: [1, 2] })', 'Tensor<[8, 3, 30, 15], "f32", "img">'],
  [
    'stopGradient({ x, y })',
    '{ readonly x: Tensor<[2, 3], "f32", never>; readonly y: Tensor<[4, 3], "f32", never>; }',
  ],
]

const found = check.types(types.map(([source]) => source))

describe('operations compute their types', () => {
  it.each(types.map(([source, type], i) => ({ source, type, found: found[i] })))(
    '$source',
    ({ type, found }) => expect(found).toBe(type),
  )
})
