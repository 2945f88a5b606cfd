/**
 * The kit for backends: a backend computes what the reference does, however often it is asked.
 *
 *   for (const law of backendLaws(makeWasm())) test(law.name, () => hold(law, { runs: 50 }))
 *
 * Every op on its samples, random programs, their gradients and tangents, against the reference:
 * smooth ones up to the roundings that they hold, others as far as rounding determines them; calls
 * leave their arguments and earlier results alone. The laws are of what answers later, since devices
 * do. Ops of dtypes that the backend has not, and programs beyond its limits, are left out.
 */

import * as Effect from 'effect/Effect'
import fc from 'fast-check'
import type { BackendService } from '../backends/backend.js'
import { type DType, isFloat, type NDArray, PullbackError, type Sizes } from '../lib/data/index.js'
import { interpreters, vjp } from '../lib/interpret/index.js'
import { need } from '../lib/lang/index.js'
import { anything, flag, type Options, whole } from '../lib/lang/options.js'
import { ops } from '../lib/ops/index.js'
import { closeStrict, type Func, type Op } from '../lib/term/index.js'
import { determined, measuredOf } from './agree.js'
import {
  coarsest,
  largestIn,
  type Point,
  pointIn,
  pointOf,
  roundingsOf,
} from './derivative/point.js'
import { drawFrom, drawLike } from './draw.js'
import { needsMembers } from './given.js'
import { type LaterLaw, laterLaw } from './later.js'
import { agreed, broken, compared, type Measured, worst } from './measured.js'
import { dtypesOf, samplePoints } from './op.js'
import { type Program, programs } from './programs.js'
import { type Mode, modes, taken } from './question.js'

export interface BackendOptions {
  /** Steps of random programs: 12 unless said. */
  readonly steps?: number
  /** How many inputs of each type programs of every kind have, and how many times the steps. */
  readonly copies?: number
  /** The ops tried by themselves: all unless said. */
  readonly of?: readonly Op[]
  /** No program may be beyond the backend's limits. By default those are left out. */
  readonly total?: boolean
}

const backendOptions: Options<BackendOptions> = {
  steps: whole(1),
  copies: whole(1),
  of: anything,
  total: flag,
}

/** What is under the laws, and how strictly. */
interface Subject {
  readonly backend: BackendService
  readonly total: boolean
}

export function backendLaws(
  backend: BackendService,
  options: BackendOptions = {},
): readonly LaterLaw[] {
  need('backendLaws', 1, backendOptions, options)
  const { steps = 12, copies = 1, of = ops, total = false } = options
  const members = { name: 'string', capabilities: 'object', load: 'function' } as const
  needsMembers('backendLaws', backend, members, 'a backend that is open')
  const { name } = backend
  const under: Subject = { backend, total }
  const has = (d: DType) => backend.capabilities.dtypes.includes(d)
  const dtypes = (['f64', 'f32'] as const).filter(has)
  const floats = (['f64', 'f32', 'f16'] as const).filter(has)
  const dtype = fc.constantFrom(...dtypes)
  const points = dtype.chain((dtype) =>
    fc
      .tuple(programs({ kind: 'smooth', steps, dtype }), fc.nat())
      .map(([program, seed]) => pointIn(program, seed)),
  )
  const mixed = fc
    .tuple(dtype, fc.constantFrom('moderate', 'unusual'))
    .chain(([dtype, values]) =>
      fc.tuple(programs({ mixed: true, steps: steps * copies, copies, dtype, values }), modes),
    )
    .map(asked)
  const tame = (check: (p: Point) => Promise<Measured | undefined>) => async (p: Point) =>
    largestIn(p.func, p.args, p.sizes) < 1e6 ? check(p) : undefined
  const source = 'the reference is the meaning of the language'
  return [
    ...of.flatMap((op) =>
      op.samples.length === 0
        ? []
        : [
            laterLaw(
              `${name}: ${op.name} computes what the reference does`,
              source,
              fc
                .constantFrom(...op.samples)
                .chain((sample) => samplePoints(op, sample, dtypesOf(sample, floats))),
              async (p) =>
                isRunnable(backend, p.func) ? asReference(under, p) : agreed('no dtype'),
            ),
          ],
    ),
    laterLaw(
      `${name}: programs compute what the reference does`,
      source,
      points,
      tame((p) => asReference(under, p)),
    ),
    laterLaw(
      `${name}: so do their gradients`,
      source,
      points,
      tame((p) => asReference(under, gradientPoint(p))),
    ),
    laterLaw(
      `${name}: so do programs of every kind, at named sizes and unusual values`,
      source,
      mixed,
      (question) => asDetermined(under, question),
    ),
    laterLaw(
      `${name}: a call leaves arguments and earlier results alone`,
      'arrays are values until they are released or donated',
      points,
      (p) => callsApart(under, p),
    ),
  ]
}

