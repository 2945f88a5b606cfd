/**
 * Sites: the places where a program asks for an effect, each with tensors of its own.
 *
 *   log('a', x); forLoop(10, c, … log('b', c) …)   →   a site of one row, a site of ten
 *
 * What is asked for inside a loop must be in the loop's carry before the loop is built. So a loop
 * or branch is built twice: once to see which sites are in it, to be thrown away, and once with
 * their tensors in the carry. Other effects in it must have been handled before.
 */
import { type Dim, dimMul, fail } from '../lib/data/index.js'
import { flatMap, later, pure, request, step } from '../lib/lang/program.js'
import { enterAgain, type Outcome, type Scope, scopeAt } from '../lib/lang/scope.js'
import type { Term } from '../lib/term/index.js'
import type { Program } from '../lib/types/program.js'

/** One place, with a request as it was first made there. */
export interface Site<P> {
  readonly payload: P
  readonly tensors: readonly Term[]
}

/** How often a place is met: a count, or undefined where the program decides. */
export type Times = Dim | undefined

/** What a handler keeps for each site, and for all together. */
export interface Siting<P> {
  readonly effect: string
  /** The tensors that all sites share, before the first request. */
  readonly shared: readonly Term[]
  /** The tensors of a site before its first request. */
  readonly open: (payload: P, times: Times) => readonly Term[]
  /** Both after a request. */
  readonly meet: (
    payload: P,
    tensors: readonly Term[],
    shared: readonly Term[],
  ) => { readonly tensors: readonly Term[]; readonly shared: readonly Term[] }
}

export interface Sited<A, P> {
  readonly value: A
  readonly sites: readonly Site<P>[]
  readonly shared: readonly Term[]
}

/** Answers the requests of an effect by writing them down where they were made. */
export const sited = <A, P>(
  program: Program<A, string>,
  by: Siting<P>,
): Program<Sited<A, P>, string> =>
  flatMap(walk(program, { shared: by.shared, waiting: null, met: [] }, by), ({ value, state }) =>
    pure({ value, sites: state.met, shared: state.shared }),
  )

interface State<P> {
  readonly shared: readonly Term[]
  /**
   * Sites opened for this body, to be met in this order; null outside, where they open when met.
   */
  readonly waiting: readonly Site<P>[] | null
  readonly met: readonly Site<P>[]
}

interface Walked<A, P> {
  readonly value: A
  readonly state: State<P>
}

function walk<A, P>(
  program: Program<A, string>,
  state: State<P>,
  by: Siting<P>,
): Program<Walked<A, P>, string> {
  return later(() => {
    const at = step(program)
    if (at.tag === 'done') return pure({ value: at.value, state })
    if (at.effect === by.effect) {
      const payload = at.payload as P // requests of one effect are of one kind
      const [[site], rest] = taken(state, [{ payload, times: 1 }], by)
      const { tensors, shared } = by.meet(payload, site.tensors, state.shared)
      const met = [...state.met, { payload: site.payload, tensors }]
      return walk(at.resume(undefined), { shared, waiting: rest, met }, by)
    }
    const scope = scopeAt(at)
    if (scope === null) {
      return flatMap(request<unknown, string>(at.effect, at.payload), (answer) =>
        walk(at.resume(answer), state, by),
      )
    }
    const { found } = search<P>(scope, { effect: by.effect, answer: () => undefined })
    const places = found.flat()
    const [sites, rest] = taken(state, places, by)
    const counts = found.map((own) => own.length)
    return flatMap(enterAgain(scopeWith(scope, state.shared, sites, counts, by)), (outcome) => {
      const [own, tensors] = outcome[0] as Pair // as `scopeWith` makes them
      const { shared, sites: after } = restored(tensors, state.shared.length, sites)
      const next = { shared, waiting: rest, met: [...state.met, ...after] }
      return walk(at.resume([own, outcome[1]]), next, by)
    })
  })
}

/** A place in a loop or branch, and how often it is met each time that is entered. */
export interface Place<P> {
  readonly payload: P
  readonly times: Times
}

