/**
 * Refusals: derivative transformations, batching and custom rules.
 *
 * Each row is an ill-typed program, then what the checker says of it: sentence @ source at fault.
 */
import { describe, expect, it } from 'vitest'
import { openChecker } from './checker.fixture.js'

using check = openChecker()

const refusals: readonly (readonly [source: string, ...sentences: string[]])[] = [
  ["grad(loss, 'q')", "✗ no input is called 'q' @ 'q'"],
  ["grad(loss, ['x', 'q'])", "✗ no input is called 'q' @ ['x', 'q']"],
  [
    "grad(dense, 'x')",
    '✗ grad needs a scalar result, got [b, o]: reduce it, or use jacrev @ dense',
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => argmax(x)), 'x')",
    '✗ grad needs a floating result, got i32 @ fn({ x: f32(3) }, ({ x }) => argmax(x))',
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => [sum(x), sum(x)]), 'x')",
    '✗ grad needs one scalar result, got several: give one, or use jacrev @ fn({ x: f32(3) }, ({ x }) => [sum(x), sum(x)])',
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => sum(floor(x))), 'x')",
    "✗ the gradient in 'x' is zero everywhere: it reaches the result only through floor. Use straightThrough, a soft relaxation or a score estimator @ 'x'",
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => sum(convert(argmax(x), 'f32'))), 'x')",
    "✗ the gradient in 'x' is zero everywhere: it reaches the result only through argmax. Use straightThrough, a soft relaxation or a score estimator @ 'x'",
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => sum(mul(x, floor(x)))), 'x')",
    "✗ not differentiable in 'x': it jumps at floor. Use stopGradient, piecewise or { almostEverywhere: true } @ 'x'",
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => sum(where(gt(x, 0), x, 0))), 'x')",
    "✗ not differentiable in 'x': it jumps at where. Use stopGradient, piecewise or { almostEverywhere: true } @ 'x'",
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => sum(where(gt(x, 0), 1, x))), ['x'])",
    "✗ not differentiable in 'x': it jumps at where. Use stopGradient, piecewise or { almostEverywhere: true } @ ['x']",
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => sum(where(gt(x, 0), constant(1), 0))), 'x')",
    "✗ the gradient in 'x' is zero everywhere: it reaches the result only through gt. Use straightThrough, a soft relaxation or a score estimator @ 'x'",
  ],
  [
    "grad(fn({ x: f32(3), y: f32() }, ({ x, y }) => sum(x)), 'y')",
    "✗ the result does not depend on 'y' @ 'y'",
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => sum(stopGradient(x))), 'x')",
    "✗ the result does not depend on 'x' @ 'x'",
  ],
  [
    "grad(fn({ x: f32(3), i: i32() }, ({ x, i }) => sum(take(x, i))), 'i')",
    "✗ 'i' is i32: a derivative needs a floating input @ 'i'",
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => sum(rem(x, 2))), 'x')",
    "✗ not differentiable in 'x': it jumps at rem. Use stopGradient, piecewise or { almostEverywhere: true } @ 'x'",
  ],
  [
    "grad(fn({ p: { w: f32(3), n: i32() } }, ({ p }) => sum(p.w)), 'p')",
    "✗ 'p.n' is i32: a derivative needs a floating input @ 'p'",
  ],
  [
    "grad(fn({ p: { w: f32(3), b: f32() } }, ({ p }) => sum(p.w)), 'p')",
    "✗ the result does not depend on 'p.b' @ 'p'",
  ],
  [
    "grad(fn({ p: { w: f32(3), b: f32() } }, ({ p }) => add(sum(p.w), sign(p.b))), 'p')",
    "✗ the gradient in 'p.b' is zero everywhere: it reaches the result only through sign. Use straightThrough, a soft relaxation or a score estimator @ 'p'",
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => cond(gt(sum(x), 0), () => sum(x), () => neg(sum(x)))), 'x')",
    "✗ not differentiable in 'x': it jumps at cond. Use stopGradient, piecewise or { almostEverywhere: true } @ 'x'",
  ],
  [
    "grad(fn({ x: f32() }, ({ x }) => whileLoop(x, (c) => lt(c, 10), (c) => mul(c, 2))), 'x')",
    "✗ not differentiable in 'x': it jumps at whileLoop. Use stopGradient, piecewise or { almostEverywhere: true } @ 'x'",
  ],
  [
    "grad(fn({ x: f32(), xs: f32(5) }, ({ x, xs }) => scan(x, xs, (h, v) => [add(floor(h), v), null])[0]), 'x')",
    "✗ not differentiable in 'x': it jumps at floor. Use stopGradient, piecewise or { almostEverywhere: true } @ 'x'",
  ],
  [
    "grad(fn({ x: f32(), n: i32() }, ({ x, n }) => forLoop(n, x, (i, c) => round(c))), 'x')",
    "✗ not differentiable in 'x': it jumps at round. Use stopGradient, piecewise or { almostEverywhere: true } @ 'x'",
  ],
  [
    "grad(fn({ x: f32(3) }, function* ({ x }) { return sum(yield* normal(x)) }), 'x')",
    '✗ unhandled effect Random: handle it before grad @ fn({ x: f32(3) }, function* ({ x }) { return sum(yield* normal(x)) })',
  ],
  [
    "grad(fn({ x: f32(3) }, (p) => gen(function* () { return sum(yield* normal(p.x)) })), 'x')",
    '✗ unhandled effect Random: handle it before grad @ fn({ x: f32(3) }, (p) => gen(function* () { return sum(yield* normal(p.x)) }))',
  ],
  [
    'vmap(fn({ x: f32(3) }, (p) => gen(function* () { return sum(yield* normal(p.x)) })))',
    '✗ unhandled effect Random: handle it before vmap @ fn({ x: f32(3) }, (p) => gen(function* () { return sum(yield* normal(p.x)) }))',
  ],
  [
    "valueAndGrad(dense, 'x')",
    '✗ valueAndGrad needs a scalar result, got [b, o]: reduce it, or use jacrev @ dense',
  ],
  [
    "jvp(fn({ x: f32(3) }, ({ x }) => sign(x)), 'x')",
    "✗ the gradient in 'x' is zero everywhere: it reaches the result only through sign. Use straightThrough, a soft relaxation or a score estimator @ 'x'",
  ],
  [
    "vjp(fn({ x: f32(3) }, ({ x }) => ({ a: x, b: argsort(x) })), 'x')",
    "✗ not differentiable in 'x': it jumps at argsort. Use stopGradient, piecewise or { almostEverywhere: true } @ 'x'",
  ],
  [
    "linearize(fn({ x: f32(3) }, ({ x }) => ceil(x)), 'x')",
    "✗ the gradient in 'x' is zero everywhere: it reaches the result only through ceil. Use straightThrough, a soft relaxation or a score estimator @ 'x'",
  ],
  [
    "linearTranspose(fn({ x: f32(3), a: f32(3) }, ({ x, a }) => a), 'x')",
    "✗ the result does not depend on 'x' @ 'x'",
  ],
  [
    "jacfwd(fn({ x: f32(3) }, ({ x }) => round(x)), 'x')",
    "✗ the gradient in 'x' is zero everywhere: it reaches the result only through round. Use straightThrough, a soft relaxation or a score estimator @ 'x'",
  ],
  ["jacrev(dense, 'z')", "✗ no input is called 'z' @ 'z'"],
  [
    "hessian(kinked, 'x')",
    "✗ no second derivative in 'x': the gradient jumps at relu. Use a smooth function, or { almostEverywhere: true } @ 'x'",
  ],
  [
    "hvp(kinked, 'x')",
    "✗ no second derivative in 'x': the gradient jumps at relu. Use a smooth function, or { almostEverywhere: true } @ 'x'",
  ],
  [
    "hessian(dense, 'x')",
    '✗ hessian needs a scalar result, got [b, o]: reduce it, or use jacrev @ dense',
  ],
  ['vmap(quad, { inAxes: 4 })', '✗ vmap: axis 4 is out of range for [3, batch] @ { inAxes: 4 }'],
  [
    'vmap(quad, { inAxes: { x: -5 } })',
    '✗ vmap: axis -5 is out of range for [3, batch] @ { inAxes: { x: -5 } }',
  ],
  ['vmap(quad, { inAxes: { z: 0 } })', "✗ vmap: no input is called 'z' @ { inAxes: { z: 0 } }"],
  [
    'vmap(quad, { inAxes: { x: null, y: null } })',
    '✗ vmap: no input is mapped @ { inAxes: { x: null, y: null } }',
  ],
  [
    'vmap(dense)({ x, w, c: b })',
    "✗ 'x' needs [batch, b, i], got [2, 3] @ x",
    "✗ 'w' needs [batch, i, o], got [3, 4] @ w",
    "✗ 'c' needs [batch, o], got [4] @ c",
  ],
  ['straightThrough(x, y)', '✗ straightThrough: f32[2, 3] and f32[4, 3] differ @ y'],
  ['straightThrough(argmax(x), x)', '✗ straightThrough: i32[2] and f32[2, 3] differ @ x'],
  [
    'customJvp(quad, ({ x }, t) => t.x)',
    '✗ customJvp: result and tangent differ: f32[] and f32[3] @ t.x',
  ],
  [
    'customJvp(quad, ({ x }, t) => [sum(t.x)])',
    '✗ customJvp: result and tangent differ: f32[] and a record @ [sum(t.x)]',
  ],
  [
    'customVjp(quad, ({ x }) => [x, x], (r, ct) => ({ x: r, y: r }))',
    '✗ customVjp: f and forward differ: f32[] and f32[3] @ x',
  ],
  [
    'customVjp(quad, (p) => [quad(p), p.x], (r, ct) => ({ x: r }))',
    "✗ customVjp: inputs and cotangents differ in what they hold: 'y' @ ({ x: r })",
  ],
  [
    'customVjp(quad, (p) => [quad(p), p.x], (r, ct) => ({ x: r, y: r }))',
    "✗ customVjp: inputs and cotangents differ at 'y': f32[2, 3] and f32[3] @ ({ x: r, y: r })",
  ],
  [
    "customTranspose(fn({ x: f32(3), a: f32(3) }, ({ x, a }) => mul(x, a)), 'x', ({ a }, ct) => sum(ct))",
    '✗ customTranspose: inputs and cotangents differ: f32[3] and f32[] @ sum(ct)',
  ],
  [
    "customTranspose(fn({ x: f32(3) }, ({ x }) => neg(x)), 'q', (p, ct) => ct)",
    "✗ no input is called 'q' @ 'q'",
  ],
  [
    'customBatching(fn({ x: f32(3) }, ({ x }) => sum(x)), ({ x }) => sum(x))',
    '✗ customBatching: results of f and rule differ: f32[batch] and f32[] @ sum(x)',
  ],
]

const said = check.refusals(refusals.map(([source]) => source))

describe('a derivative that does not exist is refused with its reason', () => {
  it.each(refusals.map(([source, ...sentences], i) => ({ source, sentences, said: said[i] })))(
    '$source',
    ({ sentences, said }) => expect(said).toEqual(sentences),
  )
})
