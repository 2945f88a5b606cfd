/**
 * Forward mode and batches of scan, each a scan again.
 *
 *   jvp      carries and their tangents together
 *   batch    the batch beside each row
 *
 * Which carries have a tangent, or are batched, is the least fixpoint over one body.
 */
import {
  apply,
  type BatchCall,
  type Batched,
  inline,
  type JvpCall,
  type JvpReplacement,
} from '../../term/index.js'
import { broadcastTo } from '../broadcast.js'
import { moveAxis } from '../transpose.js'
import { beside, define, instantiate, stacked, widen } from './body.js'
import { align, chosen, isGiven, present, saturate, sections } from './lists.js'
import { scanAttrs } from './scanType.js'

export function jvpScan({ node, attrs, primals, tangents, interpret }: JvpCall): JvpReplacement {
  const a = scanAttrs(attrs)
  const cut = [a.consts, a.carry]
  const [dconsts, dinit, dxs] = sections(tangents, cut)
  const [consts, init, xs] = sections(primals, cut)
  const { mask, made } = saturate(
    dinit.map(isGiven),
    (carry) => interpret.jvp(a.body, [...dconsts.map(isGiven), ...carry, ...dxs.map(isGiven)]),
    (inner) => inner.active.slice(0, a.carry),
  )
  const [pc, ps, px] = sections(a.body.params, cut)
  const roles = [
    pc,
    beside('d', chosen(dconsts.map(isGiven), pc)),
    ps,
    beside('d', chosen(mask, ps)),
    px,
    beside('d', chosen(dxs.map(isGiven), px)),
  ]
  const lengths = roles.map((role) => role.length)
  const body = define(made.func.name, roles.flat(), (params) => {
    const [c, dc, s, ds, x, dx] = sections(params, lengths)
    const outs = inline(made.func, [...c, ...s, ...x, ...dc, ...ds, ...dx])
    const [values, moves] = sections(outs, [a.body.results.length])
    const [next, ys] = sections(values, [a.carry])
    const [dnext, dys] = sections(align(made.active, moves), [a.carry])
    return [...next, ...instantiate(mask, dnext, next), ...ys, ...present(dys)]
  })
  const starts = instantiate(mask, dinit, init)
  const outs = apply(
    node.op,
    [...consts, ...present(dconsts), ...init, ...starts, ...xs, ...present(dxs)],
    { ...a, body, consts: lengths[0] + lengths[1], carry: lengths[2] + lengths[3] },
  )
  const [next, dnext, ys, dys] = sections(outs, [
    a.carry,
    starts.length,
    a.body.results.length - a.carry,
  ])
  return {
    outs: [...next, ...ys],
    tangents: [...align(mask, dnext), ...align(made.active.slice(a.carry), dys)],
  }
}

export function batchScan({ node, attrs, args, batched, size, interpret }: BatchCall): Batched {
  const a = scanAttrs(attrs)
  const cut = [a.consts, a.carry]
  const [bconsts, binit, bxs] = sections(batched, cut)
  const { mask, made } = saturate(
    binit,
    (carry) => interpret.batch(a.body, [...bconsts, ...carry, ...bxs], size),
    (inner) => inner.batched.slice(0, a.carry),
  )
  const isBatched = made.batched.map((b, i) => b || (i < a.carry && mask[i]))
  const body = widen(made, isBatched, size)
  const [consts, init, xs] = sections(args, cut)
  const starts = init.map((x, i) =>
    mask[i] && !binit[i] ? broadcastTo(x, stacked(x, size).shape) : x,
  )
  const rows = xs.map((x, i) => (bxs[i] ? moveAxis(x, 0, 1) : x))
  const outs = apply(node.op, [...consts, ...starts, ...rows], { ...a, body })
  return {
    outs: outs.map((y, i) => (i >= a.carry && isBatched[i] ? moveAxis(y, 1, 0) : y)),
    batched: isBatched,
  }
}
