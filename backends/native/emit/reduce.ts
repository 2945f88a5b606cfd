/**
 * Accumulators of vector loops: partial results a lane, folded at the end.
 *
 *   s ⊕= x[i] in a vector(32) loop    →    four vectors of partial sums, folded pairwise after it
 */
import { type Block, identityOf, statementsOf } from '../../../lib/loop/index.js'
import { constantText } from './ctype.js'
import {
  type Coordinates,
  type Emission,
  eachCoordinate,
  type Level,
  type Slot,
} from './emission.js'
import { splatText, vectorType } from './lane.js'
import { combineScalars, slotName } from './scalar.js'
import { combineText } from './vector.js'

export interface Reductions {
  readonly close: () => void
}

/**
 * Opens per-lane partials for the accumulators that `body` adds to and that were declared before
 * the vector loop; `close` folds them and brings the accumulators back.
 */
export function openReductions(e: Emission, body: Block, level: Level): Reductions {
  const opened: { readonly name: string; readonly outer: Slot; readonly partial: Slot }[] = []
  e.levels.push(level)
  for (const name of accumulatedIn(body)) {
    const outer = e.slots.get(name)
    if (outer?.combine === undefined) continue
    const partial: Slot = {
      ...outer,
      name: e.writer.fresh(`${name} lanes`),
      mask: outer.mask | level.mask,
      vector: true,
    }
    const { dtype } = outer
    const identity = constantText(dtype, identityOf(outer.combine, dtype))
    eachCoordinate(e, partial.mask, level.lanes, (at) => {
      const start = splatText(e, dtype, identity)
      e.writer.line(`${vectorType(e, dtype)} ${slotName(e, partial, at)} = ${start};`)
    })
    e.slots.set(name, partial)
    opened.push({ name, outer, partial })
  }
  e.levels.pop()
  e.maskMemo.clear()
  let open = true
  return {
    close: () => {
      if (!open) return
      open = false
      e.levels.push(level)
      for (const { name, outer, partial } of opened) {
        fold(e, level, outer, partial)
        e.slots.set(name, outer)
      }
      e.levels.pop()
      e.maskMemo.clear()
    },
  }
}

/** Pairwise: part i takes part i + half, until one is left; then so its lanes. */
function fold(e: Emission, level: Level, outer: Slot, partial: Slot): void {
  const { combine, dtype } = outer
  if (combine === undefined) return
  const place = e.levels.length - 1
  eachCoordinate(e, outer.mask, 1, (at: Coordinates) => {
    const parts: string[] = []
    for (let first = 0; first < level.width; first += level.lanes) {
      parts.push(slotName(e, partial, at.with(place, first)))
    }
    for (let count = parts.length; count > 1; count = Math.ceil(count / 2)) {
      const half = Math.ceil(count / 2)
      for (let i = 0; i + half < count; i++) {
        const [a, b] = [parts[i] ?? '', parts[i + half] ?? '']
        e.writer.line(`${a} = ${combineText(e, combine, dtype, a, b)};`)
      }
    }
    const [all = ''] = parts
    const lane = (i: number): string => (dtype === 'bool' ? `(${all}[${i}] != 0)` : `${all}[${i}]`)
    const lanes = (from: number, count: number): string => {
      if (count === 1) return lane(from)
      const halves = [lanes(from, count / 2), lanes(from + count / 2, count / 2)] as const
      return combineScalars(e, combine, dtype, ...halves)
    }
    const target = slotName(e, outer, at)
    e.writer.line(
      `${target} = ${combineScalars(e, combine, dtype, target, lanes(0, level.lanes))};`,
    )
  })
}

function accumulatedIn(body: Block): ReadonlySet<string> {
  const names = new Set<string>()
  for (const s of statementsOf(body)) if (s.tag === 'accumulate') names.add(s.name)
  return names
}
