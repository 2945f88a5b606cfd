/**
 * With respect to what: one input by name, or several.
 *
 *   'w'  →  derivatives like w        ['w', 'b']  →  a record { w, b }
 *
 * Leaves go by the order of the inputs; what comes back goes by the order of the names.
 */
import { fail, isFloat } from '../data/index.js'
import type { MaybeTerm, Term } from '../term/index.js'
import { specsOf } from './apply.js'
import type { Closure } from './closure.js'
import type { InputSpecs } from './spec.js'
import { describe, leafCount, type Structure, unflatten } from './tree.js'

export interface Wrt {
  readonly names: readonly string[]
  /** One a leaf of the closure's inputs. */
  readonly active: readonly boolean[]
  /** The paths of the active leaves. */
  readonly paths: readonly string[]
  /** The specifications of the named inputs. */
  readonly inputs: InputSpecs
  /** The structure that derivatives come back in. */
  readonly structure: Structure
  /** The named inputs as a record, whatever form was asked for. */
  readonly record: Structure
  /** The values of active leaves, in the order of leaves. */
  readonly activeOf: <T>(byLeaf: readonly T[]) => readonly T[]
  /** The values of active leaves, in the order of names. */
  readonly ordered: <T>(byLeaf: readonly T[]) => readonly T[]
  /** Values in the order of names, put at their leaves; null elsewhere. */
  readonly place: (byName: readonly Term[]) => readonly MaybeTerm[]
  /** One list of the leaves, from those that are not active and those that are. */
  readonly merge: <T>(others: readonly T[], active: readonly T[]) => readonly T[]
  /** Values of the active leaves, in the form that was asked for. */
  readonly form: (active: readonly unknown[]) => unknown
}

/** Reads what a caller wrote; fails for unknown names and inputs that have no derivative. */
export function readWrt(closure: Closure, wrt: unknown, where: string): Wrt {
  const entries = entriesOf(closure)
  const names = namesIn(wrt, where)
  const chosen = names.map((name) => [name, entryOf(closure, entries, name, where)] as const)
  const places = chosen.flatMap(([, entry]) => entry.leaves)
  needFloatLeaves(closure, places, where)
  const active = closure.paths.map((_, i) => places.includes(i))
  const record: Structure = {
    tag: 'record',
    entries: chosen.map(([name, entry]) => [name, entry.structure]),
  }
  const structure = typeof wrt === 'string' ? chosen[0][1].structure : record
  const activeOf = <T>(byLeaf: readonly T[]) => byLeaf.filter((_, i) => active[i])
  const rank = activeOf(closure.paths.map((_, i) => i))
  return {
    names,
    active,
    paths: activeOf(closure.paths),
    inputs: Object.fromEntries(names.map((name) => [name, closure.inputs[name]])),
    structure,
    record,
    activeOf,
    ordered: (byLeaf) => places.map((i) => byLeaf[i]),
    place: (byName) => {
      const byLeaf: MaybeTerm[] = closure.paths.map(() => null)
      places.forEach((i, k) => {
        byLeaf[i] = byName[k]
      })
      return byLeaf
    },
    merge: (others, own) => {
      let [other, mine] = [0, 0]
      return active.map((isActive) => (isActive ? own[mine++] : others[other++]))
    },
    form: (byActive) =>
      unflatten(
        structure,
        places.map((i) => byActive[rank.indexOf(i)]),
      ),
  }
}

/** One input: its structure and the places of its leaves. */
export interface Entry {
  readonly structure: Structure
  readonly leaves: readonly number[]
}

/** The input of a name; an error in words where there is none. */
export function entryOf(
  closure: Closure,
  entries: ReadonlyMap<string, Entry>,
  name: string,
  where: string,
): Entry {
  return (
    entries.get(name) ??
    fail({
      code: 'input',
      where,
      what: `'${closure.name}' has no input '${name}'`,
      expected: `one of ${[...entries.keys()].map((k) => `'${k}'`).join(', ')}`,
    })
  )
}

/** The inputs by name, with the places of their leaves. */
export function entriesOf(closure: Closure): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>()
  if (closure.input.tag !== 'record') return entries
  let next = 0
  for (const [name, structure] of closure.input.entries) {
    const leaves = Array.from({ length: leafCount(structure) }, (_, i) => next + i)
    entries.set(name, { structure, leaves })
    next += leaves.length
  }
  return entries
}

function namesIn(wrt: unknown, where: string): readonly string[] {
  if (typeof wrt === 'string') return [wrt]
  const isNames = Array.isArray(wrt) && wrt.length > 0 && wrt.every((n) => typeof n === 'string')
  if (isNames && new Set(wrt).size === wrt.length) return wrt
  return fail({
    code: 'input',
    where,
    what: `${describe(wrt)} does not say in which inputs`,
    expected: `a name or a list of different names: ${where}(f, ['w', 'b'])`,
  })
}

function needFloatLeaves(closure: Closure, places: readonly number[], where: string): void {
  const specs = specsOf(closure)
  const at = places.find((i) => !isFloat(specs[i].dtype))
  if (at === undefined) return
  fail({
    code: 'derivative',
    where,
    what: `'${closure.paths[at]}' is ${specs[at].dtype}: a derivative needs a floating input`,
  })
}
