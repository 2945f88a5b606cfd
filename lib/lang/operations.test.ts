import { describe, expect, it } from 'vitest'
import * as language from '../index.js'
import { words } from '../ops/index.js'
import { isTerm } from '../term/index.js'
import type { Language } from '../types/language.js'
import { closureOf } from './closure.js'
import * as elementwise from './elementwise.js'
import { numbers } from './evaluate.fixture.js'
import * as reduction from './reduction.js'
import * as shape from './shape.js'

const {
  add,
  argmax,
  clamp,
  concat,
  constant,
  conv,
  convert,
  div,
  dynamicSlice,
  dynamicUpdateSlice,
  einsum,
  f32,
  f64,
  fn,
  gelu,
  gt,
  i32,
  iota,
  matmul,
  maxPool,
  mul,
  oneHot,
  pad,
  reshape,
  reverse,
  scatterAdd,
  slice,
  softmax,
  sub,
  sum,
  take,
  takeAlongAxis,
  tanh,
  topK,
  transpose,
  where,
} = language

/** The same functions for callers without types. */
const loose = language as unknown as Record<string, (...args: unknown[]) => unknown>

const m = { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }

describe('the vocabulary', () => {
  // The compiler checks that every name is exported with its signature.
  const everything: Language = language

  it('is a word each, but for what reads its arguments itself', () => {
    const names = Object.keys({ ...elementwise, ...reduction, ...shape })
    expect(names.length).toBeGreaterThan(100)
    expect(names.filter((name) => words[name] === undefined)).toEqual([])
    expect(names.filter((name) => !(name in everything))).toEqual([])
  })
})

describe('data first and data last say the same', () => {
  const same = (a: (x: never) => unknown, b: (x: never) => unknown, x = m) => {
    const f = fn({ x: f64(2, 3) }, ({ x }) => [a(x as never), b(x as never)] as never)
    const [one, two] = numbers(f, { x }) as [unknown, unknown]
    expect(one).toEqual(two)
  }

  it('for one operand with attributes', () => {
    same((x) => sum(x, { axes: 0 }), sum({ axes: 0 }) as never)
    same((x) => sum(x, { axes: [0, 1] }), sum as never)
    same((x) => softmax(x, { axis: -1 }), softmax as never)
    same((x) => argmax(x, { axis: 0 }), argmax({ axis: 0 }) as never)
    same((x) => loose.clamp(x, { min: 2 }), clamp({ min: 2 }) as never)
    same((x) => gelu(x, { approximate: 'tanh' }), gelu as never)
    same((x) => convert(x, 'i32'), convert('i32') as never)
    same((x) => reshape(x, [3, 2]), reshape([3, -1]) as never)
    same((x) => transpose(x), transpose([1, 0]) as never)
    same((x) => reverse(x, { axes: [1] }), reverse({ axes: [1] }) as never)
    same(
      (x) => slice(x, { start: [0, 1], limit: [2, 3] }),
      slice({ start: [0, 1], limit: [2, 3] }) as never,
    )
    same(
      (x) => pad(x, { low: [1, 0], high: [0, -1] }),
      pad({ low: [1, 0], high: [0, -1] }) as never,
    )
  })

  it('for two and three operands', () => {
    const f = fn({ x: f64(2, 3), w: f64(3, 2), i: i32(2) }, ({ x, w, i }) => ({
      a: [sub(x, 1), x.pipe(sub(1))],
      b: [matmul(x, w), x.pipe(matmul(w))],
      c: [div(1, x), x.pipe((y) => div(1, y))],
      d: [take(x, i, { axis: 1 }), x.pipe(take(i, { axis: 1 }))],
      e: [take(x, 1), x.pipe(take(1))],
      g: [scatterAdd(x, i, x), x.pipe(scatterAdd(i, x))],
      h: [where(gt(x, 2), x, 0), gt(x, 2).pipe(where(x, 0))],
      k: [
        dynamicSlice(x, [0, 1], { sizes: [2, 1] }),
        x.pipe(dynamicSlice([0, 1], { sizes: [2, 1] })),
      ],
      l: [oneHot(i, { depth: 3 }), i.pipe(oneHot({ depth: 3 }))],
    }))
    const result = numbers(f, { x: m, w: { shape: [3, 2], data: [1, 0, 0, 1, 1, 1] }, i: [1, 0] })
    for (const [one, two] of Object.values(result as Record<string, [unknown, unknown]>)) {
      expect(one).toEqual(two)
    }
    const { b, e, l } = result as Record<string, readonly number[][]>
    expect([b[0], e[0], l[0]]).toEqual([
      [4, 5, 10, 11],
      [4, 5, 6],
      [0, 1, 0, 1, 0, 0],
    ])
  })

  it('chains in a pipe', () => {
    const f = fn({ x: f64(2, 3), w: f64(3) }, ({ x, w }) => x.pipe(matmul(w), tanh, sum))
    const by = fn({ x: f64(2, 3), w: f64(3) }, ({ x, w }) => sum(tanh(matmul(x, w))))
    const at = { x: m, w: [0.1, 0.2, -0.1] }
    expect(numbers(f, at)).toEqual(numbers(by, at))
  })
})

