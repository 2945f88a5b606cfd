/**
 * Features of a scheduled kernel at given sizes: work, traffic, footprints. What a cost model sees.
 *
 *   512³ product, packed    →    2.7e8 flops, 12 MB from memory, 33 kB touched in one row block
 *
 * Counted from the loops, nothing is run: a partial tile counts as a whole one, both arms of a
 * branch count, and a while counts as one round. Footprints take the elements that an access
 * reaches as distinct, up to the size of its buffer.
 */
import { dimProduct, dimValue, type Sizes } from '../../data/dim.js'
import { byteSize } from '../../data/dtype.js'
import { evaluateExpr, type Scope } from '../evaluate.js'
import type { Expr } from '../expression.js'
import { shapesOf } from '../facts.js'
import type { Kernel } from '../kernel.js'
import type { Block, Loop } from '../statement.js'
import { blocksOf, expressionsOf, namesIn, nodesOf } from '../traverse.js'
import { accessesIn, type BufferAccess } from './stride.js'
import { type BlockWork, workOfBlocks } from './work.js'

export interface LoopFeatures {
  readonly loop: string
  readonly depth: number
  /** Iterations each time the loop runs, and how often it runs in all. */
  readonly iterations: number
  readonly runs: number
  readonly width: number
  readonly mode: Loop['mode']
  /** Bytes that one run of the loop touches. */
  readonly footprint: number
}

export interface Features {
  /** Operations on elements: index arithmetic left out. */
  readonly flops: number
  readonly loadedBytes: number
  readonly storedBytes: number
  /** Bytes of the buffers, each once. */
  readonly compulsoryBytes: number
  readonly loops: readonly LoopFeatures[]
}

export function featuresOf(kernel: Kernel, sizes: Sizes): Features {
  const shapes = shapesOf(kernel)
  const bytesOf = (name: string): number => byteSize[shapes.get(name)?.dtype ?? 'f32']
  const extentOf = (name: string): number =>
    dimValue(dimProduct(shapes.get(name)?.shape ?? []), sizes)
  const total = { flops: 0, loaded: 0, stored: 0 }
  const loops: LoopFeatures[] = []
  const firsts = new Map<string, number>(kernel.counters.map((c) => [c.name, 0]))
  const scope: Scope = {
    size: (dim) => dimValue(dim, sizes),
    variable: (name) => firsts.get(name) ?? 0,
    load: () => 0,
  }
  const number = (e: Expr): number => Number(evaluateExpr(e, scope))
  const walk = (block: Block, runs: number, depth: number): void => {
    for (const s of block) {
      for (const e of expressionsOf(s)) {
        if (s.tag !== 'loop') total.flops += runs * operationsIn(e)
      }
      if (s.tag === 'accumulate') total.flops += runs
      if (s.tag !== 'loop') {
        for (const a of accessesIn([{ ...s, ...emptied(s) }])) {
          if (a.store) total.stored += runs * bytesOf(a.buffer)
          else total.loaded += runs * bytesOf(a.buffer)
        }
        for (const inner of blocksOf(s)) walk(inner, runs, depth)
        continue
      }
      const from = number(s.from)
      const iterations = Math.max(0, Math.ceil((number(s.to) - from) / s.step))
      firsts.set(s.index, from)
      const at = loops.length
      const counts = new Map<string, number>()
      walk(s.body, runs * iterations, depth + 1)
      for (const l of loops.slice(at)) counts.set(l.loop, l.iterations)
      counts.set(s.index, iterations)
      const footprint = footprintOf(accessesIn([s]), counts, extentOf, bytesOf)
      loops.splice(at, 0, {
        loop: s.index,
        depth,
        iterations,
        runs,
        width: s.width,
        mode: s.mode,
        footprint,
      })
    }
  }
  walk(kernel.body, 1, 0)
  const compulsoryBytes = kernel.buffers.reduce(
    (sum, b) => sum + extentOf(b.name) * byteSize[b.dtype],
    0,
  )
  return {
    flops: total.flops,
    loadedBytes: total.loaded,
    storedBytes: total.stored,
    compulsoryBytes,
    loops,
  }
}

