/**
 * Control flow inside an expectation: how derivatives pass the samples of loops and branches.
 *
 *   pathwise, score   the loop stays one; its scores add up beside the carry, and what follows is
 *                     multiplied by exp(L − [L]), L their sum
 *   enumeration and   a branch: all that follows moves into it; a loop of known length: its steps
 *   measure           are written out, up to 4096 paths; another loop is refused
 *
 * A baseline b inside a loop is a control variate, −b·(exp(l − [l]) − 1), of mean zero to all
 * orders.
 */
import { fail } from '../../lib/data/index.js'
import { flatMap, pure } from '../../lib/lang/program.js'
import {
  built,
  type Outcome,
  type Scope,
  settle,
  type Threading,
  threadScope,
} from '../../lib/lang/scope.js'
import { add, convert, exp, mul, scalar, stopGradient, sub, zeros } from '../../lib/ops/index.js'
import type { Term } from '../../lib/term/index.js'
import type { Program } from '../../lib/types/program.js'
import { type Place, search } from '../sites.js'
import { type Draw, densityOf, sampleOf } from './draw.js'
import { constantly, threading } from './sampled.js'
import { splitKey } from './split.js'

/** The estimate of the whole, given what a scope gives, or given a program instead of it. */
export interface Rest {
  readonly after: (outcome: Outcome) => Program<Term, string>
  readonly within: (inside: Program<Outcome, string>) => Program<Term, string>
}

/** The estimate of a program that stopped at a scope. */
export function throughScope(scope: Scope, key: Term, rest: Rest): Program<Term, string> {
  const blank = zeros({ dtype: 'u32', shape: [2] }) // for samples that are thrown away
  const { found } = search<Draw>(scope, {
    effect: 'Random',
    answer: (draw) => constantly(sampleOf(blank, draw)),
  })
  const draws = found.flat()
  const needsRest = draws.filter(({ payload: { by } }) => by === 'enumeration' || by === 'measure')
  if (needsRest.length === 0) return staying(scope, key, draws, rest)
  if (scope.times === 'branch') return pure(branching(scope, rest))
  const [{ payload }] = needsRest
  if (scope.unrolled === undefined) return failLoop(payload, 'a loop of unknown length')
  const paths = needsRest.reduce((n, place) => n * pathsOf(place), 1)
  if (paths > most) return failLoop(payload, `a loop with ${paths} paths`)
  return rest.within(scope.unrolled(scope.carry, scope.bodies))
}

/** As many evaluations of what follows are written out. */
const most = 4096

function pathsOf({ payload: { by, family, parameters, type }, times }: Place<Draw>): number {
  const each = by === 'measure' ? 3 : (family.support?.(parameters, type).length ?? 1)
  return typeof times === 'number' ? each ** times : Infinity
}

/** What a loop or branch carries: the key, the sum of the scores, the control variate. */
type Carried = readonly [key: Term, score: Term, variate: Term]

/** The scope stays; pathwise samples carry their derivatives, and scores add up. */
function staying(
  scope: Scope,
  key: Term,
  draws: readonly Place<Draw>[],
  { after }: Rest,
): Program<Term, string> {
  const first = draws.find(({ payload }) => payload.by === 'score')?.payload
  if (first === undefined) {
    const [[own], out] = builtWith(threadScope(scope, key, pathwise))
    return after([own, out])
  }
  const { dtype } = first.parameters[0]
  const none = scalar(0, dtype)
  const [[own, [, score, variate]], out] = builtWith(threadScope(scope, [key, none, none], scoring))
  const whole = unitOf(score)
  return flatMap(after([own, out]), (c) => {
    const as = (x: Term): Term => convert(x, c.dtype)
    return pure(sub(mul(c, as(whole)), as(variate)))
  })
}

/** The outcome of a scope that carries something beside its own. */
const builtWith = (scope: Scope) =>
  built(scope, 'expectation') as readonly [readonly [unknown, readonly Term[]], unknown]

/** exp(l − [l]): 1, with the derivative of l. */
export const unitOf = (score: Term): Term => exp(sub(score, stopGradient(score)))

const pathwise = threading((own, draw) => sampleOf(own, draw))

const scoring: Threading<Carried> = {
  effect: 'Random',
  answer: ([key, score, variate], payload) => {
    const draw = payload as Draw // as `drawn` makes them
    const [next, own] = splitKey(key, 2)
    const sample = sampleOf(own, draw)
    if (draw.by === 'pathwise') return { state: [next, score, variate], answer: sample }
    const x = constantly(sample)
    const density = convert(densityOf(draw, x), score.dtype)
    const baseline =
      typeof draw.baseline === 'number' ? draw.baseline : convert(draw.baseline, score.dtype)
    const shift = mul(baseline, sub(unitOf(density), 1))
    return { state: [next, add(score, density), add(variate, shift)], answer: x }
  },
  tensors: (carried) => carried,
  restore: (_, [key, score, variate]) => [key, score, variate],
}

/** Either branch with all that follows in it. */
function branching(scope: Scope, { within }: Rest): Term {
  const bodies = scope.bodies.map(
    (body) =>
      (carry: unknown): Outcome => [[], settle(within(body(carry)), 'expectation')],
  )
  const [, out] = scope.build(scope.carry, bodies, (carry) => carry)
  return out as Term // what the bodies give beside the carry
}

const failLoop = ({ family, by }: Draw, loop: string): never =>
  fail({
    code: 'effect',
    where: family.name,
    what: `${by} inside ${loop}`,
    expected: `a loop of known length and at most ${most} paths`,
    fix: 'Ask for score, or draw it outside',
  })
