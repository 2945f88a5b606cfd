/**
 * Gradient descent with momentum, as Nesterov does it.
 *
 *   v ← decay·v + g        θ ← θ − rate·(g + decay·v)
 *
 * Source: Sutskever, Martens, Dahl & Hinton, 2013. The velocity is a tree like the parameters; it
 * starts from zeros.
 */
import { taking } from '../lang/index.js'
import { anything, finite, type Options, required } from '../lang/options.js'
import { add, mul, sub, zeros } from '../ops/index.js'
import type { Tree } from '../types/tree.js'
import { type Rate, rateAs, type Updated } from './sgd.js'
import { mapTrees } from './tree.js'

export interface MomentumOptions {
  readonly rate: Rate
  /** How much of the velocity stays: 0.9 where absent. */
  readonly decay?: number
}

const momentumOptions: Options<MomentumOptions> = { rate: required(anything), decay: finite }

/** The velocity before the first step: zeros in the types of the parameters. */
export const momentumStart = <P extends Tree>(params: P): P =>
  mapTrees('momentumStart', [params], zeros) as P

/** Parameters and velocity after one step down the gradients. */
export const momentum = <P extends Tree, G extends Tree>(
  params: P,
  gradients: G,
  velocity: Tree,
  options: MomentumOptions,
): { readonly params: Updated<P, G>; readonly velocity: Updated<P, G> } =>
  // Leaf by leaf with unchanged types: every tree has the form of the parameters.
  taking('momentum', { 3: momentumOptions }, step)(params, gradients, velocity, options) as never

function step(
  params: unknown,
  gradients: unknown,
  velocity: unknown,
  { rate, decay = 0.9 }: MomentumOptions,
) {
  const next = mapTrees('momentum', [velocity, gradients], (v, g) => add(mul(v, decay), g))
  const moved = mapTrees('momentum', [params, gradients, next], (p, g, v) =>
    sub(p, mul(add(g, mul(v, decay)), rateAs(rate, p))),
  )
  return { params: moved, velocity: next }
}
