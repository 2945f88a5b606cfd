/**
 * The published entry `pullback` while developing: the same, but that custom derivatives are put to
 * their laws where they are defined, and wrong ones refused with the counterexample.
 *
 *   node --conditions=development app.js      Vite, Vitest and webpack set the condition themselves
 *
 * Which of the two entries a program gets is decided when its imports are resolved (the condition
 * `development` of package.json): the library reads no environment, and in production nothing of
 * this, nor of the laws, is loaded. A rule that means to differ says `{ laws: false }`.
 */
import { refuseWrong } from './laws/refuse.js'
import { customJvp as plainJvp, customVjp as plainVjp } from './lib/index.js'
import type { CustomJvp, CustomVjp } from './lib/types/custom.js'

export * from './index.js'

type Call = (...args: readonly unknown[]) => unknown

/** A constructor of functions with its results put to their laws; it keeps its signature. */
const checked =
  (name: string, plain: unknown, count: number): unknown =>
  (...args: readonly unknown[]): unknown =>
    refuseWrong(name, (plain as Call)(...args), args[count] ?? {}) // a function, with options last

/** The function with the tangent that rule(primals, tangents) gives, if the laws hold of it. */
export const customJvp = checked('customJvp', plainJvp, 2) as CustomJvp
/** The function with the cotangents that the rules give, if the laws hold of them. */
export const customVjp = checked('customVjp', plainVjp, 3) as CustomVjp
