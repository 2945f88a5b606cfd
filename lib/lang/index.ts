export { applyClosure } from './apply.js'
export {
  type Closure,
  closedOf,
  closureOf,
  type Effectful,
  type FnFields,
  isFn,
  type RuntimeFn,
} from './closure.js'
export { type FnOptions, fn, fnOf, termKind } from './fn.js'
export { type InputSpec, type InputSpecs, specKind, specOf } from './spec.js'
export * from './tree.js'
