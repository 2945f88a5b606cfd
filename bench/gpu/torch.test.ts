/** What is heard of PyTorch where there is none. */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { timesOfTorch } from './torch.js'

it('says that there is no Python', () => {
  expect([...timesOfTorch(5, 'no-such-python')]).toEqual([
    ['torch', { torch: 'no no-such-python' }],
  ])
})

const absent = spawnSync('python3', ['--version']).status !== 0

it.skipIf(absent)('says what a Python without it lacks, and nothing where nothing is asked', () => {
  expect(timesOfTorch(0).size).toBe(0)
  const lines = timesOfTorch(1e-3)
  expect([...lines.values()]).toEqual([{ torch: 'nothing in 0.001 s' }])
})
