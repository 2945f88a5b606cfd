/**
 * Orthogonal matrices, each as likely as any: products of random reflections.
 *
 *   Q = H₀ · H₁ ⋯ Hₙ₋₁ · D      Hₖ turns a normal vector of the last n − k axes onto axis k,
 *                               D has the signs that make R of its QR decomposition positive
 *
 * Source: Stewart, "The efficient generation of random orthogonal matrices with an application to
 * condition estimators" (1980).
 */
import { type Dim, fail } from '../../lib/data/index.js'
import {
  add,
  broadcastTo,
  convert,
  div,
  eq,
  forLoop,
  ge,
  iota,
  mul,
  neg,
  randomFoldIn,
  reshape,
  scalar,
  sqrt,
  square,
  sub,
  sum,
  where,
} from '../../lib/ops/index.js'
import type { Term } from '../../lib/term/index.js'
import type { Family } from './family.js'
import { gauss } from './noise.js'

/** No parameters but a term of the dtype; samples [.., n, n]. */
export const orthogonal: Family = {
  name: 'orthogonal',
  sample: (key, _, { shape, dtype }) => {
    const n = sizeOf(shape)
    const batch = shape.slice(0, -2)
    const places = iota(n, 'i32')
    const over = (x: Term, to: readonly Dim[]) => broadcastTo(x, to)
    const identity = convert(eq(over(reshape(places, [n, 1]), [n, n]), over(places, [n, n])), dtype)
    const column = (v: Term): Term => reshape(v, [...batch, n, 1])
    const row = (v: Term): Term => reshape(v, [...batch, 1, n])
    const reflect = (k: Term, [q, signs]: readonly Term[]): readonly Term[] => {
      const at = convert(eq(places, k), dtype)
      const drawn = gauss(randomFoldIn(key, k), { shape: [...batch, n], dtype })
      const x = mul(drawn, over(convert(ge(places, k), dtype), drawn.shape))
      const first = sum(mul(x, over(at, x.shape)), { axes: [batch.length] })
      const positive = where(ge(first, 0), scalar(1, dtype), -1)
      const length = sqrt(sum(square(x), { axes: [batch.length] }))
      const shift = over(reshape(mul(positive, length), [...batch, 1]), x.shape)
      const u = add(x, mul(shift, over(at, x.shape)))
      const half = div(sum(square(u), { axes: [batch.length] }), 2)
      const turned = sum(mul(q, over(row(u), q.shape)), { axes: [batch.length + 1] })
      const by = over(reshape(half, [...batch, 1, 1]), q.shape)
      const next = sub(q, div(mul(over(column(turned), q.shape), over(row(u), q.shape)), by))
      const own = over(reshape(neg(positive), [...batch, 1]), x.shape)
      return [next, where(over(eq(places, k), x.shape), own, signs)]
    }
    const start = [over(identity, shape), over(scalar(1, dtype), [...batch, n])]
    const [q, signs] = forLoop(n, reflect, start)
    return mul(q, over(row(signs), shape))
  },
}

function sizeOf(shape: readonly Dim[]): number {
  const n = shape[shape.length - 1]
  if (typeof n === 'number' && n > 0) return n
  return fail({
    code: 'shape',
    where: 'orthogonal',
    what: `matrices of size ${n}`,
    expected: 'a known size from 1',
  })
}
