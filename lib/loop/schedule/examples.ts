/**
 * Kernels of every kind that schedules are for, as a lowering would write them: for laws and bench.
 */
import type { Dim } from '../../data/dim.js'
import {
  add,
  and,
  clampIndex,
  constant,
  div,
  type Expr,
  ge,
  load,
  lt,
  max,
  mul,
  select,
  size,
  sub,
  variable,
} from '../expression.js'
import { input, type Kernel, kernel, output } from '../kernel.js'
import {
  accumulate,
  accumulator,
  type Block,
  bind,
  identityOf,
  parallel,
  sequential,
  store,
} from '../statement.js'

const zero = constant('f32', 0)
const sum = variable('s', 'f32')

/**
 * The gradient of a convolution in its kernel: d[o, c, p] = Σ ct[n, o, i]·x[n, c, i + p], p < 3.
 */
export const slopeKernel = (n: Dim, o: Dim, c: Dim, h: number): Kernel =>
  kernel('slope', {
    buffers: [
      input('ct', 'f32', [n, o, h]),
      input('x', 'f32', [n, c, h + 2]),
      output('d', 'f32', [o, c, 3]),
    ],
    body: [
      parallel('o', o, (at) => [
        parallel('c', c, (channel) => [
          parallel('p', 3, (p) => [
            accumulator('s', 'add', zero),
            sequential('n', n, (example) => [
              sequential('i', h, (i) => [
                accumulate(
                  's',
                  mul(
                    load('ct', 'f32', [example, at, i]),
                    load('x', 'f32', [example, channel, add(i, p)]),
                  ),
                ),
              ]),
            ]),
            store('d', [at, channel, p], sum),
          ]),
        ]),
      ]),
    ],
  })

/** c = max(a·b, 0). */
export const matmulKernel = (m: Dim, k: Dim, n: Dim): Kernel =>
  kernel('matmul', {
    buffers: [input('a', 'f32', [m, k]), input('b', 'f32', [k, n]), output('c', 'f32', [m, n])],
    body: [
      parallel('i', m, (i) => [
        parallel('j', n, (j) => [
          accumulator('s', 'add', zero),
          sequential('k', k, (l) => [
            accumulate('s', mul(load('a', 'f32', [i, l]), load('b', 'f32', [l, j]))),
          ]),
          store('c', [i, j], max(sum, 0)),
        ]),
      ]),
    ],
  })

/** c[h] = a[h]ᵀ·b[h]ᵀ, f64. */
export const batchedKernel = (h: Dim, m: Dim, k: Dim, n: Dim): Kernel =>
  kernel('batched', {
    buffers: [
      input('a', 'f64', [h, k, m]),
      input('b', 'f64', [h, n, k]),
      output('c', 'f64', [h, m, n]),
    ],
    body: [
      parallel('h', h, (p) => [
        parallel('i', m, (i) => [
          parallel('j', n, (j) => [
            accumulator('s', 'add', constant('f64', 0)),
            sequential('k', k, (l) => [
              accumulate('s', mul(load('a', 'f64', [p, l, i]), load('b', 'f64', [p, j, l]))),
            ]),
            store('c', [p, i, j], variable('s', 'f64')),
          ]),
        ]),
      ]),
    ],
  })

/** y = x ⋆ k, 3 × 3 with a border of zeros; x is [n, c, h, w], k is [o, c, 3, 3]. */
export const convKernel = (n: Dim, c: Dim, h: Dim, w: Dim, o: Dim): Kernel =>
  kernel('conv', {
    buffers: [
      input('x', 'f32', [n, c, h, w]),
      input('k', 'f32', [o, c, 3, 3]),
      output('y', 'f32', [n, o, h, w]),
    ],
    body: [
      parallel('n', n, (b) => [
        parallel('o', o, (f) => [
          parallel('h', h, (row) => [
            parallel('w', w, (column) => [
              accumulator('s', 'add', zero),
              sequential('c', c, (channel) => [
                sequential('p', 3, (p) => [
                  sequential('q', 3, (q) => [
                    accumulate(
                      's',
                      mul(
                        padded([sub(add(row, p), 1), sub(add(column, q), 1)], [h, w], (at) =>
                          load('x', 'f32', [b, channel, ...at]),
                        ),
                        load('k', 'f32', [f, channel, p, q]),
                      ),
                    ),
                  ]),
                ]),
              ]),
              store('y', [b, f, row, column], sum),
            ]),
          ]),
        ]),
      ]),
    ],
  })

