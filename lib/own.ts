/**
 * The published entry `pullback/ops`: what one needs to write an op of one's own, and programs term
 * by term.
 *
 *   const squareplusOp = { name: 'squareplus', grade: 'smooth', type, evaluate, jvp, … } as const satisfies Op
 *   const squareplus = unaryOperation(squareplusOp)          on tensors of the language, graded
 *   opLaws(squareplusOp)                                   (pullback/laws) every rule under its law
 *
 * Rules are written with the combinators below, on terms; they check what they are given, which those
 * inside the package do not. An op that no backend has a kernel for runs on `reference`. Limits:
 * `closed` is untyped `fn`; its terms carry no grades.
 */
export type { Dim, DType, NDArray, Sizes } from './data/index.js'
export * from './own/control.js'
export * from './own/elementwise.js'
export type { TermInputs } from './own/functions.js'
export * from './own/records.js'
export * from './own/structure.js'
export * from './own/values.js'
export {
  type Attrs,
  type BatchCall,
  type Batched,
  type Continuity,
  type Cost,
  type CostCall,
  type EvaluateCall,
  type Func,
  type Interpreters,
  isTerm,
  type JvpCall,
  type MaybeTerm,
  type Op,
  type Sample,
  type TensorType,
  Term,
  type TransposeCall,
} from './term/index.js'
