/**
 * Watch: a function that also says which index left its array, for the checked mode.
 *
 *   f(x, i) = gather x i    →    f′(x, i) = gather x i, site, index
 *
 * `site` is 0, or one more than the number of the gather or scatter that was first; `index` is an
 * index that was out of range there. Both go through scans, loops and branches. Limit: a branch
 * or a while that was batched computes every lane, so lanes that were not taken count too.
 */
import {
  and,
  checkpointOp,
  convert,
  eq,
  gatherOp,
  ge,
  gt,
  lt,
  or,
  reduceMax,
  scalar,
  scanOp,
  scatterOp,
  sizeTerm,
  switchOp,
  where,
  whileOp,
} from '../ops/index.js'
import {
  apply,
  closeStrict,
  type Func,
  fold,
  inline,
  type Node,
  parameter,
  rebuild,
  type Term,
} from '../term/index.js'
import { erase } from './erase.js'

export interface Watched {
  /** The function with two further results, site and index, both i32[]. */
  readonly func: Func
  /** The gathers and scatters, by number. */
  readonly sites: readonly Node[]
}

export function watch(source: Func): Watched {
  const sites: Node[] = []
  const { results, state } = follow(erase.run(source), source.params, none(), sites)
  return { func: closeStrict(source.name, source.params, [...results, ...state]), sites }
}

/** Site and index. */
type State = readonly [Term, Term]

const none = (): State => [scalar(0, 'i32'), scalar(0, 'i32')]

interface Followed {
  readonly results: readonly Term[]
  readonly state: State
}

function follow(func: Func, args: readonly Term[], start: State, sites: Node[]): Followed {
  let state = start
  const results = fold<Term>(func, args, (node, given) => {
    if (node.op === gatherOp || node.op === scatterOp) {
      state = checked(node, given, state, sites.push(node))
      return rebuild(node, given)
    }
    if (node.op === checkpointOp) {
      const inner = follow(node.attrs.body as Func, given, state, sites) // by its type rule
      state = inner.state
      return inner.results
    }
    const control = controls.get(node.op.name)
    if (control === undefined) return rebuild(node, given)
    const { outs, at } = control(node, given, state, sites)
    state = [outs[at], outs[at + 1]]
    return outs.filter((_, i) => i !== at && i !== at + 1)
  })
  return { results, state }
}

function checked(node: Node, [x, i]: readonly Term[], [site, index]: State, id: number): State {
  const axis = node.attrs.axis as number // the op's own
  const above = ge(i, sizeTerm(x.shape[axis], i.dtype))
  const outside = i.dtype === 'u32' ? above : or(lt(i, 0), above)
  const most = (t: Term): Term => (t.shape.length === 0 ? t : reduceMax(t))
  const first = and(gt(most(convert(outside, 'i32')), 0), eq(site, 0))
  const worst = most(where(outside, convert(i, 'i32'), -(2 ** 31)))
  return [where(first, scalar(id, 'i32'), site), where(first, worst, index)]
}

interface Controlled {
  readonly outs: readonly Term[]
  /** Where among them the state is. */
  readonly at: number
}

type Control = (node: Node, args: readonly Term[], state: State, sites: Node[]) => Controlled

/** The casts below hold by the type rules of the ops. */
const controls: ReadonlyMap<string, Control> = new Map<string, Control>([
  [
    scanOp.name,
    (node, args, state, sites) => {
      const { consts, carry } = node.attrs as { consts: number; carry: number }
      const end = consts + carry
      const body = widened(node.attrs.body as Func, end, carry, sites)
      const given = [...args.slice(0, end), ...state, ...args.slice(end)]
      const outs = apply(scanOp, given, { ...node.attrs, body, carry: carry + 2 }, node.source)
      return { outs, at: carry }
    },
  ],
  [
    whileOp.name,
    (node, args, state, sites) => {
      const { condition, body } = node.attrs as { condition: Func; body: Func }
      const carry = node.outs.length
      const attrs = {
        ...node.attrs,
        condition: ignoring(condition),
        body: widened(body, body.params.length, carry, sites),
      }
      return { outs: apply(whileOp, [...args, ...state], attrs, node.source), at: carry }
    },
  ],
  [
    switchOp.name,
    (node, args, state, sites) => {
      const branches = (node.attrs.branches as readonly Func[]).map((branch) =>
        widened(branch, branch.params.length, branch.results.length, sites),
      )
      const attrs = { ...node.attrs, branches }
      return {
        outs: apply(switchOp, [...args, ...state], attrs, node.source),
        at: node.outs.length,
      }
    },
  ],
])

/** The body with the state among its parameters and among its results, at the given places. */
function widened(body: Func, into: number, outOf: number, sites: Node[]): Func {
  const { params, state } = parametersOf(body)
  const followed = follow(body, params, state, sites)
  const { results } = followed
  return closeStrict(
    body.name,
    [...params.slice(0, into), ...state, ...params.slice(into)],
    [...results.slice(0, outOf), ...followed.state, ...results.slice(outOf)],
  )
}

/** The condition with the state as parameters that it does not read. */
function ignoring(condition: Func): Func {
  const { params, state } = parametersOf(condition)
  return closeStrict(condition.name, [...params, ...state], inline(condition, params))
}

function parametersOf(body: Func): { readonly params: readonly Term[]; readonly state: State } {
  const binder = { name: body.name }
  const params = body.params.map((p, i) => parameter(binder, String(p.node.attrs.name ?? i), p))
  const scalar = { dtype: 'i32', shape: [] } as const
  return {
    params,
    state: [parameter(binder, 'site', scalar), parameter(binder, 'index', scalar)],
  }
}