const padded = (
  at: readonly Expr[],
  extents: readonly Dim[],
  read: (at: readonly Expr[]) => Expr,
): Expr => {
  const inside = at.map((i, axis) => and(ge(i, 0), lt(i, size(extents[axis] ?? 1))))
  const safe = at.map((i, axis) => clampIndex(i, extents[axis] ?? 1))
  return select(inside.reduce(and), read(safe), 0)
}

/** y = x / (the greatest of its row + its sum), as softmax reads its row thrice. */
export const rowsKernel = (m: Dim, n: Dim): Kernel =>
  kernel('rows', {
    buffers: [input('x', 'f32', [m, n]), output('y', 'f32', [m, n])],
    body: [
      parallel('i', m, (i) => [
        accumulator('g', 'max', constant('f32', identityOf('max', 'f32'))),
        sequential('j', n, (j) => [accumulate('g', load('x', 'f32', [i, j]))]),
        accumulator('s', 'add', zero),
        sequential('j', n, (j) => [accumulate('s', load('x', 'f32', [i, j]))]),
        parallel('j', n, (j) => [
          store('y', [i, j], div(load('x', 'f32', [i, j]), add(sum, variable('g', 'f32')))),
        ]),
      ]),
    ],
  })

/** y = p(x) / Σ p(x) for a polynomial p: the row computes p(x) twice. */
export const shareKernel = (m: Dim, n: Dim): Kernel =>
  kernel('share', {
    buffers: [input('x', 'f32', [m, n]), output('y', 'f32', [m, n])],
    body: [
      parallel('i', m, (i) => [
        accumulator('s', 'add', zero),
        sequential('j', n, (j) => polynomialAt('p', i, j, (p) => [accumulate('s', p)])),
        parallel('j', n, (j) => polynomialAt('p', i, j, (p) => [store('y', [i, j], sub(p, sum))])),
      ]),
    ],
  })

/** p = p(x), its sum and p · Σ p: a row's values are kept and added up in one loop. */
export const keptKernel = (m: Dim, n: Dim): Kernel =>
  kernel('kept', {
    buffers: [
      input('x', 'f32', [m, n]),
      output('p', 'f32', [m, n]),
      output('t', 'f32', [m]),
      output('y', 'f32', [m, n]),
    ],
    body: [
      parallel('i', m, (i) => [
        accumulator('s', 'add', zero),
        sequential('j', n, (j) =>
          polynomialAt('v', i, j, (v) => [store('p', [i, j], v), accumulate('s', v)]),
        ),
        store('t', [i], sum),
        parallel('j', n, (j) => polynomialAt('v', i, j, (v) => [store('y', [i, j], mul(v, sum))])),
      ]),
    ],
  })

/** y[j + 1] = y[j] + x[j], and the sum of x: what one iteration stores the next one reads. */
export const runningKernel = (n: number): Kernel =>
  kernel('running', {
    buffers: [input('x', 'f32', [n]), output('y', 'f32', [n + 1]), output('t', 'f32', [])],
    body: [
      store('y', [0], zero),
      accumulator('s', 'add', zero),
      sequential('j', n, (j) => [
        store('y', [add(j, 1)], add(load('y', 'f32', [j]), load('x', 'f32', [j]))),
        accumulate('s', load('x', 'f32', [j])),
      ]),
      store('t', [], sum),
    ],
  })

const polynomialAt = (name: string, i: Expr, j: Expr, use: (p: Expr) => Block): Block => {
  const x = load('x', 'f32', [i, j])
  const p = [1, 2, 3, 4, 5].reduce<Expr>((sum, c) => max(add(mul(sum, 2), c), x), x)
  return [bind(name, p), ...use(variable(name, 'f32'))]
}

