import { expect, test } from 'vitest'
import { ops } from '../ops/index.js'
import { parse, show } from '../term/index.js'
import { collect } from './collect.js'
import { optimise } from './pass.js'

const after = (text: string) => show(optimise(parse(text, ops), [collect], { verify: true }))

test('products that are only accumulated are one contraction, other sums ride along', () => {
  expect(
    after(`fn f(xs: f64[4, 3], dw: f64[3, 3], h: f64[3]) {
  a, b, c = scan(h, dw, h, xs) {
    body: fn g(h: f64[3], dw: f64[3, 3], db: f64[3], x: f64[3]) {
      d = exp(h)
      o = dot(x, d) {lhsBatch: [], rhsBatch: [], lhsContract: [], rhsContract: []}
      dw2 = add(dw, o)
      db2 = add(db, d)
      return d, dw2, db2
    }
    consts: 0 carry: 3 length: 4 reverse: false
  }
  return a, b, c
}`),
  ).toBe(
    `fn f(xs: f64[4, 3], dw: f64[3, 3], h: f64[3]) {
  %0: f64[3], %1: f64[4, 3] = scan(h, xs) {
    body: fn g(h: f64[3], x: f64[3]) {
      %0: f64[3] = exp(h)
      return %0, %0
    }
    consts: 0
    carry: 1
    length: 4
    reverse: false
  }
  %2: f64[3, 3] = dot(xs, %1) {lhsBatch: [], rhsBatch: [], lhsContract: [0], rhsContract: [0]}
  %3: f64[3, 3] = add(dw, %2)
  %4: f64[3] = sum(%1) {axes: [0]}
  %5: f64[3] = add(h, %4)
  return %0, %3, %5
}`,
  )
})

test('a carry that the body reads stays, and a sum of what is no row', () => {
  expect(
    after(`fn f(xs: f64[4, 3], h: f64[3]) {
  a, b, c = scan(h, h, h, xs) {
    body: fn g(h: f64[3], k: f64[3], l: f64[3], x: f64[3]) {
      d = mul(h, x)
      k2 = add(k, x)
      e = mul(d, k)
      l2 = add(l, e)
      return d, k2, l2
    }
    consts: 0 carry: 3 length: 4 reverse: false
  }
  return a, b, c
}`),
  ).toBe(
    `fn f(xs: f64[4, 3], h: f64[3]) {
  %0: f64[3], %1: f64[3], %2: f64[3] = scan(h, h, h, xs) {
    body: fn g(h: f64[3], k: f64[3], l: f64[3], x: f64[3]) {
      %0: f64[3] = mul(h, x)
      %1: f64[3] = add(k, x)
      %2: f64[3] = mul(%0, k)
      %3: f64[3] = add(l, %2)
      return %0, %1, %3
    }
    consts: 0
    carry: 3
    length: 4
    reverse: false
  }
  return %0, %1, %2
}`,
  )
})
