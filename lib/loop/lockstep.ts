/**
 * What loops in lock step ask of their bodies: control that is the same for all iterations, no
 * scratch memory of their own, and one vector loop at a time.
 */
import type { Expr } from './expression.js'
import type { Fault } from './fault.js'
import { showStatement } from './print.js'
import type { Block, Loop, Stmt } from './statement.js'
import { blocksOf, namesIn, statementsOf } from './traverse.js'

export function lockstepFaults(block: Block): readonly Fault[] {
  return block.flatMap((s): readonly Fault[] => {
    const inner = blocksOf(s).flatMap(lockstepFaults)
    const here = s.tag === 'loop' && (s.mode === 'vector' || s.mode === 'unrolled')
    return here ? [...faultsOf(s), ...inner] : inner
  })
}

function faultsOf(loop: Loop): readonly Fault[] {
  const faults: Fault[] = []
  const fault = (what: string): void => {
    faults.push({ kind: 'lockstep', what })
  }
  if (loop.mode === 'vector' && (loop.width % 4 !== 0 || loop.width > 64)) {
    fault(`a vector loop takes 4, 8, … 64 iterations at a time, not ${loop.width}: ${loop.index}`)
  }
  let varying: ReadonlySet<string> | undefined
  const varies = (e: Expr): boolean => {
    const names = namesIn(e)
    if (names.size === 0) return false
    varying ??= varyingNames(loop) // most loops hold nothing that asks
    for (const name of names) if (varying.has(name)) return true
    return false
  }
  for (const s of statementsOf(loop.body)) {
    if (s.tag === 'local') fault(`'${s.name}' is local to iterations of ${loop.index} in lock step`)
    else if (s.tag === 'if' || s.tag === 'while') {
      if (varies(s.condition))
        fault(`${showStatement(s)} differs between iterations of ${loop.index}`)
    } else if (s.tag === 'loop') {
      if (varies(s.from) || varies(s.to)) fault(`${showStatement(s)} varies with ${loop.index}`)
      if (s.mode === 'vector' && loop.mode === 'vector') {
        fault(`${s.index} and ${loop.index} are vector loops, one in the other`)
      }
    }
  }
  return faults
}

/** Names whose value differs between iterations: the least solution over assignments. */
function varyingNames(loop: Loop): ReadonlySet<string> {
  const varying = new Set([loop.index])
  const reads = (s: Stmt): Expr | undefined => {
    if (s.tag === 'let' || s.tag === 'assign' || s.tag === 'accumulate') return s.value
    return s.tag === 'variable' ? s.initial : undefined
  }
  let before = -1
  while (before !== varying.size) {
    before = varying.size
    for (const s of statementsOf(loop.body)) {
      const value = reads(s)
      if (value === undefined || !('name' in s)) continue
      if ([...namesIn(value)].some((name) => varying.has(name))) varying.add(s.name)
    }
  }
  return varying
}
