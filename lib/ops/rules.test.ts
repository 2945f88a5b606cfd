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
import { allocate, type DType, dimValue, epsilon, isFloat, type NDArray } from '../data/index.js'
import { interpreters, vjp } from '../interpret/index.js'
import {
  apply,
  closeStrict,
  type Func,
  isFunc,
  type Op,
  parameter,
  type Sample,
} from '../term/index.js'
import { ops } from './vocabulary.js'

const float64: DType = 'f64'
const floats = ['f64', 'f32', 'f16'] as const

/** Bodies are closed functions, of f64 in samples. */
const hasBody = ({ attrs = {} }: Sample): boolean => Object.values(attrs).flat().some(isFunc)

/** Samples run loops without a bound for at most so many steps. */
const flopsOf = (func: Func): number => dimValue(interpreters.cost(func).flops, { steps: 20 })

interface Trial {
  readonly func: Func
  readonly args: readonly NDArray[]
  readonly active: readonly boolean[]
  readonly draw: () => number
}

for (const op of ops.filter((o) => o.samples.length > 0)) {
  describe(op.name, () => {
    op.samples.forEach((sample, n) => {
      const title = `sample ${n} [${sample.args.map((a) => `[${a.shape}]`)}]`
      const seeds = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => hash(`${op.name}/${n}/${k}`))
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

function trial(op: Op, sample: Sample, seed: number, dtype: DType): Trial {
  const draw = generator(seed)
  const args = sample.args.map(({ kind, shape, range = [-2, 2] }): NDArray => {
    const [low, high] = range
    const type = ({ float: dtype, int: 'i32', uint: 'u32', bool: 'bool' } as const)[kind]
    const data = allocate(
      type,
      shape.reduce((acc, n) => acc * n, 1),
    )
    for (let i = 0; i < data.length; i++) {
      if (kind === 'float') data[i] = low + (high - low) * draw()
      else if (kind === 'bool') data[i] = draw() < 0.5 ? 0 : 1
      else data[i] = low + Math.floor((high - low + 1) * draw())
    }
    return { dtype: type, shape, data }
  })
  const binder = { name: op.name }
  const params = args.map((a, i) => parameter(binder, `x${i}`, a))
  const func = closeStrict(op.name, params, apply(op, params, sample.attrs ?? {}))
  return { func, args, active: args.map((a) => isFloat(a.dtype)), draw }
}

/** The same with every float of which it is in the domain equal to one value. */
function constantTrial(t: Trial, sample: Sample, value: number): Trial {
  const args = t.args.map((a, i) => {
    const [low, high] = sample.args[i].range ?? [-2, 2]
    const fits = t.active[i] && low <= value && value <= high
    return fits ? { ...a, data: a.data.map(() => value) } : a
  })
  return { ...t, args }
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

/** Equal up to so many roundings of the largest number. */
function agree(found: NDArray, wanted: NDArray, roundings: number, what: string): void {
  expect(found.shape, `shape of ${what}`).toEqual(wanted.shape)
  const tolerance = epsilon[found.dtype] * roundings * (1 + magnitude(wanted))
  found.data.forEach((x, i) => {
    near(x, wanted.data[i], tolerance, `element ${i} of ${what}`)
  })
}

function checkFinite(t: Trial): void {
  const isNumber = (a: NDArray) => !a.data.some((x) => Number.isNaN(x))
  if (!run(t.func, t.args).every((a) => a.data.every((x) => Number.isFinite(x)))) return
  const along = t.args.map((a) => random(a, t.draw))
  expect(tangentsOf(t, along).every(isNumber), 'tangents').toBe(true)
  const grad = reverseOf(t)
  expect(run(grad.func, grad.args).every(isNumber), 'cotangents').toBe(true)
}

/** The rounding of the narrowest float on the way. */
const coarsest = (func: Func): number =>
  Math.max(
    ...[...func.params, ...func.nodes.flatMap((n) => n.outs)].map((t) => epsilon[t.dtype]),
    epsilon.f64,
  )

function near(found: number, wanted: number, tolerance: number, what: string): void {
  const same = Object.is(found, wanted) || Math.abs(found - wanted) <= tolerance
  if (!same) throw new Error(`${what}: ${found} and ${wanted} differ by more than ${tolerance}`)
}

function inner(a: readonly NDArray[], b: readonly NDArray[]) {
  let sum = 0
  let size = 0
  a.forEach((x, r) => {
    x.data.forEach((v, i) => {
      const product = v * b[r].data[i]
      sum += product
      size += Math.abs(product)
    })
  })
  return { sum, magnitude: size + a.reduce((acc, x, r) => acc + magnitude(x) * magnitude(b[r]), 0) }
}

const magnitude = (a: NDArray): number => {
  let largest = 0
  for (const x of a.data) largest = Math.max(largest, Math.abs(x))
  return largest
}

const zero = (type: {
  readonly dtype: DType
  readonly shape: readonly (number | string)[]
}): NDArray => {
  const shape = type.shape.map(Number)
  return {
    dtype: type.dtype,
    shape,
    data: allocate(
      type.dtype,
      shape.reduce((acc, n) => acc * n, 1),
    ),
  }
}

/** Random values of a type; with `near`, its own values in another order (they stay legal). */
function random(type: Parameters<typeof zero>[0], draw: () => number, from?: NDArray): NDArray {
  const array = zero(type)
  for (let i = 0; i < array.data.length; i++) {
    if (from) array.data[i] = from.data[Math.floor(draw() * from.data.length)]
    else if (isFloat(array.dtype)) array.data[i] = 2 * draw() - 1
  }
  return array
}

function stackArrays(arrays: readonly NDArray[]): NDArray {
  const { dtype, shape, data } = arrays[0]
  const joined = allocate(dtype, data.length * arrays.length)
  arrays.forEach((a, i) => {
    joined.set(a.data, i * data.length)
  })
  return { dtype, shape: [arrays.length, ...shape], data: joined }
}

/** Mulberry32: uniform in [0, 1). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** FNV-1a, so that seeds do not move when ops are added. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
