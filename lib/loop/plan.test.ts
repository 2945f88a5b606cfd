import { describe, expect, it } from 'vitest'
import { load } from './expression.js'
import { input, kernel, output } from './kernel.js'
import { peakBytes, planMemory } from './plan.js'
import type { Program, ProgramBuffer, Step } from './program.js'
import { parallel, store } from './statement.js'

const copy = kernel('copy', {
  buffers: [input('x', 'f32', [100]), output('y', 'f32', [100])],
  body: [parallel('i', 100, (i) => [store('y', [i], load('x', 'f32', [i]))])],
})

const run = (x: string, y: string): Step => ({
  tag: 'run',
  kernel: 'copy',
  buffers: { x, y },
  sizes: {},
})

function programOf(steps: readonly Step[], count: number): Program {
  const arena = Array.from({ length: count }, (_, i): ProgramBuffer => {
    return { name: `b${i}`, dtype: 'f32', shape: [100], place: { tag: 'arena', slot: i } }
  })
  const external = ['p0', 'r0'].map((name): ProgramBuffer => {
    return { name, dtype: 'f32', shape: [100], place: { tag: 'external' } }
  })
  return { name: 'program', buffers: [...external, ...arena], kernels: [copy], steps }
}

const slotsOf = (program: Program): Readonly<Record<string, number>> =>
  Object.fromEntries(
    program.buffers.flatMap((b) => (b.place.tag === 'arena' ? [[b.name, b.place.slot]] : [])),
  )

describe('a plan of memory', () => {
  it('takes two slots for a chain of any length', () => {
    const chain = (length: number) => {
      const middle = Array.from({ length }, (_, i) => run(`b${i}`, `b${i + 1}`))
      const steps = [run('p0', 'b0'), ...middle, run(`b${length}`, 'r0')]
      return peakBytes(planMemory(programOf(steps, length + 1)), {})
    }
    expect(chain(400)).toBe(chain(10))
    expect(chain(10)).toBe(2 * 400)
  })

  it('keeps both slots of buffers that swap until the last use of either', () => {
    // After three swaps b0 lies where b1 was: what is computed next must not go there.
    const steps: readonly Step[] = [
      run('p0', 'b0'),
      {
        tag: 'for',
        counter: 't',
        below: 3,
        body: [run('b0', 'b1'), { tag: 'swap', a: 'b0', b: 'b1' }],
      },
      run('p0', 'b2'),
      run('b2', 'r0'),
      run('b0', 'r0'),
    ]
    const { b0, b1, b2 } = slotsOf(planMemory(programOf(steps, 3)))
    expect(new Set([b0, b1, b2]).size).toBe(3)
  })
})
