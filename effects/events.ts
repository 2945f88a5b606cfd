/**
 * Events: what a run put out, read from the arrays that `delivered` gave.
 *
 *   const { value, events } = await run(f, inputs)
 *   for (const { label, values } of eventsOf(events)) console.log(label, values[0].toNested())
 */
import { fail, type NDArray, type Nested, sizeOf, toNested } from '../lib/data/index.js'
import { describe } from '../lib/lang/index.js'
import type { Kind } from './io.js'

/** A tensor that was put out, on the host. */
export interface Value extends NDArray {
  /** The elements as nested arrays; a scalar is its number, a bool 0 or 1. */
  readonly toNested: () => Nested
}

export interface Event {
  /** Its number among all that the run put out; numbers that are missing were not kept. */
  readonly order: number
  readonly kind: Kind
  readonly label: string
  /** What was put out: one tensor, or the arguments of a callback. */
  readonly values: readonly Value[]
}

/** Events as a run returns them. */
export interface HostEvents {
  readonly [place: string]: { readonly order: NDArray; readonly rows: readonly NDArray[] }
}

/** What was put out, in the order of putting out. */
export const eventsOf = (events: HostEvents): readonly Event[] =>
  Object.entries(isRecord(events) ? events : failForm(describe(events)))
    .flatMap(([place, site]) => eventsAt(place, site))
    .toSorted((a, b) => a.order - b.order)

const isRecord = (x: unknown): boolean => typeof x === 'object' && x !== null

function eventsAt(place: string, site: HostEvents[string]): readonly Event[] {
  if (!isRecord(site) || !isRecord(site.order) || !Array.isArray(site.rows)) return failForm(place)
  const { order, rows } = site
  const name = place.match(/^\d+ (log|plot|save|call) ([\s\S]*)$/)
  if (name === null || order.shape.length !== 1) return failForm(place)
  const [, kind, label] = name
  return Array.from(order.data, Number).flatMap((number, i) =>
    number < 0
      ? []
      : [{ order: number, kind: kind as Kind, label, values: rows.map((x) => rowOf(x, i)) }],
  )
}

function rowOf({ dtype, shape, data }: NDArray, i: number): Value {
  const own = shape.slice(1)
  const size = sizeOf(own)
  const array: NDArray = { dtype, shape: own, data: data.slice(i * size, (i + 1) * size) }
  return { ...array, toNested: () => toNested(array) }
}

const failForm = (place: string): never =>
  fail({
    code: 'input',
    where: 'eventsOf',
    what: `'${place}' is no place of a program that was run by itself`,
    expected: 'the events of one run, as delivered gives them; those of a vmap belong to many',
  })
