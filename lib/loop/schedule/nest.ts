/**
 * Finding and replacing loops in a kernel, and what decisions ask about them.
 */
import { type Dim, dimAdd, dimDivide, dimMul } from '../../data/dim.js'
import { fail } from '../../data/error.js'
import { alternatives } from '../bounds.js'
import { add, type Expr, mul, size, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { asNumber, minus, type Polynomial, polynomialOf } from '../polynomial.js'
import type { Block, Loop, Stmt } from '../statement.js'
import {
  blocksOf,
  expressionsOf,
  mapBlocks,
  nodesOf,
  statementsOf,
  visitNodes,
} from '../traverse.js'

/** A decision that does not fit the kernel: the reason. */
export function illegal(kernel: Kernel, why: string): never {
  return fail({ code: 'verify', where: `the schedule of kernel ${kernel.name}`, what: why })
}

export const findLoop = (kernel: Kernel, name: string): Loop =>
  loopIn(kernel.body, name) ?? illegal(kernel, `there is no loop '${name}'`)

function loopIn(block: Block, name: string): Loop | undefined {
  for (const s of block) {
    if (s.tag === 'loop' && s.index === name) return s
    for (const inner of blocksOf(s)) {
      const found = loopIn(inner, name)
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** Puts statements in the place of a loop; the nests beside it stay the very same. */
export function replaceLoop(kernel: Kernel, name: string, by: (loop: Loop) => Block): Kernel {
  const replaced = (block: Block): Block | undefined => {
    for (const [i, s] of block.entries()) {
      if (s.tag === 'loop' && s.index === name) return block.toSpliced(i, 1, ...by(s))
      let found = false
      const next = mapBlocks(s, (inner) => {
        const other = found ? undefined : replaced(inner)
        found ||= other !== undefined
        return other ?? inner
      })
      if (found) return block.with(i, next)
    }
    return undefined
  }
  const body = replaced(kernel.body) ?? illegal(kernel, `there is no loop '${name}'`)
  return { ...kernel, body }
}

/** Fails if the name is in use. */
export function requireFresh(kernel: Kernel, name: string): void {
  const taken = [...statementsOf(kernel.body)].some(
    (s) => (s.tag === 'loop' && s.index === name) || ('name' in s && s.name === name),
  )
  if (taken || kernel.buffers.some((b) => b.name === name)) {
    illegal(kernel, `the name '${name}' is taken`)
  }
}

/** The loops from `outer` down, as long as each is the only statement of the one before. */
export function chainFrom(outer: Loop): readonly Loop[] {
  const [only] = outer.body
  return outer.body.length === 1 && only?.tag === 'loop' ? [outer, ...chainFrom(only)] : [outer]
}

/** The number of iterations as a polynomial over sizes and outer indices; of the least bound. */
export function lengthsOf(loop: Loop): readonly Polynomial[] {
  const from = polynomialOf(loop.from, () => '?from')
  return alternatives(loop.to, 'min').map((to) =>
    minus(
      polynomialOf(to, () => '?to'),
      from,
    ),
  )
}

/** No more iterations than this times `step`, where a number or a size says so. */
export function extentOf(loop: Loop): Dim | undefined {
  const numbers = lengthsOf(loop)
    .map(asNumber)
    .filter((n) => n !== undefined)
  if (numbers.length > 0) return Math.max(0, Math.min(...numbers))
  if (loop.from.tag !== 'constant' || Number(loop.from.value) !== 0) return undefined
  return loop.to.tag === 'size' ? loop.to.dim : undefined
}

/** Of what number the index of each loop from 0 is a multiple. */
export const stepsIn = (kernel: Kernel): ReadonlyMap<string, number> =>
  new Map(
    statementsOf(kernel.body).flatMap((s) =>
      s.tag === 'loop' && isZero(s.from) ? [[s.index, s.step] as const] : [],
    ),
  )

/** The path of loops around a statement that satisfies the predicate, outermost first. */
export function pathTo(
  block: Block,
  matches: (s: Stmt) => boolean,
): { readonly loops: readonly Loop[]; readonly found: Stmt } | undefined {
  for (const s of block) {
    if (matches(s)) return { loops: [], found: s }
    const inner =
      s.tag === 'loop' || s.tag === 'while'
        ? pathTo(s.body, matches)
        : s.tag === 'if'
          ? (pathTo(s.yes, matches) ?? pathTo(s.no, matches))
          : undefined
    if (inner === undefined) continue
    return s.tag === 'loop' ? { loops: [s, ...inner.loops], found: inner.found } : inner
  }
  return undefined
}

/** Loads in an expression. */
export const loadsIn = (e: Expr): readonly (Expr & { readonly tag: 'load' })[] =>
  [...nodesOf(e)].filter((node) => node.tag === 'load')

export const isZero = (e: Expr): boolean => e.tag === 'constant' && Number(e.value) === 0
export const zeroIndex: Expr = size(0)

/**
 * A flat tile with a cell for each iteration of the loops: each loop is a digit, the last one
 * fastest. Where a symbolic extent is not a multiple of the step, there is room for the whole step.
 */
export function flatTile(
  kernel: Kernel,
  loops: readonly Loop[],
): { readonly size: Dim; readonly index: Expr } {
  let count: Dim = 1
  let index: Expr = size(0)
  for (const loop of loops.toReversed()) {
    const extent = extentOf(loop)
    const stride = dimDivide(count, loop.step)
    if (extent === undefined || stride === undefined || !isZero(loop.from)) {
      return illegal(kernel, `the extent of '${loop.index}' does not fit the loops inside`)
    }
    index = add(mul(variable(loop.index), size(stride)), index)
    const last = loop.step - 1
    const room =
      typeof extent === 'number'
        ? extent + ((loop.step - (extent % loop.step)) % loop.step)
        : dimAdd(extent, last)
    count = dimMul(stride, room)
  }
  return { size: count, index }
}

/** The kernel without lets that nothing reads any more, nor those that only such lets read. */
export function dropUnusedLets(kernel: Kernel): Kernel {
  const statements = statementsOf(kernel.body)
  const lets = new Map(statements.flatMap((s) => (s.tag === 'let' ? [[s.name, s.value]] : [])))
  if (lets.size === 0) return kernel
  const used = new Set<string>()
  const seen = new Set<Expr>()
  const meet = (node: Expr): void => {
    if (node.tag === 'variable') used.add(node.name)
  }
  const use = (e: Expr): void => visitNodes(e, seen, meet)
  for (const s of statements) if (s.tag !== 'let') expressionsOf(s).forEach(use)
  for (const name of used) {
    const value = lets.get(name)
    if (value !== undefined) use(value)
  }
  if ([...lets.keys()].every((name) => used.has(name))) return kernel
  const walk = (block: Block): Block =>
    block.flatMap((s): Block => {
      if (s.tag !== 'let') return [mapBlocks(s, walk)]
      return used.has(s.name) ? [s] : []
    })
  return { ...kernel, body: walk(kernel.body) }
}