const isRunnable = ({ capabilities }: BackendService, func: Func): boolean =>
  [...func.params, ...func.nodes.flatMap((n) => n.outs)].every((t) =>
    capabilities.dtypes.includes(t.dtype),
  )

type Arrays = readonly NDArray[]

/** What the backend gives for a list of calls of one program; undefined beyond its limits. */
async function called(
  under: Subject,
  func: Func,
  calls: readonly Arrays[],
  sizes: Sizes,
): Promise<readonly Arrays[] | undefined> {
  const running = Effect.gen(function* () {
    const program = yield* under.backend.load(func)
    const results = calls.map((args) => program.call(args, sizes))
    const read: Arrays[] = []
    for (const list of results) read.push(yield* under.backend.read(list))
    for (const array of results.flat()) array.release()
    return read
  })
  try {
    return await Effect.runPromise(Effect.scoped(running))
  } catch (error) {
    if (error instanceof PullbackError && error.code === 'limit' && !under.total) {
      return undefined
    }
    throw error
  }
}

async function asReference(under: Subject, p: Point): Promise<Measured | undefined> {
  const wanted = interpreters.evaluate(p.func, p.args, p.sizes)
  const found = await called(under, p.func, [p.args], p.sizes)
  if (found === undefined) return undefined
  const unit = coarsest(p.func) * largestIn(p.func, p.args, p.sizes)
  return against(found[0], wanted, unit, 4 * roundingsOf(p.func, p.sizes))
}

/** A random program and what is asked of it. */
interface Question {
  readonly program: Program
  readonly mode: Mode
  readonly toString: () => string
}

const asked = ([program, mode]: [Program, Mode]): Question & Program => ({
  ...program,
  program,
  mode,
  within: (less) => asked([program.within(less), mode]),
  toString: () => `${mode} of${String(program)}`,
})

/** Programs without a value, of other dtypes, or of which rounding decides all, decide nothing. */
async function asDetermined(
  under: Subject,
  { program, mode }: Question,
): Promise<Measured | undefined> {
  const point = taken(program, mode)
  if (typeof point === 'string' || !isRunnable(under.backend, point.func)) return undefined
  const expected = determined(point.func, point.inputs, program.sizes)
  if (expected === undefined) return undefined
  const found = await called(under, point.func, [point.inputs], program.sizes)
  return found && measuredOf(expected, found[0])
}

function gradientPoint(p: Point): Point {
  const back = vjp(p.func, p.active, interpreters)
  const draw = drawFrom(p.seed)
  const cts = back.func.params
    .slice(p.args.length)
    .map((ct) => drawLike({ dtype: ct.dtype, shape: ct.shape.map(Number) }, draw))
  const answers = back.func.results.slice(p.func.results.length)
  const func = closeStrict(back.func.name, back.func.params, answers)
  return pointOf(func, [...p.args, ...cts], p)
}

/** Two calls at different arguments before either is read, and one more at the first. */
async function callsApart(under: Subject, p: Point): Promise<Measured | undefined> {
  const draw = drawFrom(p.seed)
  const other = p.args.map((a) => (isFloat(a.dtype) ? drawLike(a, draw) : a))
  const before = p.args.map((a) => ({ ...a, data: a.data.slice() }))
  const found = await called(under, p.func, [p.args, other, p.args], p.sizes)
  const once = await called(under, p.func, [other], p.sizes)
  if (found === undefined || once === undefined) return undefined
  const [first, second, third] = found
  const [alone] = once
  const kept = against(p.args, before, 0, 0)
  return worst([kept, against(third, first, 0, 0), against(second, alone, 0, 0)]) ?? kept
}

function against(found: Arrays, wanted: Arrays, unit: number, allowed: number): Measured {
  const all = wanted.flatMap((array, r) => {
    const other = found[r]
    const alike = other.dtype === array.dtype && String(other.shape) === String(array.shape)
    if (!alike) return [broken(`result ${r} is ${other.dtype}[${other.shape}]`)]
    return Array.from(array.data, (y, i) =>
      compared(`result ${r}[${i}]`, other.data[i], y, unit, allowed),
    )
  })
  return worst(all) ?? agreed('no elements')
}
