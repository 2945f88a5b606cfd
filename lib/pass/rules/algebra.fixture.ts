/** Arithmetic and choices: for each rule, a program that it applies to, and what it makes of it. */
import type { Example } from './examples.fixture.js'

export const algebraExamples: readonly Example[] = [
  ['c ∘ x → x ∘ c', 'a = add(f64[3](...2), x); return a', '%0 = add(x, f64[3](...2)); return %0'],
  ['x + 0 → x', 'a = add(x, f64[3](...-0)); return a', 'return x'],
  ['x + 0 → x', 'a = exp(x); b = add(a, f64[3](...0)); return b', '%0 = exp(x); return %0'],
  ['x + 0 → x', 'a = add(x, f64[3](...0)); return a', '%0 = add(x, f64[3](...0)); return %0'],
  ['x − 0 → x', 'a = sub(x, f64[3](...0)); return a', 'return x'],
  ['x − 0 → x', 'a = sub(x, f64[3](...-0)); return a', '%0 = sub(x, f64[3](...-0)); return %0'],
  ['−0 − x → −x', 'a = sub(f64[3](...-0), x); return a', '%0 = neg(x); return %0'],
  ['x + (−y) → x − y', 'a = neg(y); b = add(x, a); return b', '%0 = sub(x, y); return %0'],
  ['x + (−y) → x − y', 'a = neg(x); b = add(a, y); return b', '%0 = sub(y, x); return %0'],
  ['x − (−y) → x + y', 'a = neg(y); b = sub(x, a); return b', '%0 = add(x, y); return %0'],
  ['x · 1 → x', 'a = mul(x, f64[3](...1)); b = div(a, f64[3](...1)); return b', 'return x'],
  ['x · (−1) → −x', 'a = mul(x, f64[3](...-1)); return a', '%0 = neg(x); return %0'],
  ['x · 0 → 0, integers', 'a = mul(i, i32[3](...0)); return a', 'return i32[3](...0)'],
  [
    'x · 0 → 0, integers',
    'a = mul(x, f64[3](...0)); return a',
    '%0 = mul(x, f64[3](...0)); return %0',
  ],
  [
    'x − x → 0, integers',
    'a = sub(i, i); b = sub(x, x); return a, b',
    '%0 = sub(x, x); return i32[3](...0), %0',
  ],
  [
    '(x ∘ c) ∘ d → x ∘ (c ∘ d), integers',
    'a = add(i, i32[3](...1)); b = add(a, i32[3](...2)); return b',
    '%0 = add(i32[3](...1), i32[3](...2)); %1 = add(i, %0); return %1',
  ],
  ['−(−x) → x', 'a = neg(x); b = neg(a); return b', 'return x'],
  [
    '(−x) · (−y) → x · y',
    'a = neg(x); b = neg(y); c = mul(a, b); return c',
    '%0 = mul(x, y); return %0',
  ],
  [
    '(−x) · c → x · (−c)',
    'a = neg(x); c = mul(a, f64[3](...3)); return c',
    '%0 = mul(x, f64[3](...-3)); return %0',
  ],
  [
    '−(x · c) → x · (−c)',
    'a = mul(x, f64[3](...3)); b = neg(a); return b',
    '%0 = mul(x, f64[3](...-3)); return %0',
  ],
  [
    'x ⋆ y → x · y, factors finite',
    'a = scale(x, f64[3](...2)); b = tanh(y); c = sigmoid(x); return a',
    '%0 = mul(x, f64[3](...2)); return %0',
  ],
  [
    'x ⋆ y → x · y, factors finite',
    'a = isFinite(x); b = convert(a) {dtype: "f64"}; c = scale(b, x); d = scale(b, b); return c, d',
    '%0 = isFinite(x); %1 = convert(%0) {dtype: "f64"}; %2 = scale(%1, x); %3 = mul(%1, %1); return %2, %3',
  ],
  [
    'x / 2ᵏ → x · 2⁻ᵏ',
    'a = div(x, f64[3](...4)); b = div(x, f64[3](...3)); return a, b',
    '%0 = mul(x, f64[3](...0.25)); %1 = div(x, f64[3](...3)); return %0, %1',
  ],
  ['1 / x → reciprocal x', 'a = div(f64[3](...1), x); return a', '%0 = reciprocal(x); return %0'],
  [
    'xⁿ → x · x …',
    'a = pow(x, f64[3](...3)); b = pow(x, f64[3](...0)); return a, b',
    '%0 = square(x); %1 = mul(%0, x); return %1, f64[3](...1)',
  ],
  ['f(−x) → f(x), f even', 'a = neg(x); b = cos(a); return b', '%0 = cos(x); return %0'],
  ['|x|² → x²', 'a = abs(x); b = square(a); return b', '%0 = square(x); return %0'],
  ['max(x, x) → x', 'a = max(x, x); return a', 'return x'],
  [
    '−(1/x), 1/(−x) → the sign outside',
    'a = neg(x); b = reciprocal(a); return b',
    '%0 = reciprocal(x); %1 = neg(%0); return %1',
  ],
  ['select(true, a, b) → a', 'a = select(bool[3](...false), x, y); return a', 'return y'],
  ['select(c, a, a) → a', 'a = select(p, x, x); return a', 'return x'],
  [
    'select(not c, a, b) → select(c, b, a)',
    'c = not(p); a = select(c, x, y); return a',
    '%0 = select(p, y, x); return %0',
  ],
  [
    'select(c, select(c, a, b), d) → select(c, a, d)',
    'a = select(p, x, y); b = select(p, a, f64[3](...1)); return b',
    '%0 = select(p, x, f64[3](...1)); return %0',
  ],
  ['not(not x) → x', 'a = not(p); b = not(a); return b', 'return p'],
  ['not(x = y) → x ≠ y', 'a = eq(x, y); b = not(a); return b', '%0 = ne(x, y); return %0'],
  [
    'x and true → x',
    'a = and(p, bool[3](...true)); b = or(a, a); c = xor(b, bool[3](...true)); return c',
    '%0 = not(p); return %0',
  ],
  [
    'x < x → false',
    'a = lt(x, x); b = eq(i, i); c = eq(x, x); return a, b, c',
    '%0 = eq(x, x); return bool[3](...false), bool[3](...true), %0',
  ],
  [
    'x < c, decided by ranges',
    'a = exp(x); b = lt(a, f64[3](...0)); c = ge(a, f64[3](...0)); return b, c',
    '%0 = exp(x); %1 = ge(%0, f64[3](...0)); return bool[3](...false), %1',
  ],
  [
    'x < c, decided by ranges',
    'a = iota() {length: 3, dtype: "i32"}; b = ge(a, i32[3](...0)); return b',
    'return bool[3](...true)',
  ],
  [
    'isFinite(x), decided by ranges',
    'a = convert(p) {dtype: "f64"}; b = isFinite(a); c = isFinite(x); return b, c',
    '%0 = isFinite(x); return bool[3](...true), %0',
  ],
  [
    'convert(convert x) → convert x, exact',
    'a = convert(p) {dtype: "f32"}; b = convert(a) {dtype: "i32"}; return b',
    '%0 = convert(p) {dtype: "i32"}; return %0',
  ],
  [
    'convert(convert x) → convert x, exact',
    'a = convert(x) {dtype: "f32"}; b = convert(a) {dtype: "f64"}; return b',
    '%0 = convert(x) {dtype: "f32"}; %1 = convert(%0) {dtype: "f64"}; return %1',
  ],
  [
    'stopGradient(x) → x, where x has no derivative',
    'a = stopGradient(i); b = stopGradient(x); return a, b',
    '%0 = stopGradient(x); return i, %0',
  ],
  [
    'c ? 1 : 0 ≠ 0 → c',
    'a = convert(p) {dtype: "i32"}; b = ne(a, i32[3](...0)); return b',
    'return p',
  ],
  [
    'a switch that is decided → its branch',
    'a = switch(i32(1), x) {branches: [fn f(x: f64[3]) { return x } fn g(x: f64[3]) { a = neg(x)\n return a }]}; return a',
    '%0 = neg(x); return %0',
  ],
  [
    'a loop of no steps → its start',
    'a = scan(x, z) {body: fn f(x: f64[3], r: f64[3]) { a = add(x, r)\n return a } consts: 0 carry: 1 length: 2 reverse: false}; b = slice(z) {start: [0, 0], limit: [0, 3], stride: [1, 1]}; c, d = scan(x, b) {body: fn f(x: f64[3], r: f64[3]) { a = add(x, r)\n return a, r } consts: 0 carry: 1 length: 0 reverse: false}; return a, c, d',
    '%0 = scan(x, z) {; body: fn f(x: f64[3], r: f64[3]) {; %0 = add(x, r); return %0; }; consts: 0; carry: 1; length: 2; reverse: false; }; return %0, x, f64[0, 3](...0)',
  ],
]