/** What the blocks of a kernel execute, outer ones first. */
export function blockFeatures(
  kernel: Kernel,
  sizes: Sizes,
  { loops }: Features,
  vectorBytes: number,
): readonly BlockWork[] {
  const shapes = shapesOf(kernel)
  const iterations = new Map(loops.map((l) => [l.loop, l.iterations]))
  return workOfBlocks(
    kernel,
    vectorBytes,
    (l) => iterations.get(l.index) ?? 0,
    (name) => {
      const shape = shapes.get(name)
      return shape === undefined
        ? 0
        : dimValue(dimProduct(shape.shape), sizes) * byteSize[shape.dtype]
    },
  )
}

/** Operations on elements alone. */
export function flopsOf(kernel: Kernel, sizes: Sizes): number {
  const firsts = new Map<string, number>(kernel.counters.map((c) => [c.name, 0]))
  const scope: Scope = {
    size: (dim) => dimValue(dim, sizes),
    variable: (name) => firsts.get(name) ?? 0,
    load: () => 0,
  }
  const count = (block: Block): number =>
    block.reduce((sum, s) => {
      if (s.tag !== 'loop') {
        const own = expressionsOf(s).reduce((n, e) => n + operationsIn(e), 0)
        return sum + own + blocksOf(s).reduce((n, b) => n + count(b), 0)
      }
      const from = Number(evaluateExpr(s.from, scope))
      firsts.set(s.index, from)
      const times = Math.ceil((Number(evaluateExpr(s.to, scope)) - from) / s.step)
      return sum + Math.max(0, times) * count(s.body)
    }, 0)
  return count(kernel.body)
}

/** A statement without its blocks, so that only its own accesses count. */
const emptied = (s: Block[number]): object =>
  s.tag === 'if' ? { yes: [], no: [] } : s.tag === 'while' ? { body: [] } : {}

const operationsIn = (e: Expr): number => {
  let count = 0
  for (const node of nodesOf(e)) {
    if (node.tag === 'fma') count += 2
    else if (node.tag === 'binary' || node.tag === 'unary' || node.tag === 'select') {
      if (node.dtype !== 'i32' || e.dtype === 'i32') count += node.dtype === 'bool' ? 0 : 1
    }
  }
  return count
}

/** Distinct bytes that accesses reach while the loops in `counts` run. */
function footprintOf(
  accesses: readonly BufferAccess[],
  counts: ReadonlyMap<string, number>,
  extentOf: (buffer: string) => number,
  bytesOf: (buffer: string) => number,
): number {
  const reached = new Map<string, number>()
  for (const { buffer, at } of accesses) {
    const names = new Set(at.flatMap((e) => [...namesIn(e)]))
    let elements = 1
    for (const name of names) elements *= counts.get(name) ?? 1
    const most = Math.min(elements, extentOf(buffer))
    reached.set(buffer, Math.max(reached.get(buffer) ?? 0, most))
  }
  return [...reached].reduce((sum, [buffer, elements]) => sum + elements * bytesOf(buffer), 0)
}

/**
 * Bytes that come from beyond a cache of the given size: the outermost loops whose footprint fits
 * load it once a run. Loops in lock step count as one step, whatever lies inside them.
 */
export function trafficBeyond({ loops }: Features, cache: number): number {
  let traffic = 0
  let inside = Infinity
  for (const [i, l] of loops.entries()) {
    if (l.depth > inside) continue
    inside = Infinity
    const lockstep = l.mode === 'vector' || l.mode === 'unrolled'
    const innermost = (loops[i + 1]?.depth ?? 0) <= l.depth
    if (l.footprint > cache && !innermost && !lockstep) continue
    traffic += l.footprint * l.runs
    inside = l.depth
  }
  return traffic
}
