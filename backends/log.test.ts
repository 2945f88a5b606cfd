import { describe, expect, it } from 'vitest'
import { add, tanh } from '../lib/ops/index.js'
import { closeStrict, type Func, parameter, type Term } from '../lib/term/index.js'
import { compilationLog } from './log.js'

function program(name: string, size: number | string, body: (x: Term) => Term): Func {
  const x = parameter({ name }, 'x', { dtype: 'f32', shape: [size] })
  return closeStrict(name, [x], [body(x)])
}

describe('the reasons of compilations', () => {
  it('say what differs from the program of that name before', () => {
    const log = compilationLog()
    const first = program('step', 8, tanh)
    expect(log.note(first)).toEqual(['first load of the program'])
    const other = program('other', 8, tanh)
    expect(log.note(other)).toEqual(['first load of the program'])
    const longer = program('step', 16, tanh)
    expect(log.note(longer).at(-1)).toBe("the input 'x' differs: f32[16], was f32[8]")
    expect(log.note(longer, { donate: 'x' }).at(-1)).toBe(
      "the option 'donate' differs: x, was nothing",
    )
    const again = program('step', 16, tanh)
    expect(log.note(again, { donate: 'x' }).at(-1)).toMatch(/^loaded again: the ops are the same/)
    const changed = program('step', 16, (x) => add(x, x))
    expect(log.note(changed, { donate: 'x' }).at(-1)).toMatch(/op 0 is add, was tanh/)
    expect(log.note(changed, { donate: 'x' })).toHaveLength(6)
  })
})
