/**
 * Costs of functions, from those of their nodes.
 */
import { expect, test } from 'vitest'
import { dimValue } from '../data/index.js'
import { f64, func } from '../ops/control/laws.fixture.js'
import { exp, mul } from '../ops/index.js'
import type { Term } from '../term/index.js'
import { interpreters } from './index.js'

test('costs add up over nodes, and a function without any costs nothing', () => {
  const cost = (body: (x: Term) => Term) =>
    dimValue(interpreters.cost(func([f64('n')], (x) => [body(x)])).flops, { n: 5 })
  expect(cost((x) => x)).toBe(0)
  expect(cost((x) => mul(exp(x), x))).toBe(45)
})
