import {
  apply,
  type BatchCall,
  type Batched,
  inline,
  type JvpCall,
  type JvpReplacement,
  type Op,
  type Term,
} from '../../term/index.js'
import { convert } from '../arithmetic.js'
import { broadcastTo, reshape, sumAxes } from '../broadcast.js'
import { gt } from '../compare.js'
import { and } from '../logic.js'
import { where } from '../select.js'
import { beside, define, instantiate, widen } from './body.js'
import { align, chosen, isGiven, present, saturate, sections } from './lists.js'
import { type WhileAttrs, whileAttrs } from './whileType.js'

export function jvpWhile({ node, attrs, primals, tangents, interpret }: JvpCall): JvpReplacement {
  const a = whileAttrs(attrs)
  const cut = [a.conditionConsts, a.bodyConsts]
  const [forCondition, consts, init] = sections(primals, cut)
  const [, dconsts, dinit] = sections(tangents, cut)
  const { mask, made } = saturate(
    dinit.map(isGiven),
    (carry) => interpret.jvp(a.body, [...dconsts.map(isGiven), ...carry]),
    (inner) => inner.active,
  )
  const [pc, ps] = sections(a.body.params, [a.bodyConsts])
  const moving = beside('d', chosen(mask, ps))
  const roles = [pc, beside('d', chosen(dconsts.map(isGiven), pc)), ps, moving]
  const lengths = roles.map((role) => role.length)
  const body = define(made.func.name, roles.flat(), (params) => {
    const [c, dc, s, ds] = sections(params, lengths)
    const outs = inline(made.func, [...c, ...s, ...dc, ...ds])
    const [next, moves] = sections(outs, [init.length])
    return [...next, ...instantiate(mask, align(made.active, moves), next)]
  })
  const condition = define(a.condition.name, [...a.condition.params, ...moving], (params) =>
    inline(a.condition, params.slice(0, a.condition.params.length)),
  )
  const outs = apply(
    node.op,
    [...forCondition, ...consts, ...present(dconsts), ...init, ...instantiate(mask, dinit, init)],
    { ...a, condition, body, bodyConsts: lengths[0] + lengths[1] },
  )
  const [next, moves] = sections(outs, [init.length])
  return { outs: next, tangents: align(mask, moves) }
}

export function batchWhile(call: BatchCall): Batched {
  const { node, attrs, args, batched, size, interpret } = call
  const a = whileAttrs(attrs)
  const [bcondition, bconsts, binit] = sections(batched, [a.conditionConsts, a.bodyConsts])
  const spread = (start: readonly boolean[]) =>
    saturate(
      start,
      (carry) => interpret.batch(a.body, [...bconsts, ...carry], size),
      (inner) => inner.batched,
    )
  const plain = spread(binit)
  const apart = interpret.batch(a.condition, [...bcondition, ...plain.mask], size).batched[0]
  // Lanes that stop apart hold different values of whatever the body changes.
  const changes = a.body.resultSlots.map((slot, i) => slot !== a.bodyConsts + i)
  const { mask, made } = apart ? spread(plain.mask.map((m, i) => m || changes[i])) : plain
  const body = widen(made, mask, size)
  const [forCondition, consts, init] = sections(args, [a.conditionConsts, a.bodyConsts])
  const starts = init.map((x, i) => (mask[i] && !binit[i] ? broadcastTo(x, [size, ...x.shape]) : x))
  const condition = interpret.batch(a.condition, [...bcondition, ...mask], size).func
  const loop = { ...a, condition, body }
  const outs = apart
    ? untilLast(node.op, loop, [forCondition, consts, starts], mask)
    : apply(node.op, [...forCondition, ...consts, ...starts], { ...loop })
  return { outs, batched: mask }
}

/** Runs until the last lane stops; lanes that have stopped keep their values. */
function untilLast(
  op: Op,
  a: WhileAttrs,
  [forCondition, consts, init]: readonly [readonly Term[], readonly Term[], readonly Term[]],
  batched: readonly boolean[],
): readonly Term[] {
  const [running] = inline(a.condition, [...forCondition, ...init])
  const anyRunning = define(a.condition.name, [running, ...init], ([lanes]) => [
    gt(sumAxes(convert(lanes, 'i32'), [0]), 0),
  ])
  const roles = [forCondition.length, consts.length, 1]
  const body = define(a.body.name, [...forCondition, ...consts, running, ...init], (params) => {
    const [fc, c, [lanes], state] = sections(params, roles)
    const next = inline(a.body, [...c, ...state]).map((x, i) => {
      if (!batched[i]) return x
      const flags = reshape(lanes, [...lanes.shape, ...x.shape.slice(1).map(() => 1)])
      return where(flags, x, state[i])
    })
    return [and(lanes, inline(a.condition, [...fc, ...next])[0]), ...next]
  })
  return apply(op, [...forCondition, ...consts, running, ...init], {
    condition: anyRunning,
    body,
    conditionConsts: 0,
    bodyConsts: forCondition.length + consts.length,
    maxSteps: a.maxSteps,
  }).slice(1)
}
