import { describe, expect, it } from 'vitest'
import { PullbackError } from '../../lib/data/error.js'
import { expectedOf, type Steps, stepPrograms } from '../steps.fixture.js'
import { loadProgram } from './executable.js'
import { type LinearMemory, linearMemory } from './memory.js'
import { runProgram } from './run-kernel.js'

const programs = stepPrograms()

function expectSame(memory: LinearMemory, steps: Steps): void {
  const arrays = steps.arrays()
  runProgram(steps.program, steps.sizes, arrays, memory, { relaxed: false })
  expect({ out: arrays.out, steps: arrays.steps }).toEqual(expectedOf(steps))
}

describe('a program as one module', () => {
  it.each(programs)('runs as the interpreter does: $name', (steps) =>
    expectSame(linearMemory(), steps),
  )

  it('gives all memory back', () => {
    const memory = linearMemory()
    for (const steps of programs) expectSame(memory, steps)
    expect(memory.used()).toBe(0)
    expect(memory.memory.buffer.byteLength).toBe(65536)
  })

  it('refuses what does not fit, and works afterwards', () => {
    const memory = linearMemory({ maximumBytes: 1 << 20 })
    expect(() => memory.allocate(1 << 21)).toThrow(PullbackError)
    const [steps] = programs
    const executable = loadProgram(steps.program, memory, { relaxed: false })
    const addresses = [0, 0, 0, 0]
    expect(() => executable.run({ n: 1 << 19, T: 5 }, addresses)).toThrow('do not fit in memory')
    executable.release()
    expectSame(memory, steps)
  })
})
