/**
 * Adam: steps scaled by running averages of the gradients and of their squares.
 *
 *   m ← β₁m + (1−β₁)g    v ← β₂v + (1−β₂)g²    θ ← θ − rate · m̂ / (√v̂ + ε)
 *
 * m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ) undo the start from zero. Source: Kingma & Ba, 2015. The
 * state is a tree like any other: carry it through a scan, keep it on the device, or print it.
 */

import { tensorOf, termOf } from '../lang/face.js'
import { f32, taking } from '../lang/index.js'
import { anything, finite, type Options, required } from '../lang/options.js'
import {
  add,
  convert,
  div,
  expm1,
  mul,
  neg,
  scalar,
  sqrt,
  square,
  sub,
  zeros,
} from '../ops/index.js'
import type { Term } from '../term/index.js'
import type { Tensor } from '../types/tensor.js'
import type { Spec, Specs, Tree } from '../types/tree.js'
import { type Rate, rateAs, type Updated } from './sgd.js'
import { mapTrees } from './tree.js'

export interface AdamOptions {
  readonly rate: Rate
  readonly beta1?: number
  readonly beta2?: number
  /** Added to √v̂, so that a parameter without gradients stays. */
  readonly epsilon?: number
}

const adamOptions: Options<AdamOptions> = {
  rate: required(anything),
  beta1: finite,
  beta2: finite,
  epsilon: finite,
}

/** A type rather than an interface, which TypeScript does not take for a tree. */
export type AdamState<P> = {
  /** Averages of the gradients, and of their squares. */
  readonly mean: P
  readonly meanSquare: P
  /** Steps taken. */
  readonly count: Tensor<[], 'f32'>
}

/** The state before the first step. */
export const adamStart = <P extends Tree>(params: P): AdamState<P> => {
  // Zeros have the types of the parameters that they stand beside.
  const zero = () => mapTrees('adamStart', [params], zeros) as P
  const count = tensorOf<Tensor<[], 'f32'>>(scalar(0, 'f32'))
  return { mean: zero(), meanSquare: zero(), count }
}

/** The specifications of the state for parameters of the given ones, as inputs of a step. */
export const adamSpecs = <S extends Specs>(
  params: S,
): { readonly mean: S; readonly meanSquare: S; readonly count: Spec<[], 'f32'> } => ({
  mean: params,
  meanSquare: params,
  count: f32(),
})

/** Parameters and state after one step down the gradients. */
export const adam = <P extends Tree, G extends Tree>(
  params: P,
  gradients: G,
  state: AdamState<Tree>,
  options: AdamOptions,
): { readonly params: Updated<P, G>; readonly state: AdamState<Updated<P, G>> } =>
  // Leaf by leaf with unchanged types: every tree has the form of the parameters.
  taking('adam', { 2: 'record', 3: adamOptions }, step)(params, gradients, state, options) as never

function step(
  params: unknown,
  gradients: unknown,
  state: AdamState<unknown>,
  { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
) {
  const count = add(termOf('adam', state.count), 1)
  const mean = mapTrees('adam', [state.mean, gradients], (m, g) =>
    add(mul(m, beta1), mul(g, 1 - beta1)),
  )
  const meanSquare = mapTrees('adam', [state.meanSquare, gradients], (v, g) =>
    add(mul(v, beta2), mul(square(g), 1 - beta2)),
  )
  const next = mapTrees('adam', [params, mean, meanSquare], (p, m, v) => {
    const steps = convert(count, p.dtype)
    const spread = sqrt(div(v, taken(beta2, steps)))
    return sub(p, mul(div(div(m, taken(beta1, steps)), add(spread, epsilon)), rateAs(rate, p)))
  })
  return { params: next, state: { mean, meanSquare, count } }
}

/** 1 − βᵗ, without cancellation. */
const taken = (beta: number, t: Term): Term => neg(expm1(mul(t, Math.log(beta))))
