/**
 * Refusals: ill-typed programs with effects, and what the checker says of them.
 */
import { describe, expect, it } from 'vitest'
import { openChecker } from '../lib/types/checker.fixture.js'

const before = `
import {
  add, convert, cos, f32, f64, fn, grad, gt, hessian, jacrev, lt, mul, sum, u32, vmap, where,
  type Tensor,
} from '../index.js'
import {
  biased, Control, expectation, foldIn, functionalized, gen, log, Random, reuse, sampled, silenced,
  split, State, value,
} from './index.js'
declare const key: Tensor<[2], 'u32'>
declare const keys: Tensor<[8, 2], 'u32'>
declare const t: Tensor<[], 'f32', 't'>
declare const x: Tensor<[3], 'f32', 'x'>
declare const y: Tensor<[4], 'f32', 'y'>
declare const d: Tensor<[3], 'f64', 'd'>
declare const i: Tensor<[3], 'i32', 'i'>
const spec = { t: f32(), key: u32(2) }
`
using check = openChecker(before, 'effects')

const refusals: readonly (readonly [source: string, ...sentences: string[]])[] = [
  [
    'value(Random.normal(x, 1))',
    '✗ unhandled effect Random: handle it before value @ Random.normal(x, 1)',
  ],
  ['sampled(x, Random.normal(x, 1))', '✗ a key is u32[2], got f32[3] @ x'],
  [
    'sampled(keys, Random.normal(x, 1))',
    '✗ a key is u32[2], got u32[8, 2]: split keys are used one by one @ keys',
  ],
  ['split(i, 2)', '✗ a key is u32[2], got i32[3] @ i'],
  ['foldIn(d, 2)', '✗ a key is u32[2], got f64[3] @ d'],
  ['reuse(keys)', '✗ a key is u32[2], got u32[8, 2]: split keys are used one by one @ keys'],
  ['Random.normal(x, y)', '✗ shapes [3] and [4] do not broadcast @ y'],
  ['Random.normal(x, d)', '✗ dtypes f32 and f64 differ: cast one with convert @ d'],
  ['Random.normal(x, i)', '✗ normal: a parameter is i32, it needs a floating dtype @ i'],
  ['Random.exponential(i)', '✗ exponential: a parameter is i32, it needs a floating dtype @ i'],
  ['Random.poisson(i)', '✗ poisson: a parameter is i32, it needs a floating dtype @ i'],
  ["Random.uniform(t, 1, { by: 'score' })", "✗ uniform has no score estimator @ { by: 'score' }"],
  [
    "Random.poisson(t, { by: 'enumeration' })",
    "✗ poisson has no enumeration estimator @ { by: 'enumeration' }",
  ],
  [
    "Random.bernoulli(t, { by: 'measure' })",
    "✗ bernoulli has no measure estimator @ { by: 'measure' }",
  ],
  [
    "Random.bernoulli(t, { by: 'pathwise' })",
    "✗ bernoulli has no pathwise estimator @ { by: 'pathwise' }",
  ],
  [
    "Random.bernoulli(x, { by: 'enumeration' })",
    "✗ bernoulli: enumeration needs a scalar sample, got [3]. Draw its elements one by one, or ask for score @ { by: 'enumeration' }",
  ],
  [
    "Random.normal(x, 1, { by: 'measure' })",
    "✗ normal: measure needs a scalar sample, got [3]. Draw its elements one by one, or ask for score @ { by: 'measure' }",
  ],
  [
    "Random.poisson(t, { by: 'measure', shape: [4] })",
    "✗ poisson: measure needs a scalar sample, got [4]. Draw its elements one by one, or ask for score @ { by: 'measure', shape: [4] }",
  ],
  ['Random.choice(t)', '✗ choice needs rows to choose from, got a scalar @ t'],
  [
    'Random.multivariateNormal(x, y)',
    '✗ multivariateNormal: the factor has 1 axes, it needs 2 @ y',
  ],
  [
    "expectation(key, gen(function* () { yield* log('x', x); return yield* Random.normal(t, 1) }))",
    "✗ unhandled effect IO: handle it before expectation @ gen(function* () { yield* log('x', x); return yield* Random.normal(t, 1) })",
  ],
  [
    'expectation(key, Random.normal(x, 1))',
    '✗ expectation needs a scalar result, got [3]: reduce it, or use jacrev @ Random.normal(x, 1)',
  ],
  [
    'expectation(key, gen(function* () { return sum(yield* Random.gumbelSoftmax(x, 1)) }))',
    '✗ unhandled effect Biased: handle it before expectation @ gen(function* () { return sum(yield* Random.gumbelSoftmax(x, 1)) })',
  ],
  [
    'expectation(key, Random.categorical(x))',
    '✗ expectation needs a floating result, got i32 @ Random.categorical(x)',
  ],
  [
    "grad(fn(spec, ({ t, key }) => sampled(key, gen(function* () { const b = yield* Random.bernoulli(t); return convert(b, 'f32') }))), 't')",
    "✗ the gradient in 't' is zero everywhere: it reaches the result only through sampling bernoulli. Use straightThrough, a soft relaxation or a score estimator @ 't'",
  ],
  [
    "grad(fn(spec, ({ t, key }) => sampled(key, gen(function* () { const b = yield* Random.bernoulli(t); return where(b, 0, t) }))), 't')",
    "✗ not differentiable in 't': it jumps at sampling bernoulli. Use stopGradient, piecewise or { almostEverywhere: true } @ 't'",
  ],
  [
    "grad(fn(spec, ({ t, key }) => sampled(key, gen(function* () { const z = yield* Random.normal(t, 1); return convert(gt(z, 0), 'f32') }))), 't')",
    "✗ the gradient in 't' is zero everywhere: it reaches the result only through gt. Use straightThrough, a soft relaxation or a score estimator @ 't'",
  ],
  [
    "grad(fn(spec, ({ t, key }) => expectation(key, gen(function* () { const z = yield* Random.normal(t, 1); return where(gt(z, 0), z, 0) }))), 't')",
    "✗ not differentiable in 't': it jumps at where. Use stopGradient, piecewise or { almostEverywhere: true } @ 't'",
  ],
  [
    "grad(fn(spec, ({ t, key }) => expectation(key, gen(function* () { const b = yield* Random.bernoulli(where(gt(t, 0), t, 0.5)); return convert(b, 'f32') }))), 't')",
    "✗ not differentiable in 't': it jumps at where. Use stopGradient, piecewise or { almostEverywhere: true } @ 't'",
  ],
  [
    "hessian(fn(spec, ({ t, key }) => expectation(key, Random.poisson(t, { by: 'measure' }))), 't')",
    "✗ no second derivative in 't': the gradient jumps at sampling poisson by measure. Use a smooth function, or { almostEverywhere: true } @ 't'",
  ],
  [
    "grad(fn(spec, function* ({ t }) { return yield* Random.normal(t, 1) }), 't')",
    '✗ unhandled effect Random: handle it before grad @ fn(spec, function* ({ t }) { return yield* Random.normal(t, 1) })',
  ],
  [
    'vmap(fn(spec, function* ({ t }) { return yield* Random.normal(t, 1) }))',
    '✗ unhandled effect Random: handle it before vmap @ fn(spec, function* ({ t }) { return yield* Random.normal(t, 1) })',
  ],
  [
    "jacrev(fn(spec, function* ({ t }) { const r = yield* State.make(t); return yield* State.get(r) }), 't')",
    '✗ unhandled effect State: handle it before jacrev @ fn(spec, function* ({ t }) { const r = yield* State.make(t); return yield* State.get(r) })',
  ],
  [
    'functionalized(State.make(x))',
    '✗ a reference escapes its handler: return what it holds, State.get(ref) @ State.make(x)',
  ],
  [
    'functionalized(gen(function* () { const r = yield* State.make(x); return { x, r } }))',
    '✗ a reference escapes its handler: return what it holds, State.get(ref) @ gen(function* () { const r = yield* State.make(x); return { x, r } })',
  ],
  [
    'gen(function* () { const r = yield* State.make(x); yield* State.set(r, y) })',
    '✗ State.set: the reference and the value differ: f32[3] and f32[4] @ y',
  ],
  [
    'gen(function* () { const r = yield* State.make(x); yield* State.set(r, d) })',
    '✗ State.set: the reference and the value differ: f32[3] and f64[3] @ d',
  ],
  [
    'gen(function* () { const r = yield* State.make(x); yield* State.modify(r, (v) => sum(v)) })',
    '✗ State.modify: the reference and the value differ: f32[3] and f32[] @ sum(v)',
  ],
  [
    'Control.forLoop(3, x, (_, c) => gen(function* () { return sum(c) }))',
    '✗ forLoop: the carry changes: f32[3] and f32[] @ gen(function* () { return sum(c) })',
  ],
  [
    'Control.forLoop(t, x, (_, c) => gen(function* () { return c }))',
    '✗ forLoop needs an integer index, got f32: cast it with convert @ t',
  ],
  [
    'Control.scan(t, t, (c) => gen(function* () { return [c, null] as const }))',
    '✗ scan needs a first axis on every sequence @ t',
  ],
  [
    'Control.cond(gt(t, 0), () => gen(function* () { return x }), () => gen(function* () { return y }))',
    '✗ cond: the branches differ: f32[3] and f32[4] @ gen(function* () { return y })',
  ],
]

const said = check.refusals(refusals.map(([source]) => source))

describe('ill-typed programs are refused in words', () => {
  it.each(refusals.map(([source, ...sentences], i) => ({ source, sentences, said: said[i] })))(
    '$source',
    ({ sentences, said }) => expect(said).toEqual(sentences),
  )
})
