/**
 * The pool that examines laws: outcomes come back, endless inputs and dead processes are told.
 */
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { openPool } from './pool.js'

const fixture = fileURLToPath(new URL('pool.fixture.mjs', import.meta.url))
const pool = openPool(1, fixture)
const impatient = openPool(1, fixture, 6000)
afterAll(() => {
  pool.close()
  impatient.close()
})
const run = { runs: 7, seed: 3 }

test('laws by name, or why there are none', async () => {
  expect(await pool.open('three')).toEqual(['holds', 'never ends', 'dies'])
  expect(await pool.open('none')).toBe('there is no adapter')
})

test('outcomes, in order on one process', async () => {
  const found = await Promise.all([pool.examine('three', 0, run), pool.examine('three', 0, run)])
  expect(found.map((f) => [f.runs, f.refutation])).toEqual([
    [7, undefined],
    [7, undefined],
  ])
})

test('an input that does not end is a refutation, and the next law is examined', async () => {
  const { refutation } = await impatient.examine('three', 1, run)
  expect(refutation).toBe('no answer for 6 s after input 5')
  expect((await impatient.examine('three', 0, run)).refutation).toBeUndefined()
}, 60_000)

test('so is one that ends the process', async () => {
  const { refutation } = await pool.examine('three', 2, run)
  expect(refutation).toBe('the process ended with 9 after input 0')
  expect((await pool.examine('three', 0, run)).refutation).toBeUndefined()
})
