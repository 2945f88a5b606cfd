/**
 * Trees: leaves in tuples and records, nested at will; taken apart and put together again.
 *
 *   { x: a, p: [b, c] }   ⇄   leaves a, b, c  and  the structure { x: ·, p: [·, ·] }
 *
 * Leaves come in the order in which they were written. A leaf is named by its path, `p.1`.
 */
import { fail } from '../data/index.js'
import { isTerm, showType } from '../term/index.js'

export type Structure =
  | { readonly tag: 'leaf' }
  | { readonly tag: 'tuple'; readonly items: readonly Structure[] }
  | { readonly tag: 'record'; readonly entries: readonly (readonly [string, Structure])[] }

export interface Flat<L> {
  readonly leaves: readonly L[]
  /** One path a leaf; the empty one when the whole tree is a leaf. */
  readonly paths: readonly string[]
  readonly structure: Structure
}

/** What counts as a leaf, and what a tree is made of, for messages. */
export interface LeafKind<L> {
  readonly isLeaf: (x: unknown) => x is L
  /** `a tensor` */
  readonly noun: string
}

export const leaf: Structure = { tag: 'leaf' }

/** Takes a tree apart. `where` names it in errors. */
export function flatten<L>(tree: unknown, kind: LeafKind<L>, where: string): Flat<L> {
  const leaves: L[] = []
  const paths: string[] = []
  const visit = (part: unknown, path: string): Structure => {
    if (kind.isLeaf(part)) {
      leaves.push(part)
      paths.push(path)
      return leaf
    }
    if (Array.isArray(part)) {
      return { tag: 'tuple', items: part.map((item, i) => visit(item, join(path, i))) }
    }
    if (isRecord(part) && !isHollow(part)) {
      const entries = Object.entries(part).map(([k, v]) => [k, visit(v, join(path, k))] as const)
      return { tag: 'record', entries }
    }
    return misfit(where, path, part, `${kind.noun}, or such in arrays and records`)
  }
  const structure = visit(tree, '')
  return { leaves, paths, structure }
}

/** The leaves of a tree that must have the given structure, in that structure's order. */
export function flattenAs<L>(
  structure: Structure,
  tree: unknown,
  kind: LeafKind<L>,
  where: string,
): readonly L[] {
  const leaves: L[] = []
  const visit = (form: Structure, part: unknown, path: string): void => {
    switch (form.tag) {
      case 'leaf':
        leaves.push(kind.isLeaf(part) ? part : misfit(where, path, part, kind.noun))
        return
      case 'tuple': {
        const { items } = form
        if (!Array.isArray(part) || part.length !== items.length) {
          misfit(where, path, part, `an array of ${items.length}`)
        }
        items.forEach((item, i) => {
          visit(item, part[i], join(path, i))
        })
        return
      }
      case 'record': {
        if (kind.isLeaf(part) || !isRecord(part)) {
          misfit(where, path, part, showKeys(form))
        }
        matchKeys(form, part, path, where)
        for (const [key, child] of form.entries) visit(child, part[key], join(path, key))
        return
      }
    }
  }
  visit(structure, tree, '')
  return leaves
}

/** Puts leaves back into a structure. */
export function unflatten<L>(structure: Structure, leaves: readonly L[]): unknown {
  let next = 0
  const visit = (form: Structure): unknown => {
    switch (form.tag) {
      case 'leaf':
        return leaves[next++]
      case 'tuple':
        return form.items.map(visit)
      case 'record':
        return Object.fromEntries(form.entries.map(([key, child]) => [key, visit(child)]))
    }
  }
  return visit(structure)
}

/** How many leaves a structure holds. */
export function leafCount(structure: Structure): number {
  switch (structure.tag) {
    case 'leaf':
      return 1
    case 'tuple':
      return structure.items.reduce((total, item) => total + leafCount(item), 0)
    case 'record':
      return structure.entries.reduce((total, [, child]) => total + leafCount(child), 0)
  }
}

/** A structure as text, each leaf as given: `{ x: f32[], p: [f32[3], i32[]] }`. */
export function showStructure(structure: Structure, leaves: readonly string[]): string {
  let next = 0
  const visit = (form: Structure): string => {
    switch (form.tag) {
      case 'leaf':
        return leaves[next++]
      case 'tuple':
        return `[${form.items.map(visit).join(', ')}]`
      case 'record': {
        const entries = form.entries.map(([key, child]) => `${key}: ${visit(child)}`)
        return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
      }
    }
  }
  return visit(structure)
}

const join = (path: string, key: string | number): string =>
  path === '' ? `${key}` : `${path}.${key}`

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x) && !ArrayBuffer.isView(x)

/** An object without a class, in any realm. */
function isPlain(x: object): boolean {
  const above: unknown = Object.getPrototypeOf(x)
  return above === null || Object.getPrototypeOf(above) === null
}

/** A promise, a map: what it holds is no part of it as a tree. */
const isHollow = (x: object): boolean => Object.keys(x).length === 0 && !isPlain(x)

const showKeys = (form: Extract<Structure, { tag: 'record' }>): string =>
  `a record of ${form.entries.map(([key]) => `'${key}'`).join(', ')}`

function matchKeys(
  form: Extract<Structure, { tag: 'record' }>,
  part: Readonly<Record<string, unknown>>,
  path: string,
  where: string,
): void {
  const missing = form.entries.find(([key]) => !Object.hasOwn(part, key))
  const extra = Object.keys(part).find((key) => form.entries.every(([k]) => k !== key))
  if (missing !== undefined) {
    fail({
      code: 'input',
      where,
      what: `'${join(path, missing[0])}' is missing`,
      expected: showKeys(form),
    })
  }
  if (extra !== undefined) {
    fail({
      code: 'input',
      where,
      what: `there is no '${join(path, extra)}'`,
      expected: showKeys(form),
    })
  }
}

function misfit(where: string, path: string, part: unknown, expected: string): never {
  const subject = path === '' ? 'it' : `'${path}'`
  return fail({ code: 'input', where, what: `${subject} is ${describe(part)}`, expected })
}

/** A value in a few words, for messages. */
export function describe(value: unknown): string {
  if (value === undefined || value === null || typeof value === 'number') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (isTerm(value)) return `a tensor ${showType(value)}`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'function') return 'a function'
  if (value instanceof Promise) return 'a promise'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
