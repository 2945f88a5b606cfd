/**
 * The laws of ops: every op of the vocabulary, on every one of its samples.
 *
 *   evaluate gives the types that the type rule says · jvp agrees with differences, and so does the
 *   jvp of the vjp · the vjp is the adjoint of the jvp · a batch is a loop over examples · second
 *   derivatives are symmetric · where values are finite, derivatives are not NaN
 *
 * Values are drawn from a seed that a failure prints. A kink or jump between the points of a
 * difference is seen by its two step sizes disagreeing: then other values are drawn, and if none
 * of them are smooth the law fails for ops that claim to be. Rounding errors are bounded by eps
 * times the operations that feed a number times the magnitudes that were added.
 */
import { describe, expect, it } from 'vitest'
import { allocate, type DType, dimValue, isFloat, type NDArray } from '../data/index.js'
import { interpreters, vjp } from '../interpret/index.js'
import { closeStrict, type Func, isFunc, type Op, type Sample } from '../term/index.js'
import {
  agree,
  coarsest,
  constantTrial,
  flopsOf,
  hash,
  inner,
  magnitude,
  near,
  random,
  stackArrays,
  type Trial,
  trial,
  zero,
} from './rules.fixture.js'
import { ops } from './vocabulary.js'

const float64: DType = 'f64'
const floats = ['f64', 'f32', 'f16'] as const

/** Bodies are closed functions, of f64 in samples. */
const hasBody = ({ attrs = {} }: Sample): boolean => Object.values(attrs).flat().some(isFunc)

for (const op of ops.filter((o) => o.samples.length > 0)) {
  describe(op.name, () => {
    op.samples.forEach((sample, n) => {
      const seeds = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => hash(`${op.name}/${n}/${k}`))
      const title = `sample ${n} [${sample.args.map((a) => `[${a.shape}]`)}], seed ${seeds[0]}`
      const first = () => trial(op, sample, seeds[0], float64)
      const law = (name: string, check: () => void) => it(`${title}: ${name}`, check)

      law('evaluate gives what the type rule says', () => {
        for (const dtype of hasBody(sample) ? (['f64'] as const) : floats) {
          checkTypes(trial(op, sample, seeds[0], dtype))
        }
      })
      law('jvp agrees with differences', () => {
        if (op.name !== 'stopGradient') checkDifferences(op, sample, seeds, (t) => t)
      })
      law('the vjp is the adjoint of the jvp', () => checkAdjoint(first()))
      law('a batch is a loop', () => checkBatch(first()))
      law('the vjp of a batch is a loop', () => checkBatchedVjp(first()))
      law('second derivatives agree with differences', () => {
        checkDifferences(op, sample, seeds, reverseOf)
      })
      law('second derivatives are symmetric', () => checkSymmetry(first()))
      law('no NaN from finite values', () => {
        for (const value of [0, 1, -1]) checkFinite(constantTrial(first(), sample, value))
      })
    })
  })
}

/** (x, ct) → the cotangents of x, as a trial of its own. */
function reverseOf(t: Trial): Trial {
  const back = vjp(t.func, t.active, interpreters)
  const cts = back.func.params.slice(t.args.length).map((p) => random(p, t.draw))
  const func = closeStrict('grad', back.func.params, back.func.results.slice(t.func.results.length))
  return {
    ...t,
    func,
    args: [...t.args, ...cts],
    active: back.func.params.map((p) => isFloat(p.dtype)),
  }
}

const run = (func: Func, args: readonly NDArray[]) => interpreters.evaluate(func, args, {})

function checkTypes({ func, args }: Trial): void {
  run(func, args).forEach((array, i) => {
    const type = func.results[i]
    const shape = type.shape.map((d) => dimValue(d, {}))
    expect({ dtype: array.dtype, shape: array.shape }).toEqual({ dtype: type.dtype, shape })
    expect(array.data.length).toBe(shape.reduce((acc, n) => acc * n, 1))
    expect(array.data.constructor).toBe(allocate(type.dtype, 0).constructor)
  })
}

