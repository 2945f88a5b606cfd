import { expect, test } from 'vitest'
import { ops } from '../ops/index.js'
import { parse, show } from '../term/index.js'
import { drop } from './drop.js'
import { optimise, type Pass } from './pass.js'

const after = (pass: Pass, text: string) =>
  show(optimise(parse(text, ops), [pass], { verify: true }))

test('a carry, a row and constants that nothing needs are dropped, equal ones merged', () => {
  expect(
    after(
      drop,
      `fn f(w: f64[3], c: f64[3], xs: f64[4, 3]) {
 h, k, ys, zs = scan(w, w, c, w, xs, xs, xs) {
  body: fn step(w: f64[3], w2: f64[3], h: f64[3], k: f64[3], x: f64[3], r: f64[3], un: f64[3]) {
    d = mul(h, w)
    d1 = mul(d, w2)
    d2 = add(d1, x)
    d3 = mul(d2, r)
    k2 = exp(k)
    return d3, k2, d2, k2
  }
  consts: 2 carry: 2 length: 4 reverse: false }
 return h, ys
}`,
    ),
  ).toBe(
    `fn f(w: f64[3], c: f64[3], xs: f64[4, 3]) {
  %0: f64[3], %1: f64[4, 3] = scan(w, c, xs) {
    body: fn step(w: f64[3], h: f64[3], x: f64[3]) {
      %0: f64[3] = mul(h, w)
      %1: f64[3] = mul(%0, w)
      %2: f64[3] = add(%1, x)
      %3: f64[3] = mul(%2, x)
      return %3, %2
    }
    consts: 1
    carry: 1
    length: 4
    reverse: false
  }
  return %0, %1
}`,
  )
})

test('a while keeps what its condition needs', () => {
  expect(
    after(
      drop,
      `fn f(n: i32[], w: f64[3]) {
 a, b, c = whileLoop(n, w, i32(0), w, n) {
  condition: fn c(n: i32[], i: i32[], h: f64[3], m: i32[]) { p = lt(i, m)
 return p }
  body: fn b(w: f64[3], i: i32[], h: f64[3], m: i32[]) { e = exp(w)
 j = add(i, i32(1))
 k = mul(h, e)
 return j, k, m }
  conditionConsts: 1 bodyConsts: 1 maxSteps: null }
 return a
}`,
    ),
  ).toBe(
    `fn f(n: i32[], w: f64[3]) {
  %0: i32[], %1: i32[] = whileLoop(i32(0), n) {
    condition: fn c(i: i32[], m: i32[]) {
      %0: bool[] = lt(i, m)
      return %0
    }
    body: fn b(i: i32[], m: i32[]) {
      %0: i32[] = add(i, i32(1))
      return %0, m
    }
    conditionConsts: 0
    bodyConsts: 0
    maxSteps: null
  }
  return %0
}`,
  )
})

test('branches lose results and operands', () => {
  expect(
    after(
      drop,
      `fn f(p: bool[], x: f64[3], y: f64[3]) {
 a, b = switch(p, x, y) {branches: [
   fn f(x: f64[3], y: f64[3]) { e = exp(y)
 return x, e }
   fn g(x: f64[3], y: f64[3]) { e = neg(x)
 return e, y } ]}
 return a }`,
    ),
  ).toBe(
    `fn f(p: bool[], x: f64[3], y: f64[3]) {
  %0: f64[3] = switch(p, x) {
    branches: [
      fn f(x: f64[3]) {
        return x
      }
      fn g(x: f64[3]) {
        %0: f64[3] = neg(x)
        return %0
      }
    ]
  }
  return %0
}`,
  )
})
