/**
 * The kit for backends: a backend computes what the reference does, however often it is asked.
 *
 *   for (const law of backendLaws(makeWasm())) test(law.name, () => hold(law, { runs: 50 }))
 *
 * Every op on its samples, random smooth programs and their gradients, against the reference, up
 * to the roundings that they hold; calls leave their arguments and earlier results alone. For
 * backends that are synchronous. Ops of dtypes that the backend has not are left out.
 */
import * as Effect from 'effect/Effect'
import fc from 'fast-check'
import type { BackendService } from '../backends/backend.js'
import { fail, isFloat, type NDArray } from '../lib/data/index.js'
import { interpreters, vjp } from '../lib/interpret/index.js'
import { ops } from '../lib/ops/index.js'
import { closeStrict, type Func, type Op } from '../lib/term/index.js'
import { coarsest, largestIn, type Point, pointOf, roundingsOf } from './derivative/point.js'
import { drawFrom, drawLike } from './draw.js'
import { type Law, law } from './law.js'
import { agreed, broken, compared, type Measured, worst } from './measured.js'
import { dtypesOf, samplePoints } from './op.js'
import { programs } from './programs.js'

export function backendLaws(
  backend: BackendService,
  { steps = 12, of = ops }: { readonly steps?: number; readonly of?: readonly Op[] } = {},
): readonly Law[] {
  if (!backend.capabilities.synchronous) {
    fail({
      code: 'backend',
      where: `backendLaws(${backend.name})`,
      what: 'the backend answers later',
      expected: 'a synchronous one',
    })
  }
  const { name } = backend
  const dtypes = (['f64', 'f32'] as const).filter((d) => backend.capabilities.dtypes.includes(d))
  const points = fc
    .constantFrom(...dtypes)
    .chain((dtype) =>
      fc
        .tuple(programs({ kind: 'smooth', steps, dtype }), fc.nat())
        .map(([{ func, inputs }, seed]) => pointOf(func, inputs, { seed })),
    )
  const tame = (check: (p: Point) => Measured) => (p: Point) =>
    largestIn(p.func, p.args, p.sizes) < 1e6 ? check(p) : undefined
  const source = 'the reference is the meaning of the language'
  return [
    ...of.flatMap((op) =>
      op.samples.length === 0
        ? []
        : [
            law(
              `${name}: ${op.name} computes what the reference does`,
              source,
              fc
                .constantFrom(...op.samples)
                .chain((sample) => samplePoints(op, sample, dtypesOf(sample, dtypes))),
              (p) => (isRunnable(backend, p.func) ? asReference(backend, p) : agreed('no dtype')),
            ),
          ],
    ),
    law(
      `${name}: programs compute what the reference does`,
      source,
      points,
      tame((p) => asReference(backend, p)),
    ),
    law(
      `${name}: so do their gradients`,
      source,
      points,
      tame((p) => asReference(backend, gradientPoint(p))),
    ),
    law(
      `${name}: a call leaves arguments and earlier results alone`,
      'arrays are values until they are released or donated',
      points,
      (p) => callsApart(backend, p),
    ),
  ]
}

const isRunnable = ({ capabilities }: BackendService, func: Func): boolean =>
  [...func.params, ...func.nodes.flatMap((n) => n.outs)].every((t) =>
    capabilities.dtypes.includes(t.dtype),
  )

/** What the backend gives, read at once, for a list of calls of one program. */
function called(
  backend: BackendService,
  func: Func,
  calls: readonly (readonly NDArray[])[],
): readonly (readonly NDArray[])[] {
  return Effect.runSync(
    Effect.scoped(
      Effect.map(backend.load(func), (program) => {
        const results = calls.map((args) => program.call(args, {}))
        const read = results.map((list) => backend.readSync(list))
        for (const array of results.flat()) array.release()
        return read
      }),
    ),
  )
}

function asReference(backend: BackendService, p: Point): Measured {
  const wanted = interpreters.evaluate(p.func, p.args, p.sizes)
  const [found] = called(backend, p.func, [p.args])
  const unit = coarsest(p.func) * largestIn(p.func, p.args, p.sizes)
  return against(found, wanted, unit, 4 * roundingsOf(p.func, p.sizes))
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
function callsApart(backend: BackendService, p: Point): Measured {
  const draw = drawFrom(p.seed)
  const other = p.args.map((a) => (isFloat(a.dtype) ? drawLike(a, draw) : a))
  const before = p.args.map((a) => ({ ...a, data: a.data.slice() }))
  const [first, second, third] = called(backend, p.func, [p.args, other, p.args])
  const [alone] = called(backend, p.func, [other])
  const kept = against(p.args, before, 0, 0)
  return worst([kept, against(third, first, 0, 0), against(second, alone, 0, 0)]) ?? kept
}

function against(
  found: readonly NDArray[],
  wanted: readonly NDArray[],
  unit: number,
  allowed: number,
): Measured {
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
