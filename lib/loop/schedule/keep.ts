/**
 * Keep: a value that two loops over one row compute is kept in a row of local memory.
 *
 *   for j { e = exp(x[i, j] − m); s += e }; for j { y[i, j] = exp(x[i, j] − m) / s }    →
 *   for j { e = exp(x[i, j] − m); t[j] = e; s += e }; for j { y[i, j] = t[j] / s }
 *
 * Both loops run from 0 over the same extent. The value is a let of the first loop; the second has
 * a let that computes the same of its own index.
 */
import { type Expr, load, type ScalarType, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { labelOf } from '../label.js'
import type { Block, Loop, Stmt } from '../statement.js'
import { blocksOf, childrenOf, mapBlocks } from '../traverse.js'
import type { Decision } from './decision.js'
import { dropUnusedLets, extentOf, findLoop, illegal, isZero, requireFresh } from './nest.js'

export function keepValue(kernel: Kernel, value: string, from: string, loop: string): Kernel {
  const tile = `${value}.row`
  requireFresh(kernel, tile)
  const [first, second] = [findLoop(kernel, from), findLoop(kernel, loop)]
  const extent = extentOf(first)
  if (extent === undefined || extent !== extentOf(second) || !areRows(first, second)) {
    return illegal(kernel, `'${from}' and '${loop}' do not run over the same row`)
  }
  const same = pairsOf(first, second).find((pair) => pair.first === value)
  if (same === undefined) return illegal(kernel, `'${loop}' does not compute '${value}' again`)
  const { dtype } = same
  if (dtype === 'i64') return illegal(kernel, 'an i64 cannot be stored')
  const [i, j] = [variable(from), variable(loop)]
  const write: Stmt = { tag: 'store', buffer: tile, at: [i], value: variable(value, dtype) }
  const storing: Loop = {
    ...first,
    body: first.body.flatMap((s) => (s.tag === 'let' && s.name === value ? [s, write] : [s])),
  }
  const reading: Loop = {
    ...second,
    body: second.body.map((s) =>
      s.tag === 'let' && s.name === same.second ? { ...s, value: load(tile, dtype, [j]) } : s,
    ),
  }
  const walk = (block: Block): Block =>
    block.flatMap((s): Block => {
      if (s === second) return [reading]
      if (s !== first) return [mapBlocks(s, walk)]
      return [{ tag: 'local', name: tile, dtype, shape: [extent] }, storing]
    })
  return dropUnusedLets({ ...kernel, body: walk(kernel.body) })
}

const areRows = (first: Loop, second: Loop): boolean =>
  [first, second].every((l) => isZero(l.from) && l.step === 1)

interface Pair {
  readonly first: string
  readonly second: string
  readonly dtype: ScalarType
  readonly work: number
}

/** Lets of the second loop that compute a let of the first, the most work first. */
function pairsOf(first: Loop, second: Loop): readonly Pair[] {
  const numbers = new Map<string, Numbered>()
  const known = new Map(numberLets(first, numbers).map((l) => [l.id, l]))
  return numberLets(second, numbers)
    .flatMap(({ name, dtype, id, work }): readonly Pair[] => {
      const same = known.get(id)
      return same === undefined ? [] : [{ first: same.name, second: name, dtype, work }]
    })
    .toSorted((a, b) => b.work - a.work)
}

/** A number for each structure, equal for equal values, and about the work in it. */
interface Numbered {
  readonly id: number
  readonly work: number
}

/** The lets of a loop by the structure of their values, earlier lets and the index seen through. */
function numberLets(loop: Loop, numbers: Map<string, Numbered>) {
  const numbered = (key: string, work: number): Numbered => {
    const known = numbers.get(key) ?? { id: numbers.size, work: Math.min(work, 1e6) }
    numbers.set(key, known)
    return known
  }
  const names = new Map<string, Numbered>([[loop.index, numbered('the index', 0)]])
  const done = new Map<Expr, Numbered>()
  const go = (x: Expr): Numbered => {
    const known = x.tag === 'variable' ? names.get(x.name) : done.get(x)
    if (known !== undefined) return known
    const below = childrenOf(x).map(go)
    const own = below.length > 0 && x.tag !== 'load' && x.dtype !== 'i32' ? 1 : 0
    const work = below.reduce((sum, child) => sum + child.work, own)
    const result = numbered(`${labelOf(x)} ${below.map((child) => child.id)}`, work)
    done.set(x, result)
    return result
  }
  return loop.body.flatMap((s) => {
    if (s.tag !== 'let') return []
    const value = go(s.value)
    names.set(s.name, value)
    return [{ name: s.name, dtype: s.value.dtype, ...value }]
  })
}

/** Less work than this is done twice rather than stored and read. */
const worthKeeping = 8

/** What may be kept, in every row of a kernel. */
export function keepDecisions(block: Block): readonly Decision[] {
  const loops = block.filter((s): s is Loop => s.tag === 'loop')
  const here = loops.flatMap((second, n): readonly Decision[] => {
    for (const first of loops.slice(0, n)) {
      if (!areRows(first, second) || extentOf(first) !== extentOf(second)) continue
      const [pair] = pairsOf(first, second)
      if (pair === undefined || pair.work < worthKeeping) continue
      return [{ tag: 'keep', value: pair.first, from: first.index, loop: second.index }]
    }
    return []
  })
  return [...here, ...block.flatMap((s) => blocksOf(s).flatMap(keepDecisions))]
}
