/**
 * What random programs are made of: every word, every form of control, every op of the vocabulary.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ops, words } from '../lib/ops/index.js'
import { bodiesOf, type Func, type Term } from '../lib/term/index.js'
import { control } from './control.js'
import { drawFrom } from './draw.js'
import type { Choose } from './maker.js'
import { makers } from './makers.js'
import { programs } from './programs.js'

const sample = fc.sample(programs({ mixed: true, steps: 20 }), { numRuns: 2500, seed: 1 })

/** Ops that no program is written with, and why. */
const left: Readonly<Record<string, string>> = {
  customVjp:
    'it has no tangents, of which half of the laws speak; lib/ops/control has laws of its own',
  customTangent: 'stands for what customVjp does not say, while it is differentiated',
  customBatching: 'its rule is a function of the host language, which has no text',
}

test('each op is drawn', () => {
  const namesIn = (func: Func): readonly string[] =>
    func.nodes.flatMap(({ op, attrs }) => [op.name, ...bodiesOf(attrs).flatMap(namesIn)])
  const all = new Set(sample.flatMap(({ func }) => namesIn(func)))
  const missing = ops.map((op) => op.name).filter((name) => !all.has(name))
  expect(missing.sort()).toEqual(Object.keys(left).sort())
})

test('each word has a maker', () => {
  expect(Object.keys(words).filter((name) => !(name in makers))).toEqual([])
  expect(Object.keys(makers).filter((name) => !(name in words))).toEqual([])
})

test('each word and each form of control finds arguments', () => {
  const pools = sample.map(({ func }) => func.nodes.flatMap((node) => node.outs))
  const draw = drawFrom(1)
  const choose: Choose = (n) => Math.floor(draw() * n)
  const grow = (pool: readonly Term[]) => pool
  for (const [name, { call }] of Object.entries(makers)) {
    const found = pools.some((pool) => call(pool, choose, 'f64') !== undefined)
    expect(found, name).toBe(true)
  }
  for (const [name, make] of Object.entries(control)) {
    const found = pools.some((pool) => make(pool, choose, grow, 'any').length > 0)
    expect(found, name).toBe(true)
  }
})
