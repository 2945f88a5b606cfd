/**
 * The published entry `pullback/effects`: programs with effects, and their handlers.
 */
export {
  flatMap,
  gen,
  type Handler,
  handle,
  isProgram,
  later,
  pure,
  request,
} from '../lib/lang/program.js'
export type { EffectsOf } from '../lib/types/program.js'
export { type Accumulated, accumulated, tell } from './accumulate.js'
export {
  type AllChecked,
  Check,
  type Checked,
  type Checks,
  type Failure,
  openChecks,
  unchecked,
} from './check.js'
export { Control } from './control.js'
export { type Delivered, type DeliveryOptions, delivered, type Events } from './delivered.js'
export type { Numbers, NumbersFor } from './diagnose/host.js'
export {
  type Inspected,
  inspected,
  inspectGradient,
  type Measures,
  uninspected,
} from './diagnose/inspect.js'
export { nanOrigin, type Origin } from './diagnose/nanOrigin.js'
export { type Event, eventsOf, type HostEvents, type Value } from './events.js'
export { collected, IO, type Kind, type Logged, log, silenced, tap } from './io.js'
export { Monad, URI } from './monad.js'
export { type Hosts, Program, type Ran, type Step } from './program.js'
export { type ExpectationOptions, expectation } from './random/expectation.js'
export { foldIn, type Key, reuse, split } from './random/key.js'
export { Random } from './random/random.js'
export { biased, sampled } from './random/sampled.js'
export { functionalized, type Ref, State } from './state.js'
export { type Reply, type Settled, type ThreadedValue, threaded } from './threaded.js'
export { value } from './value.js'
