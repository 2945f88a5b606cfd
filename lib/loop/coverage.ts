/**
 * Coverage: a `write` buffer has every element stored, whatever the data.
 *
 *   for j in 0..n step 8 { for i in 0..min(8, n − j) { y[j + i] = … } }    covers [0, n)
 *
 * The values that an axis takes are shown to be an interval by letting the loops run one after
 * another, innermost first. Several stores may share an axis between them, as in a concatenation.
 */
import { alternatives, type Facts, isNonNegative, toPolynomial } from './bounds.js'
import type { Expr } from './expression.js'
import { walkFacts } from './facts.js'
import type { Fault } from './fault.js'
import type { Kernel } from './kernel.js'
import {
  asNumber,
  linearIn,
  minus,
  namesOf,
  ofDim,
  type Polynomial,
  plus,
  scale,
  substituteName,
  times,
  whole,
  zero,
} from './polynomial.js'
import { showExpr } from './print.js'
import type { Block, Loop, Stmt } from './statement.js'
import { namesIn } from './traverse.js'

/** [low, the least of highs). */
interface Interval {
  readonly low: Polynomial
  readonly highs: readonly Polynomial[]
}

export function unwritten(kernel: Kernel): readonly Fault[] {
  const covered = new Map<string, (readonly Interval[])[]>()
  const certain = certainStores(kernel.body, [])
  const facts = new Map<Stmt, Facts>()
  walkFacts(kernel, (s, f) => facts.set(s, f))
  for (const { store, loops } of certain) {
    const known = facts.get(store)
    const intervals = known === undefined ? undefined : intervalsOf(known, store.at, loops)
    if (intervals === undefined) continue
    covered.set(store.buffer, [...(covered.get(store.buffer) ?? []), intervals])
  }
  const empty: Facts = { binders: [], known: [], atoms: new Map() }
  return kernel.buffers.flatMap((b): readonly Fault[] => {
    if (b.access !== 'write') return []
    const extents = b.shape.map(ofDim)
    if (isCovered(empty, extents, covered.get(b.name) ?? [])) return []
    return [{ kind: 'unwritten', what: `cannot show that every element of '${b.name}' is written` }]
  })
}

interface Placed {
  readonly store: Stmt & { readonly tag: 'store' }
  readonly loops: readonly Loop[]
}

/** Stores that happen whatever the data: outside branches, or alike in both branches. */
function certainStores(block: Block, loops: readonly Loop[]): readonly Placed[] {
  return block.flatMap((s): readonly Placed[] => {
    if (s.tag === 'store') return [{ store: s, loops }]
    if (s.tag === 'loop') return certainStores(s.body, [...loops, s])
    if (s.tag !== 'if') return []
    const key = ({ store }: Placed): string =>
      `${store.buffer} ${store.at.map((e) => showExpr(e)).join()}`
    const other = new Set(certainStores(s.no, loops).map(key))
    return certainStores(s.yes, loops).filter((placed) => other.has(key(placed)))
  })
}

/** The interval of each axis; undefined where one is not shown, or two axes share a loop. */
function intervalsOf(
  facts: Facts,
  at: readonly Expr[],
  loops: readonly Loop[],
): readonly Interval[] | undefined {
  const intervals: Interval[] = []
  const used = new Set<string>()
  for (const e of at) {
    const point = inlineLets(facts, toPolynomial(facts, e))
    const mine = loopsIn(point, loops)
    if ([...mine].some((name) => used.has(name))) return undefined
    for (const name of mine) used.add(name)
    if (hidesLoop(facts, point)) return undefined
    let interval: Interval | undefined = { low: point, highs: [plus(point, whole(1))] }
    for (const loop of loops.toReversed()) {
      interval = interval === undefined ? undefined : union(facts, interval, loop)
    }
    if (interval === undefined || loopsIn(interval.low, loops).size > 0) return undefined
    intervals.push(interval)
  }
  return intervals
}

/** Loops whose indices a polynomial depends on, through their bounds too. */
function loopsIn(p: Polynomial, loops: readonly Loop[]): ReadonlySet<string> {
  const names = namesOf(p)
  return new Set(loops.filter((l) => names.has(l.index)).map((l) => l.index))
}

function inlineLets(facts: Facts, p: Polynomial): Polynomial {
  let result = p
  for (const b of facts.binders.toReversed()) {
    if (b.range.tag !== 'let' || !namesOf(result).has(b.name)) continue
    result = substituteName(result, b.name, toPolynomial(facts, b.range.value))
  }
  return result
}