/** Tangents of the results along random tangents; zeros where there are none. */
function tangentsOf(t: Trial, along: readonly NDArray[]): readonly NDArray[] {
  const forward = interpreters.jvp(t.func, t.active)
  const moving = along.filter((_, i) => t.active[i])
  const found = run(forward.func, [...t.args, ...moving]).slice(t.func.results.length)
  let next = 0
  return t.func.results.map((r, i) => (forward.active[i] ? found[next++] : zero(r)))
}

function checkDifferences(
  op: Op,
  sample: Sample,
  seeds: readonly number[],
  of: (t: Trial) => Trial,
): void {
  const grades = typeof op.grade === 'string' ? [op.grade] : op.grade
  const smooth = grades.every((g) => g === 'smooth' || g === 'cut')
  let checked = 0
  for (const seed of seeds) {
    const t = of(trial(op, sample, seed, float64))
    const along = t.args.map((a) => random(a, t.draw))
    const wide = difference(t, along, 2 ** -9)
    const fine = difference(t, along, 2 ** -10)
    const tangents = tangentsOf(t, along)
    const rough = wide.some((w, r) =>
      w.values.some((v, i) => !(Math.abs(v - fine[r].values[i]) <= 1e-4 * (1 + Math.abs(v)))),
    )
    if (rough) continue
    checked++
    tangents.forEach((tangent, r) => {
      tangent.data.forEach((value, i) => {
        const estimate = fine[r].values[i]
        const truncation = Math.abs(estimate - wide[r].values[i])
        const tolerance = 2 * truncation + wide[r].rounding + fine[r].rounding
        const close = Math.abs(value - estimate) <= tolerance
        if (!close)
          throw new Error(`seed ${seed}: jvp ${value}, difference ${estimate} ± ${tolerance}`)
      })
    })
    if (checked === 2) return
  }
  if (smooth || checked === 0)
    expect({ op: op.name, smoothDraws: checked > 0, seeds }).toMatchObject({ smoothDraws: true })
}

/** Fourth-order central differences of the results along tangents, and their rounding error. */
function difference(t: Trial, along: readonly NDArray[], h: number) {
  const at = (step: number) =>
    run(
      t.func,
      t.args.map((a, i) =>
        t.active[i] ? { ...a, data: a.data.map((x, k) => x + step * along[i].data[k]) } : a,
      ),
    )
  const [a, b, c, d] = [at(h), at(-h), at(2 * h), at(-2 * h)]
  const flops = flopsOf(t.func)
  return t.func.results.map((type, r) => {
    const one = (k: number) =>
      (8 * (a[r].data[k] - b[r].data[k]) - (c[r].data[k] - d[r].data[k])) / (12 * h)
    const largest = magnitude(a[r]) + magnitude(b[r])
    const integral = !isFloat(type.dtype)
    return {
      values: Array.from({ length: a[r].data.length }, (_, k) => (integral ? 0 : one(k))),
      rounding: ((8 + flops) * coarsest(t.func) * (1 + largest)) / h,
    }
  })
}

function checkAdjoint(t: Trial): void {
  const back = vjp(t.func, t.active, interpreters)
  const along = t.args.map((a) => random(a, t.draw))
  const forward = interpreters.jvp(t.func, t.active)
  const tangents = tangentsOf(t, along).filter((_, i) => forward.active[i])
  const cts = tangents.map((d) => random(d, t.draw))
  const found = run(back.func, [...t.args, ...cts]).slice(t.func.results.length)
  const moving = along.filter((_, i) => t.active[i]).filter((_, i) => back.nonzero[i])
  const left = inner(cts, tangents)
  const right = inner(found, moving)
  const flops = flopsOf(back.func)
  const tolerance = coarsest(t.func) * (8 + flops) * (left.magnitude + right.magnitude)
  near(right.sum, left.sum, tolerance, '⟨Jᵀct, dx⟩ and ⟨ct, J dx⟩')
}

