/**
 * What custom rules, and transposes, say of what they do not take: each refusal in full.
 */
import { expect, test } from 'vitest'
import { interpreters } from '../../interpret/index.js'
import { apply, parameter, type TensorType, type Term } from '../../term/index.js'
import { mul } from '../arithmetic.js'
import { lt } from '../compare.js'
import { constant } from '../constant.js'
import { refusal } from '../refusal.fixture.js'
import { checkpointOp } from './checkpoint.js'
import {
  customBatching,
  customBatchingOp,
  customJvp,
  customJvpOp,
  customTangentOp,
  customVjp,
  customVjpOp,
  linearCall,
  linearCallOp,
  needForward,
  whileLoop,
} from './index.js'
import { f64, func, i32 } from './laws.fixture.js'

const tensor = (type: TensorType): Term => parameter({ name: 'f' }, 'x', type)
const x = tensor(f64(2))
const v = tensor(f64(3))
const n = tensor(i32(2))

/** The adjoint in the last argument, or in all. */
const adjoint = (f: ReturnType<typeof func>, all = false) =>
  interpreters.transpose(
    f,
    f.params.map((_, i) => all || i === f.params.length - 1),
    f.results.map(() => true),
  )

const custom = func([f64(2)], (a) =>
  customVjp(
    ([b]) => [b],
    forward,
    (_, [ct]) => [ct],
    [a],
  ),
)

const same = func([f64(2)], (a) => [a])

function forward([b]: readonly Term[]) {
  return { results: [b], residuals: [] }
}

