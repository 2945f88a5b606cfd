export {
  type Closure,
  closedOf,
  closureOf,
  type Effectful,
  type FnFields,
  isFn,
  type RuntimeFn,
} from './closure.js'
export * from './elementwise.js'
export { closeBody, fnOf, termKind } from './fn.js'
export * from './functions.js'
export * from './program.js'
export * from './reduction.js'
export * from './scope.js'
export * from './shape.js'
export { type InputSpec, type InputSpecs, specKind, specOf } from './spec.js'
export { need, type Taken, taking } from './taking.js'
export * from './tree.js'
