/**
 * Pullback: the language, without the backends that run it.
 */
export { type DType, type ErrorCode, type ErrorDetail, PullbackError } from './data/index.js'
export * from './lang/category.js'
export * from './lang/elementwise.js'
export * from './lang/functions.js'
export { gen, pure } from './lang/program.js'
export * from './lang/reduction.js'
export * from './lang/shape.js'
export type { RuleOptions } from './types/custom.js'
export type { Fn, FnOptions } from './types/fn.js'
export type { Program } from './types/program.js'
export type { Dim, Shape } from './types/shape.js'
export type { Operand, Tensor } from './types/tensor.js'
export type { Argument, Inputs, Params, Spec, Tree } from './types/tree.js'
export type { DerivativeOptions } from './types/verdict.js'
