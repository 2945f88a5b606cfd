import { describe, expect, it } from 'vitest'
import { expectedOf, stepPrograms } from '../steps.fixture.js'
import { openHost } from './host.js'
import { compiler, runProgram } from './run.fixture.js'

describe.skipIf(compiler.absent)(`a program as one function of C${compiler.why}`, () => {
  it.each(stepPrograms())('runs as the interpreter does: $name', async (steps) => {
    const { program, sizes } = steps
    const arrays = steps.arrays()
    const externals = program.buffers.filter((b) => b.place.tag === 'external')
    const host = await openHost({ threads: 1, contract: false })
    runProgram(
      host,
      program,
      sizes,
      externals.map((b) => arrays[b.name]),
    )
    expect({ out: arrays.out, steps: arrays.steps }).toEqual(expectedOf(steps))
  })
})
