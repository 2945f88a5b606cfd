import { expect, test } from 'vitest'
import { ops } from '../ops/index.js'
import { parse, show } from '../term/index.js'
import { optimise } from './pass.js'
import { rows } from './rows.js'

const after = (text: string) => show(optimise(parse(text, ops), [rows], { verify: true }))

test('elementwise work on rows that only a loop reads moves into it', () => {
  expect(
    after(`fn f(c: f64[], x: f64[4, 3], h: f64[3]) {
  c2 = broadcastTo(c) {shape: [4, 3]}
  e = exp(x)
  r = mul(e, c2)
  z = scan(h, r) {
    body: fn g(h: f64[3], r: f64[3]) {
      s = mul(h, r)
      return s
    }
    consts: 0 carry: 1 length: 4 reverse: false
  }
  return z
}`),
  ).toBe(
    `fn f(c: f64[], x: f64[4, 3], h: f64[3]) {
  %0: f64[3] = broadcastTo(c) {shape: [3]}
  %1: f64[3] = scan(%0, h, x) {
    body: fn g(row1: f64[3], h: f64[3], row2: f64[3]) {
      %0: f64[3] = exp(row2)
      %1: f64[3] = mul(%0, row1)
      %2: f64[3] = mul(h, %1)
      return %2
    }
    consts: 1
    carry: 1
    length: 4
    reverse: false
  }
  return %1
}`,
  )
})

test('a collected row that is cheap to have from another is not stored', () => {
  expect(
    after(`fn f(x: f64[4, 3], h: f64[3]) {
  a, ys, ds, es = scan(h, x) {
    body: fn forward(h: f64[3], x: f64[3]) {
      u = add(h, x)
      y = tanh(u)
      s = square(y)
      d = sub(f64[3](...1), s)
      e = exp(y)
      return y, y, d, e
    }
    consts: 0 carry: 1 length: 4 reverse: false
  }
  z = scan(h, ds, es) {
    body: fn backward(ct: f64[3], d: f64[3], e: f64[3]) {
      s = mul(ct, d)
      t = mul(s, e)
      return t
    }
    consts: 0 carry: 1 length: 4 reverse: true
  }
  return ys, z
}`),
  ).toBe(
    `fn f(x: f64[4, 3], h: f64[3]) {
  %0: f64[3], %1: f64[4, 3], %2: f64[4, 3] = scan(h, x) {
    body: fn forward(h: f64[3], x: f64[3]) {
      %0: f64[3] = add(h, x)
      %1: f64[3] = tanh(%0)
      %2: f64[3] = exp(%1)
      return %1, %1, %2
    }
    consts: 0
    carry: 1
    length: 4
    reverse: false
  }
  %3: f64[3] = scan(h, %2, %1) {
    body: fn backward(ct: f64[3], e: f64[3], row2: f64[3]) {
      %0: f64[3] = square(row2)
      %1: f64[3] = sub(f64[3](...1), %0)
      %2: f64[3] = mul(ct, %1)
      %3: f64[3] = mul(%2, e)
      return %3
    }
    consts: 0
    carry: 1
    length: 4
    reverse: true
  }
  return %1, %3
}`,
  )
})

test('an array that something else reads stays', () => {
  expect(
    after(`fn f(x: f64[4, 3], h: f64[3]) {
  e = exp(x)
  z = scan(h, e) {
    body: fn g(h: f64[3], r: f64[3]) {
      s = mul(h, r)
      return s
    }
    consts: 0 carry: 1 length: 4 reverse: false
  }
  return z, e
}`),
  ).toBe(
    `fn f(x: f64[4, 3], h: f64[3]) {
  %0: f64[4, 3] = exp(x)
  %1: f64[3] = scan(h, %0) {
    body: fn g(h: f64[3], r: f64[3]) {
      %0: f64[3] = mul(h, r)
      return %0
    }
    consts: 0
    carry: 1
    length: 4
    reverse: false
  }
  return %1, %0
}`,
  )
})
