import { beforeAll, describe, expect, it } from 'vitest'
import { makeReference } from '../../backends/index.js'
import { runCommand } from '../testing.js'
import { readDigits, type Split } from './digits.js'
import { learn } from './learn.js'
import { confusion, type Progress, progressLine } from './report.js'

let split: Split
beforeAll(() => {
  split = readDigits()
})

describe('the digits', () => {
  it('are 9,000 to train with and 1,000 to test, every digit in both', () => {
    expect([split.training.count, split.test.count]).toEqual([9000, 1000])
    for (const { labels, images, count } of [split.training, split.test]) {
      expect([labels.length, images.length]).toEqual([count, count * 784])
      expect([...new Set(labels)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      expect(images.every((x) => x >= 0 && x <= 1)).toBe(true)
    }
  })

  it('are the same split every time', () => {
    expect(readDigits().test.labels).toEqual(split.test.labels)
  })
})

describe('learning', () => {
  const options = { epochs: 2, batch: 50, rate: 0.1, seed: 1 }
  const part = (count: number) => ({
    count,
    images: split.test.images.subarray(0, count * 784),
    labels: split.test.labels.subarray(0, count),
  })

  it('brings the loss down, the same way for the same seed', async () => {
    // Images of the digits 0 and 1 only: enough to learn from in a few steps.
    const once = async () => {
      const seen: Progress[] = []
      const { predicted } = await learn(makeReference(), part(200), part(200), options, (p) => {
        seen.push(p)
      })
      return { predicted, losses: seen.map((p) => p.loss) }
    }
    const [first, second] = [await once(), await once()]
    expect(first).toEqual(second)
    const { losses, predicted } = first
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2)
    const wrong = predicted.filter((digit, i) => digit !== part(200).labels[i]).length
    expect(wrong).toBeLessThan(10)
  })
})

it('progress is one line', () => {
  const progress = {
    epoch: 2,
    epochs: 10,
    done: 4500,
    total: 9000,
    loss: 0.12345,
    accuracy: 0.9631,
    perSecond: 12345.6,
  }
  expect(progressLine(progress)).toBe(
    'epoch  2/10  ━━━━━━━━━━━━────────────  loss 0.1235  accuracy 96.31 %  12,346 examples/s',
  )
})

it('the confusion matrix counts what each digit was taken for', () => {
  const table = confusion(Int32Array.of(3, 3, 7), [3, 5, 7]).split('\n')
  expect(table[4]?.trim().split(/ +/)).toEqual([
    '3',
    '·',
    '·',
    '·',
    '1',
    '·',
    '1',
    '·',
    '·',
    '·',
    '·',
  ])
  expect(table[8]?.trim().split(/ +/)[8]).toBe('1')
})

it('options that make no sense are one error', async () => {
  expect(await runCommand('train', '--epochs', '0')).toEqual({
    code: 2,
    message: 'train: --epochs 0 --batch 100; expected whole numbers from 1',
    lines: [],
  })
})
