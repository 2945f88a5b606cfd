/**
 * Streams: a key gives the numbers that `jax.random` gives for it, on every backend. The cases are
 * answers of JAX: bits, splits, folds, uniforms and normals of two keys.
 */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../cli/testing.js'
import { numbers } from '../../lib/lang/evaluate.fixture.js'
import { fn, u32 } from '../../lib/lang/index.js'
import { foldIn, split } from '../index.js'

const cases = fileURLToPath(new URL('./cases/streams.json', import.meta.url))

describe('streams are those of jax.random', () => {
  it.each(['reference', 'wasm'])('on %s', async (backend) => {
    const { lines, code } = await runCommand('conform', '--backend', backend, cases)
    expect(lines).toEqual(['10 passed, 0 failed'])
    expect(code).toBe(0)
  })

  it('and keys are split and folded as there', () => {
    const f = fn({ key: u32(2) }, ({ key }) => [...split(key, 3), foldIn(key, 11)])
    const found = numbers(f, { key: [0, 1] }) as number[][]
    expect(found).toEqual([
      [507451445, 1853169794],
      [1948878966, 4237131848],
      [2441914641, 3819641963],
      [564312718, 1183406840],
    ])
  })
})