test.each<readonly [string, () => unknown]>([
  [
    'derivative: customJvp: the rule gives 2 tangents for 1 results. Give null where one is zero',
    () =>
      customJvp(
        ([a]) => [a],
        (_, [da]) => [da, da],
        [x],
      ),
  ],
  [
    'derivative: customJvp: the rule gives f64[3] as the tangent of result 0; expected f64[2]',
    () =>
      customJvp(
        ([a]) => [a],
        () => [v],
        [x],
      ),
  ],
  [
    "attribute: customJvp: attribute 'primal' is not a function",
    () => apply(customJvpOp, [x], { consts: 0, moves: [] }),
  ],
  [
    "attribute: customJvp: attribute 'rule' is not a function",
    () => apply(customJvpOp, [x], { primal: same, consts: 0, moves: [] }),
  ],
  [
    "attribute: customJvp: attribute 'consts' is missing; expected a whole number",
    () => apply(customJvpOp, [x], { primal: same, rule: same, moves: [] }),
  ],
  [
    'shape: customJvp: the function takes (f64[2]); expected (f64[3])',
    () => apply(customJvpOp, [v], { primal: same, rule: same, consts: 0, moves: [] }),
  ],
  [
    'derivative: customVjp: the backward rule gives 0 cotangents for 1 arguments. Give null where one is zero',
    () =>
      customVjp(
        ([a]) => [a],
        forward,
        () => [],
        [x],
      ),
  ],
  [
    'derivative: customVjp: the backward rule gives f64[3] as the cotangent of argument 0; expected f64[2]',
    () =>
      customVjp(
        ([a]) => [a],
        forward,
        () => [v],
        [x],
      ),
  ],
  [
    'shape: customVjp: the forward rule gives (f64[3]); expected (f64[2]), as the function does',
    () =>
      customVjp(
        ([a]) => [a],
        () => ({ results: [v], residuals: [] }),
        () => [null],
        [x],
      ),
  ],
  [
    'derivative: customVjp: the function uses an outer tensor that is being differentiated, and its rule says nothing about that one; expected a function of its arguments and of constants. Pass the tensor as an argument, or hold it constant: stopGradient(x)',
    () => {
      const outer = func([f64(2), f64(2)], (a, w) =>
        customVjp(
          ([b]) => [mul(b, w)],
          () => ({ results: [mul(a, w)], residuals: [] }),
          (_, [ct]) => [ct],
          [a],
        ),
      )
      return interpreters.jvp(outer, [false, true])
    },
  ],
  [
    "attribute: customVjp: attribute 'primal' is not a function",
    () => apply(customVjpOp, [x], { consts: 0, reached: [] }),
  ],
  [
    "attribute: customVjp: attribute 'forward' is not a function",
    () => apply(customVjpOp, [x], { primal: same, consts: 0, reached: [] }),
  ],
  [
    "attribute: customVjp: attribute 'backward' is not a function",
    () => apply(customVjpOp, [x], { primal: same, forward: same, consts: 0, reached: [] }),
  ],
  [
    "attribute: customVjp: attribute 'consts' is missing; expected a whole number",
    () => apply(customVjpOp, [x], { primal: same, forward: same, backward: same, reached: [] }),
  ],
  [
    'shape: customVjp: the function takes (f64[2]); expected (f64[3])',
    () => {
      const rules = { primal: same, forward: same, backward: same }
      return apply(customVjpOp, [v], { ...rules, consts: 0, reached: [true] })
    },
  ],
  [
    'derivative: customVjp: forward mode reaches a function with a customVjp rule, which gives cotangents alone; expected reverse mode: vjp, grad, jacrev; or jvp of those (forward over reverse). Give the function a customJvp rule instead: reverse mode follows from it',
    () => needForward(unplaced(interpreters.jvp(custom, [true]).func)),
  ],
  [
    "attribute: customVjp: attribute 'backward' is not a function",
    () => apply(customTangentOp, [x], {}),
  ],
  [
    "attribute: customVjp: attribute 'stored' is missing; expected a whole number",
    () => apply(customTangentOp, [x], { backward: same }),
  ],
  [
    'shape: customVjp: the backward rule takes (f64[2]); expected (f64[3])',
    () => apply(customTangentOp, [v], { backward: same, stored: 1 }),
  ],
  [
    "dtype: linearCall: an argument or result that it is linear in is not floating. Convert it: convert(x, 'f32')",
    () =>
      linearCall(
        (_, [a]) => [a],
        (_, [ct]) => [ct],
        [],
        [n],
      ),
  ],
  [
    "dtype: linearCall: an argument or result that it is linear in is not floating. Convert it: convert(x, 'f32')",
    () =>
      linearCall(
        (_, [a]) => [a],
        (_, [ct]) => [ct, n],
        [],
        [x, n],
      ),
  ],
  [
    'shape: linearCall: the transpose gives (f64[3]); expected (f64[2]), as the arguments',
    () =>
      linearCall(
        (_, [a]) => [a],
        () => [v],
        [],
        [x],
      ),
  ],
  [
    'shape: linearCall: the transpose gives (); expected (f64[2], f64[3]), as the arguments',
    () =>
      linearCall(
        (_, [a, b]) => [a, b],
        () => [],
        [],
        [x, v],
      ),
  ],
  [
    'derivative: linearCall: it is transposed in a residual; expected a function that is linear in the inputs transposed. Pass it among the linear arguments',
    () =>
      adjoint(
        unplaced(
          func([f64(2), f64(2)], (a, b) =>
            linearCall(
              ([r], [y]) => [mul(r, y)],
              ([r], [ct]) => [mul(r, ct)],
              [a],
              [b],
            ),
          ),
        ),
        true,
      ),
  ],
  [
    "attribute: linearCall: attribute 'forward' is not a function",
    () => apply(linearCallOp, [x], { stored: 0 }),
  ],
  [
    "attribute: linearCall: attribute 'backward' is not a function",
    () => apply(linearCallOp, [x], { forward: same, stored: 0 }),
  ],
  [
    "attribute: linearCall: attribute 'stored' is missing; expected a whole number",
    () => apply(linearCallOp, [x], { forward: same, backward: same }),
  ],
  [
    'shape: linearCall: the function takes (f64[2]); expected (f64[3])',
    () => apply(linearCallOp, [v], { forward: same, backward: same, stored: 0 }),
  ],
  [
    'shape: linearCall: the transpose takes (f64[2]); expected (f64[3])',
    () => {
      const twice = func([f64(2)], () => [constant([1, 2, 3], [3], 'f64')])
      return apply(linearCallOp, [x], { forward: twice, backward: same, stored: 0 })
    },
  ],
  [
    'shape: checkpoint: the body takes (f64[2]); expected (f64[3])',
    () => apply(checkpointOp, [v], { body: same }),
  ],
  ["attribute: checkpoint: attribute 'body' is not a function", () => apply(checkpointOp, [v], {})],
  [
    'trace: customBatching: the function uses an outer tensor f64[2], which its rule cannot see; expected a function of its arguments alone. Pass the tensor as an argument',
    () =>
      customBatching(
        ([a]) => [mul(a, x)],
        ({ args }) => ({ outs: args, batched: [true] }),
        [x],
      ),
  ],
  [
    'attribute: customBatching: the batching rule is missing',
    () => {
      const body = func([f64(2)], (a) => [a])
      const lost = func([f64(2)], (a) => apply(customBatchingOp, [a], { body }))
      return interpreters.batch(lost, [true], 3)
    },
  ],
  [
    "shape: customBatching: the rule gives (f64[3, 2], f64[2]); expected (f64[3, 2], f64[3, 2]), a batch of 3 of the function's results",
    () => {
      const two = func([f64(2)], (a) =>
        customBatching(
          ([b]) => [b, b],
          ({ args }) => ({ outs: [args[0], x], batched: [true, true] }),
          [a],
        ),
      )
      return interpreters.batch(two, [true], 3)
    },
  ],
  [
    "attribute: customBatching: attribute 'body' is not a function",
    () => apply(customBatchingOp, [x], { rule: () => {} }),
  ],
  [
    'shape: customBatching: the function takes (f64[2]); expected (f64[3])',
    () => apply(customBatchingOp, [v], { body: same, rule: () => {} }),
  ],
  ...[0, 2].map((count): readonly [string, () => unknown] => [
    `shape: customBatching: the rule gives (${new Array(count).fill('f64[3, 2]').join(', ')}); expected (f64[3, 2]), a batch of 3 of the function's results`,
    () => {
      const one = func([f64(2)], (a) =>
        customBatching(
          (b) => b,
          ({ args }) => ({ outs: new Array(count).fill(args[0]), batched: [true] }),
          [a],
        ),
      )
      return interpreters.batch(one, [true], 3)
    },
  ]),
  [
    'derivative: whileLoop: the condition depends on what the loop is transposed in; expected a condition on other values, so that the loop is linear. Differentiate it with vjp or grad instead',
    () =>
      adjoint(
        unplaced(
          func([f64()], (a) =>
            whileLoop(
              ([c]) => lt(c, 9),
              ([c]) => [mul(c, 2)],
              [a],
            ),
          ),
        ),
      ),
  ],
])('%s', (message, build) => {
  expect(refusal(build)).toBe(message)
})

/** Without source lines, so that errors give an op's name. */
function unplaced(f: ReturnType<typeof func>) {
  for (const node of f.nodes) node.source = undefined
  return f
}
