/**
 * Which loops may be spread: independent ones, from the outside in.
 *
 *   groups, groups, …, invocations, invocations, …    or    threads
 *
 * Loops of one level may nest where they are axes of a grid; threads have one axis. Invocations in
 * no group are those of one workgroup; they alone may add to one accumulator.
 */
import type { Fault } from './fault.js'
import { addedTo, isReduction } from './reduction.js'
import type { Block, Loop, Spread } from './statement.js'
import { blocksOf } from './traverse.js'

export function spreadFaults(
  block: Block,
  around: Spread | undefined = undefined,
): readonly Fault[] {
  return block.flatMap((s) => {
    const faults = s.tag === 'loop' ? faultsOf(s, around) : []
    const inside = (s.tag === 'loop' ? s.spread : undefined) ?? around
    return [...faults, ...blocksOf(s).flatMap((b) => spreadFaults(b, inside))]
  })
}

function faultsOf(loop: Loop, around: Spread | undefined): readonly Fault[] {
  const { spread, mode, index } = loop
  if (spread === undefined) return []
  const fault = (why: string): readonly Fault[] => [
    { kind: 'spread', what: `'${index}' cannot be spread over ${spread}: ${why}` },
  ]
  if (mode === 'sequential' && !(spread === 'invocations' && isReduction(loop))) {
    return fault('its iterations are in order')
  }
  const [total] = spread === 'invocations' ? [] : addedTo(loop)
  if (total !== undefined) return fault(`its iterations add to one '${total}'`)
  const may: Readonly<Record<Spread, readonly (Spread | undefined)[]>> = {
    threads: [undefined],
    groups: [undefined, 'groups'],
    invocations: [undefined, 'groups', 'invocations'],
  }
  return may[spread].includes(around)
    ? []
    : fault(around === undefined ? 'it is inside no workgroup' : `it is inside ${around}`)
}
