/**
 * What linearizing promises beside its laws (laws/).
 */
import { describe, expect, test } from 'vitest'
import { customJvp } from '../ops/control/customJvp.js'
import { f64, func } from '../ops/control/laws.fixture.js'
import { exp, sin, zeros } from '../ops/index.js'
import { interpreters, linearize } from './index.js'

describe('linearize', () => {
  test('takes a zero that a rule wrote out for a tangent', () => {
    const f = func([f64(2)], (x) => [
      ...customJvp(
        ([a]) => [sin(a)],
        ([a]) => [zeros(a)],
        [x],
      ),
      exp(x),
    ])
    const parts = linearize(f, [true], interpreters)
    expect(parts.active).toEqual([true, true])
    expect(parts.linear.results.length).toBe(2)
    expect(parts.primal.results.length).toBe(2 + parts.residuals)
  })
})
