/**
 * What a counterexample is reduced to: for one thing that is wrong, a program of that and little else.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodyEntries, type Func } from '../../lib/term/index.js'
import { laterLaw } from '../later.js'
import { law } from '../law.js'
import { agreed, broken } from '../measured.js'
import { wrongPasses } from '../mutation/others.js'
import { passLaws } from '../pass.js'
import { type Program, programs } from '../programs.js'
import { reductions } from './reduce.js'

const uses = (func: Func, name: string): boolean =>
  func.nodes.some((n) => n.op.name === name || bodyEntries(n.attrs).some(([, b]) => uses(b, name)))

/** Every program that the words hold of, put to a law that forbids it. */
const forbidding = (holds: (func: Func) => boolean) =>
  law('none is such', 'by example', programs({ steps: 24 }), ({ func }) =>
    holds(func) ? broken('it is') : agreed('it is not'),
  )

const run = { runs: 1000, seed: 1 }

/** The printed program of a counterexample. */
const printed = (holds: (func: Func) => boolean): string =>
  forbidding(holds).refute(run)?.counterexample.trim() ?? ''

const nodesIn = (text: string): number => text.match(/^ +%\d+(, %\d+)*: .* = /gm)?.length ?? 0

describe('a program that is forbidden an op', () => {
  test('is that op, of one input at ones', () => {
    const text = printed((f) => uses(f, 'tanh'))
    expect(text).toMatch(
      /^fn program\(\w: f64\[\]\) {\n {2}%0: f64\[\] = tanh\(\w\)\n {2}return %0\n}/,
    )
    expect(text).toMatch(/\w: f64\[\] = \[1\]$/)
  })

  test.each(['conv', 'sort', 'scan', 'dynamicSlice'])('%s', (name) => {
    expect(nodesIn(printed((f) => uses(f, name)))).toBeLessThanOrEqual(6)
  })

  test('inside a loop keeps the loop and the op', () => {
    const inLoop = (f: Func) =>
      f.nodes.some(
        (n) => n.op.name === 'scan' && bodyEntries(n.attrs).some(([, b]) => uses(b, 'sin')),
      )
    expect(nodesIn(printed(inLoop))).toBeLessThanOrEqual(4)
  })
})

test.each(wrongPasses.slice(1, 4))('a pass with one fault: $name', (pass) => {
  const laws = passLaws(pass, { exact: true })
  const values = laws.find((l) => l.name.endsWith('keeps every value'))
  const found = values?.refute({ runs: 300, seed: 1 })
  expect(nodesIn(found?.counterexample ?? '')).toBe(1)
})

test('laws of what answers later are reduced as well', async () => {
  const later = laterLaw('none is such', 'by example', programs(), async ({ func }: Program) =>
    uses(func, 'mul') ? broken('it is') : agreed('it is not'),
  )
  const found = await later.refute(run)
  expect(nodesIn(found?.counterexample ?? '')).toBe(1)
})

test('what fails in another way is no smaller counterexample', () => {
  const two = law('none is such', 'by example', programs({ steps: 24 }), ({ func }) => {
    if (!uses(func, 'sum')) return agreed('it is not')
    if (!uses(func, 'mul')) throw new Error('another fault')
    return broken('it is')
  })
  const tries = [1, 2, 3, 4, 5, 6].map((seed) => two.refute({ runs: 100, seed }))
  const kinds = tries.map((f) => [f?.measured !== undefined, f?.counterexample.includes('mul(')])
  // Each is of the kind that fast-check found, and both kinds are there.
  expect(kinds.filter(([measured, both]) => measured !== both)).toEqual([])
  expect(new Set(kinds.map(([measured]) => measured)).size).toBe(2)
})

test('nothing is taken where nothing lighter fails', () => {
  const [{ func, inputs, sizes }] = fc.sample(programs(), { numRuns: 1, seed: 3 })
  const search = reductions({ func, inputs, sizes })
  let step = search.next()
  while (!step.done) step = search.next(false)
  expect(step.value.func).toBe(func)
})
