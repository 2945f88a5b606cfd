/**
 * Fit: no part uses more buffers than a device binds at once.
 *
 *   u[i] = f(a, b, c, d, e); v[i] = g(p, q, r, s, t)     →    two parts, one for u and one for v
 *   u[i] = f(a, b, c, d, e) + g(p, q, r, s, t)           →    w[i] = f(…); then u[i] = w[i] + g(…)
 *
 * Results go to parts of their own first; what is left of one that reads too much is computed
 * into scratch memory, the most buffers at a time. What several parts need, each computes.
 */
import { dimProduct } from '../../../lib/data/dim.js'
import { fail } from '../../../lib/data/error.js'
import { type Block, expressionsOf, nodesOf, statementsOf } from '../../../lib/loop/index.js'
import type { GpuScratch } from './dispatch.js'
import type { Part, Parts } from './part.js'
import { ownBytes } from './place.js'
import { buffersUsed, sliceOf } from './slice.js'
import { type Spilled, spill } from './spill.js'

export function fitParts({ parts, scratch }: Parts, most: number, where: string): Parts {
  const more: GpuScratch[] = []
  const fitted = parts.flatMap((part, i) => fitPart(part, most, `${where}.${i}`, more))
  return { parts: fitted, scratch: [...scratch, ...more] }
}

function fitPart(part: Part, most: number, where: string, scratch: GpuScratch[]): readonly Part[] {
  if (bindingsOf(part.body).size <= most) return [part]
  const groups = resultGroups(part.body)
  const parts: Part[] = []
  let current: readonly string[] = []
  const flush = (): void => {
    if (current.length > 0) parts.push(...reduced(sliced(part, current), most, where, scratch))
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
  body: sliceOf(part.body, { buffers: new Set(results), names: new Set() }),
})

/** Results by the stores that must stay together: those of buffers that the block reads too. */
function resultGroups(body: Block): readonly (readonly string[])[] {
  const locals = localNames(body)
  const stored = statementsOf(body).flatMap((s) => (s.tag === 'store' ? [s.buffer] : []))
  const results = [...new Set(stored)].filter((name) => !locals.has(name))
  const read = new Map(
    results.map((name) => [
      name,
      readsIn(sliceOf(body, { buffers: new Set([name]), names: new Set() })),
    ]),
  )
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

/** More values of one part than this are not computed apart. */
const mostSpills = 24

/** A part that still binds too much, with some of its values computed before. */
function reduced(
  part: Part,
  most: number,
  where: string,
  scratch: GpuScratch[],
  left = mostSpills,
): readonly Part[] {
  const count = bindingsOf(part.body).size
  if (count <= most) return [part]
  const name = `${where}.w${scratch.length}`
  const spilled: Spilled | undefined = left > 0 ? spill(part, most, name, bindingsOf) : undefined
  if (spilled === undefined) {
    return fail({
      code: 'limit',
      where: `kernel ${where}`,
      what: `one result needs ${count} buffers at once`,
      expected: `at most ${most} storage buffers, as the device has`,
      fix: 'Ask for a device with a higher maxStorageBuffersPerShaderStage, or combine inputs',
    })
  }
  scratch.push(spilled.scratch)
  return [spilled.before, ...reduced(spilled.after, most, where, scratch, left - 1)]
}
