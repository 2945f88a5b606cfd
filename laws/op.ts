/**
 * The kit for ops: every rule of an op's record, on every one of its samples.
 *
 *   for (const law of opLaws(sinOp)) test(law.name, () => hold(law, { runs: 20 }))
 *
 * An op is held to all that its declaration promises: arguments graded `cut` do not move, those
 * graded `smooth` must be put to the test, and its samples say where its domain is.
 */

import fc from 'fast-check'
import { allocate, type DType, dimValue, isFloat, sizeOf } from '../lib/data/index.js'
import { interpreters } from '../lib/interpret/index.js'
import {
  apply,
  type Continuity,
  closeStrict,
  isFunc,
  type Op,
  parameter,
  type Sample,
} from '../lib/term/index.js'
import { sampleArguments } from './arbitraries.js'
import { hasComplexStep } from './derivative/complex.js'
import { type PointLaw, pointLaws, transposeLaw } from './derivative/laws.js'
import { type Point, pointOf } from './derivative/point.js'
import { needsMembers } from './given.js'
import { type Law, law } from './law.js'
import { agreed, broken, type Measured } from './measured.js'

export function opLaws(op: Op): readonly Law[] {
  needsMembers(
    'opLaws',
    op,
    { name: 'string', samples: 'list', type: 'function' },
    'the record of an op',
  )
  return op.samples.flatMap((sample, n) => {
    const where = `${op.name}, sample ${n} [${sample.args.map((a) => `[${a.shape}]`)}]`
    const points = samplePoints(op, sample, fc.constant('f64'))
    const still = sample.args.map((_, i) => gradeOf(op, i) === 'cut')
    const ofPoints = ({ name, source, check }: PointLaw) =>
      law(`${where}: ${name}`, source, points, check)
    const smoothly = ({ name, source, check }: PointLaw) =>
      law(`${where}: ${name}`, source, points, (p) => {
        return check({ ...p, active: p.active.map((a, i) => a && !still[i]) })
      })
    const { values, linear, differences, adjoint, reverse, second, symmetric, orders } = pointLaws
    const { map, gradients, batched, finite, complex, transpose } = pointLaws
    return [
      typeLaw(where, op, sample),
      ...[values, linear, adjoint, symmetric, orders, map, gradients, batched].map(ofPoints),
      ...[differences, reverse, second, transpose].map(smoothly),
      ...(hasComplexStep(op.name) ? [smoothly(complex)] : []),
      // A loop without steps, or a choice, may be linear where its bodies are not.
      ...(op.transpose === 'nonlinear' || hasBody(sample) ? [] : [ofPoints(transposeLaw)]),
      law(
        `${where}: ${finite.name}`,
        finite.source,
        constantPoints(op, sample),
        (p) => finite.check(p) ?? agreed('the values are not finite'),
      ),
    ]
  })
}

const gradeOf = (op: Op, index: number): Continuity => {
  if (typeof op.grade === 'string') return op.grade
  return op.grade[Math.min(index, op.grade.length - 1)]
}

/** Bodies are closed functions, of f64 in samples. */
const hasBody = ({ attrs = {} }: Sample): boolean => Object.values(attrs).flat().some(isFunc)

/** Those of the dtypes given that a sample's floats may have. */
export const dtypesOf = (sample: Sample, dtypes: readonly DType[]): fc.Arbitrary<DType> =>
  hasBody(sample) ? fc.constant('f64') : fc.constantFrom(...dtypes)

const typeLaw = (where: string, op: Op, sample: Sample): Law =>
  law(
    `${where}: evaluate gives what the type rule says`,
    'the type rule is what every other rule and every backend reads',
    samplePoints(op, sample, dtypesOf(sample, ['f64', 'f32', 'f16'])),
    typed,
  )

function typed({ func, args, sizes }: Point): Measured {
  const wrong = interpreters.evaluate(func, args, sizes).flatMap((array, r) => {
    const type = func.results[r]
    const shape = type.shape.map((dim) => dimValue(dim, sizes))
    const same =
      array.dtype === type.dtype &&
      String(array.shape) === String(shape) &&
      array.data.length === sizeOf(shape) &&
      array.data.constructor === allocate(type.dtype, 0).constructor
    const found = `${array.dtype}[${array.shape}] of ${array.data.length} elements`
    return same ? [] : [`result ${r} is ${found}, and its type ${type.dtype}[${shape}]`]
  })
  return wrong.length === 0 ? agreed('types') : broken(wrong[0])
}

/** Points of an op at a sample. */
export function samplePoints(
  op: Op,
  sample: Sample,
  dtypes: fc.Arbitrary<DType>,
): fc.Arbitrary<Point> {
  const arbitrary = dtypes.chain((dtype) => sampleArguments(sample.args, dtype))
  return fc.tuple(arbitrary, fc.nat()).map(([args, seed]) => {
    const binder = { name: op.name }
    const params = args.map((a, i) => parameter(binder, `x${i}`, a))
    const func = closeStrict(op.name, params, apply(op, params, sample.attrs ?? {}))
    return pointOf(func, args, { seed })
  })
}

/** Points with every float, of which it is in the domain, equal to one value. */
const constantPoints = (op: Op, sample: Sample): fc.Arbitrary<Point> =>
  fc
    .tuple(samplePoints(op, sample, fc.constant('f64')), fc.constantFrom(0, 1, -1))
    .map(([p, value]) => {
      const args = p.args.map((a, i) => {
        const [low, high] = sample.args[i].range ?? [-2, 2]
        const fits = isFloat(a.dtype) && low <= value && value <= high
        return fits ? { ...a, data: a.data.map(() => value) } : a
      })
      return pointOf(p.func, args, p)
    })
