/**
 * What programs of the type tests begin with: the language, and a few tensors.
 *
 * `x`, `y`, `z`, `w`, `b` are floats, `i`, `k` integers, `c` is bool; `s` is a scalar.
 */
export const prelude = `
import type { Dim, Program, Tensor } from '../index.js'
import {
  neg, abs, sign, exp, expm1, log, log1p, sqrt, rsqrt, cbrt, sin, cos, tan, asin, acos, atan, sinh,
  cosh, tanh, asinh, acosh, atanh, sigmoid, logSigmoid, softplus, erf, erfc, erfInv, lgamma, digamma,
  floor, ceil, round, relu, silu, square, reciprocal, sinc, isFinite, not, gelu, clamp, convert,
  add, sub, mul, div, pow, max, min, atan2, rem, mod, hypot, logaddexp, xlogy, eq, ne, lt, le, gt,
  ge, and, or, xor, where, constant, iota, reshape, transpose, broadcastTo, slice, pad, concat,
  stack, reverse, take, takeAlongAxis, scatterAdd, scatterSet, dynamicSlice, dynamicUpdateSlice,
  oneHot, sum, mean, prod, reduceMax, reduceMin, variance, std, logsumexp, norm, argmax, argmin,
  cumsum, cumprod, cummax, softmax, logSoftmax, sort, argsort, topK, matmul, einsum, conv, maxPool,
  avgPool, fn, apply, f32, f64, f16, i32, u32, bool, cond, switchCase, whileLoop, forLoop, scan,
  associativeScan, map, grad, valueAndGrad, jvp, vjp, linearize, linearTranspose, jacfwd, jacrev,
  hessian, hvp, vmap, checkpoint, stopGradient, straightThrough, piecewise, customJvp, customVjp,
  customTranspose, customBatching, id, compose, fanout, parallel, first, second, gen, pure,
} from '../index.js'
declare const x: Tensor<[2, 3], 'f32', 'x'>
declare const y: Tensor<[4, 3], 'f32', 'y'>
declare const n: Tensor<['n', 3], 'f32', 'n'>
declare const w: Tensor<[3, 4], 'f32', 'w'>
declare const b: Tensor<[4], 'f32', 'b'>
declare const s: Tensor<[], 'f32', 's'>
declare const d: Tensor<[2, 3], 'f64', 'd'>
declare const i: Tensor<[5], 'i32', 'i'>
declare const k: Tensor<[], 'i32', 'k'>
declare const c: Tensor<[2, 3], 'bool', 'c'>
declare const img: Tensor<[8, 3, 32, 32], 'f32', 'img'>
declare const ker: Tensor<[16, 3, 3, 3], 'f32', 'ker'>
declare const u: Tensor<[number, 3], 'f32', 'u'>
declare const any: Tensor
declare function normal<A extends Tensor>(mean: A): Program<Tensor<[3], 'f32', 'mu'>, 'Random'>
const dense = fn({ x: f32('b', 'i'), w: f32('i', 'o'), c: f32('o') }, (p) =>
  relu(add(matmul(p.x, p.w), p.c)))
const loss = fn({ x: f32('n', 3), p: { w: f32(3, 2), b: f32(2) } }, ({ x, p }) =>
  sum(tanh(add(matmul(x, p.w), p.b))))
const quad = fn({ x: f32(3), y: f32(2, 3) }, ({ x, y }) => sum(square(matmul(y, x))))
const kinked = fn({ x: f32(3), t: f32() }, ({ x, t }) => mul(t, sum(relu(x))))
`