/** Sites for places: those that wait, or new ones; and what then waits still. */
function taken<P>(
  { waiting }: State<P>,
  places: readonly Place<P>[],
  by: Siting<P>,
): readonly [readonly Site<P>[], readonly Site<P>[] | null] {
  if (waiting !== null) return [waiting.slice(0, places.length), waiting.slice(places.length)]
  const opened = places.map(({ payload, times }) => ({ payload, tensors: by.open(payload, times) }))
  return [opened, null]
}

type Pair = readonly [own: unknown, tensors: readonly Term[]]

/** The scope with the sites in its carry, each body meeting its own. */
function scopeWith<P>(
  scope: Scope,
  shared: readonly Term[],
  sites: readonly Site<P>[],
  counts: readonly number[],
  by: Siting<P>,
): Scope {
  return {
    ...scope,
    carry: [scope.carry, [...shared, ...sites.flatMap((s) => s.tensors)]] satisfies Pair,
    bodies: scope.bodies.map((body, b) => (carry, ...rest) => {
      const [own, tensors] = carry as Pair // as made above
      const before = restored(tensors, shared.length, sites)
      const first = counts.slice(0, b).reduce((a, n) => a + n, 0)
      const mine = before.sites.slice(first, first + counts[b])
      const start: State<P> = { shared: before.shared, waiting: mine, met: [] }
      return flatMap(walk(body(own, ...rest), start, by), ({ value: [next, out], state }) => {
        const after = before.sites.toSpliced(first, counts[b], ...state.met)
        const all = [...state.shared, ...after.flatMap((s) => s.tensors)]
        return pure<Outcome>([[next, all] satisfies Pair, out])
      })
    }),
    build: (carry, bodies, own) => scope.build(carry, bodies, (whole) => (own(whole) as Pair)[0]),
  }
}

/** Sites as before, with tensors from a carry. */
function restored<P>(
  tensors: readonly Term[],
  shared: number,
  sites: readonly Site<P>[],
): { readonly shared: readonly Term[]; readonly sites: readonly Site<P>[] } {
  let next = shared
  return {
    shared: tensors.slice(0, shared),
    sites: sites.map(({ payload, tensors: own }) => {
      const from = next
      next += own.length
      return { payload, tensors: tensors.slice(from, next) }
    }),
  }
}

/** How requests of an effect are answered while a scope is searched for them. */
export interface Seeking<P> {
  readonly effect: string
  readonly answer: (payload: P) => unknown
}

/** The places in each body of a scope, and what building it gave, to be thrown away. */
export function search<P>(
  scope: Scope,
  seeking: Seeking<P>,
): { readonly found: readonly (readonly Place<P>[])[]; readonly outcome: Outcome } {
  const found: (readonly Place<P>[])[] = scope.bodies.map(() => [])
  const bodies = scope.bodies.map((body, b) => (carry: unknown, ...rest: readonly unknown[]) => {
    const noted = note(body(carry, ...rest), seeking)
    found[b] = noted.places.map(({ payload, times }) => ({
      payload,
      times: scope.times === 'branch' ? times : multiplied(scope.times, times),
    }))
    return noted.outcome
  })
  const outcome = scope.build(scope.carry, bodies, (carry) => carry)
  return { found, outcome }
}

const multiplied = (outer: Dim | 'unknown', inner: Times): Times =>
  outer === 'unknown' || inner === undefined ? undefined : dimMul(outer, inner)

/** Runs a body, its requests of the effect being noted. */
function note<P>(
  body: Program<Outcome, string>,
  seeking: Seeking<P>,
): { readonly places: readonly Place<P>[]; readonly outcome: Outcome } {
  const places: Place<P>[] = []
  let at = step(body)
  while (at.tag === 'request') {
    const scope = scopeAt(at)
    if (at.effect === seeking.effect) {
      const payload = at.payload as P // requests of one effect are of one kind
      places.push({ payload, times: 1 })
      at = step(at.resume(seeking.answer(payload)))
    } else if (scope !== null) {
      const { found, outcome } = search(scope, seeking)
      places.push(...found.flat())
      at = step(at.resume(outcome))
    } else return failOther(seeking.effect, at.effect)
  }
  return { places, outcome: at.value }
}

const failOther = (effect: string, other: string): never =>
  fail({
    code: 'effect',
    what: `${effect} is handled while a loop or branch still has the effect ${other}`,
    fix: `Handle ${other} first, inside: the handler of ${effect} goes around it`,
  })
