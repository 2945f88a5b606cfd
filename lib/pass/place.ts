/**
 * Place: updates of a constant at one index a row become a comparison with the index.
 *
 *   scatter add(0, i, u)    →    where(iota = i, 0 + u, 0)      the gradient of a chosen logit
 *
 * The array was to be filled in any case; as an elementwise term it joins the kernel that reads
 * it. Updates of arrays that hold values stay scatters, which write one element in place. Runs
 * late: `adjoint` may add a scatter to what its result is added to. Ends: a scatter goes.
 */
import { type Dim, dimProduct } from '../data/index.js'
import { add, broadcastTo, eq, iota, max, min, reshape, scatterOp, where } from '../ops/index.js'
import type { Term } from '../term/index.js'
import { splatOf } from './constant.js'
import type { Pass } from './pass.js'
import { type Rule, rewriteBy, rule } from './rewrite.js'

const joins: Readonly<Record<string, (old: Term, update: Term) => Term>> = {
  add,
  set: (_, update) => update,
  min,
  max,
}

export const placeRules: readonly Rule[] = [
  rule(
    'scatter(constant, one index a row, u) → where(iota = i, u, constant)',
    [scatterOp],
    ({ args: [x, i, u], attrs }) => {
      const [axis, batch] = [attrs.axis, attrs.batch] as readonly number[] // the op's own
      const join = joins[attrs.mode as string] // likewise
      const one = dimProduct(i.shape.slice(batch)) === 1
      if (!one || splatOf(x) === undefined || join === undefined) return undefined
      const width = i.shape.length - batch
      /** The shape with 1 along the axes that `has` does not name. */
      const only = (has: (k: number) => boolean): readonly Dim[] =>
        x.shape.map((d, k) => (has(k) ? d : 1))
      const spread = (t: Term, shape: readonly Dim[]) => broadcastTo(reshape(t, shape), x.shape)
      const index = spread(
        i,
        only((k) => k < batch),
      )
      const places = spread(
        iota(x.shape[axis], i.dtype),
        only((k) => k === axis),
      )
      const lead = u.shape.slice(0, axis)
      const update = spread(u, [...lead, 1, ...u.shape.slice(axis + width)])
      return where(eq(places, index), join(x, update), x)
    },
  ),
]

export const place: Pass = {
  name: 'place',
  sentence: 'Updates of a constant at one index a row become a comparison with the index.',
  run: rewriteBy(placeRules),
}
