/**
 * Split: a part that uses more buffers than a device binds at once becomes several, by results.
 *
 *   u[i] = f(a, b, c, d, e); v[i] = g(p, q, r, s, t)     →    two parts, one for u and one for v
 *
 * What several parts need, each computes. One result may still need too much: see `pack.ts`.
 */
import { dimProduct } from '../../../lib/data/dim.js'
import { type Block, expressionsOf, nodesOf, statementsOf } from '../../../lib/loop/index.js'
import type { Part } from './part.js'
import { ownBytes } from './place.js'
import { buffersUsed, sliceOf } from './slice.js'

export const splitParts = (parts: readonly Part[], most: number): readonly Part[] =>
  parts.flatMap((part) => splitPart(part, most))

function splitPart(part: Part, most: number): readonly Part[] {
  if (bindingsOf(part.body).size <= most) return [part]
  const groups = resultGroups(part.body)
  const parts: Part[] = []
  let current: readonly string[] = []
  const flush = (): void => {
    if (current.length > 0) parts.push(sliced(part, current))
    current = []
  }
  for (const group of groups) {
    const joined = [...current, ...group]
    if (bindingsOf(sliced(part, joined).body).size > most) flush()
    current = [...current, ...group]
  }
  flush()
  return parts
}

const sliced = (part: Part, results: readonly string[]): Part => ({
  ...part,
  body: sliceOf(part.body, new Set(results)),
})

/** Results by the stores that must stay together: those of buffers that the block reads too. */
function resultGroups(body: Block): readonly (readonly string[])[] {
  const locals = localNames(body)
  const stored = statementsOf(body).flatMap((s) => (s.tag === 'store' ? [s.buffer] : []))
  const results = [...new Set(stored)].filter((name) => !locals.has(name))
  const read = new Map(results.map((name) => [name, readsIn(sliceOf(body, new Set([name])))]))
  let groups: readonly (readonly string[])[] = results.map((name) => [name])
  for (const name of results) {
    const users = results.filter((other) => other === name || read.get(other)?.has(name))
    const joined = groups.filter((group) => group.some((member) => users.includes(member)))
    if (joined.length > 1) {
      groups = [...groups.filter((group) => !joined.includes(group)), joined.flat()]
    }
  }
  return groups
}

const localNames = (body: Block): ReadonlySet<string> =>
  new Set(statementsOf(body).flatMap((s) => (s.tag === 'local' ? [s.name] : [])))

const readsIn = (block: Block): ReadonlySet<string> =>
  new Set(
    statementsOf(block).flatMap((s) =>
      expressionsOf(s).flatMap((e) =>
        [...nodesOf(e)].flatMap((node) => (node.tag === 'load' ? [node.buffer] : [])),
      ),
    ),
  )

/** The buffers that a part binds: locals too large for an invocation among them. */
function bindingsOf(body: Block): ReadonlySet<string> {
  const used = new Set(buffersUsed(body))
  for (const s of statementsOf(body)) {
    if (s.tag !== 'local') continue
    const count = dimProduct(s.shape)
    if (typeof count === 'number' && count * 4 <= ownBytes) used.delete(s.name)
  }
  return used
}
