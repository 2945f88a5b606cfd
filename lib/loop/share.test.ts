import { describe, expect, it } from 'vitest'
import { add, div, type Expr, load, mul, variable } from './expression.js'
import { inout, input, kernel, output } from './kernel.js'
import { showKernel } from './print.js'
import { parallel, store } from './statement.js'

const x = (i: Expr) => load('x', 'f32', [i])

describe('sharing', () => {
  it('binds what is used twice once, equal structures included', () => {
    const k = kernel('k', {
      buffers: [input('x', 'f32', ['n']), output('y', 'f32', ['n'])],
      body: [parallel('i', 'n', (i) => [store('y', [i], div(mul(x(i), 2), add(mul(x(i), 2), 1)))])],
    })
    expect(showKernel(k)).toBe(
      [
        'kernel k(x: read f32[n], y: write f32[n])',
        '  parallel i in 0..n',
        '    t0 = x[i] · 2',
        '    y[i] = t0 / (t0 + 1)',
      ].join('\n'),
    )
  })

  it('reads again what was written in between', () => {
    const k = kernel('k', {
      buffers: [inout('x', 'f32', ['n']), output('y', 'f32', ['n'])],
      body: [
        parallel('i', 'n', (i) => [
          store('x', [i], mul(x(i), x(i))),
          store('y', [i], mul(x(i), x(i))),
        ]),
      ],
    })
    const loads = showKernel(k).match(/= x\[i\]/g)
    expect(loads).toHaveLength(2)
  })

  it('keeps squares of squares of an index short', () => {
    let square: Expr = variable('i')
    for (let k = 0; k < 40; k++) square = mul(square, square)
    const k = kernel('k', {
      buffers: [output('y', 'i32', ['n'])],
      body: [parallel('i', 'n', (i) => [store('y', [i], square)])],
    })
    expect(showKernel(k).length).toBeLessThan(5000)
  })
})
