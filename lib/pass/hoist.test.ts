import { expect, test } from 'vitest'
import { ops } from '../ops/index.js'
import { parse, show } from '../term/index.js'
import { hoist } from './hoist.js'
import { optimise, type Pass } from './pass.js'

const after = (pass: Pass, text: string) =>
  show(optimise(parse(text, ops), [pass], { verify: true }))

test('a constant carry, a repeated row, an invariant term and steady rows leave the loop', () => {
  expect(
    after(
      hoist,
      `fn f(w: f64[3], c: f64[3], xs: f64[4, 3]) {
 rep = broadcastTo(w) {shape: [4, 3]}
 h, k, ys, zs, us, vs = scan(w, c, w, xs, rep) {
  body: fn step(w: f64[3], h: f64[3], k: f64[3], x: f64[3], r: f64[3]) {
    e = exp(w)
    e2 = mul(e, f64[3](...2))
    d = mul(h, e2)
    d2 = add(d, x)
    d3 = mul(d2, r)
    return d3, k, d2, x, e, k
  }
  consts: 1 carry: 2 length: 4 reverse: false }
 return h, k, ys, zs, us, vs
}`,
    ),
  ).toBe(
    `fn f(w: f64[3], c: f64[3], xs: f64[4, 3]) {
  %0: f64[3] = exp(w)
  %1: f64[3] = mul(%0, f64[3](...2))
  %2: f64[3], %3: f64[4, 3] = scan(w, w, w, %1, %0, c, xs) {
    body: fn step(w: f64[3], k: f64[3], r: f64[3], fixed3: f64[3], fixed4: f64[3], h: f64[3], x: f64[3]) {
      %0: f64[3] = mul(h, fixed3)
      %1: f64[3] = add(%0, x)
      %2: f64[3] = mul(%1, r)
      return %2, %1
    }
    consts: 5
    carry: 1
    length: 4
    reverse: false
  }
  %4: f64[4, 3] = broadcastTo(%0) {shape: [4, 3]}
  %5: f64[4, 3] = broadcastTo(w) {shape: [4, 3]}
  return %2, w, %3, xs, %4, %5
}`,
  )
})

test('a while loses constant carries and invariants, in body and condition', () => {
  expect(
    after(
      hoist,
      `fn f(n: i32[], w: f64[3]) {
 a, b, c = whileLoop(n, w, i32(0), w, n) {
  condition: fn c(n: i32[], i: i32[], h: f64[3], m: i32[]) { nn = mul(n, n)
 l = add(nn, m)
 p = lt(i, l)
 return p }
  body: fn b(w: f64[3], i: i32[], h: f64[3], m: i32[]) { e = exp(w)
 j = add(i, i32(1))
 k = mul(h, e)
 return j, k, m }
  conditionConsts: 1 bodyConsts: 1 maxSteps: null }
 return b
}`,
    ),
  ).toBe(
    `fn f(n: i32[], w: f64[3]) {
  %0: i32[] = mul(n, n)
  %1: i32[] = add(%0, n)
  %2: f64[3] = exp(w)
  %3: i32[], %4: f64[3] = whileLoop(n, n, %1, w, n, %2, i32(0), w) {
    condition: fn c(n: i32[], m: i32[], fixed2: i32[], i: i32[], h: f64[3]) {
      %0: bool[] = lt(i, fixed2)
      return %0
    }
    body: fn b(w: f64[3], m: i32[], fixed2: f64[3], i: i32[], h: f64[3]) {
      %0: i32[] = add(i, i32(1))
      %1: f64[3] = mul(h, fixed2)
      return %0, %1
    }
    conditionConsts: 3
    bodyConsts: 3
    maxSteps: null
  }
  return %4
}`,
  )
})
