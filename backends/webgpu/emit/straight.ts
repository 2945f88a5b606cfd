/**
 * Straight bodies at several indices, statement by statement: loads are on their way together, and
 * what is wide in memory moves as vectors.
 *
 *   unrolled q in 0..2 { y[q] = f(x[q]) }    →    h0 = f(x[0]); h1 = f(x[1]); y[0] = h0; y[1] = h1
 *   vector v in 0..4 { y[4·i + v] = max(x[4·i + v], 0) }    →
 *     let q = x[i];   h0 = max(q.x, 0); … h3 = max(q.w, 0);   y[i] = vec4(h0, h1, h2, h3);
 */
import {
  type Block,
  binary,
  type Expr,
  type Loop,
  nodesOf,
  rewriteBlock,
  rewriteExpr,
  type Stmt,
  size,
  statementsOf,
  variable,
} from '../../../lib/loop/index.js'
import { storedText, storeText, touch } from './access.js'
import { type Emission, memoryOf, within, write } from './emission.js'
import { textOf, texts } from './expression.js'
import { emitScalar } from './scalar.js'
import { loadVectors } from './vectors.js'
import { isLanes, lanes, vectorAt } from './wide.js'

export const isStraight = (s: Stmt): boolean =>
  s.tag === 'let' ||
  s.tag === 'accumulate' ||
  s.tag === 'store' ||
  (isLanes(s) && s.body.every(isStraight)) ||
  (s.tag === 'if' && s.no.length === 0 && s.yes.every((t) => t.tag === 'store'))

/** Statement by statement, each at all indices: what is loaded is on its way together. */
export function emitTogether(e: Emission, s: Loop, indices: readonly number[]): void {
  const lets = new Set(s.body.flatMap((t) => (t.tag === 'let' ? [t.name] : [])))
  const copies = indices.map((index) => renamed(atIndex(s.body, s.index, size(index)), lets, index))
  s.body.forEach((_, n) => {
    const row = copies.flatMap((copy) => copy.slice(n, n + 1))
    const stores = row.map((t) => prepare(e, t))
    for (const write of stores) write()
  })
}

/** Emits what computes; of a store the values, and gives back what stores them. */
export function prepare(e: Emission, s: Stmt): () => void {
  if (isLanes(s)) return prepareLanes(e, s)
  if (s.tag === 'if') {
    const condition = textOf(e, s.condition)
    const writes = s.yes.map((t) => prepare(e, t))
    return () =>
      within(e, `if (${condition})`, () => {
        for (const each of writes) each()
      })
  }
  if (s.tag === 'let' || s.tag === 'accumulate') emitScalar(e, s)
  if (s.tag !== 'store') return () => undefined
  const memory = memoryOf(e, s.buffer)
  touch(e, memory, 'read_write')
  const [position = '', value = ''] = texts(e, [memory.position(s.at), s.value])
  const held = e.fresh('held')
  write(e, `let ${held} = ${value};`)
  return () => write(e, storeText(e, memory, position, held))
}

/** The lets of a body under other names. */
function renamed(body: Block, lets: ReadonlySet<string>, copy: number | string): Block {
  const rewrite = rewriteExpr((x) =>
    x.tag === 'variable' && lets.has(x.name) ? { ...x, name: `${x.name}#${copy}` } : x,
  )
  return rewriteBlock(body, rewrite).map((t) =>
    t.tag === 'let' ? { ...t, name: `${t.name}#${copy}` } : t,
  )
}

/** Emits all but the stores, which come when the result is called. */
function prepareLanes(e: Emission, s: Loop): () => void {
  const { vectors, isLate } = loadVectors(e, s)
  const lets = new Set(statementsOf(s.body).flatMap((t) => (t.tag === 'let' ? [t.name] : [])))
  const copies = Array.from({ length: lanes }, (_, lane) => {
    const swapped = rewriteBlock(
      s.body,
      rewriteExpr((x) => {
        const vector = vectors.get(x)
        return vector === undefined || x.tag !== 'load'
          ? x
          : variable(`${vector}.${'xyzw'[lane]}`, x.dtype)
      }),
    )
    return renamed(atIndex(swapped, s.index, size(lane)), lets, `${s.index}${lane}`)
  })
  const stores: (() => void)[] = []
  s.body.forEach((t, n) => {
    const row = copies.flatMap((copy) => copy.slice(n, n + 1))
    stores.push(prepareRow(e, s.index, t, row))
    // What is stored is read further on.
    if (isLate) for (const each of stores.splice(0)) each()
  })
  return () => {
    for (const each of stores) each()
  }
}

/** One statement at all lanes. */
function prepareRow(e: Emission, lane: string, s: Stmt, copies: Block): () => void {
  if (s.tag === 'if' && sameForAll(s.condition, lane)) {
    const condition = textOf(e, s.condition)
    const inner = s.yes.map((t, n) =>
      prepareRow(
        e,
        lane,
        t,
        copies.flatMap((copy) => (copy.tag === 'if' ? copy.yes.slice(n, n + 1) : [])),
      ),
    )
    return () =>
      within(e, `if (${condition})`, () => {
        for (const each of inner) each()
      })
  }
  const memory = s.tag === 'store' ? memoryOf(e, s.buffer) : undefined
  const at =
    s.tag === 'store' && memory?.wide === true
      ? vectorAt(memory, s.at, lane, e.multiples)
      : undefined
  if (s.tag !== 'store' || memory === undefined || at === undefined) {
    const each = copies.map((copy) => prepare(e, copy))
    return () => {
      for (const one of each) one()
    }
  }
  touch(e, memory, 'read_write')
  const values = copies.map((copy) => {
    const held = e.fresh('held')
    const value = copy.tag === 'store' ? storedText(e, memory, textOf(e, copy.value)) : ''
    write(e, `let ${held} = ${value};`)
    return held
  })
  const position = textOf(e, at)
  return () =>
    write(e, `${memory.text}[${position}] = vec4<${memory.element}>(${values.join(', ')});`)
}

/** Whether a condition is the lane's own only in that it counts on from a multiple. */
const sameForAll = (condition: Expr, lane: string): boolean =>
  [...nodesOf(condition)].every((x) => x.tag !== 'variable' || x.name !== lane)

/** A body at one index, index arithmetic done. */
export function atIndex(body: Block, index: string, value: Expr): Block {
  const rewrite = rewriteExpr((x) => {
    if (x.tag === 'variable') return x.name === index ? value : x
    return x.tag === 'binary' && x.dtype === 'i32' ? binary(x.op, x.x, x.y) : x
  })
  return rewriteBlock(body, rewrite)
}
