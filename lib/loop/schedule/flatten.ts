/**
 * Flatten: nested loops that walk their accesses as one loop would become that loop.
 *
 *   for c in 0..C { for q in 0..3 { s += t[c·24 + q·8 + j] } }    →    for q in 0..3·C { s += t[q·8 + j] }
 *
 * After packing, the loops of a reduction over several axes do so; one long loop is what a register
 * block wants. Each access must move by the whole inner extent when the outer loop moves by one.
 */
import { type Dim, dimMul } from '../../data/dim.js'
import { binary, type Expr, size, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { linearIn, minus, ofDim, type Polynomial, polynomialOf, times } from '../polynomial.js'
import { isIndependent } from '../reduction.js'
import type { Loop } from '../statement.js'
import {
  expressionsOf,
  namesIn,
  nodesOf,
  rewriteBlock,
  rewriteExpr,
  statementsOf,
} from '../traverse.js'
import { chainFrom, extentOf, findLoop, illegal, isZero, replaceLoop } from './nest.js'

/** The loops, outermost first, become one that is called like the innermost. */
export function flattenLoops(kernel: Kernel, names: readonly string[]): Kernel {
  const [outermost = ''] = names
  const chain = chainFrom(findLoop(kernel, outermost)).slice(0, names.length)
  const innermost = chain.at(-1)
  const fits = names.every((name, i) => chain[i]?.index === name)
  if (innermost === undefined || !fits) {
    return illegal(kernel, `${names.join(', ')} are not perfectly nested`)
  }
  const plain = chain.every((l) => isZero(l.from) && l.step === 1 && l.width === 1)
  if (!plain || !chain.every(isIndependent)) {
    return illegal(kernel, `${names.join(', ')} are not plain independent loops`)
  }
  const extents = chain.map((l) => extentOf(l) ?? illegal(kernel, `'${l.index}' has no extent`))
  checkWalk(kernel, chain, extents)
  const flat = new Map<string, Expr>(
    names.map((name, i) => [name, i === names.length - 1 ? variable(name) : size(0)]),
  )
  const rewrite = rewriteExpr((e) => {
    if (e.tag === 'variable') return flat.get(e.name) ?? e
    // Rebuilt, so that what the zeros leave behind folds away.
    return e.tag === 'binary' && e.dtype === 'i32' ? binary(e.op, e.x, e.y) : e
  })
  return replaceLoop(kernel, outermost, () => [
    {
      ...innermost,
      from: size(0),
      to: size(extents.reduce<Dim>(dimMul, 1)),
      body: rewriteBlock(innermost.body, rewrite),
    },
  ])
}

/** Every use of the indices is in an access that moves as one loop over all iterations would. */
function checkWalk(kernel: Kernel, chain: readonly Loop[], extents: readonly Dim[]): void {
  const names = chain.map((l) => l.index)
  const innermost = chain.at(-1)
  const inAccess = new Set<Expr>()
  const walk = (at: readonly Expr[]): void => {
    for (const e of at) {
      const p = polynomialOf(e, () => illegal(kernel, 'an index is not a polynomial'))
      const step = (name: string): Polynomial =>
        linearIn(p, name)?.coefficient ?? illegal(kernel, `an index is not linear in '${name}'`)
      names.slice(0, -1).forEach((name, i) => {
        const inner = times(step(names[i + 1] ?? name), ofDim(extents[i + 1] ?? 1))
        if (minus(step(name), inner).size > 0) {
          illegal(kernel, `an access does not walk '${name}' and the loops inside as one`)
        }
      })
      for (const node of nodesOf(e)) inAccess.add(node)
    }
  }
  for (const s of statementsOf(innermost?.body ?? [])) {
    if (s.tag === 'store') walk(s.at)
    const nodes = expressionsOf(s).flatMap((e) => [...nodesOf(e)])
    for (const node of nodes) if (node.tag === 'load') walk(node.at)
    for (const node of nodes) {
      if (node.tag !== 'variable' || !names.includes(node.name) || inAccess.has(node)) continue
      illegal(kernel, `'${node.name}' is used as a value`)
    }
    if (s.tag === 'loop' && [s.from, s.to].some((e) => names.some((n) => namesIn(e).has(n)))) {
      illegal(kernel, `the bounds of '${s.index}' depend on ${names.join(', ')}`)
    }
  }
}
