import { expect, test } from 'vitest'
import { ops } from '../ops/index.js'
import { parse, show } from '../term/index.js'
import { ahead } from './ahead.js'
import { optimise } from './pass.js'

const after = (text: string) => show(optimise(parse(text, ops), [ahead], { verify: true }))

test('an input projection is one product before the loop', () => {
  expect(
    after(`fn f(w: f64[3, 5], v: f64[5, 3], x: f64[4, 3], h: f64[5]) {
  z = scan(w, v, h, x) {
    body: fn g(w: f64[3, 5], v: f64[5, 3], h: f64[5], x: f64[3]) {
      p = dot(x, w) {lhsBatch: [], rhsBatch: [], lhsContract: [0], rhsContract: [0]}
      q = dot(v, x) {lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0]}
      r = add(p, q)
      s = mul(h, r)
      return s
    }
    consts: 2 carry: 1 length: 4 reverse: false
  }
  return z
}`),
  ).toBe(
    `fn f(w: f64[3, 5], v: f64[5, 3], x: f64[4, 3], h: f64[5]) {
  %0: f64[4, 5] = dot(x, w) {lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0]}
  %1: f64[5, 4] = dot(v, x) {lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [1]}
  %2: f64[4, 5] = transpose(%1) {perm: [1, 0]}
  %3: f64[5] = scan(w, v, h, x, %0, %2) {
    body: fn g(w: f64[3, 5], v: f64[5, 3], h: f64[5], x: f64[3], row3: f64[5], row4: f64[5]) {
      %0: f64[5] = add(row3, row4)
      %1: f64[5] = mul(h, %0)
      return %1
    }
    consts: 2
    carry: 1
    length: 4
    reverse: false
  }
  return %3
}`,
  )
})
