/**
 * Movement of data and computed positions: for each rule, a program that it applies to, and what it
 * makes of it.
 */
import { type Example, steps } from './example.fixture.js'

export const movementExamples: readonly Example[] = [
  [
    'move(broadcast s) → broadcast s, s a scalar',
    'a = broadcastTo(s) {shape: [2, 3]}; b = transpose(a) {perm: [1, 0]}; return b',
    '%0 = broadcastTo(s) {shape: [3, 2]}; return %0',
  ],
  [
    'broadcast(broadcast x) → broadcast x',
    'a = broadcastTo(x) {shape: [2, 3]}; b = broadcastTo(a) {shape: [4, 2, 3]}; return b',
    '%0 = broadcastTo(x) {shape: [4, 2, 3]}; return %0',
  ],
  [
    'broadcast(reshape x) → broadcast x, ones in front',
    'a = reshape(x) {shape: [1, 3]}; b = broadcastTo(a) {shape: [4, 3]}; return b',
    '%0 = broadcastTo(x) {shape: [4, 3]}; return %0',
  ],
  [
    'reshape(reshape x) → reshape x',
    steps(
      'a = reshape(z) {shape: [3, 2]}',
      'b = reshape(a) {shape: [6]}',
      'c = reshape(a) {shape: [2, 3]}',
      'return b, c',
    ),
    '%0 = reshape(z) {shape: [6]}; return %0, z',
  ],
  [
    'transpose(transpose x) → transpose x',
    'a = transpose(z) {perm: [1, 0]}; b = transpose(a) {perm: [1, 0]}; return b',
    'return z',
  ],
  [
    'transpose x → reshape x, where only ones move',
    'a = reshape(x) {shape: [1, 3]}; b = transpose(a) {perm: [1, 0]}; return b',
    '%0 = reshape(x) {shape: [3, 1]}; return %0',
  ],
  [
    'reverse(reverse x) → x',
    'a = reverse(z) {axes: [0, 1]}; b = reverse(a) {axes: [1]}; return b',
    '%0 = reverse(z) {axes: [0]}; return %0',
  ],
  [
    'slice(x, all of it) → x',
    'a = slice(z) {start: [0, 0], limit: [2, 3], stride: [1, 1]}; return a',
    'return z',
  ],
  [
    'slice(slice x) → slice x',
    steps(
      'a = slice(z) {start: [0, 1], limit: [2, 3], stride: [1, 1]}',
      'b = slice(a) {start: [1, 0], limit: [2, 2], stride: [1, 1]}',
      'return b',
    ),
    '%0 = slice(z) {start: [1, 1], limit: [2, 3], stride: [1, 1]}; return %0',
  ],
  [
    'slice(slice x) → slice x',
    steps(
      'a = slice(x) {start: [0], limit: [3], stride: [2]}',
      'b = slice(a) {start: [1], limit: [2], stride: [3]}',
      'return b',
    ),
    '%0 = slice(x) {start: [2], limit: [3], stride: [6]}; return %0',
  ],
  [
    'slice(concat(a, b)) → slice a',
    steps(
      'a = concat(x, y) {axis: 0}',
      'b = slice(a) {start: [3], limit: [5], stride: [1]}',
      'c = slice(a) {start: [2], limit: [5], stride: [1]}',
      'return b, c',
    ),
    steps(
      '%0 = slice(y) {start: [0], limit: [2], stride: [1]}',
      '%1 = concat(x, y) {axis: 0}',
      '%2 = slice(%1) {start: [2], limit: [5], stride: [1]}',
      'return %0, %2',
    ),
  ],
  [
    'slice(pad x) → slice x',
    steps(
      'a = pad(x, s) {low: [2], high: [1], interior: [0]}',
      'b = slice(a) {start: [3], limit: [5], stride: [1]}',
      'c = slice(a) {start: [0], limit: [2], stride: [1]}',
      'return b, c',
    ),
    steps(
      '%0 = slice(x) {start: [1], limit: [3], stride: [1]}',
      '%1 = broadcastTo(s) {shape: [2]}',
      'return %0, %1',
    ),
  ],
  [
    'slice(broadcast x) → broadcast(slice x)',
    steps(
      'a = broadcastTo(x) {shape: [4, 3]}',
      'b = slice(a) {start: [1, 1], limit: [3, 3], stride: [1, 1]}',
      'return b',
    ),
    steps(
      '%0 = slice(x) {start: [1], limit: [3], stride: [1]}',
      '%1 = broadcastTo(%0) {shape: [2, 2]}',
      'return %1',
    ),
  ],
  [
    'pad(x, nothing) → x',
    'a = pad(x, s) {low: [0], high: [0], interior: [0]}; return a',
    'return x',
  ],
  [
    'pad(pad x) → pad x',
    steps(
      'a = pad(x, s) {low: [2], high: [1], interior: [1]}',
      'b = pad(a, s) {low: [1], high: [0], interior: [0]}',
      'return b',
    ),
    '%0 = pad(x, s) {low: [3], high: [1], interior: [1]}; return %0',
  ],
  [
    'concat(concat(a, b), c) → concat(a, b, c)',
    'a = concat(x, y) {axis: 0}; b = concat(a, x) {axis: 0}; return b',
    '%0 = concat(x, y, x) {axis: 0}; return %0',
  ],
  [
    'concat(concat(a, b), c) → concat(a, b, c)',
    steps(
      'a = slice(x) {start: [0], limit: [1], stride: [1]}',
      'b = slice(x) {start: [1], limit: [3], stride: [1]}',
      'c = concat(a, b) {axis: 0}',
      'return c',
    ),
    'return x',
  ],
  [
    'f(broadcast x) → broadcast f(x), f elementwise',
    'a = broadcastTo(x) {shape: [2, 3]}; b = mul(a, f64[2, 3](...2)); return b',
    '%0 = mul(x, f64[3](...2)); %1 = broadcastTo(%0) {shape: [2, 3]}; return %1',
  ],
  [
    'gather(x, iota) → x',
    'a = iota() {length: 3, dtype: "i32"}; b = gather(x, a) {axis: 0, batch: 0}; return b',
    'return x',
  ],
  [
    'gather(x, constant) → slice x',
    'b = gather(z, i32(7)) {axis: 1, batch: 0}; return b',
    steps(
      '%0 = slice(z) {start: [0, 2], limit: [2, 3], stride: [1, 1]}',
      '%1 = reshape(%0) {shape: [2]}',
      'return %1',
    ),
  ],
  [
    'dynamicSlice(x, constants) → slice x',
    'b = dynamicSlice(z, i32(-1), i32(2)) {sizes: [1, 2]}; return b',
    '%0 = slice(z) {start: [0, 1], limit: [1, 3], stride: [1, 1]}; return %0',
  ],
  ['dynamicUpdateSlice(x, all of u) → u', 'b = dynamicUpdateSlice(x, y, k); return b', 'return y'],
  [
    'scatter add(0, iota, u) → u',
    steps(
      'a = iota() {length: 3, dtype: "i32"}',
      'b = scatter(f64[3](...0), a, x) {axis: 0, batch: 0, mode: "add"}',
      'return b',
    ),
    'return x',
  ],
]
