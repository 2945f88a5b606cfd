import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Program, programs } from '../../laws/programs.js'
import { arrayFrom, emptyArray, type NDArray, sizeOf } from '../data/index.js'
import { interpreters, vjp } from '../interpret/index.js'
import type { Func } from '../term/index.js'
import { verify } from '../term/index.js'
import { adjoint } from './adjoint.js'
import { ahead } from './ahead.js'
import { collect } from './collect.js'
import { drop } from './drop.js'
import { erase } from './erase.js'
import { fold } from './fold.js'
import { hoist } from './hoist.js'
import { optimise, type Pass } from './pass.js'
import { rewriteBy } from './rewrite.js'
import { rows } from './rows.js'
import { share } from './share.js'
import { simplifyRules } from './simplify.js'
import { stabilise } from './stabilise.js'
import { beforeDerivatives, standard } from './standard.js'

const exactly: Pass = {
  name: 'simplify, exact rules',
  sentence: '',
  run: rewriteBy(simplifyRules.filter((r) => r.kind === 'exact')),
}
const wholly: Pass = { name: 'simplify', sentence: '', run: rewriteBy(simplifyRules) }

const run = (func: Func, inputs: readonly NDArray[]) => interpreters.evaluate(func, inputs, {})

/** −0 and NaN count as values of their own. */
const bits = (arrays: readonly NDArray[]) =>
  arrays.map((a) => Array.from(a.data, (x) => (Object.is(x, -0) ? '-0' : String(x))))

function agree(before: readonly NDArray[], after: readonly NDArray[]): void {
  before.forEach((x, i) => {
    x.data.forEach((v, j) => {
      const w = after[i].data[j]
      const close = Math.abs(v - w) <= 1e-9 * Math.max(1, Math.abs(v), Math.abs(w))
      if (!close && !Object.is(v, w)) expect.fail(`result ${i}[${j}] was ${v} and became ${w}`)
    })
  })
}

/** Values and gradients in all inputs, zeros included, for cotangents that depend on the place. */
function gradients(func: Func, inputs: readonly NDArray[], pass: Pass): readonly NDArray[] {
  const back = vjp(
    func,
    func.params.map(() => true),
    interpreters,
  )
  const after = pass.run(back.func)
  verify(after, pass.name)
  const cts = func.results.flatMap((r, k): NDArray[] => {
    const shape = r.shape.map(Number)
    const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => 1 + i / 7 - k)
    return back.active[k] ? [arrayFrom(r.dtype, shape, data)] : []
  })
  const answers = run(after, [...inputs, ...cts])
  let next = func.results.length
  const found = inputs.map((x, i) =>
    back.nonzero[i] ? answers[next++] : emptyArray(x.dtype, x.shape),
  )
  return [...answers.slice(0, func.results.length), ...found]
}

/** Values and tangents along one direction in all inputs; a tangent that is zero is written out. */
function tangents(func: Func, inputs: readonly NDArray[], pass: Pass): readonly NDArray[] {
  const forward = interpreters.jvp(
    func,
    func.params.map(() => true),
  )
  const directions = inputs.map((x, k) =>
    arrayFrom(
      'f64',
      x.shape,
      Array.from(x.data, (_, i) => Math.cos(i + k)),
    ),
  )
  const answers = run(pass.run(forward.func), [...inputs, ...directions])
  const count = func.results.length
  let next = count
  const found = forward.active.map((moves, i) =>
    moves ? answers[next++] : emptyArray('f64', func.results[i].shape.map(Number)),
  )
  return [...answers.slice(0, count), ...found]
}

const nothing: Pass = { name: 'nothing', sentence: '', run: (func) => func }

const smoothly = (check: (program: Program) => void, numRuns: number) =>
  fc.assert(fc.property(programs({ kind: 'smooth' }), check), { numRuns })

/** Programs in both floating dtypes: what is exact in one may round in the other. */
const ofBothDTypes = (check: (program: Program) => void, numRuns: number) =>
  fc.assert(fc.property(fc.oneof(programs(), programs({ dtype: 'f32' })), check), { numRuns })

describe.each([exactly, share, fold, hoist, drop, rows, ahead, erase])('$name', (pass) => {
  test('changes no bit of any result', () => {
    ofBothDTypes(({ func, inputs }) => {
      const after = pass.run(func)
      verify(after, pass.name)
      expect(bits(run(after, inputs))).toEqual(bits(run(func, inputs)))
    }, 400)
  })
})

describe.each([exactly, share, fold, hoist, drop, rows, ahead, erase])('$name', (pass) => {
  test('changes no bit of any gradient', () => {
    ofBothDTypes(({ func, inputs }) => {
      expect(bits(gradients(func, inputs, pass))).toEqual(bits(gradients(func, inputs, nothing)))
    }, 60)
  })
})

describe.each([wholly, share, fold, adjoint, hoist, drop, stabilise, rows, ahead, collect])(
  '$name',
  (pass) => {
    test('before differentiation and after it: the same values, tangents and gradients', () => {
      smoothly(({ func, inputs }) => {
        const expected = gradients(func, inputs, nothing)
        agree(expected, gradients(func, inputs, pass))
        agree(expected, gradients(pass.run(func), inputs, pass))
        const moved = tangents(func, inputs, nothing)
        agree(moved, tangents(func, inputs, pass))
        agree(moved, tangents(pass.run(func), inputs, pass))
      }, 100)
    })
  },
)

const pipeline = (name: string, passes: readonly Pass[]): Pass => ({
  name,
  sentence: '',
  run: (func) => optimise(func, passes, { verify: true }),
})

test('the standard passes keep values and gradients, those before derivatives too', () => {
  const early = pipeline('before', beforeDerivatives)
  const late = pipeline('standard', standard)
  smoothly(({ func, inputs }) => {
    const expected = gradients(func, inputs, nothing)
    agree(expected, gradients(func, inputs, late))
    agree(expected, gradients(early.run(func), inputs, late))
  }, 150)
})
