/**
 * Pack: a part that binds more buffers than a device can binds some of them as one.
 *
 *   u[i] = f(a[i], b[i], …, z[i])    →    w[i] = a[i]    w[n + i] = b[i]    …
 *                                         u[i] = f(w[i], w[n + i], …, z[i])
 *
 * The elements of the smallest arrays that are only read go to words of a scratch array, in parts
 * of their own before. Where these do not suffice, arrays that the part writes go there too, and
 * back behind it. So two bindings are enough for any part: the words, and what its locals need.
 */
import { type Dim, dimAdd, dimProduct } from '../../../lib/data/dim.js'
import type { DType } from '../../../lib/data/dtype.js'
import {
  add,
  type Block,
  convert,
  type Expr,
  elementOf,
  load,
  mapBlocks,
  mapExpressions,
  ne,
  parallel,
  reinterpret,
  rewriteExpr,
  type Stmt,
  type StorageType,
  size,
  statementsOf,
  store,
} from '../../../lib/loop/index.js'
import { rowMajor } from './access.js'
import type { GpuBinding, GpuScratch } from './dispatch.js'
import type { Part } from './part.js'

/** An array that may be packed: a buffer of the kernel, or one that parts share. */
export interface Packable {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly Dim[]
}

export interface Packed {
  readonly parts: readonly Part[]
  readonly scratch: GpuScratch
}

/** The part and what goes before and behind it, with `most` bindings for the `bound` it has now. */
export function packPart(
  part: Part,
  bound: readonly GpuBinding[],
  known: readonly Packable[],
  most: number,
  name: string,
): Packed {
  const written = new Set(
    statementsOf(part.body).flatMap((s) => (s.tag === 'store' ? [s.buffer] : [])),
  )
  const chosen = known
    .filter((k) => bound.some(({ buffer }) => buffer === k.name))
    .toSorted((a, b) => rankOf(a, written) - rankOf(b, written))
    .slice(0, bound.length - most + 1)
  const starts = new Map<string, Dim>()
  let words: Dim = 0
  for (const { name: packed, shape } of chosen) {
    starts.set(packed, words)
    words = dimAdd(words, dimProduct(shape))
  }
  const shapes = new Map(chosen.map((k) => [k.name, k.shape]))
  const wordAt = (buffer: string, at: readonly Expr[]): Expr | undefined => {
    const shape = shapes.get(buffer)
    return shape && add(size(starts.get(buffer) ?? 0), rowMajor(shape, at))
  }
  const changed = chosen.filter((k) => written.has(k.name))
  const move = (k: Packable, statement: (at: readonly Expr[], word: Expr) => Stmt): Part =>
    everywhere(k.shape, (at) => statement(at, wordAt(k.name, at) ?? size(0)))
  return {
    parts: [
      ...chosen.map((k) =>
        move(k, (at, word) => store(name, [word], toWord(load(k.name, elementOf(k.dtype), at)))),
      ),
      { ...part, body: packed(part.body, name, wordAt) },
      ...changed.map((k) =>
        move(k, (at, word) => store(k.name, at, fromWord(elementOf(k.dtype), name, word))),
      ),
    ],
    scratch: { name, dtype: 'u32', shape: [words] },
  }
}

/** Arrays that are only read first, the smaller before the larger; f16 is rounded when written. */
function rankOf({ name, dtype, shape }: Packable, written: ReadonlySet<string>): number {
  const count = dimProduct(shape)
  const elements = typeof count === 'number' ? Math.min(count, unknown) : unknown
  if (!written.has(name)) return elements
  return elements + 2 * unknown * (dtype === 'f16' ? 2 : 1)
}

/** What a size by name counts as. */
const unknown = 2 ** 32

/** A part that does something at every place of a shape. */
function everywhere(shape: readonly Dim[], statement: (at: readonly Expr[]) => Stmt): Part {
  const nest = (at: readonly Expr[]): Block => {
    const extent = shape[at.length]
    if (extent === undefined) return [statement(at)]
    return [parallel(`pack${at.length}`, extent, (i) => nest([...at, i]))]
  }
  return { tag: shape.length === 0 ? 'block' : 'loop', body: nest([]) }
}

const toWord = (value: Expr): Expr => {
  if (value.dtype === 'u32') return value
  return value.dtype === 'bool' ? convert('u32', value) : reinterpret('u32', value)
}

function fromWord(dtype: StorageType, pack: string, at: Expr): Expr {
  const word = load(pack, 'u32', [at])
  if (dtype === 'u32') return word
  return dtype === 'bool' ? ne(word, 0) : reinterpret(dtype, word)
}

/** The block with words in place of the packed arrays. */
function packed(
  block: Block,
  pack: string,
  wordAt: (buffer: string, at: readonly Expr[]) => Expr | undefined,
): Block {
  const rewrite = rewriteExpr((e) => {
    const word = e.tag === 'load' ? wordAt(e.buffer, e.at) : undefined
    return word === undefined || e.tag !== 'load' ? e : fromWord(e.dtype, pack, word)
  })
  const go = (inner: Block): Block =>
    inner.map((s) => {
      const t = mapBlocks(mapExpressions(s, rewrite), go)
      const word = t.tag === 'store' ? wordAt(t.buffer, t.at) : undefined
      return word === undefined || t.tag !== 'store' ? t : store(pack, [word], toWord(t.value))
    })
  return go(block)
}
