/**
 * Phases: in which pass over the loops of each depth a member of a nest is computed.
 *
 *   m = max x; s = sum exp(x − m)    →    under i0: m in phase 0, s in phase 1
 *
 * A reduction's value lives in a register of the loops that it was computed under. Whoever reads
 * it must run in the same pass over all those loops; a nest that breaks this is not sound.
 */
import type { Node } from '../../term/index.js'
import { isRegister } from './lanes.js'
import type { Member } from './member.js'

/**
 * The reductions whose registers each member reads, directly or through maps; members come after
 * what they read, and `sources` gives the nodes that a member reads.
 */
export function registersRead(
  members: readonly Member[],
  sources: (member: Member) => readonly Node[],
): ReadonlyMap<Member, ReadonlySet<Member>> {
  const byNode = new Map(members.map((m) => [m.node, m]))
  const read = new Map<Member, ReadonlySet<Member>>()
  for (const member of members) {
    const mine = new Set<Member>()
    for (const node of sources(member)) {
      const source = byNode.get(node)
      if (source === undefined) continue
      if (isRegister(source.node)) mine.add(source)
      else for (const register of read.get(source) ?? []) mine.add(register)
    }
    read.set(member, mine)
  }
  return read
}

/** The phase of each member at each depth of loops. */
export function phasesOf(
  read: ReadonlyMap<Member, ReadonlySet<Member>>,
): ReadonlyMap<Member, readonly number[]> {
  const depths = 1 + Math.max(0, ...[...read.keys()].map((m) => m.depth))
  const phases = new Map<Member, readonly number[]>()
  for (const [member, registers] of read) {
    const mine = Array.from({ length: depths }, (_, depth) => {
      let phase = 0
      for (const register of registers) {
        const there = phases.get(register)?.[depth] ?? 0
        if (register.depth === depth) phase = Math.max(phase, there + 1)
        else if (register.depth > depth) phase = Math.max(phase, there)
      }
      return phase
    })
    phases.set(member, mine)
  }
  return phases
}

/** Whether every register is read in the pass that fills it. */
export function isSound(read: ReadonlyMap<Member, ReadonlySet<Member>>): boolean {
  const phases = phasesOf(read)
  for (const [member, registers] of read) {
    for (const register of registers) {
      for (let depth = 0; depth < register.depth; depth++) {
        if (phases.get(member)?.[depth] !== phases.get(register)?.[depth]) return false
      }
    }
  }
  return true
}
