/**
 * Optimisers: plain functions of trees of parameters and gradients, written in the language.
 */
export { type AdamOptions, type AdamState, adam, adamSpecs, adamStart } from './adam.js'
export { type MomentumOptions, momentum, momentumStart } from './momentum.js'
export { type Rate, sgd, type Updated } from './sgd.js'