function checkSymmetry(t: Trial): void {
  const grad = reverseOf(t)
  const own = grad.active.map((a, i) => a && i < t.args.length)
  const lane = { ...grad, active: own }
  const u = grad.args.map((a) => random(a, t.draw))
  const v = grad.args.map((a) => random(a, t.draw))
  const nonzero = vjp(t.func, t.active, interpreters).nonzero
  const inputs = (w: readonly NDArray[]) =>
    w
      .slice(0, t.args.length)
      .filter((_, i) => t.active[i])
      .filter((_, i) => nonzero[i])
  const left = inner(tangentsOf(lane, u), inputs(v))
  const right = inner(tangentsOf(lane, v), inputs(u))
  const flops = flopsOf(interpreters.jvp(grad.func, own).func)
  const tolerance = coarsest(t.func) * (8 + flops) * (left.magnitude + right.magnitude)
  near(left.sum, right.sum, tolerance, 'uᵀHv and vᵀHu')
}

/** Examples that share what is not batched, and what is batched stacked. */
function examplesOf(t: Trial, batched: readonly boolean[]) {
  const examples = Array.from({ length: batchSize }, () =>
    t.args.map((a, i) => (batched[i] ? random(a, t.draw, a) : a)),
  )
  const stacked = t.args.map((a, i) => (batched[i] ? stackArrays(examples.map((e) => e[i])) : a))
  return { examples, stacked }
}

/** The size of the batch is a name while rules run: they may not need its value. */
const batchSize = 3
const sizes = { n: batchSize }

function checkBatch(t: Trial): void {
  const flops = flopsOf(t.func)
  for (let subset = 1; subset < 2 ** t.args.length; subset++) {
    const batched = t.args.map((_, i) => ((subset >> i) & 1) === 1)
    const { examples, stacked } = examplesOf(t, batched)
    const many = interpreters.batch(t.func, batched, 'n')
    const found = interpreters.evaluate(many.func, stacked, sizes)
    const expected = examples.map((e) => run(t.func, e))
    found.forEach((array, r) => {
      const wanted = many.batched[r] ? stackArrays(expected.map((e) => e[r])) : expected[0][r]
      agree(array, wanted, 8 + flops, `result ${r}, batched ${batched}`)
    })
  }
}

function checkBatchedVjp(t: Trial): void {
  const all = t.args.map(() => true)
  const { examples, stacked } = examplesOf(t, all)
  const many = interpreters.batch(t.func, all, 'n')
  const one = vjp(t.func, t.active, interpreters)
  const cts = examples.map(() =>
    one.func.params.slice(t.args.length).map((ct) => random(ct, t.draw)),
  )
  if (many.batched.includes(false) || cts[0].length === 0) return // nothing depends on an example
  const flops = flopsOf(one.func)
  const stackedCts = cts[0].map((_, i) => stackArrays(cts.map((c) => c[i])))
  const found = cotangents(many.func, t.active, stacked, stackedCts)
  const expected = examples.map((e, k) => cotangents(t.func, t.active, e, cts[k]))
  found.forEach((array, i) => {
    agree(array, stackArrays(expected.map((e) => e[i])), 8 + flops, `cotangent ${i}`)
  })
}

/** One for each active argument, zeros included. */
function cotangents(
  func: Func,
  active: readonly boolean[],
  args: readonly NDArray[],
  cts: readonly NDArray[],
): readonly NDArray[] {
  const back = vjp(func, active, interpreters)
  const found = interpreters.evaluate(back.func, [...args, ...cts], sizes)
  let next = func.results.length
  return args.filter((_, i) => active[i]).map((a, k) => (back.nonzero[k] ? found[next++] : zero(a)))
}

function checkFinite(t: Trial): void {
  const isNumber = (a: NDArray) => !a.data.some((x) => Number.isNaN(x))
  if (!run(t.func, t.args).every((a) => a.data.every((x) => Number.isFinite(x)))) return
  const along = t.args.map((a) => random(a, t.draw))
  expect(tangentsOf(t, along).every(isNumber), 'tangents').toBe(true)
  const grad = reverseOf(t)
  expect(run(grad.func, grad.args).every(isNumber), 'cotangents').toBe(true)
}
