/**
 * Bodies: making and rearranging the closed functions that control flow holds.
 *
 *   define(name, types, f)         a function of its own parameters alone
 *   closeTogether(name, bodies)    several callbacks over the same captured terms, which lead
 */
import { type Dim, fail } from '../../data/index.js'
import {
  type Attrs,
  type BatchedFunc,
  close,
  closeStrict,
  type Func,
  inline,
  isFunc,
  isParameter,
  isTerm,
  type MaybeTerm,
  parameter,
  type TensorType,
  type Term,
} from '../../term/index.js'
import { broadcastTo } from '../broadcast.js'
import { zeros } from '../operand.js'
import { chosen, not, sections } from './lists.js'

/** A function of parameters of the given types; the callback may use nothing from outside. */
export function define(
  name: string,
  types: readonly TensorType[],
  body: (params: readonly Term[]) => readonly Term[],
): Func {
  const params = freshParameters(name, types)
  return closeStrict(name, params, body(params))
}

/** A callback called on fresh parameters, not closed yet. */
export interface Traced {
  readonly params: readonly Term[]
  readonly results: readonly Term[]
}

/** Calls a callback on fresh parameters of the given types. */
export function trace(
  name: string,
  types: readonly TensorType[],
  body: (params: readonly Term[]) => readonly Term[],
): Traced {
  const params = freshParameters(name, types)
  return { params, results: body(params) }
}

/** Closes bodies over the union of what they capture, as leading parameters of each. */
export function closeTogether(
  name: string,
  bodies: readonly Traced[],
): { readonly funcs: readonly Func[]; readonly captures: readonly Term[] } {
  const closed = bodies.map(({ params, results }) => close(name, params, results))
  const captures = [...new Set(closed.flatMap((c) => c.captures))]
  const outer = named('k', captures)
  const places = new Map(captures.map((term, i) => [term, i]))
  const funcs = closed.map(({ func, captures: own }, i) =>
    define(name, [...outer, ...bodies[i].params], (params) => {
      const given = params.slice(captures.length)
      return inline(func, [...given, ...own.map((term) => params[places.get(term) ?? 0])])
    }),
  )
  return { funcs, captures }
}

/** The same function with other results, computed from its own. */
export const mapResults = (func: Func, results: (old: readonly Term[]) => readonly Term[]): Func =>
  closeStrict(func.name, func.params, results(func.results))

/** The function of the parameters kept, with the results kept; those dropped must be unused. */
export const restrict = (
  func: Func,
  params: (param: Term, index: number) => boolean,
  results: (result: Term, index: number) => boolean,
): Func => closeStrict(func.name, func.params.filter(params), func.results.filter(results))

/**
 * A loop body `(consts…, carry…, others…) → (carry…, others…)` where the carries that are not
 * `kept`, since it gives them back as they are, have become consts behind the others.
 */
export function fixCarries(func: Func, consts: number, kept: readonly boolean[]): Func {
  const [own, carry, others] = sections(func.params, [consts, kept.length])
  const params = [...own, ...chosen(kept.map(not), carry), ...chosen(kept, carry), ...others]
  return closeStrict(
    func.name,
    params,
    func.results.filter((_, i) => i >= kept.length || kept[i]),
  )
}

/** Which parameters the results depend on. */
export function usedParams(func: Func): readonly boolean[] {
  const used = new Set([...func.wiring.flat(), ...func.resultSlots])
  return func.params.map((_, slot) => used.has(slot))
}

/** The batched function with results repeated where the mask wants a batch that they lack. */
export const widen = ({ func, batched }: BatchedFunc, mask: readonly boolean[], size: Dim): Func =>
  mapResults(func, (old) =>
    old.map((r, i) => (mask[i] && !batched[i] ? broadcastTo(r, [size, ...r.shape]) : r)),
  )

/** The tangents or cotangents that the mask asks for; zeros where one is symbolic. */
export const instantiate = (
  mask: readonly boolean[],
  terms: readonly MaybeTerm[],
  types: readonly TensorType[],
): readonly Term[] => mask.flatMap((m, i) => (m ? (terms[i] ?? zeros(types[i])) : []))

export const sameType = (a: TensorType, b: TensorType): boolean =>
  a.dtype === b.dtype &&
  a.shape.length === b.shape.length &&
  a.shape.every((d, i) => d === b.shape[i])

/** The type of `size` values of the type, along a new axis 0. */
export const stacked = (type: TensorType, size: Dim): TensorType => ({
  dtype: type.dtype,
  shape: [size, ...type.shape],
})

/** A function among the attributes. */
export function needFunc(op: string, attrs: Attrs, key: string): Func {
  const value = attrs[key]
  return isFunc(value)
    ? value
    : fail({ code: 'attribute', where: op, what: `attribute '${key}' is not a function` })
}

/** A type with the name that a parameter of it shall have in print. */
export interface Named extends TensorType {
  readonly name: string
}

/** The types, each named by a prefix and its place. */
export const named = (prefix: string, types: readonly TensorType[]): readonly Named[] =>
  types.map(({ dtype, shape }, i) => ({ dtype, shape, name: `${prefix}${i}` }))

/** The types, each named as the parameter that it stands beside: dx beside x. */
export const beside = (prefix: string, params: readonly Term[]): readonly Named[] =>
  params.map((p, i) => ({ ...typeOf(p), name: `${prefix}${nameOf(p, i)}` }))

const typeOf = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape })

function freshParameters(name: string, types: readonly TensorType[]): readonly Term[] {
  const binder = { name }
  return types.map((type, i) => parameter(binder, nameOf(type, i), type))
}

function nameOf(type: TensorType, i: number): string {
  if (isTerm(type)) return isParameter(type) ? String(type.node.attrs.name) : `x${i}`
  return 'name' in type && typeof type.name === 'string' ? type.name : `x${i}`
}
