import { describe, expect, it } from 'vitest'
import type { Dim } from '../../data/index.js'
import { evaluateExpr } from '../evaluate.js'
import { variable } from '../expression.js'
import { showExpr } from '../print.js'
import { reindex } from './view.js'

const named = (shape: readonly Dim[]) => shape.map((_, i) => variable(`i${i}`))
const text = (from: readonly Dim[], to: readonly Dim[]): string =>
  reindex(from, to, named(from)).map(showExpr).join(', ')

describe('an index under another shape', () => {
  it('is counted anew only where axes do not fall together', () => {
    expect(text([64, 16, 24, 24], [64, 16, 12, 2, 12, 2])).toBe(
      'i0, i1, i2 / 2, i2 % 2, i3 / 2, i3 % 2',
    )
    expect(text(['n', 12, 2], ['n', 24])).toBe('i0, i1 · 2 + i2')
    expect(text(['n', 't', 8, 64], ['n', 't', 512])).toBe('i0, i1, i2 · 64 + i3')
    expect(text([1, 'n', 3], ['n', 1, 3])).toBe('i1, 0, i2')
    expect(text([4, 6], [3, 8])).toBe('(i0 · 6 + i1) / 8, (i0 · 6 + i1) % 8')
  })

  it('is that of the same element, row by row', () => {
    const shapes = [[24], [2, 12], [4, 6], [3, 1, 8], [2, 3, 4], [2, 2, 3, 2], [12, 2]]
    for (const from of shapes) {
      for (const to of shapes) {
        const index = reindex(from, to, named(from))
        for (let flat = 0; flat < 24; flat++) {
          const at = digits(flat, from)
          const variables = { variable: (name: string) => at[Number(name.slice(1))] ?? 0 }
          const scope = { size: Number, load: () => 0, ...variables }
          expect(index.map((e) => Number(evaluateExpr(e, scope)))).toEqual(digits(flat, to))
        }
      }
    }
  })
})

/** The index of the element at a place in memory. */
const digits = (flat: number, shape: readonly number[]): readonly number[] =>
  shape.map((d, i) => Math.floor(flat / shape.slice(i + 1).reduce((n, e) => n * e, 1)) % d)
