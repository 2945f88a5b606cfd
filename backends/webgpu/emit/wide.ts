/**
 * Wide memory: arrays whose elements are read and written four at a time.
 *
 *   vector v in 0..4 { t[4·j + v] = x[8·i + v] }    →    t, x: arrays of vec4; t[j] = x[2·i]
 *
 * An access is wide if its position is the lane plus a multiple of four, as its own arithmetic
 * shows. A buffer is wide if some access is and every store is: a component that is stored alone
 * may store the others too. Single elements of a wide buffer are read as components.
 */
import { type Dim, dimFloorDivide, dimProduct, dimTerms } from '../../../lib/data/dim.js'
import {
  add,
  type Block,
  blocksOf,
  type Expr,
  expressionsOf,
  type Loop,
  min,
  mul,
  namesIn,
  nodesOf,
  rem,
  type Stmt,
  shr,
  size,
  sub,
} from '../../../lib/loop/index.js'
import type { Memory } from './emission.js'
import type { Axis } from './grid.js'

/** Lanes of a vector in memory. */
export const lanes = 4

export const isLanes = (s: Stmt): s is Loop =>
  s.tag === 'loop' &&
  s.mode === 'vector' &&
  s.width === lanes &&
  s.step === 1 &&
  isNumber(s.from, 0) &&
  isNumber(s.to, lanes)

/** The number of the vector where the lanes' elements are; undefined where they are no vector. */
export function vectorAt(
  memory: Memory,
  at: readonly Expr[],
  lane: string,
  multiples: ReadonlySet<string>,
): Expr | undefined {
  const first = withoutLane(memory.position(at), lane)
  return first !== undefined && isMultiple(first, multiples) ? quarter(first) : undefined
}

/** Whether a number is a multiple of four. */
export function isMultiple(e: Expr, multiples: ReadonlySet<string>): boolean {
  const is = (x: Expr): boolean => isMultiple(x, multiples)
  if (e.tag === 'constant') return Number(e.value) % lanes === 0
  if (e.tag === 'size') return isMultipleDim(e.dim)
  if (e.tag === 'variable') return multiples.has(e.name)
  if (e.tag !== 'binary') return false
  if (e.op === 'mul') return is(e.x) || is(e.y)
  return ['add', 'sub', 'min', 'rem'].includes(e.op) && is(e.x) && is(e.y)
}

export const isMultipleDim = (dim: Dim): boolean =>
  [...dimTerms(dim)].every(([, coefficient]) => coefficient % lanes === 0)

/** Whether the index of a loop always is. */
export const isMultipleLoop = (loop: Loop, multiples: ReadonlySet<string>): boolean =>
  loop.step % lanes === 0 && isMultiple(loop.from, multiples)

/** A multiple of four, over four. */
function quarter(e: Expr): Expr {
  if (e.tag === 'size') return size(dimFloorDivide(e.dim, lanes))
  if (e.tag === 'binary') {
    if (e.op === 'add') return add(quarter(e.x), quarter(e.y))
    if (e.op === 'sub') return sub(quarter(e.x), quarter(e.y))
    if (e.op === 'min') return min(quarter(e.x), quarter(e.y))
    if (e.op === 'rem') return rem(quarter(e.x), quarter(e.y))
    if (e.op === 'mul' && isMultiple(e.y, new Set())) return mul(e.x, quarter(e.y))
    if (e.op === 'mul' && isMultiple(e.x, new Set())) return mul(quarter(e.x), e.y)
  }
  return e.tag === 'constant' ? size(Number(e.value) / lanes) : shr(e, 2)
}

/** What is left of `rest + lane`. */
function withoutLane(e: Expr, lane: string): Expr | undefined {
  if (e.tag === 'variable' && e.name === lane) return size(0)
  if (e.tag !== 'binary' || e.op !== 'add') return undefined
  const [inX, inY] = [e.x, e.y].map((side) => namesIn(side).has(lane))
  if (inX === inY) return undefined
  const rest = withoutLane(inX ? e.x : e.y, lane)
  return rest && add(rest, inX ? e.y : e.x)
}

export const isNumber = (e: Expr, value: number): boolean =>
  (e.tag === 'constant' && Number(e.value) === value) || (e.tag === 'size' && e.dim === value)

/** The buffers of a part that are wide. */
export function wideNames(
  body: Block,
  axes: readonly Axis[],
  memories: ReadonlyMap<string, Memory>,
): ReadonlySet<string> {
  const wide = new Set<string>()
  const narrow = new Set<string>()
  const multiples = new Set<string>()
  const meet = (buffer: string, at: readonly Expr[], lane: string | undefined): boolean => {
    const memory = memories.get(buffer)
    if (memory === undefined || !mayBeWide(memory)) return false
    return lane !== undefined && vectorAt(memory, at, lane, multiples) !== undefined
  }
  const walk = (block: Block, lane: string | undefined): void => {
    for (const s of block) {
      if (s.tag === 'touch') continue
      for (const e of expressionsOf(s)) {
        for (const node of nodesOf(e)) {
          if (node.tag === 'load' && meet(node.buffer, node.at, lane)) wide.add(node.buffer)
        }
      }
      if (s.tag === 'store') (meet(s.buffer, s.at, lane) ? wide : narrow).add(s.buffer)
      // A let inside is each lane's own.
      const counts = s.tag === 'let' && lane === undefined && isMultiple(s.value, multiples)
      if (counts) multiples.add(s.name)
      if (s.tag === 'loop' && isMultipleLoop(s, multiples)) multiples.add(s.index)
      const inner = s.tag === 'if' ? lane : isLanes(s) ? s.index : undefined
      for (const b of blocksOf(s)) walk(b, inner)
    }
  }
  for (const { loop } of axes) if (isMultipleLoop(loop, multiples)) multiples.add(loop.index)
  walk(body, undefined)
  return new Set([...wide].filter((name) => !narrow.has(name)))
}

/** Registers are single; so is what lies among others' words. */
function mayBeWide({ space, name, binding, shape }: Memory): boolean {
  if (space === 'private' || name !== binding) return false
  return space === 'storage' || Number(dimProduct(shape)) % lanes === 0
}
