import { describe, expect, it } from 'vitest'
import type { Block } from '../addressed.js'
import { linearMemory } from './memory.js'

/** Allocations and frees in an order drawn from a seed. */
function churn(seed: number, rounds: number, check: (held: readonly Block[]) => void): number {
  const memory = linearMemory()
  const held: Block[] = []
  let state = seed
  const below = (n: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % n
  }
  for (let i = 0; i < rounds; i++) {
    if (below(2) === 0 && held.length > 0) {
      for (const region of held.splice(below(held.length), 1)) memory.free(region)
    } else held.push(memory.allocate(below(3000)))
    check(held)
  }
  for (const region of held) memory.free(region)
  expect(memory.used()).toBe(0)
  const before = memory.memory.buffer.byteLength
  memory.allocate(before - 2048)
  return memory.memory.buffer.byteLength - before
}

describe('regions of linear memory', () => {
  it.each([1, 2, 3, 4])('never overlap, seed %i', (seed) => {
    churn(seed, 500, (held) => {
      const sorted = held.toSorted((a, b) => a.address - b.address)
      sorted.slice(1).forEach(({ address }, i) => {
        const { address: before, bytes } = sorted[i]
        expect(before + bytes).toBeLessThanOrEqual(address)
      })
    })
  })

  it.each([5, 6, 7, 8])('become one again when all are freed, seed %i', (seed) => {
    expect(churn(seed, 500, () => {})).toBe(0)
  })
})
