/**
 * Bodies: making and rearranging the closed functions that control flow holds.
 *
 *   define(name, types, f)         a function of its own parameters alone
 *   closeTogether(name, bodies)    several callbacks over the same captured terms, which lead
 *
 * And the lists beside them: `sections` cuts arguments by role, `align` puts a list of present
 * values back in its places, `saturate` finds which carries a property reaches.
 */
import { type Dim, fail } from '../../data/index.js'
import {
  type Attrs,
  apply,
  type BatchedFunc,
  close,
  closeStrict,
  type Func,
  inline,
  isCheap,
  isFunc,
  isParameter,
  isTerm,
  type MaybeTerm,
  parameter,
  type SplitCall,
  type SplitFunc,
  type SplitResult,
  type TensorType,
  type Term,
  type TransposeCall,
} from '../../term/index.js'
import { broadcastTo } from '../broadcast.js'
import { zeros } from '../operand.js'

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

/** Which parameters the results depend on. */
export function usedParams(func: Func): readonly boolean[] {
  const used = new Set([...func.wiring.flat(), ...func.resultSlots])
  return func.params.map((_, slot) => used.has(slot))
}

/** The same split, where known results that are not `kept` are handed to the unknown part. */
export function demote(parts: SplitFunc, kept: readonly boolean[]): SplitFunc {
  const lost = parts.results.map((known, i) => known && !kept[i])
  if (!lost.includes(true)) return parts
  const values = align(parts.results, parts.known.results)
  const residuals = parts.known.results.slice(countTrue(parts.results))
  const isStored = (i: number) => lost[i] && !isCheap((values[i] as Term).node)
  const stored = values.filter((_, i) => isStored(i)) as readonly Term[] // known, so not null
  const kinds = [...residuals, ...stored]
  const rest = parts.unknown.params.slice(residuals.length)
  const results = parts.results.map((known, i) => known && !lost[i])
  return {
    known: mapResults(parts.known, () => [
      ...(values.filter((_, i) => results[i]) as readonly Term[]), // known, so not null
      ...kinds,
    ]),
    unknown: define(parts.unknown.name, [...kinds, ...rest], (params) => {
      const [old, extra, unknown] = sections(params, [residuals.length, stored.length])
      const answers = align(
        parts.results.map((known) => !known),
        inline(parts.unknown, [...old, ...unknown]),
      )
      const passed = align(
        values.map((_, i) => isStored(i)),
        extra,
      )
      return parts.results.flatMap((_, i) => {
        if (lost[i]) return passed[i] ?? values[i] ?? []
        return answers[i] ?? []
      })
    }),
    results,
    residuals: kinds,
  }
}

/** The split of an application, by that of a function with the same meaning. */
export function splitThrough(func: Func, { args, known, interpret }: SplitCall): SplitResult {
  const parts = interpret.split(func, known)
  const outs = inline(parts.known, chosen(known, args))
  const [results, residuals] = sections(outs, [countTrue(parts.results)])
  return {
    outs: align(parts.results, results),
    residuals,
    rest: (stored, unknown) =>
      align(parts.results.map(not), inline(parts.unknown, [...stored, ...present(unknown)])),
  }
}

/** The split of an application of which nothing can be known before all is. */
export function splitWhole({ node, attrs, args, known }: SplitCall): SplitResult {
  return {
    outs: node.outs.map(() => null),
    residuals: chosen(known, args),
    rest: (residuals, unknown) => {
      const own = align(known, residuals)
      return apply(node.op, present(args.map((_, i) => own[i] ?? unknown[i])), attrs)
    },
  }
}

/** The transpose of an application, by that of a function with the same meaning. */
export function transposeThrough(func: Func, call: TransposeCall): readonly MaybeTerm[] {
  const { args, linear, cotangents, interpret } = call
  const back = interpret.transpose(func, linear, cotangents.map(isGiven))
  const given = [...chosen(linear.map(not), args), ...present(cotangents)]
  return align(linear, align(back.nonzero, inline(back.func, given)))
}

/** The batched function with results repeated where the mask wants a batch that they lack. */
export const widen = ({ func, batched }: BatchedFunc, mask: readonly boolean[], size: Dim): Func =>
  mapResults(func, (old) =>
    old.map((r, i) => (mask[i] && !batched[i] ? broadcastTo(r, [size, ...r.shape]) : r)),
  )

/**
 * The least mask above `start` that `reached` maps into itself: which carries become active,
 * unknown or batched because another one is. Gives what was made with that mask.
 */
export function saturate<A>(
  start: readonly boolean[],
  make: (mask: readonly boolean[]) => A,
  reached: (made: A) => readonly boolean[],
): { readonly mask: readonly boolean[]; readonly made: A } {
  let mask = start
  for (;;) {
    const made = make(mask)
    const more = reached(made)
    const next = mask.map((m, i) => m || more[i])
    if (next.every((m, i) => m === mask[i])) return { mask, made }
    mask = next
  }
}

/** Cuts a list into parts of the given lengths, and the rest. */
export function sections<A>(list: readonly A[], lengths: readonly number[]): readonly A[][] {
  const parts: A[][] = []
  let from = 0
  for (const length of lengths) {
    parts.push(list.slice(from, from + length))
    from += length
  }
  parts.push(list.slice(from))
  return parts
}

/** A list with one entry for each true of the mask, put in its places; null elsewhere. */
export function align<A>(mask: readonly boolean[], present: readonly A[]): readonly (A | null)[] {
  let next = 0
  return mask.map((m) => (m ? present[next++] : null))
}

export const isGiven = (term: MaybeTerm): boolean => term !== null

export const not = (x: boolean): boolean => !x

export const countTrue = (mask: readonly boolean[]): number => mask.filter((m) => m).length

/** The entries where the mask is true. */
export const chosen = <A>(mask: readonly boolean[], list: readonly A[]): readonly A[] =>
  list.filter((_, i) => mask[i])

/** Those of a list that are not null. */
export const present = <A>(list: readonly (A | null)[]): readonly A[] =>
  list.flatMap((x) => x ?? [])

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
