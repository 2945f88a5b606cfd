/**
 * What a pass changed, line by line: `explain` prints it.
 *
 *     fn f(x: f32[2]) {
 *   - %0: f32[2] = neg(x)
 *   - %1: f32[2] = neg(%0)
 *   + return x
 *
 * Names go by structure: a term that both programs hold has one name in both, so that a line is
 * equal exactly if what it computes is.
 */
import {
  bodiesOf,
  type Func,
  type Line,
  nodeKey,
  type PrintOptions,
  print,
  showLine,
  showType,
  type Term,
} from '../term/index.js'

export interface DifferenceLine {
  readonly side: 'both' | 'before' | 'after'
  readonly line: Line
}

export interface Difference {
  readonly lines: readonly DifferenceLine[]
  /** Nodes on one side only, bodies included. */
  readonly removed: number
  readonly added: number
}

export function difference(before: Func, after: Func, options: PrintOptions = {}): Difference {
  const names = structuralNames([before, after])
  const sides = [before, after].map((func) => print(func, { ...options, names }))
  const lines = merge(sides[0], sides[1])
  const nodes = (side: DifferenceLine['side']) =>
    lines.filter((l) => l.side === side && l.line.node !== undefined).length
  return { lines, removed: nodes('before'), added: nodes('after') }
}

/** The difference as text; of what did not change, only `context` lines around a change. */
export function showDifference(difference: Difference, context = 2): string {
  const { lines } = difference
  const near = new Uint8Array(lines.length)
  lines.forEach(({ side }, i) => {
    if (side !== 'both') near.fill(1, Math.max(0, i - context), i + context + 1)
  })
  const text: string[] = []
  lines.forEach(({ side, line }, i) => {
    if (near[i] === 1) text.push(`${marks[side]} ${showLine(line)}`)
    else if (i > 0 && near[i - 1] === 1) text.push('  …')
  })
  return text.join('\n')
}

const marks = { both: ' ', before: '-', after: '+' } as const

/** One name for all terms of one structure, numbered in the order that they are met. */
function structuralNames(funcs: readonly Func[]): (term: Term) => string {
  const ids = new Map<string, number>()
  const large = new Map<object, number>()
  const names = new Map<Term, number>()
  const idOf = (key: string): number => {
    const id = ids.get(key) ?? ids.size
    ids.set(key, id)
    return id
  }
  const visit = (func: Func): void => {
    func.params.forEach((p) => {
      names.set(p, idOf(`${String(p.node.attrs.name)}: ${showType(p)}`))
    })
    for (const node of func.nodes) {
      for (const body of bodiesOf(node.attrs)) visit(body)
      const args = node.args.map((a) => names.get(a) ?? -1)
      const key = nodeKey(node, args, large)
      for (const out of node.outs) names.set(out, idOf(`${key}.${out.index}`))
    }
  }
  funcs.forEach(visit)
  const shown = new Map<number, string>()
  return (term) => {
    const id = names.get(term) ?? -1
    const name = shown.get(id) ?? `%${shown.size}`
    shown.set(id, name)
    return name
  }
}

/** Lines that occur once on each side and in the same order stay; the rest is removed or added. */
function merge(before: readonly Line[], after: readonly Line[]): readonly DifferenceLine[] {
  const was = before.map(showLine)
  const is = after.map(showLine)
  const merged: DifferenceLine[] = []
  let i = 0
  let j = 0
  const both = () => {
    merged.push({ side: 'both', line: after[j] })
    i++
    j++
  }
  const changed = (toBefore: number, toAfter: number) => {
    while (i < toBefore) merged.push({ side: 'before', line: before[i++] })
    while (j < toAfter) merged.push({ side: 'after', line: after[j++] })
  }
  for (const [ai, aj] of [...anchors(was, is), [was.length, is.length] as const]) {
    while (i < ai && j < aj && was[i] === is[j]) both()
    let tail = 0
    while (ai - tail > i && aj - tail > j && was[ai - tail - 1] === is[aj - tail - 1]) tail++
    changed(ai - tail, aj - tail)
    while (i < ai) both()
    if (i < was.length && j < is.length) both()
  }
  return merged
}

/** Pairs of equal lines, unique on both sides, in increasing order: the longest such chain. */
function anchors(
  was: readonly string[],
  is: readonly string[],
): readonly (readonly [number, number])[] {
  const once = (texts: readonly string[]) => {
    const at = new Map<string, number>()
    texts.forEach((text, i) => {
      at.set(text, at.has(text) ? -1 : i)
    })
    return at
  }
  const there = once(is)
  const pairs = [...once(was)].flatMap(([text, i]): [number, number][] => {
    const j = there.get(text) ?? -1
    return i >= 0 && j >= 0 ? [[i, j]] : []
  })
  // Patience: piles of increasing ends, each entry remembering the top of the pile before it.
  const tops: number[] = []
  const previous: number[] = []
  pairs.forEach(([, j], k) => {
    let low = 0
    let high = tops.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (pairs[tops[middle]][1] < j) low = middle + 1
      else high = middle
    }
    previous.push(low === 0 ? -1 : tops[low - 1])
    tops[low] = k
  })
  const chain: [number, number][] = []
  for (let k = tops.at(-1) ?? -1; k >= 0; k = previous[k]) chain.push(pairs[k])
  return chain.reverse()
}
