/**
 * Inferred types: functions, transformations, control flow.
 *
 * Each row is an expression and its type, as the checker prints it.
 */
import { describe, expect, it } from 'vitest'
import { openChecker } from './checker.fixture.js'

using check = openChecker()

const types: readonly (readonly [source: string, type: string])[] = [
  [
    'dense',
    'Fn<{ x: Spec<["b", "i"], "f32">; w: Spec<["i", "o"], "f32">; c: Spec<["o"], "f32">; }, Tensor<["b", "o"], "f32", "c~relu" | "w~relu" | "x~relu">>',
  ],
  ['dense({ x, w, c: b })', 'Tensor<[2, 4], "f32", "b~relu" | "w~relu" | "x~relu">'],
  ['dense({ x: n, w, c: b })', 'Tensor<["n", 4], "f32", "b~relu" | "n~relu" | "w~relu">'],
  ['apply(dense, { x: u, w, c: b })', 'Tensor<[number, 4], "f32", "b~relu" | "u~relu" | "w~relu">'],
  [
    'dense({ x: add(x, 1), w, c: mul(b, 2) })',
    'Tensor<[2, 4], "f32", "b~relu" | "w~relu" | "x~relu">',
  ],
  [
    'loss',
    'Fn<{ x: Spec<["n", 3], "f32">; p: { w: Spec<[3, 2], "f32">; b: Spec<[2], "f32">; }; }, Tensor<[], "f32", "p.b" | "p.w" | "x">>',
  ],
  [
    'fn({ x: f32(2, 3), p: { w: f32(3, 4), c: f32(4) } }, ({ x, p }) => dense({ x, w: p.w, c: p.c }))',
    'Fn<{ x: Spec<[2, 3], "f32">; p: { w: Spec<[3, 4], "f32">; c: Spec<[4], "f32">; }; }, Tensor<[2, 4], "f32", "p.c~relu" | "p.w~relu" | "x~relu">>',
  ],
  [
    'fn({ x: f32(2, 3), w: f32(3, 4), c: f32(4) }, ({ x, ...rest }) => dense({ x, ...rest }))',
    'Fn<{ x: Spec<[2, 3], "f32">; w: Spec<[3, 4], "f32">; c: Spec<[4], "f32">; }, Tensor<[2, 4], "f32", "c~relu" | "w~relu" | "x~relu">>',
  ],
  [
    "fn({ a: f32('n') }, ({ a }) => [a, { b: sum(a) }])",
    'Fn<{ a: Spec<["n"], "f32">; }, readonly [Tensor<["n"], "f32", "a">, { readonly b: Tensor<[], "f32", "a">; }]>',
  ],
  [
    'fn({ x: f32(3), lr: f32() }, ({ x, lr }) => mul(x, lr))({ x: constant([1, 2, 3]), lr: 0.1 })',
    'Tensor<[3], "f32", "lr" | "x">',
  ],
  [
    "fn({ q: f32('m', 3) }, ({ q }) => fn({ z: f32('k', 3) }, ({ z }) => sum(floor(z)))({ z: q }))",
    'Fn<{ q: Spec<["m", 3], "f32">; }, Tensor<[], "f32", "q#floor">>',
  ],
  [
    'fn({ x: f32(3) }, function* ({ x }) { const z = yield* normal(x); return sum(z) })',
    'Fn<{ x: Spec<[3], "f32">; }, Program<Tensor<[], "f32", "mu">, "Random">>',
  ],
  [
    'gen(function* () { const z = yield* normal(x); return sum(z) })',
    'Program<Tensor<[], "f32", "mu">, "Random">',
  ],
  ['pure(x)', 'Program<Tensor<[2, 3], "f32", "x">, never>'],
  [
    "grad(loss, 'x')",
    'Fn<{ x: Spec<["n", 3], "f32">; p: { w: Spec<[3, 2], "f32">; b: Spec<[2], "f32">; }; }, Tensor<["n", 3], "f32", "p.b" | "p.w" | "x">>',
  ],
  [
    "grad(loss, 'p')",
    'Fn<{ x: Spec<["n", 3], "f32">; p: { w: Spec<[3, 2], "f32">; b: Spec<[2], "f32">; }; }, { readonly w: Tensor<[3, 2], "f32", "p.b" | "p.w" | "x">; readonly b: Tensor<[2], "f32", "p.b" | "p.w" | "x">; }>',
  ],
  [
    "grad(loss, ['x', 'p'])",
    'Fn<{ x: Spec<["n", 3], "f32">; p: { w: Spec<[3, 2], "f32">; b: Spec<[2], "f32">; }; }, { readonly p: { readonly w: Tensor<[3, 2], "f32", "p.b" | "p.w" | "x">; readonly b: Tensor<[2], "f32", "p.b" | "p.w" | "x">; }; readonly x: Tensor<["n", 3], "f32", "p.b" | "p.w" | "x">; }>',
  ],
  [
    "grad(kinked, 'x')",
    'Fn<{ x: Spec<[3], "f32">; t: Spec<[], "f32">; }, Tensor<[3], "f32", "t" | "x!relu">>',
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => sum(mul(x, floor(x)))), 'x', { almostEverywhere: true })",
    'Fn<{ x: Spec<[3], "f32">; }, Tensor<[3], "f32", "x" | "x#floor">>',
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => sum(piecewise(where(gt(x, 0), x, 0)))), 'x')",
    'Fn<{ x: Spec<[3], "f32">; }, Tensor<[3], "f32", "x" | "x!piecewise">>',
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => sum(straightThrough(round(x), x))), 'x')",
    'Fn<{ x: Spec<[3], "f32">; }, Tensor<[3], "f32", "x">>',
  ],
  [
    "grad(fn({ x: f32(3) }, ({ x }) => sum(mul(x, stopGradient(floor(x))))), 'x')",
    'Fn<{ x: Spec<[3], "f32">; }, Tensor<[3], "f32", "x">>',
  ],
  [
    "valueAndGrad(quad, 'x')",
    'Fn<{ x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }, readonly [value: Tensor<[], "f32", "x" | "y">, gradient: Tensor<[3], "f32", "x" | "y">]>',
  ],
  [
    "grad(fn({ x: f32(3), y: f32(2, 3) }, (p) => sum(grad(quad, 'x')(p))), 'y')",
    'Fn<{ x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }, Tensor<[2, 3], "f32", "x" | "y">>',
  ],
  [
    "jvp(quad, 'x')",
    'Fn<{ readonly primals: { x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }; readonly tangents: { readonly x: Spec<[3], "f32">; }; }, readonly [value: Tensor<[], "f32", "primals.x" | "primals.y">, tangent: Tensor<[], "f32", "primals.x" | "primals.y" | "tangents.x">]>',
  ],
  [
    "vjp(quad, 'x')",
    'Fn<{ readonly primals: { x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }; readonly cotangent: Spec<[], "f32">; }, readonly [value: Tensor<[], "f32", "primals.x" | "primals.y">, cotangents: Tensor<[3], "f32", "cotangent" | "primals.x" | "primals.y">]>',
  ],
  [
    "vjp(dense, ['w', 'c'])",
    'Fn<{ readonly primals: { x: Spec<["b", "i"], "f32">; w: Spec<["i", "o"], "f32">; c: Spec<["o"], "f32">; }; readonly cotangent: Spec<["b", "o"], "f32">; }, readonly [value: Tensor<["b", "o"], "f32", "primals.c~relu" | "primals.w~relu" | "primals.x~relu">, cotangents: { readonly c: Tensor<["o"], "f32", "cotangent" | "primals.c!relu" | "primals.w!relu" | "primals.x!relu">; readonly w: Tensor<["i", "o"], "f32", "cotangent" | "primals.c!relu" | "primals.w!relu" | "primals.x!relu">; }]>',
  ],
  [
    "linearize(quad, 'x')",
    'Linearized<{ x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }, Tensor<[], "f32", "x" | "y">, "x">',
  ],
  [
    "linearize(quad, 'x')({ x: constant([1, 2, 3]), y: x })",
    'readonly [value: Tensor<[], "f32", "x">, linear: Fn<{ readonly x: Spec<[3], "f32">; }, Tensor<[], "f32", "x">>]',
  ],
  [
    "linearTranspose(fn({ x: f32(3), a: f32(3) }, ({ x, a }) => mul(x, a)), 'x')",
    'Fn<{ readonly primals: { readonly a: Spec<[3], "f32">; }; readonly cotangent: Spec<[3], "f32">; }, Tensor<[3], "f32", "cotangent" | "primals.a">>',
  ],
  [
    "jacfwd(dense, 'w')",
    'Fn<{ x: Spec<["b", "i"], "f32">; w: Spec<["i", "o"], "f32">; c: Spec<["o"], "f32">; }, Tensor<["b", "o", "i", "o"], "f32", "c!relu" | "w!relu" | "x!relu">>',
  ],
  [
    "jacrev(fn({ x: f32(3) }, ({ x }) => ({ a: x, b: sum(x) })), 'x')",
    'Fn<{ x: Spec<[3], "f32">; }, { readonly a: Tensor<[3, 3], "f32", "x">; readonly b: Tensor<[3], "f32", "x">; }>',
  ],
  [
    "hessian(quad, 'x')",
    'Fn<{ x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }, Tensor<[3, 3], "f32", "x" | "y">>',
  ],
  [
    "hessian(quad, ['x', 'y'])",
    'Fn<{ x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }, { readonly x: { readonly x: Tensor<[3, 3], "f32", "x" | "y">; readonly y: Tensor<[3, 2, 3], "f32", "x" | "y">; }; readonly y: { readonly x: Tensor<[2, 3, 3], "f32", "x" | "y">; readonly y: Tensor<[2, 3, 2, 3], "f32", "x" | "y">; }; }>',
  ],
  [
    "hvp(quad, 'x')",
    'Fn<{ readonly primals: { x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }; readonly tangents: { readonly x: Spec<[3], "f32">; }; }, Tensor<[3], "f32", "primals.x" | "primals.y" | "tangents.x">>',
  ],
  [
    'vmap(quad)',
    'Fn<{ readonly x: Spec<["batch", 3], "f32">; readonly y: Spec<["batch", 2, 3], "f32">; }, Tensor<["batch"], "f32", "x" | "y">>',
  ],
  [
    'vmap(dense, { inAxes: { x: 1, w: null, c: null }, size: 32 })',
    'Fn<{ readonly x: Spec<["b", 32, "i"], "f32">; readonly w: Spec<["i", "o"], "f32">; readonly c: Spec<["o"], "f32">; }, Tensor<[32, "b", "o"], "f32", "c~relu" | "w~relu" | "x~relu">>',
  ],
  [
    'vmap(vmap(quad, { inAxes: { y: null } }), { inAxes: { x: null } })',
    'Fn<{ readonly x: Spec<["batch", 3], "f32">; readonly y: Spec<["batch_", 2, 3], "f32">; }, Tensor<["batch_", "batch"], "f32", "x" | "y">>',
  ],
  [
    "vmap(grad(loss, 'p'), { inAxes: { p: null } })",
    'Fn<{ readonly x: Spec<["batch", "n", 3], "f32">; readonly p: { w: Spec<[3, 2], "f32">; b: Spec<[2], "f32">; }; }, { readonly w: Tensor<["batch", 3, 2], "f32", "p.b" | "p.w" | "x">; readonly b: Tensor<["batch", 2], "f32", "p.b" | "p.w" | "x">; }>',
  ],
  [
    "jacfwd(grad(quad, 'x'), 'x')",
    'Fn<{ x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }, Tensor<[3, 3], "f32", "x" | "y">>',
  ],
  [
    'checkpoint(dense)',
    'Fn<{ x: Spec<["b", "i"], "f32">; w: Spec<["i", "o"], "f32">; c: Spec<["o"], "f32">; }, Tensor<["b", "o"], "f32", "c~relu" | "w~relu" | "x~relu">>',
  ],
  [
    'customJvp(fn({ x: f32(3) }, ({ x }) => floor(x)), ({ x }, t) => mul(cos(x), t.x))',
    'Fn<{ x: Spec<[3], "f32">; }, Tensor<[3], "f32", "x">>',
  ],
  [
    'customVjp(quad, (p) => [quad(p), p], (p, ct) => ({ x: mul(p.x, ct), y: mul(p.y, ct) }))',
    'Fn<{ x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }, Tensor<[], "f32", "x" | "y">>',
  ],
  [
    "customTranspose(fn({ x: f32(3), a: f32(3) }, ({ x, a }) => mul(x, a)), 'x', ({ a }, ct) => mul(a, ct))",
    'Fn<{ x: Spec<[3], "f32">; a: Spec<[3], "f32">; }, Tensor<[3], "f32", "a" | "x">>',
  ],
  [
    'customBatching(fn({ x: f32(3) }, ({ x }) => sum(x)), ({ x }) => sum(x, { axes: 1 }))',
    'Fn<{ x: Spec<[3], "f32">; }, Tensor<[], "f32", "x">>',
  ],
  [
    "id({ x: f32(3), p: { w: f32('n') } })",
    'Fn<{ x: Spec<[3], "f32">; p: { w: Spec<["n"], "f32">; }; }, { readonly x: Tensor<[3], "f32", "x">; readonly p: { readonly w: Tensor<["n"], "f32", "p.w">; }; }>',
  ],
  [
    "compose(fn({ z: f32('m', 3) }, ({ z }) => ({ x: z, w: transpose(z), c: sum(z, { axes: 1 }) })), dense)",
    'Fn<{ z: Spec<["m", 3], "f32">; }, Tensor<["m", "m"], "f32", "z~relu">>',
  ],
  [
    'fanout(quad, fn({ x: f32(3), t: f32() }, ({ x, t }) => mul(x, t)))',
    'Fn<{ readonly t: Spec<[], "f32">; readonly x: Spec<[3], "f32">; readonly y: Spec<[2, 3], "f32">; }, { readonly first: Tensor<[], "f32", "x" | "y">; readonly second: Tensor<[3], "f32", "t" | "x">; }>',
  ],
  [
    'parallel(quad, kinked)',
    'Fn<{ readonly first: { x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }; readonly second: { x: Spec<[3], "f32">; t: Spec<[], "f32">; }; }, { readonly first: Tensor<[], "f32", "first.x" | "first.y">; readonly second: Tensor<[], "f32", "second.t" | "second.x~relu">; }>',
  ],
  [
    'first(quad, { k: i32(2) })',
    'Fn<{ readonly first: { x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }; readonly second: { k: Spec<[2], "i32">; }; }, { readonly first: Tensor<[], "f32", "first.x" | "first.y">; readonly second: { readonly k: Tensor<[2], "i32", "second.k">; }; }>',
  ],
  [
    'second(quad, { k: i32(2) })',
    'Fn<{ readonly first: { k: Spec<[2], "i32">; }; readonly second: { x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }; }, { readonly first: { readonly k: Tensor<[2], "i32", "first.k">; }; readonly second: Tensor<[], "f32", "second.x" | "second.y">; }>',
  ],
  ['cond(gt(s, 0), () => sqrt(s), () => neg(s))', 'Tensor<[], "f32", "s" | "s!cond">'],
  ['cond(gt(s, 0), (v) => v, (v) => mul(v, 2), x)', 'Tensor<[2, 3], "f32", "s#gt" | "x">'],
  [
    'cond(gt(s, 0), () => ({ a: s, h: x }), () => ({ a: relu(s), h: y.pipe(slice({ start: [0, 0], limit: [2, 3] })) }))',
    '{ readonly a: Tensor<[], "f32", "s" | "s!cond" | "s~relu">; readonly h: Tensor<[2, 3], "f32", "s#gt" | "x" | "y">; }',
  ],
  [
    'switchCase(k, [() => x, () => relu(x), () => floor(x)])',
    'Tensor<[2, 3], "f32", "k#switchCase" | "x" | "x#floor" | "x~relu">',
  ],
  [
    "scan(s, i, (h, v) => [add(h, convert(v, 'f32')), h])",
    'readonly [carry: Tensor<[], "f32", "@carry" | "i" | "s">, ys: Tensor<[5], "f32", "@carry" | "i" | "s">]',
  ],
  [
    'scan(s, n, (h, v) => { const m = tanh(add(h, sum(v))); return [m, { m, v }] })',
    'readonly [carry: Tensor<[], "f32", "@carry" | "n" | "s">, ys: { readonly m: Tensor<["n"], "f32", "@carry" | "n" | "s">; readonly v: Tensor<["n", 3], "f32", "n">; }]',
  ],
  [
    "scan({ h: s, t: constant(0, { dtype: 'i32' }) }, n, (c, v) => [{ h: relu(add(c.h, take(v, c.t))), t: add(c.t, 1) }, null])",
    'readonly [carry: { readonly h: Tensor<[], "f32", "@carry.h~relu" | "@carry.t#take" | "n~relu" | "s" | "s~relu">; readonly t: Tensor<[], "i32", "@carry.t">; }, ys: null]',
  ],
  [
    'scan([s, s], null, ([a, z]) => [[z, floor(a)], a], { length: 7 })',
    'readonly [carry: readonly [Tensor<[], "f32", "@carry.1" | "s" | "s#floor">, Tensor<[], "f32", "@carry.0#floor" | "s" | "s#floor">], ys: Tensor<[7], "f32", "@carry.0" | "@carry.1" | "s" | "s#floor">]',
  ],
  [
    "fn({ x: f32(), xs: f32('t', 4) }, ({ x, xs }) => scan(x, xs, (h, row) => { const [t] = scan(constant(0), row, (g, v) => [add(g, mul(h, v)), null]); return [t, t] }))",
    'Fn<{ x: Spec<[], "f32">; xs: Spec<["t", 4], "f32">; }, readonly [carry: Tensor<[], "f32", "x" | "xs">, ys: Tensor<["t"], "f32", "x" | "xs">]>',
  ],
  [
    'map(n, (v) => [sum(v), relu(v)])',
    'readonly [Tensor<["n"], "f32", "n">, Tensor<["n", 3], "f32", "n~relu">]',
  ],
  [
    "whileLoop({ t: constant(0, { dtype: 'i32' }), v: x }, (h) => lt(h.t, 10), (h) => ({ t: add(h.t, 1), v: cos(h.v) }))",
    '{ readonly t: Tensor<[], "i32", "@carry.t" | "@carry.t!whileLoop">; readonly v: Tensor<[2, 3], "f32", "@carry.t#lt" | "@carry.v" | "x">; }',
  ],
  [
    'whileLoop(s, (h) => lt(h, 10), (h) => mul(h, 2))',
    'Tensor<[], "f32", "@carry" | "@carry!whileLoop" | "s" | "s!whileLoop">',
  ],
  ["forLoop(10, x, (t, h) => mul(h, convert(t, 'f32')))", 'Tensor<[2, 3], "f32", "@carry" | "x">'],
  [
    'forLoop(k, s, (t, h) => relu(h))',
    'Tensor<[], "f32", "@carry~relu" | "k#forLoop" | "s" | "s~relu">',
  ],
  ['associativeScan(n, (a, z) => mul(a, z))', 'Tensor<["n", 3], "f32", "@carry" | "n">'],
  [
    'dense({ x: dense({ x, w, c: b }), w: transpose(matmul(x, w)), c: constant([1, 2]) })',
    'Tensor<[2, 2], "f32", "b~relu" | "c~relu" | "w~relu" | "x~relu">',
  ],
  [
    'loss({ x: add(x, 1), p: { w: mul(transpose(x), 2), b: sum(x, { axes: 1 }) } })',
    'Tensor<[], "f32", "x">',
  ],
  [
    "apply(grad(loss, 'p'), { x, p: { w: transpose(x), b: constant([1, 2]) } })",
    '{ readonly w: Tensor<[3, 2], "f32", "p.b" | "x">; readonly b: Tensor<[2], "f32", "p.b" | "x">; }',
  ],
  [
    "grad(loss, 'x')({ x: add(x, 1), p: { w: transpose(x), b: constant([1, 2]) } })",
    'Tensor<[2, 3], "f32", "p.b" | "x">',
  ],
  [
    "vjp(fn({ x: f32('n') }, ({ x }) => [x, sum(x)]), 'x')({ primals: { x: b }, cotangent: [b, s] })",
    'readonly [value: readonly [Tensor<[4], "f32", "b">, Tensor<[], "f32", "b">], cotangents: Tensor<[4], "f32", "b" | "s">]',
  ],
  [
    "jacrev(checkpoint(dense), 'w')",
    'Fn<{ x: Spec<["b", "i"], "f32">; w: Spec<["i", "o"], "f32">; c: Spec<["o"], "f32">; }, Tensor<["b", "o", "i", "o"], "f32", "c!relu" | "w!relu" | "x!relu">>',
  ],
  [
    "grad(compose(fn({ q: f32(3) }, ({ q }) => ({ x: q, y: stack([q, q]) })), quad), 'q')",
    'Fn<{ q: Spec<[3], "f32">; }, Tensor<[3], "f32", "q">>',
  ],
  [
    "hvp(checkpoint(quad), 'x')",
    'Fn<{ readonly primals: { x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }; readonly tangents: { readonly x: Spec<[3], "f32">; }; }, Tensor<[3], "f32", "primals.x" | "primals.y" | "tangents.x">>',
  ],
  [
    'customJvp(checkpoint(quad), ({ x }, t) => sum(mul(x, t.x)))',
    'Fn<{ x: Spec<[3], "f32">; y: Spec<[2, 3], "f32">; }, Tensor<[], "f32", "x" | "y">>',
  ],
  [
    'cond(gt(sum(add(x, 1)), 0), () => add(x, 1), () => mul(x, 2))',
    'Tensor<[2, 3], "f32", "x" | "x!cond">',
  ],
  [
    'scan(mul(s, 2), add(n, 1), (h, v) => [add(h, sum(mul(v, 2))), mul(v, h)])',
    'readonly [carry: Tensor<[], "f32", "@carry" | "n" | "s">, ys: Tensor<["n", 3], "f32", "@carry" | "n" | "s">]',
  ],
]

const found = check.types(types.map(([source]) => source))

describe('functions, transformations and control flow compute their types', () => {
  it.each(types.map(([source, type], i) => ({ source, type, found: found[i] })))(
    '$source',
    ({ type, found }) => expect(found).toBe(type),
  )
})
