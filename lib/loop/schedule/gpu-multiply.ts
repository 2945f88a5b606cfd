/**
 * Multiply: an invocation adds the products of its rows and columns of the tiles to its sums.
 *
 *   for k { a = left[k, my rows]; b = right[k, my columns]; sums[r, c] += a[r]·b[c] }
 */
import { add, type Expr, fma, load, mul, size } from '../expression.js'
import { type Block, parallel, type Stmt, store } from '../statement.js'
import { cellOf, isCrossed, type Plan, type Side, tileAt, unrolled, vector } from './gpu-tiles.js'

export const multiply = (p: Plan, v: Expr): Block =>
  p.tiles.lanes === 1 ? multiplySingle(p, v) : multiplyLanes(p, v)

function multiplySingle(p: Plan, v: Expr): Block {
  const { tiles, name, dtype } = p
  const { rows, columns, depth, height, width } = tiles
  const [a, b] = [name('a'), name('b')]
  return [
    { tag: 'local', name: a, dtype, shape: [height] },
    { tag: 'local', name: b, dtype, shape: [width] },
    {
      ...parallel(name('k'), depth, (k) => [
        unrolled(name('a.at'), height, (r) => [
          store(
            a,
            [r],
            load(name('left'), dtype, [add(mul(k, rows), cellOf(p, v, r, size(0))[0])]),
          ),
        ]),
        unrolled(name('b.at'), width, (c) => [
          store(
            b,
            [c],
            load(name('right'), dtype, [add(mul(k, columns), cellOf(p, v, size(0), c)[1])]),
          ),
        ]),
        unrolled(name('r'), height, (r) => [
          unrolled(name('c'), width, (c) => {
            const cell = [v, add(mul(r, width), c)]
            const sum = load(name('sums'), dtype, cell)
            return [store(name('sums'), cell, fma(load(a, dtype, [r]), load(b, dtype, [c]), sum))]
          }),
        ]),
      ]),
      mode: 'sequential',
    },
  ]
}

/** Four terms of an invocation's rows or columns, to registers: the terms of each side by side. */
function gather(p: Plan, side: Side, into: string, v: Expr, k: Expr): Block {
  const { tiles, name, dtype } = p
  const { lanes } = tiles
  const [count, axis] = side === 'left' ? [tiles.height, 0] : [tiles.width, 1]
  const held = name(into)
  const cell = (n: Expr): Expr => cellOf(p, v, n, n)[axis]
  const read = (term: Expr, i: Expr): Expr => load(name(side), dtype, [tileAt(p, side, term, i)])
  if (isCrossed(p, side)) {
    return [
      unrolled(name(`${into}.at`), count, (n) => [
        vector(name(`${into}.lane`), lanes, (lane) => [
          store(held, [add(mul(n, lanes), lane)], read(add(k, lane), cell(n))),
        ]),
      ]),
    ]
  }
  return [
    unrolled(name(`${into}.k`), lanes, (term) => [
      unrolled(name(`${into}.at`), count / lanes, (n) => [
        vector(name(`${into}.lane`), lanes, (lane) => {
          const first = mul(n, lanes)
          const at = [add(mul(add(first, lane), lanes), term)]
          return [store(held, at, read(add(k, term), add(cell(first), lane)))]
        }),
      ]),
    ]),
  ]
}

/** Four terms at a time, so that all that is read from the tiles is vectors. */
function multiplyLanes(p: Plan, v: Expr): Block {
  const { tiles, name, dtype } = p
  const { depth, height, width, lanes } = tiles
  const [a, b] = [name('a'), name('b')]
  const multiplied = (term: Expr, r: Expr, c: Expr): Stmt => {
    const cell = [v, add(mul(r, width), c)]
    const [x, y] = [
      load(a, dtype, [add(mul(r, lanes), term)]),
      load(b, dtype, [add(mul(c, lanes), term)]),
    ]
    return store(name('sums'), cell, fma(x, y, load(name('sums'), dtype, cell)))
  }
  return [
    { tag: 'local', name: a, dtype, shape: [lanes * height] },
    { tag: 'local', name: b, dtype, shape: [lanes * width] },
    {
      ...parallel(name('k'), depth, (k) => [
        ...gather(p, 'left', 'a', v, k),
        ...gather(p, 'right', 'b', v, k),
        unrolled(name('term'), lanes, (term) => [
          unrolled(name('r'), height, (r) => [
            unrolled(name('c'), width, (c) => [multiplied(term, r, c)]),
          ]),
        ]),
      ]),
      mode: 'sequential',
      step: lanes,
    },
  ]
}
