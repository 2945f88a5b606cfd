/**
 * Accumulators of vector loops: partial results a lane, folded at the end.
 *
 *   s ⊕= x[i] in a vector(32) loop    →    four vectors of partial sums, folded pairwise after it
 */
import {
  type Block,
  type Combine,
  identityOf,
  type ScalarType,
  statementsOf,
} from '../../../lib/loop/index.js'
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
    const target = slotName(e, outer, at)
    const result = dtype === 'bool' ? acrossMask(e, combine, all, level.lanes) : across(all)
    e.writer.line(`${target} = ${combineScalars(e, combine, dtype, target, result)};`)
  })

  /** Half with half, in ever shorter vectors: a branch a lane would be taken at random. */
  function across(whole: string): string {
    if (combine === undefined) return whole
    let row = whole
    e.levels.pop()
    for (let { lanes } = level; lanes > shortestRow; lanes /= 2) {
      const [low, high] = ['low', 'high'].map(
        (half) => `${e.prelude.operation(half, dtype, lanes)}(${row})`,
      )
      const half = { ...level, lanes: lanes / 2, width: lanes / 2 }
      e.levels.push(half)
      row = e.writer.fresh('half')
      const joined = combineText(e, combine, dtype, low ?? '', high ?? '')
      e.writer.line(`${vectorType(e, dtype)} ${row} = ${joined};`)
      e.levels.pop()
    }
    e.levels.push(level)
    return pairwise(e, combine, dtype, (i) => `${row}[${i}]`, Math.min(level.lanes, shortestRow))
  }
}

/** Lanes of a vector that are joined one by one. */
const shortestRow = 2

const acrossMask = (e: Emission, combine: Combine, mask: string, lanes: number): string =>
  pairwise(e, combine, 'bool', (i) => `(${mask}[${i}] != 0)`, lanes)

function pairwise(
  e: Emission,
  combine: Combine,
  dtype: ScalarType,
  lane: (i: number) => string,
  count: number,
  from = 0,
): string {
  if (count === 1) return lane(from)
  const half = (start: number): string => pairwise(e, combine, dtype, lane, count / 2, start)
  return combineScalars(e, combine, dtype, half(from), half(from + count / 2))
}

function accumulatedIn(body: Block): ReadonlySet<string> {
  const names = new Set<string>()
  for (const s of statementsOf(body)) if (s.tag === 'accumulate') names.add(s.name)
  return names
}