/** y = p(x): much work an element. */
export const polynomialKernel = (m: Dim, n: Dim): Kernel =>
  kernel('polynomial', {
    buffers: [input('x', 'f32', [m, n]), output('y', 'f32', [m, n])],
    body: [
      parallel('i', m, (i) => [
        parallel('j', n, (j) => polynomialAt('p', i, j, (p) => [store('y', [i, j], p)])),
      ]),
    ],
  })

/** y = p(x) / (max x + Σ p(x)), as softmax reads its row. */
export const peakKernel = (m: Dim, n: Dim): Kernel =>
  kernel('peak', {
    buffers: [input('x', 'f32', [m, n]), output('y', 'f32', [m, n])],
    body: [
      parallel('i', m, (i) => [
        accumulator('g', 'max', constant('f32', identityOf('max', 'f32'))),
        sequential('j', n, (j) => [accumulate('g', load('x', 'f32', [i, j]))]),
        accumulator('s', 'add', zero),
        sequential('j', n, (j) => polynomialAt('p', i, j, (p) => [accumulate('s', p)])),
        parallel('j', n, (j) =>
          polynomialAt('p', i, j, (p) => [
            store('y', [i, j], div(p, add(sum, variable('g', 'f32')))),
          ]),
        ),
      ]),
    ],
  })

/** The sums of rows or of columns. */
export const sumsKernel = (m: Dim, n: Dim, axis: 0 | 1): Kernel =>
  kernel('sums', {
    buffers: [input('x', 'f32', [m, n]), output('y', 'f32', [axis === 0 ? n : m])],
    body: [
      parallel('i', axis === 0 ? n : m, (i) => [
        accumulator('s', 'add', zero),
        sequential('j', axis === 0 ? m : n, (j) => [
          accumulate('s', load('x', 'f32', axis === 0 ? [j, i] : [i, j])),
        ]),
        store('y', [i], sum),
      ]),
    ],
  })

/** The sum of everything. */
export const totalKernel = (n: Dim): Kernel =>
  kernel('total', {
    buffers: [input('x', 'f32', [n]), output('y', 'f32', [])],
    body: [
      accumulator('s', 'add', zero),
      sequential('i', n, (i) => [accumulate('s', load('x', 'f32', [i]))]),
      store('y', [], sum),
    ],
  })

/** y = Σᵢⱼ x, or of x − b with a row b. */
export const matrixTotalKernel = (m: Dim, n: Dim, lessRow: boolean): Kernel =>
  kernel('matrixTotal', {
    buffers: [
      input('x', 'f32', [m, n]),
      ...(lessRow ? [input('b', 'f32', [n])] : []),
      output('y', 'f32', []),
    ],
    body: [
      accumulator('s', 'add', zero),
      sequential('i', m, (i) => [
        sequential('j', n, (j) => {
          const x = load('x', 'f32', [i, j])
          return [accumulate('s', lessRow ? sub(x, load('b', 'f32', [j])) : x)]
        }),
      ]),
      store('y', [], sum),
    ],
  })

/** y = 2·max(x, 0) + 1. */
export const chainKernel = (m: Dim, n: Dim): Kernel =>
  kernel('chain', {
    buffers: [input('x', 'f32', [m, n]), output('y', 'f32', [m, n])],
    body: [
      parallel('i', m, (i) => [
        parallel('j', n, (j) => [
          store('y', [i, j], add(mul(max(load('x', 'f32', [i, j]), 0), 2), 1)),
        ]),
      ]),
    ],
  })

/** y = xᵀ + b. */
export const transposeKernel = (m: Dim, n: Dim): Kernel =>
  kernel('transpose', {
    buffers: [input('x', 'f32', [n, m]), input('b', 'f32', [n]), output('y', 'f32', [m, n])],
    body: [
      parallel('i', m, (i) => [
        parallel('j', n, (j) => [
          store('y', [i, j], add(load('x', 'f32', [j, i]), load('b', 'f32', [j]))),
        ]),
      ]),
    ],
  })
