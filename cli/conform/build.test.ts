import { expect, it } from 'vitest'
import { arrayFrom, type NDArray } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { buildFunc } from './build.js'
import type { LetForm } from './form.js'

const x = arrayFrom('f64', [2, 3], [1, 5, -2, 4, -1, 3])

/** The result y of lets over a param x, as flat data. */
function resultOf(lets: readonly LetForm[], input: NDArray): readonly number[] {
  const func = buildFunc('f', { params: ['x'], lets, results: ['y'] }, [input], 'f64')
  const [y] = interpreters.evaluate(func, [input], {})
  return Array.from(y.data)
}

const sumOver = (axis: number): LetForm => {
  const body = { params: ['a'], lets: [['s', 'sum', ['a'], {}]] as const, results: ['s'] }
  return ['y', 'vmap', ['x'], { inAxes: [axis], body }]
}

it('an axis of examples may be counted from the back', () => {
  expect(resultOf([sumOver(-1)], x)).toEqual(resultOf([sumOver(1)], x))
  expect(resultOf([sumOver(-1)], x)).toEqual([5, 4, 1])
})

it('an axis of examples that the argument lacks is refused', () => {
  expect(() => resultOf([sumOver(2)], x)).toThrow("vmap: attribute 'inAxes' is [2]")
  expect(() => resultOf([sumOver(-3)], x)).toThrow("vmap: attribute 'inAxes' is [-3]")
})

it('clamp keeps to the bounds that are given', () => {
  expect(resultOf([['y', 'clamp', ['x'], { min: 0 }]], x)).toEqual([1, 5, 0, 4, 0, 3])
  expect(resultOf([['y', 'clamp', ['x'], { max: 3 }]], x)).toEqual([1, 3, -2, 3, -1, 3])
})