/** The union of an interval over the iterations of a loop, if that is an interval. */
function union(facts: Facts, interval: Interval, loop: Loop): Interval | undefined {
  const name = loop.index
  const low = linearIn(interval.low, name)
  if (low === undefined) return undefined
  const from = toPolynomial(facts, loop.from)
  const tos = alternatives(loop.to, 'min').flatMap((e) => spread(facts, toPolynomial(facts, e)))
  if (tos.some((to) => hidesLoop(facts, to)) || hidesLoop(facts, from)) return undefined
  if (low.coefficient.size === 0) {
    // The interval may still end with the loop's index; then it is not the same everywhere.
    return interval.highs.some((h) => namesOf(h).has(name)) ? undefined : interval
  }
  const c = low.coefficient
  if (isNonNegative(facts, scale(c, -1))) return mirrored(facts, interval, loop, from, tos)
  if (!isNonNegative(facts, c)) return undefined
  const step = scale(c, loop.step)
  const highs: Polynomial[] = []
  for (const high of interval.highs) {
    const part = linearIn(high, name)
    if (part === undefined) return undefined
    if (part.coefficient.size === 0) {
      // The last start, c·(to − 1) + low, must not lie beyond this end.
      const reached = tos.some((to) =>
        isNonNegative(facts, minus(high, plus(times(c, minus(to, whole(1))), low.rest))),
      )
      if (!reached) return undefined
      highs.push(high)
    } else {
      if (minus(part.coefficient, c).size > 0) return undefined
      const touching = isNonNegative(facts, minus(minus(part.rest, low.rest), step))
      const once = tos.some((to) => {
        const length = asNumber(minus(to, from))
        return length !== undefined && length <= loop.step
      })
      if (!touching && !once) return undefined
      const last = (to: Polynomial): Polynomial =>
        once ? times(c, from) : times(c, minus(to, whole(loop.step)))
      highs.push(...tos.map((to) => plus(last(to), part.rest)))
    }
  }
  return { low: plus(times(c, from), low.rest), highs }
}

/** min(a, b) + rest as the two ends a + rest and b + rest. */
function spread(facts: Facts, p: Polynomial): readonly Polynomial[] {
  for (const name of namesOf(p)) {
    const atom = facts.atoms.get(name)
    if (atom?.tag !== 'binary' || atom.op !== 'min' || p.get(name) !== 1) continue
    return [atom.x, atom.y].flatMap((e) =>
      spread(facts, substituteName(p, name, toPolynomial(facts, e))),
    )
  }
  return [p]
}

/** Whether an opaque part depends on a loop, which no interval may. */
const hidesLoop = (facts: Facts, p: Polynomial): boolean =>
  [...namesOf(p)].some((name) => {
    const atom = facts.atoms.get(name)
    return atom !== undefined && namesIn(atom).size > 0
  })

/** A loop that walks an axis backwards covers what it covers forwards. */
function mirrored(
  facts: Facts,
  interval: Interval,
  loop: Loop,
  from: Polynomial,
  tos: readonly Polynomial[],
): Interval | undefined {
  const [to] = tos
  if (to === undefined || tos.length !== 1 || loop.step !== 1) return undefined
  const flip = minus(plus(from, minus(to, whole(1))), new Map([[loop.index, 1]]))
  const turn = (p: Polynomial): Polynomial => substituteName(p, loop.index, flip)
  return union(facts, { low: turn(interval.low), highs: interval.highs.map(turn) }, loop)
}

/** Whether the boxes together fill [0, extent) on every axis, one axis being shared at most. */
function isCovered(
  facts: Facts,
  extents: readonly Polynomial[],
  boxes: readonly (readonly Interval[])[],
): boolean {
  const full = (interval: Interval | undefined, extent: Polynomial): boolean =>
    interval !== undefined &&
    isNonNegative(facts, scale(interval.low, -1)) &&
    interval.highs.every((h) => isNonNegative(facts, minus(h, extent)))
  if (boxes.some((box) => extents.every((extent, axis) => full(box[axis], extent)))) return true
  return extents.some((extent, axis) => {
    const slabs = boxes.filter((box) =>
      extents.every((other, i) => i === axis || full(box[i], other)),
    )
    let end: Polynomial = zero
    for (let rounds = slabs.length; rounds > 0; rounds--) {
      const next = slabs.find(([...box]) => {
        const interval = box[axis]
        return (
          interval !== undefined &&
          isNonNegative(facts, minus(end, interval.low)) &&
          interval.highs.every((h) => isNonNegative(facts, minus(minus(h, end), whole(1))))
        )
      })
      const [high] = next?.[axis]?.highs ?? []
      if (high === undefined || next?.[axis]?.highs.length !== 1) return false
      end = high
      if (isNonNegative(facts, minus(end, extent))) return true
    }
    return false
  })
}
