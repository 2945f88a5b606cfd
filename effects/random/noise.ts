/**
 * Noise: standard variates that depend on no parameter.
 *
 * Uniforms are those of `jax.random`: multiples of 2⁻²³ in f32, of 2⁻⁵² in f64. Where an end has no
 * finite image it is moved inside, as there.
 */
import {
  abs,
  add,
  convert,
  gt,
  lgamma,
  log,
  log1p,
  max,
  mul,
  neg,
  not,
  randomNormal,
  randomUniform,
  sign,
  sqrt,
  sub,
  sum,
  where,
} from '../../lib/ops/index.js'
import type { TensorType, Term } from '../../lib/term/index.js'
import { splitKey } from './split.js'

/** The smallest normal number, and the distance from 1 to the next. */
const tiny = (dtype: string): number => (dtype === 'f64' ? 2 ** -1022 : 2 ** -126)
const epsilon = (dtype: string): number => (dtype === 'f64' ? 2 ** -52 : 2 ** -23)

/** Uniform on [0, 1). */
export const unit = (key: Term, { shape, dtype }: TensorType): Term =>
  randomUniform(key, shape, dtype)

/** Uniform on (0, 1). */
export const open = (key: Term, type: TensorType): Term => max(unit(key, type), tiny(type.dtype))

/** Standard normal. */
export const gauss = (key: Term, { shape, dtype }: TensorType): Term =>
  randomNormal(key, shape, dtype)

/** −log(1 − u): exponential with mean 1. */
export const exponentialNoise = (key: Term, type: TensorType): Term =>
  neg(log1p(neg(unit(key, type))))

/** −log(−log u): standard Gumbel. */
export const gumbelNoise = (key: Term, type: TensorType): Term =>
  neg(log(neg(log(open(key, type)))))

/** log(u / (1 − u)): standard logistic. */
export function logisticNoise(key: Term, type: TensorType): Term {
  const u = max(unit(key, type), epsilon(type.dtype))
  return sub(log(u), log1p(neg(u)))
}

/** sign(v)·log(1 − |v|), v uniform on (−1, 1): standard Laplace. */
export function laplaceNoise(key: Term, type: TensorType): Term {
  const v = max(add(mul(unit(key, type), 2), -1), -1 + epsilon(type.dtype))
  return mul(sign(v), log1p(neg(abs(v))))
}

/** √(2e), e exponential: Rayleigh, the length of two standard normals. */
export const rayleighNoise = (key: Term, type: TensorType): Term =>
  sqrt(mul(exponentialNoise(key, type), 2))

/** The length of three standard normals with a random sign: density ∝ m²·exp(−m²/2). */
export function maxwellNoise(key: Term, type: TensorType): Term {
  const [signKey, normalKey, lengthKey] = splitKey(key, 3)
  const n = gauss(normalKey, type)
  const length = sqrt(add(mul(n, n), mul(exponentialNoise(lengthKey, type), 2)))
  return where(gt(unit(signKey, type), 0.5), length, neg(length))
}

/** log k! */
export const logFactorial = (k: Term): Term => lgamma(add(k, 1))

/** Whether a rejection still has elements to sample. */
export const someLeft = (done: Term): Term => gt(sum(convert(not(done), 'i32')), 0)
