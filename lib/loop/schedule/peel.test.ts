import { describe, expect, it } from 'vitest'
import {
  add,
  and,
  clampIndex,
  div,
  type Expr,
  ge,
  load,
  lt,
  mul,
  select,
  size,
  sub,
  variable,
} from '../expression.js'
import { interpretKernel } from '../interpret.js'
import { input, type Kernel, kernel, output } from '../kernel.js'
import { showKernel } from '../print.js'
import { randomArrays } from '../random.js'
import { local, parallel, store } from '../statement.js'
import { verifyKernel } from '../verify.js'
import { applySchedule, tryApply } from './apply.js'

/** y[i, j] = x[i, j + shift] where that is inside, else 0. */
const shifted = (by: number): Kernel =>
  reading((j) => {
    const at = add(j, by)
    const inside = and(ge(at, 0), lt(at, size('n')))
    return select(inside, load('x', 'f32', [variable('i'), clampIndex(at, 'n')]), 0)
  })

const reading = (value: (j: Expr) => Expr): Kernel =>
  kernel('shifted', {
    buffers: [input('x', 'f32', ['m', 'n']), output('y', 'f32', ['m', 'n'])],
    body: [
      parallel('i', 'm', (i) => [
        local('t', 'f32', ['n']),
        parallel('j', 'n', (j) => [store('t', [j], value(j))]),
        parallel('k', 'n', (k) => [store('y', [i, k], load('t', 'f32', [k]))]),
      ]),
    ],
  })

const refusal = (source: Kernel): string => {
  const applied = tryApply(source, [{ tag: 'peel', loop: 'j' }])
  return applied.tag === 'illegal' ? applied.why : 'legal'
}

describe('a loop that is peeled', () => {
  it('keeps its meaning, also where nothing or all is beyond the edge', () => {
    for (const by of [-7, -1, 0, 1, 2, 7]) {
      const source = shifted(by)
      const peeled = applySchedule(source, [
        { tag: 'peel', loop: 'j' },
        { tag: 'vector', loop: 'j', width: 4 },
      ])
      expect(verifyKernel(peeled)).toEqual([])
      for (const n of [1, 2, 5, 9]) {
        const [expected, found] = [0, 1].map(() => randomArrays(source, { m: 2, n }, n))
        interpretKernel(source, { sizes: { m: 2, n }, buffers: expected ?? {} })
        interpretKernel(peeled, { sizes: { m: 2, n }, buffers: found ?? {} })
        expect(found, `${n} by ${by}: ${showKernel(peeled)}`).toEqual(expected)
      }
    }
  })

  it('asks nothing in the middle, and reads nothing beyond the edges', () => {
    const text = showKernel(applySchedule(shifted(-1), [{ tag: 'peel', loop: 'j' }]))
    expect(text).toContain('t[j] = x[i, j + -1]')
    expect(text).toContain('t[j.before] = 0')
    expect(text).not.toContain('select')
  })

  it('is refused where it stores results, which one loop is to cover', () => {
    const applied = tryApply(shifted(1), [{ tag: 'peel', loop: 'k' }])
    expect(applied.tag === 'illegal' ? applied.why : '').toContain('stores results')
  })

  it('is refused where no condition moves with it by one', () => {
    expect(refusal(reading((j) => load('x', 'f32', [variable('i'), j])))).toContain('nothing in')
    for (const at of [(j: Expr) => mul(j, 2), (j: Expr) => div(j, 2)]) {
      const read = (j: Expr) => load('x', 'f32', [variable('i'), clampIndex(at(j), 'n')])
      expect(refusal(reading(read))).toContain('nothing in')
    }
    const backwards = (j: Expr) => load('x', 'f32', [variable('i'), clampIndex(sub(9, j), 'n')])
    expect(refusal(reading(backwards))).toContain('nothing in')
  })
})
