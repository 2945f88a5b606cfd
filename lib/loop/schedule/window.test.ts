import { describe, expect, it } from 'vitest'
import { add, load, max, min, mul, sub, variable } from '../expression.js'
import { showKernel } from '../print.js'
import { applySchedule, tryApply } from './apply.js'
import { convKernel, matmulKernel } from './examples.js'
import { isSum } from './window.js'

const [j, q] = [variable('j'), variable('q')]
const at = (index: ReturnType<typeof add>) => load('x', 'f32', [variable('c'), index])

describe('what moves with a sum', () => {
  it('takes a step of either for a step of the other', () => {
    expect(isSum(at(add(j, q)), 'j', 'q')).toBe(true)
    expect(isSum(at(sub(add(mul(j, 2), mul(q, 2)), 1)), 'j', 'q')).toBe(true)
    expect(isSum(at(max(min(sub(add(j, q), 1), 55), 0)), 'j', 'q')).toBe(true)
    expect(isSum(at(add(mul(j, 2), q)), 'j', 'q')).toBe(false)
    expect(isSum(at(add(j, max(q, 1))), 'j', 'q')).toBe(false)
    expect(isSum(load('x', 'f32', [j, q]), 'j', 'q')).toBe(false)
    expect(isSum(load('x', 'f32', [mul(j, q)]), 'j', 'q')).toBe(false)
  })
})

describe('a tile of windows', () => {
  it('has one place for each sum', () => {
    const staged = applySchedule(convKernel(1, 3, 8, 16, 4), [
      { tag: 'order', loops: ['n', 'h', 'o', 'w'] },
      { tag: 'stage', buffer: 'x', at: 'h', loops: ['c', 'p', 'w'] },
    ])
    // 3 channels of 3 rows of 16 + 2.
    expect(showKernel(staged)).toContain('local x.tile: f32[162]')
    expect(showKernel(staged)).toContain('x.tile[c · 54 + (p · 18 + (w + q))]')
  })

  it('is refused where a loop moves the operand by itself', () => {
    const applied = tryApply(matmulKernel(4, 5, 6), [
      { tag: 'stage', buffer: 'b', at: 'i', loops: ['j'] },
    ])
    expect(applied.tag === 'illegal' ? applied.why : '').toContain("moves with 'k'")
  })
})
