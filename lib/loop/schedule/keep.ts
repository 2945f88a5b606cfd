/**
 * Keep: a value that two loops over one row compute is kept in a row of local memory.
 *
 *   for j { e = exp(x[i, j] − m); s += e }; for j { y[i, j] = exp(x[i, j] − m) / s }    →
 *   for j { e = exp(x[i, j] − m); t[j] = e; s += e }; for j { y[i, j] = t[j] / s }
 *
 * Both loops run from 0 over the same extent. The value is a let of the first loop; the second has
 * a let that computes the same of its own index.
 */
import { type Expr, load, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import type { Block, Loop, Stmt } from '../statement.js'
import { blocksOf, childrenOf, mapBlocks, nodesOf, substitute } from '../traverse.js'
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
  const { dtype } = same.value
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
  readonly value: Expr
  readonly work: number
}

/** Lets of the second loop that compute a let of the first, the most work first. */
function pairsOf(first: Loop, second: Loop): readonly Pair[] {
  const numbers = new Map<string, number>()
  const rename = new Map<string, Expr>([[second.index, variable(first.index)]])
  const lets = (loop: Loop, names: ReadonlyMap<string, Expr>) => {
    const values = new Map(names)
    return loop.body.flatMap((s) => {
      if (s.tag !== 'let') return []
      const value = substitute(values)(s.value)
      values.set(s.name, value)
      return [{ name: s.name, value, id: idOf(value, numbers) }]
    })
  }
  const known = new Map(lets(first, new Map()).map((l) => [l.id, l]))
  return lets(second, rename)
    .flatMap(({ name, value, id }): readonly Pair[] => {
      const same = known.get(id)
      if (same === undefined) return []
      return [{ first: same.name, second: name, value, work: workIn(value) }]
    })
    .toSorted((a, b) => b.work - a.work)
}

/** A number for each structure, equal for equal expressions. */
function idOf(e: Expr, numbers: Map<string, number>): number {
  const done = new Map<Expr, number>()
  const go = (x: Expr): number => {
    const known = done.get(x)
    if (known !== undefined) return known
    const below = childrenOf(x).map(go)
    const key = `${ownKey(x)} ${below}`
    const id = numbers.get(key) ?? numbers.size
    numbers.set(key, id)
    done.set(x, id)
    return id
  }
  return go(e)
}

/** What a node is, its operands left out. */
function ownKey(e: Expr): string {
  switch (e.tag) {
    case 'constant':
      return `${e.dtype} ${Object.is(e.value, -0) ? '-0' : e.value}`
    case 'size':
      return `size ${e.dim}`
    case 'variable':
      return `var ${e.name}`
    case 'load':
      return `load ${e.buffer}`
    case 'unary':
    case 'binary':
    case 'compare':
      return `${e.tag} ${e.op}`
    case 'select':
    case 'fma':
    case 'convert':
    case 'reinterpret':
      return `${e.tag} ${e.dtype}`
  }
}

const workIn = (e: Expr): number =>
  [...nodesOf(e)].filter((n) => childrenOf(n).length > 0 && n.tag !== 'load' && n.dtype !== 'i32')
    .length

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
