/**
 * How random programs call the words over images, matrices and indices by letters: operands of few
 * axes are given those that the word wants.
 */
import type { Dim } from '../../lib/data/index.js'
import { matmul, reshape, transpose } from '../../lib/ops/index.js'
import type { Term } from '../../lib/term/index.js'
import { type Fits, isNamed, isReal, type Maker, pick, rough, smooth } from '../maker.js'

const isGrid: Fits = (t) => isReal(t) && t.shape.length > 0 && t.shape.length < 4

/** [s] → [1, 1, s], [h, w] → [1, 1, h, w] or [1, c, s], [n, c, s] as it is. */
const image = (t: Term, flat: boolean): Term => {
  if (t.shape.length === 3) return t
  const lead = t.shape.length === 2 && flat ? [1] : [1, 1]
  return reshape(t, [...lead, ...t.shape])
}

/** [k] → [1, 1, k], [kh, kw] → [1, 1, kh, kw], [o, c] → [o, c, 1], [c, k] → [1, c, k]. */
const kernels = (t: Term): readonly Term[] => {
  if (t.shape.length === 3) return [t]
  if (t.shape.length === 1) return [reshape(t, [1, 1, ...t.shape])]
  return [
    [1, 1, ...t.shape],
    [...t.shape, 1],
    [1, ...t.shape],
  ].map((shape) => reshape(t, shape))
}

/** Whether a window is nowhere larger than what it moves over. */
const isWithin = (window: readonly Dim[], sizes: readonly Dim[]): boolean =>
  window.every((w, i) => typeof w === 'number' && typeof sizes[i] === 'number' && w <= sizes[i])

const conv: Maker = smooth((pool, choose) => {
  const x = pick(pool, choose, isGrid)
  const over = x && image(x, choose(2) === 0)
  const options = pool
    .filter((t) => isGrid(t) && t.dtype === over?.dtype)
    .flatMap(kernels)
    .filter((k) => over && k.shape.length === over.shape.length && k.shape[1] === over.shape[1])
  const kernel = options[choose(options.length)]
  if (!over || !kernel) return undefined
  const spatial = over.shape.length - 2
  const some = (values: readonly number[]) =>
    Array.from({ length: spatial }, () => values[choose(values.length)])
  const attrs = {
    strides: some([1, 1, 2]),
    inputDilation: some([1, 1, 2]),
    kernelDilation: some([1, 1, 2]),
  }
  const fits = isWithin(kernel.shape.slice(2), over.shape.slice(2))
  const around = Array.from({ length: spatial }, () => [choose(3), 2])
  return { args: [over, kernel], attrs: { ...attrs, padding: fits ? around : 'same' } }
})

const pool: Maker['call'] = (terms, choose) => {
  const x = pick(terms, choose, (t) => isGrid(t) && t.shape.every((d) => !isNamed(d)))
  const over = x && image(x, choose(2) === 0)
  if (!over) return undefined
  const window = over.shape.slice(2).map((d) => 1 + choose(Number(d)))
  const strides = window.map(() => 1 + choose(2))
  return { args: [over], attrs: choose(2) === 0 ? { window } : { window, strides } }
}

const isSquare: Fits = (t) => {
  const [n, m] = t.shape.slice(-2)
  return isReal(t) && t.shape.length > 1 && n === m && typeof n === 'number'
}

/** Of a square matrix at hand, or of a matrix times its transpose. */
const det: Maker = smooth((terms, choose) => {
  const square = pick(terms, choose, isSquare)
  if (square) return { args: [square] }
  const x = pick(terms, choose, (t) => isReal(t) && t.shape.length === 2 && !isNamed(t.shape[0]))
  return x && { args: [matmul(x, transpose(x, [1, 0]))] }
})

const specs = ['i,i->', 'i,j->ij', 'ij,jk->ik', 'ij,ij->i', 'ij,j->', 'ij->ji', 'ii->i', 'ij->']

/** A spec whose letters fit the terms at hand. */
const einsum: Maker = smooth((terms, choose) => {
  const spec = specs[choose(specs.length)]
  const sizes = new Map<string, Dim>()
  const args: Term[] = []
  for (const letters of spec.split('->')[0].split(',')) {
    const found = pick(terms, choose, (t) => isReal(t) && fitting(t, letters, sizes, args[0]))
    if (!found) return undefined
    found.shape.forEach((d, i) => {
      sizes.set(letters[i], d)
    })
    args.push(found)
  }
  return { args, attrs: { spec } }
})

function fitting(t: Term, letters: string, bound: ReadonlyMap<string, Dim>, first?: Term): boolean {
  if (t.shape.length !== letters.length || (first && first.dtype !== t.dtype)) return false
  const sizes = new Map(bound)
  return t.shape.every((d, i) => {
    const other = sizes.get(letters[i])
    sizes.set(letters[i], d)
    return other === undefined || other === d
  })
}

export const grids: Readonly<Record<string, Maker>> = {
  conv,
  maxPool: rough(pool),
  avgPool: smooth(pool),
  det,
  einsum,
}
