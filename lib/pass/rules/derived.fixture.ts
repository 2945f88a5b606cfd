/**
 * Adjoints, stability and what only differentiation reads: for each rule, a program that it applies
 * to, and what it makes of it.
 */
import type { Example } from './examples.fixture.js'

export const derivedExamples: readonly Example[] = [
  [
    'sum(broadcast x) → n · sum x',
    'a = broadcastTo(x) {shape: [5, 3]}; b = sum(a) {axes: [0]}; return b',
    '%0 = mul(x, f64[3](...5)); return %0',
  ],
  [
    'sum(broadcast x) → n · sum x',
    'a = reshape(x) {shape: [3, 1]}; b = broadcastTo(a) {shape: [2, 3, 4]}; c = sum(b) {axes: [1, 2]}; return c',
    '%0 = reshape(x) {shape: [3, 1]}; %1 = sum(%0) {axes: [0]}; %2 = reshape(%1) {shape: []}; %3 = mul(%2, f64(4)); %4 = broadcastTo(%3) {shape: [2]}; return %4',
  ],
  [
    'sum over an axis of size 1 → reshape',
    'a = reshape(x) {shape: [3, 1]}; b = sum(a) {axes: [1]}; return b',
    'return x',
  ],
  [
    'max over an axis of size 1 → reshape',
    'a = reshape(x) {shape: [3, 1]}; b = reduceMax(a) {axes: [1]}; return b',
    'return x',
  ],
  [
    'sum(sum x) → sum x',
    'a = sum(z) {axes: [0]}; b = sum(a) {axes: [0]}; return b',
    '%0 = sum(z) {axes: [0, 1]}; return %0',
  ],
  [
    'sum(−x) → −sum x',
    'a = neg(x); b = sum(a) {axes: [0]}; return b',
    '%0 = sum(x) {axes: [0]}; %1 = neg(%0); return %1',
  ],
  [
    'sum(transpose x) → transpose(sum x)',
    'a = transpose(z) {perm: [1, 0]}; b = sum(a) {axes: [0]}; return b',
    '%0 = sum(z) {axes: [1]}; return %0',
  ],
  [
    'sum of all of reshape x → sum of all of x',
    'a = reshape(z) {shape: [6]}; b = sum(a) {axes: [0]}; return b',
    '%0 = sum(z) {axes: [0, 1]}; return %0',
  ],
  [
    'sum(pad x) → sum x',
    'a = pad(x, f64(0)) {low: [2], high: [0], interior: [1]}; b = sum(a) {axes: [0]}; return b',
    '%0 = sum(x) {axes: [0]}; return %0',
  ],
  [
    'dot(transpose a, b) → dot(a, b)',
    'a = transpose(z) {perm: [1, 0]}; b = dot(a, a) {lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [1]}; return b',
    '%0 = dot(z, z) {lhsBatch: [], lhsContract: [0], rhsBatch: [], rhsContract: [0]}; return %0',
  ],
  [
    'transpose(dot(a, b)) → dot(b, a)',
    'a = dot(z, x) {lhsBatch: [1], rhsBatch: [0], lhsContract: [], rhsContract: []}; b = dot(z, y) {lhsBatch: [], rhsBatch: [], lhsContract: [], rhsContract: []}; c = transpose(b) {perm: [2, 0, 1]}; return c',
    '%0 = dot(y, z) {lhsBatch: [], rhsBatch: [], lhsContract: [], rhsContract: []}; return %0',
  ],
  [
    'dot(−a, b) → −dot(a, b)',
    'a = neg(x); b = dot(z, a) {lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0]}; return b',
    '%0 = dot(z, x) {lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0]}; %1 = neg(%0); return %1',
  ],
  [
    'pad a + pad b → pad(concat(a, b))',
    'a = pad(x, f64(0)) {low: [0], high: [3], interior: [0]}; b = pad(y, f64(0)) {low: [3], high: [0], interior: [0]}; c = add(b, a); return c',
    '%0 = concat(x, y) {axis: 0}; return %0',
  ],
  [
    'log(eᵘ / Σ eᵘ) → logSoftmax u',
    'a = exp(z); b = sum(a) {axes: [1]}; c = reshape(b) {shape: [2, 1]}; d = broadcastTo(c) {shape: [2, 3]}; e = div(a, d); g = log(e); return g',
    '%0 = stopGradient(z); %1 = reduceMax(%0) {axes: [1]}; %2 = reshape(%1) {shape: [2, 1]}; %3 = isFinite(%2); %4 = select(%3, %2, f64[2, 1](...0)); %5 = broadcastTo(%4) {shape: [2, 3]}; %6 = sub(z, %5); %7 = exp(%6); %8 = sum(%7) {axes: [1]}; %9 = reshape(%8) {shape: [2, 1]}; %10 = log(%9); %11 = broadcastTo(%10) {shape: [2, 3]}; %12 = sub(%6, %11); return %12',
  ],
  [
    'log(Σ eˣ) → logsumexp x',
    'a = exp(x); b = sum(a) {axes: [0]}; c = log(b); return c',
    '%0 = stopGradient(x); %1 = reduceMax(%0) {axes: [0]}; %2 = reshape(%1) {shape: [1]}; %3 = isFinite(%2); %4 = select(%3, %2, f64[1](...0)); %5 = broadcastTo(%4) {shape: [3]}; %6 = sub(x, %5); %7 = exp(%6); %8 = sum(%7) {axes: [0]}; %9 = log(%8); %10 = reshape(%4) {shape: []}; %11 = add(%9, %10); return %11',
  ],
  [
    'log(1 + eˣ) → softplus x',
    'a = exp(x); b = add(a, f64[3](...1)); c = log(b); d = log1p(a); return c, d',
    '%0 = softplus(x); return %0, %0',
  ],
  [
    'log(1 + x) → log1p x',
    'a = square(x); b = add(a, f64[3](...1)); c = log(b); return c',
    '%0 = square(x); %1 = log1p(%0); return %1',
  ],
  [
    'eˣ − 1 → expm1 x',
    'a = exp(x); b = sub(a, f64[3](...1)); return b',
    '%0 = expm1(x); return %0',
  ],
  [
    'log(sigmoid x) → logSigmoid x',
    'a = sigmoid(x); b = log(a); return b',
    '%0 = logSigmoid(x); return %0',
  ],
  [
    '1 − sigmoid x → sigmoid(−x)',
    'a = sigmoid(x); b = sub(f64[3](...1), a); return b',
    '%0 = neg(x); %1 = sigmoid(%0); return %1',
  ],
  [
    '1 / (1 + e⁻ˣ) → sigmoid x',
    'a = neg(x); b = exp(a); c = add(b, f64[3](...1)); d = reciprocal(c); return d',
    '%0 = neg(x); %1 = neg(%0); %2 = sigmoid(%1); return %2',
  ],
  [
    '−softplus(−x) → logSigmoid x',
    'a = neg(x); b = softplus(a); c = neg(b); return c',
    '%0 = logSigmoid(x); return %0',
  ],
  ['log(eˣ) → x', 'a = exp(x); b = log(a); return b', 'return x'],
  ['log1p(expm1 x) → x', 'a = expm1(x); b = log1p(a); return b', 'return x'],
  ['√x² → |x|', 'a = mul(x, x); b = sqrt(a); return b', '%0 = abs(x); return %0'],
  [
    '1 / √x → rsqrt x',
    'a = square(x); b = sqrt(a); c = reciprocal(b); return c',
    '%0 = square(x); %1 = rsqrt(%0); return %1',
  ],
  ['piecewise(x) → x', 'a = piecewise(x); b = exp(a); return b', '%0 = exp(x); return %0'],
  ['stopGradient(x) → x', 'a = stopGradient(x); b = exp(a); return b', '%0 = exp(x); return %0'],
  [
    'customJvp(f)(x) → f(x)',
    'a = customJvp(x) {primal: fn f(x: f64[3]) { a = square(x)\n return a } rule: fn r(x: f64[3], y: f64[3], dx: f64[3]) { return dx } consts: 0 moves: [true]}; return a',
    '%0 = square(x); return %0',
  ],
  [
    'customVjp(f)(x) → f(x)',
    'a = customVjp(x) {primal: fn f(x: f64[3]) { a = square(x)\n return a } forward: fn r(x: f64[3]) { a = square(x)\n return a, x } backward: fn b(x: f64[3], ct: f64[3]) { return ct } consts: 0 reached: [true]}; return a',
    '%0 = square(x); return %0',
  ],
  [
    'linearCall(f)(x) → f(x)',
    'a = linearCall(x) {forward: fn f(x: f64[3]) { a = neg(x)\n return a } backward: fn r(x: f64[3]) { return x } stored: 0}; return a',
    '%0 = neg(x); return %0',
  ],
  [
    'customBatching(f)(x) → f(x)',
    'a = customBatching(x) {body: fn f(x: f64[3]) { a = neg(x)\n return a } rule: null}; return a',
    '%0 = neg(x); return %0',
  ],
  [
    'x + scatter add(0, i, u) → scatter add(x, i, u)',
    'a = scatter(f64[3](...0), i, y) {axis: 0, batch: 0, mode: "add"}; b = add(x, a); return b',
    '%0 = scatter(x, i, y) {axis: 0, batch: 0, mode: "add"}; return %0',
  ],
  [
    'scatter(constant, one index a row, u) → where(iota = i, u, constant)',
    'a = reshape(i) {shape: [3, 1]}; b = reshape(x) {shape: [3, 1]}; c = scatter(f64[3, 4](...0), a, b) {axis: 1, batch: 1, mode: "add"}; return c',
    '%0 = iota() {length: 4, dtype: "i32"}; %1 = reshape(%0) {shape: [1, 4]}; %2 = broadcastTo(%1) {shape: [3, 4]}; %3 = reshape(i) {shape: [3, 1]}; %4 = broadcastTo(%3) {shape: [3, 4]}; %5 = eq(%2, %4); %6 = reshape(x) {shape: [3, 1]}; %7 = broadcastTo(%6) {shape: [3, 4]}; %8 = add(f64[3, 4](...0), %7); %9 = select(%5, %8, f64[3, 4](...0)); return %9',
  ],
  [
    'scatter(constant, one index a row, u) → where(iota = i, u, constant)',
    'a = scatter(f64[2, 3](...1), k, x) {axis: 0, batch: 0, mode: "max"}; return a',
    '%0 = iota() {length: 2, dtype: "i32"}; %1 = reshape(%0) {shape: [2, 1]}; %2 = broadcastTo(%1) {shape: [2, 3]}; %3 = reshape(k) {shape: [1, 1]}; %4 = broadcastTo(%3) {shape: [2, 3]}; %5 = eq(%2, %4); %6 = reshape(x) {shape: [1, 3]}; %7 = broadcastTo(%6) {shape: [2, 3]}; %8 = max(f64[2, 3](...1), %7); %9 = select(%5, %8, f64[2, 3](...1)); return %9',
  ],
  [
    'scatter(constant, one index a row, u) → where(iota = i, u, constant)',
    'a = reshape(k) {shape: [1]}; b = reshape(z) {shape: [2, 1, 3]}; c = scatter(f64[2, 5, 3](...0), a, b) {axis: 1, batch: 0, mode: "set"}; return c',
    '%0 = iota() {length: 5, dtype: "i32"}; %1 = reshape(%0) {shape: [1, 5, 1]}; %2 = broadcastTo(%1) {shape: [2, 5, 3]}; %3 = reshape(k) {shape: [1, 1, 1]}; %4 = broadcastTo(%3) {shape: [2, 5, 3]}; %5 = eq(%2, %4); %6 = reshape(z) {shape: [2, 1, 3]}; %7 = broadcastTo(%6) {shape: [2, 5, 3]}; %8 = select(%5, %7, f64[2, 5, 3](...0)); return %8',
  ],
]