describe('operations that read their arguments themselves', () => {
  it('constants take nested and flat data; f32 unless a dtype is named', () => {
    const f = fn({ x: f32() }, ({ x }) => ({
      nested: constant([
        [1, 2],
        [3, 4],
      ]),
      flat: constant([1, 2, 3, 4], { shape: [2, 2], dtype: 'i32' }),
      typed: constant(new Float64Array([1, 2])),
      scalar: add(x, constant(1)),
      ramp: iota({ length: 3 }),
    }))
    const { results } = closureOf(f, 'test').func
    expect(results.map((r) => `${r}`)).toEqual([
      'f32[2, 2]',
      'i32[2, 2]',
      'f32[2]',
      'f32[]',
      'i32[3]',
    ])
    expect(() => loose.constant([[1, 2], [3]])).toThrow('constant: rows of sizes [2] and [1]')
    expect(() => loose.constant([1, 2], { shape: [3] })).toThrow('2 elements do not fit [3] (3)')
    expect(() => loose.constant(0, { shape: [3] })).toThrow('To repeat one number: broadcastTo(')
    expect(() => loose.constant([1], { dtype: 'int' })).toThrow('"int"; expected a dtype')
  })

  it('constants that their dtype cannot hold are refused, not rounded', () => {
    const held = (data: unknown, dtype: string) => () => loose.constant(data, { dtype })
    expect(held([1, 2.5], 'i32')).toThrow('constant: it holds 2.5, which is not a whole number')
    expect(held(3e9, 'i32')).toThrow('constant: it holds 3000000000, which is out of range of i32')
    expect(held(-1, 'u32')).toThrow('constant: it holds -1, which is out of range of u32')
    expect(held([true, 3], 'bool')).toThrow(
      'constant: it holds 3, which is not true, false, 0 or 1',
    )
    expect(held([0.1, Number.NaN], 'f32')).not.toThrow()
  })

  it('lists, specifications, starts and several results', () => {
    const f = fn({ x: f64(2, 3), i: i32(2, 1) }, ({ x, i }) => {
      const [values, indices] = topK(x, { k: 2 })
      return {
        concat: concat([x, x], { axis: 1 }),
        einsum: einsum('ij,kj->ik', x, x),
        top: values,
        where: indices,
        along: takeAlongAxis(x, i, { axis: 1 }),
        updated: dynamicUpdateSlice(x, constant([[9]], { dtype: 'f64' }), [1, 2]),
      }
    })
    expect(numbers(f, { x: m, i: { shape: [2, 1], data: [2, 0] } })).toEqual({
      concat: [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6],
      einsum: [14, 32, 32, 77],
      top: [3, 2, 6, 5],
      where: [2, 1, 2, 1],
      along: [3, 4],
      updated: [1, 2, 3, 4, 5, 9],
    })
  })

  it('convolution and pooling, with and without options', () => {
    const f = fn({ x: f64(1, 1, 4, 4), k: f64(1, 1, 2, 2) }, ({ x, k }) => ({
      first: sum(conv(x, k)),
      last: sum(x.pipe(conv(k))),
      strided: conv(x, k, { strides: [2, 2] }),
      pooled: maxPool(x, { window: [2, 2] }),
    }))
    const data = Array.from({ length: 16 }, (_, i) => i)
    const at = { x: { shape: [1, 1, 4, 4], data }, k: { shape: [1, 1, 2, 2], data: [1, 0, 0, 1] } }
    const result = numbers(f, at) as Record<string, number[]>
    expect(result.first).toEqual(result.last)
    expect(result.strided).toEqual([5, 9, 21, 25])
    expect(result.pooled).toEqual([5, 7, 13, 15])
  })
})

describe('lines', () => {
  it('a term knows the line that built it', () => {
    const f = fn({ x: f64() }, ({ x }) => mul(x, x))
    expect(closureOf(f, 'test').func.nodes[0].source?.line()).toMatch(
      /operations\.test\.ts:\d+:\d+$/,
    )
  })

  it('not when told otherwise', () => {
    const f = fn({ x: f64() }, ({ x }) => mul(x, x), { lines: false })
    const [node] = closureOf(f, 'test').func.nodes
    expect(isTerm(node.outs[0])).toBe(true)
    expect(node.source).toBe(undefined)
  })
})

describe('what is not an operand is refused, in words', () => {
  it('names the operation and what it was given', () => {
    expect(() => loose.add('x', 1)).toThrow('add: an argument is "x"; expected a tensor')
    expect(() => loose.add(1, 2, 3)).toThrow('add: 3 arguments; expected 2, or 1 in a pipe')
    expect(() => loose.sum([1, 2])).toThrow('sum: an argument is an array of 2')
    expect(() => loose.concat(3)).toThrow('concat: an argument is 3; expected a list of tensors')
    expect(() => loose.einsum(3)).toThrow('expected a specification such as "ij,jk->ik"')
  })

  it('nor an attribute that the operation does not read', () => {
    const x = constant([[1, 2]])
    expect(() => loose.sum(x, { axis: 1 })).toThrow(
      "sum: there is no attribute 'axis'; expected one of 'axes', 'keepDims'",
    )
    expect(() => loose.cumsum(x, { axes: [1] })).toThrow("there is no attribute 'axes'")
    expect(() => loose.topK(x, { k: 1, n: 2 })).toThrow("there is no attribute 'n'")
  })
})
