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
  mapBlocks,
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
import { emitScalar, isScalar } from './scalar.js'
import { loadVectors } from './vectors.js'
import { isLanes, vectorAt, lanes as width } from './wide.js'

export const isStraight = (s: Stmt): boolean =>
  isScalar(s) ||
  s.tag === 'store' ||
  (isLanes(s) && s.body.every(isStraight)) ||
  (s.tag === 'if' && s.no.length === 0 && (s.yes.every(isScalar) || s.yes.every(isStore)))

const isStore = (s: Stmt): boolean => s.tag === 'store'

/** Statement by statement, each at all indices: what is loaded is on its way together. */
export function emitTogether(e: Emission, s: Loop, indices: readonly number[]): void {
  const own = ownNames(s.body)
  const copies = indices.map((index) => renamed(atIndex(s.body, s.index, size(index)), own, index))
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
    if (s.yes.every(isScalar)) {
      within(e, `if (${condition})`, () => {
        for (const t of s.yes) prepare(e, t)
      })
      return () => undefined
    }
    const writes = s.yes.map((t) => prepare(e, t))
    return () =>
      within(e, `if (${condition})`, () => {
        for (const each of writes) each()
      })
  }
  if (isScalar(s)) emitScalar(e, s)
  if (s.tag !== 'store') return () => undefined
  const memory = memoryOf(e, s.buffer)
  touch(e, memory, 'read_write')
  const [position = '', value = ''] = texts(e, [memory.position(s.at), s.value])
  const held = e.fresh('held')
  write(e, `let ${held} = ${value};`)
  return () => write(e, storeText(e, memory, position, held))
}

/** Lets and variables of a body. */
const ownNames = (body: Block): ReadonlySet<string> =>
  new Set(
    statementsOf(body).flatMap((t) => (t.tag === 'let' || t.tag === 'variable' ? [t.name] : [])),
  )

/** A body with those names of its own under other ones. */
function renamed(body: Block, own: ReadonlySet<string>, copy: number | string): Block {
  const rewrite = rewriteExpr((x) =>
    x.tag === 'variable' && own.has(x.name) ? { ...x, name: `${x.name}#${copy}` } : x,
  )
  const walk = (block: Block): Block =>
    block.map((s) => {
      const t = mapBlocks(s, walk)
      return isScalar(t) && own.has(t.name) ? { ...t, name: `${t.name}#${copy}` } : t
    })
  return walk(rewriteBlock(body, rewrite))
}

/** Emits all but the stores, which come when the result is called. */
function prepareLanes(e: Emission, s: Loop): () => void {
  const { vectors, isLate } = loadVectors(e, s)
  const own = ownNames(s.body)
  const copies = Array.from({ length: width }, (_, lane) => {
    const swapped = rewriteBlock(
      s.body,
      rewriteExpr((x) => {
        const vector = vectors.get(x)
        return vector === undefined || x.tag !== 'load'
          ? x
          : variable(`${vector}.${'xyzw'[lane]}`, x.dtype)
      }),
    )
    return renamed(atIndex(swapped, s.index, size(lane)), own, `${s.index}${lane}`)
  })
  const stores: (() => void)[] = []
  s.body.forEach((t, n) => {
    const row = copies.flatMap((copy) => copy.slice(n, n + 1))
    stores.push(prepareRow(e, { lane: s.index, own }, t, row))
    // What is stored is read further on.
    if (isLate) for (const each of stores.splice(0)) each()
  })
  return () => {
    for (const each of stores) each()
  }
}

/** The index of the lanes, and the names that each has for itself. */
interface Lanes {
  readonly lane: string
  readonly own: ReadonlySet<string>
}

/** One statement at all lanes. */
function prepareRow(e: Emission, lanes: Lanes, s: Stmt, copies: Block): () => void {
  if (s.tag === 'if' && s.yes.every(isStore) && sameForAll(s.condition, lanes)) {
    const condition = textOf(e, s.condition)
    const inner = s.yes.map((t, n) =>
      prepareRow(
        e,
        lanes,
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
      ? vectorAt(memory, s.at, lanes.lane, e.multiples)
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
const sameForAll = (condition: Expr, { lane, own }: Lanes): boolean =>
  [...nodesOf(condition)].every(
    (x) => x.tag !== 'variable' || (x.name !== lane && !own.has(x.name)),
  )

/** A body at one index, index arithmetic done. */
export function atIndex(body: Block, index: string, value: Expr): Block {
  const rewrite = rewriteExpr((x) => {
    if (x.tag === 'variable') return x.name === index ? value : x
    return x.tag === 'binary' && x.dtype === 'i32' ? binary(x.op, x.x, x.y) : x
  })
  return rewriteBlock(body, rewrite)
}
