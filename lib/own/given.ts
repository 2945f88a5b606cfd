/**
 * Functions as `pullback/ops` publishes them: what they are given is checked first.
 *
 *   export const { add, sub } = given(ops, ['add', 'sub'], operand, operand)
 *
 * The check stands here alone: rules, passes and the compiler call the functions inside as they are.
 * Arguments behind the kinds are not handed on, so each can be an argument of `map`.
 */
import { type Kind, taken } from './kinds.js'

type Call = (...args: readonly unknown[]) => unknown

/** The functions of a module by these names, each taking arguments of these kinds, in order. */
export const given = <const M extends object, const N extends readonly (keyof M & string)[]>(
  module: M,
  names: N,
  ...kinds: readonly Kind[]
): Pick<M, N[number]> =>
  // Each under its own name, with its own signature.
  Object.fromEntries(names.map((name) => [name, checked(name, module[name], kinds)])) as Pick<
    M,
    N[number]
  >

/** One function, under the signature that it has. */
export const checked = <F>(where: string, f: F, kinds: readonly Kind[]): F =>
  // The same function to those who keep to its signature, which the caller states.
  ((...args: readonly unknown[]) =>
    (f as Call)(...kinds.map((kind, i) => taken(where, `argument ${i + 1}`, kind, args[i])))) as F
