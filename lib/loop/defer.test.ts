import { describe, expect, it } from 'vitest'
import { deferArms } from './defer.js'
import { elementaryRules } from './elementary/index.js'
import { add, type Expr, gt, load, mul, select, variable } from './expression.js'
import { interpretKernel } from './interpret.js'
import { input, type Kernel, kernel, output } from './kernel.js'
import { type Block, bind, parallel, store } from './statement.js'
import { statementsOf } from './traverse.js'
import { verifyKernel } from './verify.js'

const n = 64

const mapped = (body: (x: Expr, i: Expr) => Block): Kernel =>
  kernel('mapped', {
    buffers: [input('x', 'f32', [n]), output('y', 'f32', [n]), output('z', 'f32', [n])],
    body: [parallel('i', n, (i) => body(load('x', 'f32', [i]), i))],
  })

/** Work of about `length` operations. */
const long = (x: Expr, length: number): Expr =>
  Array.from({ length: length / 2 }).reduce<Expr>((y, _, k) => add(mul(y, 0.5), k), x)

const choice = (x: Expr, length = 80): Expr => select(gt(x, 0), long(x, length), x)

const written = (k: Kernel): readonly Float32Array[] => {
  const x = Float32Array.from({ length: n }, (_, i) => (i % 7) - 3)
  const [y, z] = [new Float32Array(n), new Float32Array(n)]
  interpretKernel(k, { sizes: {}, buffers: { x, y, z } })
  return [y, z]
}

const branches = (k: Kernel): number => statementsOf(k.body).filter((s) => s.tag === 'if').length

describe('long work for one arm of a choice', () => {
  it('goes into a branch, one for all choices of one condition', () => {
    const both = mapped((x, i) => [
      store('y', [i], choice(x)),
      store('z', [i], select(gt(x, 0), mul(long(x, 80), 2), 1)),
    ])
    const deferred = deferArms(both)
    expect(branches(deferred)).toBe(1)
    expect(verifyKernel(deferred)).toEqual([])
    expect(written(deferred)).toEqual(written(both))
  })

  it('stays where it is short, the rule, needed elsewhere, or reads what the kernel writes', () => {
    const stays = (body: (x: Expr, i: Expr) => Block): void => {
      const k = mapped(body)
      expect(branches(deferArms(k))).toBe(0)
      expect(written(deferArms(k))).toEqual(written(k))
    }
    stays((x, i) => [store('y', [i], choice(x, 40)), store('z', [i], x)])
    stays((x, i) => [store('y', [i], select(gt(x, 0), x, long(x, 80))), store('z', [i], x)])
    stays((x, i) => [store('y', [i], choice(x)), store('z', [i], long(x, 80))])
    stays((x, i) => [store('y', [i], x), store('z', [i], choice(load('y', 'f32', [i])))])
  })

  it('stays outside loops', () => {
    const x = load('x', 'f32', [0])
    const once = kernel('once', {
      buffers: [input('x', 'f32', [1]), output('y', 'f32', [n])],
      body: [
        bind('c', choice(x)),
        parallel('i', n, (i) => [store('y', [i], variable('c', 'f32'))]),
      ],
    })
    expect(branches(deferArms(once))).toBe(0)
  })

  it.each(['f32', 'f64'] as const)('keeps what elementary functions mean in %s', (dtype) => {
    const points = [0, -0.5, 3, 1000, 1e30, Infinity, -Infinity, NaN, 0.1, 7.5, -2.25, 1e-30]
    const made = dtype === 'f32' ? Float32Array : Float64Array
    const branched: string[] = []
    for (const [name, rule] of Object.entries(elementaryRules)) {
      const k = kernel(name, {
        buffers: [input('x', dtype, [12]), output('y', dtype, [12])],
        body: [
          parallel('i', 12, (i) => {
            const x = load('x', dtype, [i])
            return [store('y', [i], rule([x, add(mul(x, 0.5), 1)], { attrs: { n: 2 } }))]
          }),
        ],
      })
      const [plain, deferred] = [k, deferArms(k)].map((form) => {
        const buffers = { x: made.from(points), y: new made(12) }
        interpretKernel(form, { sizes: {}, buffers })
        return buffers.y
      })
      expect(deferred, name).toEqual(plain)
      expect(verifyKernel(deferArms(k)), name).toEqual([])
      if (branches(deferArms(k)) > 0) branched.push(name)
    }
    expect(branched).toEqual(expect.arrayContaining(['sin', 'cos', 'tan']))
  })
})
