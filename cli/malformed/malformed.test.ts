/**
 * Malformed input, few of each kind; `npm run laws -- --only malformed --runs 100000` goes deep.
 */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { evaluate, f64, fn, PullbackError, run, sum } from 'pullback'
import { reference } from 'pullback/backends/reference'
import { describe, expect, test } from 'vitest'
import { hold } from '../../laws/law.js'
import { entries, functionsOf } from './entries.js'
import { malformedLaws } from './laws.js'
import { values } from './values.js'

const [reading, calls] = [false, true].map((isCall) =>
  malformedLaws().filter((law) => law.name.includes('calls of') === isCall),
)

describe('is refused in words', () => {
  for (const law of reading) test(law.name, () => hold(law, { runs: 60 }))
})

describe('whatever a published function is called with', () => {
  for (const law of calls) test(law.name, () => hold(law, { runs: 500 }))

  test('there are many of them', () => {
    const count = Object.keys(entries).map((entry) => functionsOf(entry).size)
    expect(count.reduce((a, b) => a + b)).toBeGreaterThan(600)
  })
})

test('no published entry is forgotten', () => {
  const root = new URL('../../', import.meta.url)
  const text = readFileSync(new URL('package.json', root), 'utf8')
  const { exports } = JSON.parse(text) as { readonly exports: object }
  const folders = readdirSync(new URL('backends', root), { withFileTypes: true })
  const names = Object.keys(exports).flatMap((name) =>
    name === './backends/*'
      ? folders.filter((f) => f.isDirectory()).map((f) => `./backends/${f.name}`)
      : [name],
  )
  expect([...names].sort()).toEqual(Object.keys(entries).sort())
})

test('what is given to run and evaluate', async () => {
  const f = fn({ x: f64('n'), p: { w: f64(2) } }, ({ x }) => sum(x))
  const inputs = fc.oneof(
    values,
    fc.record({ x: values, p: values }),
    fc.record({ x: fc.constant([1, 2]), p: fc.record({ w: values }) }),
  )
  const untyped = [run, evaluate].map((g) => g as (...args: readonly unknown[]) => Promise<unknown>)
  const given = fc.array(fc.oneof(values, fc.constant(f), inputs), { maxLength: 2 })
  const calls = fc.tuple(
    fc.constantFrom(...untyped),
    fc.oneof(
      given,
      inputs.map((x) => [f, x]),
    ),
  )
  await fc.assert(
    fc.asyncProperty(calls, async ([call, args]) => {
      try {
        await call(...args, ...(args.length === 2 ? [{ backend: reference }] : []))
      } catch (error) {
        expect(error).toBeInstanceOf(PullbackError)
      }
    }),
    { numRuns: 300 },
  )
})
