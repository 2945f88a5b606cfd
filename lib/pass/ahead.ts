/**
 * Ahead: products that need a row but no carry are computed for all rows at once, before the loop.
 *
 *   scan over x: … dot(x, w) …    →    p = dot(xs, w); scan over the rows of p
 *
 * So a recurrent network's input projection is one matrix product. Exact: each sum is taken in the
 * same order. Memory: the products of all rows, where one row was enough; so only where a product
 * is no larger than twice its row, or sizes are named.
 */
import { dimProduct } from '../data/index.js'
import { type DotAxes, dot, dotOp, moveAxis, scanOp } from '../ops/index.js'
import {
  closeStrict,
  type Func,
  fold,
  parameter,
  rebuild,
  reclose,
  type Term,
} from '../term/index.js'
import { everywhere } from './body.js'
import { type Given, type Loop, loopOf, rebuildLoop } from './loop.js'
import type { Pass } from './pass.js'

export const ahead: Pass = {
  name: 'ahead',
  sentence: 'Products that need a row but no carry are computed for all rows at once.',
  exact: true,
  run: (func) => everywhere(func, aheadOne),
}

function aheadOne(func: Func): Func {
  if (!func.nodes.some((node) => node.op === scanOp)) return func
  const results = fold<Term>(func, func.params, (node, args) => {
    const outs = rebuild(node, args)
    const loop = node.op === scanOp ? loopOf(outs[0].node) : undefined
    const moved = loop && projected(loop)
    if (moved === undefined) return outs
    const built = rebuildLoop(moved)
    return outs.map((out, i) => built[i] ?? out)
  })
  return reclose(func, results)
}

/** The loop over the rows of the products that it can be spared. */
function projected(loop: Loop): Loop | undefined {
  const params = [...loop.consts, ...loop.carries, ...loop.xs].map((g) => g.param)
  const ends = [...loop.carries.map((c) => c.next), ...loop.ys.map((y) => y.value)]
  const body = closeStrict(loop.name, params, ends)
  const binder = { name: loop.name }
  const rows = new Map<Term, Given>()
  for (const node of body.nodes) {
    const array = node.op === dotOp ? productOfAll(node.outs[0], loop) : undefined
    if (array === undefined) continue
    const param = parameter(
      binder,
      `row${loop.consts.length + loop.xs.length + rows.size}`,
      node.outs[0],
    )
    rows.set(node.outs[0], { arg: array, param })
  }
  if (rows.size === 0) return undefined
  const replaced = fold<Term>(body, params, (node, args) => {
    const row = rows.get(node.outs[0])
    return row === undefined ? rebuild(node, args) : [row.param]
  })
  const count = loop.carries.length
  return {
    ...loop,
    xs: [...loop.xs, ...rows.values()],
    carries: loop.carries.map((c, i) => ({ ...c, next: replaced[i] })),
    ys: loop.ys.map((y, i) => ({ ...y, value: replaced[count + i] })),
  }
}

/** The products of all rows, axis 0 counting the rows; undefined where this is not such a one. */
function productOfAll(product: Term, loop: Loop): Term | undefined {
  const [a, b] = product.node.args
  const axes = product.node.attrs as typeof product.node.attrs & DotAxes // dot's own
  if (axes.lhsBatch.length > 0 || axes.lhsContract.length === 0) return undefined
  const arrayOf = (x: Term) => loop.xs.find((g) => g.param === x)?.arg
  const fixedOf = (x: Term) => loop.consts.find((g) => g.param === x)?.arg
  const row = arrayOf(a) === undefined ? b : a
  const [size, given] = [product, row].map((t) => dimProduct(t.shape))
  if (typeof size === 'number' && typeof given === 'number' && size > 2 * given) return undefined
  const shift = (list: readonly number[]) => list.map((i) => i + 1)
  const [rowsOfA, rowsOfB, left, right] = [arrayOf(a), arrayOf(b), fixedOf(a), fixedOf(b)]
  if (rowsOfA && right)
    return dot(rowsOfA, right, { ...axes, lhsContract: shift(axes.lhsContract) })
  if (!rowsOfB || !left) return undefined
  const all = dot(left, rowsOfB, { ...axes, rhsContract: shift(axes.rhsContract) })
  return moveAxis(all, left.shape.length - axes.lhsContract.length, 0)
}
