/**
 * Options of public functions, as untyped callers give them: a name that there is not, and what is
 * no record, are refused in words by each.
 */
import { describe, expect, test } from 'vitest'
import { makeAuto, makeWasm } from '../backends/index.js'
import { makeNative } from '../backends/native/index.js'
import { makeReference } from '../backends/reference/index.js'
import { makeWebgpu } from '../backends/webgpu/index.js'
import { Control, delivered, expectation, log, pure, Random } from '../effects/index.js'
import * as lang from '../index.js'
import { PullbackError } from '../lib/data/index.js'
import { bisect, newton } from '../lib/numeric/index.js'
import { adam, adamStart, momentum, momentumStart, sgd } from '../lib/optim/index.js'
import { beforeDerivatives } from '../lib/pass/index.js'
import {
  arrays,
  backendLaws,
  customRuleLaws,
  derivativeLaws,
  hold,
  holdAll,
  passLaws,
  programs,
  refutations,
} from './index.js'

const { add, constant, cos, customJvp, customVjp, f64, fn, lt, mul, sin, sub, sum } = lang
const wave = fn({ x: f64(3) }, ({ x }) => sum(sin(x)))
const root = fn({ x: f64() }, ({ x }) => sub(mul(x, x), 2))
const ruled = customJvp(
  fn({ x: f64(3) }, ({ x }) => sin(x)),
  ({ x }, t) => mul(t.x, cos(x)),
)
const [law] = derivativeLaws(wave)
const one = constant(1)
const many = constant([1, 2, 3])
const k = constant([1, 2], { dtype: 'u32' })
const params = { w: many }

/** With options of any kind. */
type Call = (options: never) => unknown

const calls: Readonly<Record<string, Call>> = {
  fn: (o) => fn({ x: f64() }, ({ x }) => x, o),
  grad: (o) => lang.grad(wave, 'x', o),
  valueAndGrad: (o) => lang.valueAndGrad(wave, 'x', o),
  jvp: (o) => lang.jvp(wave, 'x', o),
  vjp: (o) => lang.vjp(wave, 'x', o),
  linearize: (o) => lang.linearize(wave, 'x', o),
  jacfwd: (o) => lang.jacfwd(wave, 'x', o),
  jacrev: (o) => lang.jacrev(wave, 'x', o),
  hessian: (o) => lang.hessian(wave, 'x', o),
  hvp: (o) => lang.hvp(wave, 'x', o),
  vmap: (o) => lang.vmap(wave, o),
  scan: (o) => lang.scan(one, many, (c, x) => [add(c, x), c], o),
  whileLoop: (o) =>
    lang.whileLoop(
      one,
      (x) => lt(x, 3),
      (x) => add(x, 1),
      o,
    ),
  associativeScan: (o) => lang.associativeScan(many, (a, b) => add(a, b), o),
  constant: (o) => constant(1, o),
  clamp: (o) => lang.clamp(many, o),
  customJvp: (o) => customJvp(root, ({ x }, t) => mul(t.x, mul(x, 2)), o),
  customVjp: (o) =>
    customVjp(
      root,
      ({ x }) => [mul(x, x), x],
      (x, w) => ({ x: mul(w, x) }),
      o,
    ),
  run: (o) => lang.run(wave, { x: [1, 2, 3] }, o),
  evaluate: (o) => lang.evaluate(one, o),
  compile: (o) => lang.compile(wave, o),
  newton: (o) => newton(root, 'x', o),
  bisect: (o) => bisect(root, 'x', o),
  sgd: (o) => sgd(params, params, o),
  momentum: (o) => momentum(params, params, momentumStart(params), o),
  adam: (o) => adam(params, params, adamStart(params), o),
  'Control.scan': (o) => Control.scan(one, many, (c, x) => pure([c, x]), o),
  delivered: (o) => delivered(log('x', one), o),
  expectation: (o) => expectation(k, Random.normal(0, 1), o),
  normal: (o) => Random.normal(0, 1, o),
  bernoulli: (o) => Random.bernoulli(0.5, o),
  categorical: (o) => Random.categorical(many, o),
  multivariateNormal: (o) => Random.multivariateNormal(constant([1]), constant([[1]]), o),
  orthogonal: (o) => Random.orthogonal(3, o),
  choice: (o) => Random.choice(many, o),
  makeWasm: (o) => makeWasm(o),
  makeNative: (o) => makeNative(o),
  makeWebgpu: (o) => makeWebgpu(o),
  makeAuto: (o) => makeAuto(o),
  arrays: (o) => arrays('f64', [2], o),
  programs: (o) => programs(o),
  derivativeLaws: (o) => derivativeLaws(wave, o),
  customRuleLaws: (o) => customRuleLaws(ruled, o),
  passLaws: (o) => passLaws(beforeDerivatives[0], o),
  backendLaws: (o) => backendLaws(makeReference(), o),
  hold: (o) => hold(law, o),
  holdAll: (o) => holdAll([law], o),
  refutations: (o) => refutations([law], o),
}

/** What a call says of options. */
async function said(call: Call, options: unknown): Promise<string> {
  try {
    await call(options as never) // as untyped callers do
  } catch (error) {
    if (error instanceof PullbackError) return error.message
    throw error
  }
  return 'nothing'
}

describe.each(Object.entries(calls))('%s', (_, call) => {
  test('says which options there are, where it is given another', async () => {
    expect(await said(call, { nonsense: 1 })).toMatch(
      /there is no (option|attribute) 'nonsense'; expected (one of )?'/,
    )
  })

  test.each([[null], [7], ['text'], [[1]], [constant(1)]])('refuses %s', async (given) => {
    expect(await said(call, given)).toMatch(
      /(argument \d is|options are|an argument is) .+; expected a record/,
    )
  })
})

test.each<readonly [string, unknown, string]>([
  ['grad', { almostEverywhere: 1 }, "grad: option 'almostEverywhere' is 1; expected true or false"],
  [
    'scan',
    { length: -1 },
    "option 'length' is -1; expected a whole number from 0, or a named size",
  ],
  ['compile', { donate: 'x' }, `option 'donate' is "x"; expected a list, each a string`],
  ['sgd', {}, "sgd: option 'rate' is missing; expected a value"],
  ['bisect', { low: 0, high: Number.NaN }, "option 'high' is NaN; expected a finite number"],
  ['expectation', { samples: 0 }, "option 'samples' is 0; expected a whole number from 1"],
  ['expectation', { baseline: 'mean' }, `'baseline' is "mean"; expected one of 'leave-one-out'`],
  [
    'makeWasm',
    { threads: 1.5 },
    "makeWasm: option 'threads' is 1.5; expected a whole number from 1",
  ],
  ['makeAuto', { prefer: ['gpu'] }, "expected a list, each one of 'native', 'webgpu'"],
  [
    'hold',
    { runs: Number.POSITIVE_INFINITY },
    "option 'runs' is Infinity; expected a whole number",
  ],
  [
    'derivativeLaws',
    { low: 2, high: 1 },
    'derivativeLaws: low is 2, high is 1; expected low ≤ high',
  ],
])('%s of a value that is not of its kind: %j', async (name, options, words) => {
  expect(await said(calls[name], options)).toContain(words)
})

test('what is undefined is left out', async () => {
  expect(await said(calls.grad, { almostEverywhere: undefined, nonsense: undefined })).toBe(
    'nothing',
  )
})
