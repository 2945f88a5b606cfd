import { describe, expect, it } from 'vitest'
import { ordering } from './order.js'

describe('an order that grows', () => {
  const letters = () => {
    const order = ordering<string>()
    for (const item of ['a', 'b', 'c', 'd']) order.append(item)
    return order
  }

  it('moves what must come after, and nothing else', () => {
    const order = letters()
    expect(order.require('a', 'c')).toBe(true)
    expect(order.sorted().indexOf('c')).toBeLessThan(order.sorted().indexOf('a'))
    expect(order.sorted().at(-1)).toBe('d')
  })

  it('refuses a need that closes a cycle, and stays as it was', () => {
    const order = letters()
    order.require('b', 'a')
    order.require('c', 'b')
    const before = order.sorted()
    expect(order.require('a', 'c')).toBe(false)
    expect(order.sorted()).toEqual(before)
    expect(order.reaches('c', 'a')).toBe(true)
    expect(order.reaches('a', 'c')).toBe(false)
  })

  it('gives a merged thing the needs of both', () => {
    const order = letters()
    order.require('b', 'a')
    order.require('d', 'c')
    order.merge('a', 'd')
    expect(order.reaches('b', 'c')).toBe(true)
    expect(order.sorted()).toEqual(['c', 'a', 'b'])
  })

  it('agrees with a search on random needs', () => {
    const order = ordering<number>()
    const needs = new Map<number, Set<number>>()
    const reach = (from: number, to: number): boolean =>
      from === to || [...(needs.get(from) ?? [])].some((next) => reach(next, to))
    for (let i = 0; i < 12; i++) {
      order.append(i)
      needs.set(i, new Set())
    }
    let state = 7
    const next = () => {
      state = (state * 48271) % 2147483647
      return state % 12
    }
    for (let k = 0; k < 60; k++) {
      const [item, need] = [next(), next()]
      const fits = !reach(need, item)
      expect(order.require(item, need)).toBe(fits)
      if (fits) needs.get(item)?.add(need)
      const place = new Map(order.sorted().map((x, i) => [x, i]))
      for (const [x, below] of needs) {
        for (const y of below) expect(place.get(y)).toBeLessThan(place.get(x) ?? -1)
      }
    }
  })
})
