/**
 * Layouts of a function and its bodies: what is legal, and what is picked where nothing is given.
 *
 *   layout %1 as 1, 0    →    %1 is written, and read, with its axes the other way round
 *
 * Any value that kernels store and read element by element may lie in any order of its axes. Legal
 * are not: results as they are (callers see them), arrays that an op takes as a whole or updates in
 * place, memory seen in another shape, and values that have no memory, since kernels keep them in
 * registers or compute them again.
 */
import { fail } from '../../data/index.js'
import { bodyEntries, type Func, isParameter, resultNames, type Term } from '../../term/index.js'
import type { Layout } from '../schedule/decision.js'
import { isFree, needsMemory } from './access.js'
import { transposition } from './anchor.js'
import { updates } from './inplace.js'
import { laneShape } from './lanes.js'

/** The layouts of a program from its optimised terms. */
export type LayoutPolicy = (func: Func) => readonly Layout[]

/**
 * What only a result reads, transposed, is written in the result's order, so that it needs no copy;
 * not by contractions, whose blocks are written row by row.
 */
export const layoutPolicy: LayoutPolicy = (func) =>
  placesIn(func).flatMap(({ body, path }) => {
    const wanted = new Map<Term, readonly number[]>()
    for (const result of body.results) {
      const order = transposition(result)
      if (order === undefined) continue
      const [base] = result.node.args
      const { name } = base.node.op
      const alone = readersOf(body, base) + usesOf(body, base) + usesOf(body, result) <= 2
      if (!alone || name === 'dot' || name === 'conv') continue
      if (layoutFault(body, base, order) === undefined) wanted.set(base, order)
    }
    if (wanted.size === 0) return []
    const names = resultNames(body)
    return [...wanted].map(([base, order]) => layout(`${path()}${names.get(base)}`, order))
  })

const layout = (value: string, order: readonly number[]): Layout => ({
  tag: 'layout',
  value,
  order,
})

const readersOf = (body: Func, term: Term): number =>
  body.nodes.filter((n) => n.args.includes(term)).length

const usesOf = (body: Func, term: Term): number => body.results.filter((r) => r === term).length

/** Why a value of a body may not lie in an order, as far as the terms tell. */
export function layoutFault(body: Func, term: Term, order: readonly number[]): string | undefined {
  const axes = term.shape.map((_, axis) => axis)
  if (order.length !== axes.length || !axes.every((axis) => order.includes(axis))) {
    return `${order.join(', ')} is not an order of its ${axes.length} axes`
  }
  const { node } = term
  if (isParameter(term) || isFree(node) || node.op.name === 'constant') {
    return 'it is not computed'
  }
  if (needsMemory(node) && laneShape(node) === undefined) return `${node.op.name} gives it whole`
  if (updates.includes(node.op.name)) return `${node.op.name} may write it in place`
  if (body.results.includes(term)) return 'it is a result as it is, in the order that callers see'
  for (const reader of body.nodes) {
    if (!reader.args.includes(term)) continue
    const { name } = reader.op
    if (name === 'reshape') return 'its memory is seen in another shape'
    if (needsMemory(reader) && laneShape(reader) === undefined) return `${name} takes it whole`
    if (updates.includes(name) && reader.args[0] === term) return `${name} may write it in place`
  }
  return undefined
}

/** Why a value cannot have a layout: it has no memory of its own. */
export const noMemory = 'it has no memory: kernels keep it in registers or compute it again'

export const illegalLayout = (value: string, why: string): never =>
  fail({ code: 'verify', where: `the layout of ${value}`, what: why })

/** Decided layouts by the body and the value there that they concern. */
export type Layouts = ReadonlyMap<Func, ReadonlyMap<Term, Layout>>

/** What is not legal by the terms is refused. */
export function resolveLayouts(func: Func, layouts: readonly Layout[]): Layouts {
  const decided = new Map<Func, Map<Term, Layout>>()
  if (layouts.length === 0) return decided
  const found = new Map(
    placesIn(func).flatMap(({ body, path }) =>
      [...resultNames(body)].map(([term, name]) => [`${path()}${name}`, { body, term }] as const),
    ),
  )
  for (const given of layouts) {
    const place = found.get(given.value)
    if (place === undefined) return illegalLayout(given.value, 'the program has no such value')
    const { body, term } = place
    const inBody = decided.get(body) ?? new Map<Term, Layout>()
    decided.set(body, inBody)
    if (inBody.has(term)) illegalLayout(given.value, 'it is decided twice')
    const fault = layoutFault(body, term, given.order)
    if (fault !== undefined) illegalLayout(given.value, fault)
    inBody.set(term, given)
  }
  return decided
}

/** Every layout of one value that is legal by the terms, but for those it has anyway. */
export const layoutsByTerms: LayoutPolicy = (func) =>
  placesIn(func).flatMap(({ body, path }) =>
    [...resultNames(body)].flatMap(([term, name]) =>
      orders(term.shape.map((d, axis) => (d === 1 ? undefined : axis)))
        .filter((order) => layoutFault(body, term, order) === undefined)
        .map((order) => layout(`${path()}${name}`, order)),
    ),
  )

/** Axes that are permuted at most; of arrays of more the last ones. */
const mostAxes = 4

/**
 * The orders of the axes but the given one; undefined stands for an axis of size 1, which stays.
 */
function orders(axes: readonly (number | undefined)[]): readonly (readonly number[])[] {
  const moved = axes.filter((axis) => axis !== undefined).slice(-mostAxes)
  const own = axes.map((_, axis) => axis)
  return permutations(moved).flatMap((permuted) => {
    const next = permuted.values()
    const order = own.map((axis) => (moved.includes(axis) ? (next.next().value ?? axis) : axis))
    return String(order) === String(own) ? [] : [order]
  })
}

const permutations = (items: readonly number[]): readonly (readonly number[])[] =>
  items.length === 0
    ? [[]]
    : items.flatMap((first) =>
        permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
      )

interface Place {
  readonly body: Func
  /** What its values' names begin with; few are asked for, and naming takes a printer's work. */
  readonly path: () => string
}

/** A function and the bodies in it, each once; one that stands in several places has one path. */
function placesIn(func: Func): readonly Place[] {
  const places: Place[] = []
  const seen = new Set<Func>()
  const visit = (body: Func, path: () => string): void => {
    if (seen.has(body)) return
    seen.add(body)
    places.push({ body, path })
    for (const node of body.nodes) {
      for (const [key, inner] of bodyEntries(node.attrs)) {
        visit(inner, () => `${path()}${resultNames(body).get(node.outs[0])}.${key}.`)
      }
    }
  }
  visit(func, () => '')
  return places
}
