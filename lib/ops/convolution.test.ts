/**
 * Convolutions and pools against their definitions: sums over each field, place by place.
 */
import { describe, expect, test } from 'vitest'
import { arrayFrom, emptyArray, forEachIndex, type NDArray } from '../data/index.js'
import { interpreters, vjp } from '../interpret/index.js'
import { closeStrict } from '../term/index.js'
import { agree, at, generator, random, resultOf, tensor } from './contraction.fixture.js'
import { type ConvAttrs, convWith } from './conv.js'
import { einsum } from './einsum.js'
import { avgPool, conv, maxPool } from './spatial.js'

describe('conv', () => {
  /** One output is the sum over its field; positions between dilated inputs hold nothing. */
  function byDefinition(x: NDArray, kernel: NDArray, conv: ConvAttrs, shape: readonly number[]) {
    const out = emptyArray('f64', shape)
    const perGroup = shape[1] / Number(conv.groups)
    forEachIndex(shape, ([n, o, ...place], flat) => {
      forEachIndex(kernel.shape.slice(1), ([c, ...offset]) => {
        const channel = Math.floor(o / perGroup) * kernel.shape[1] + c
        const spot = place.map((p, d) => {
          const low = Number(conv.padding[d][0])
          const spread = p * conv.strides[d] + offset[d] * conv.kernelDilation[d] - low
          return spread / conv.inputDilation[d]
        })
        const inside = spot.every((s, d) => Number.isInteger(s) && s >= 0 && s < x.shape[d + 2])
        if (inside) out.data[flat] += at(x, [n, channel, ...spot]) * at(kernel, [o, c, ...offset])
      })
    })
    return out
  }

  test('is the sum over each field, for random attributes', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const draw = generator(seed)
      const pick = (from: number, to: number) => from + Math.floor(draw() * (to - from + 1))
      const axes = Array.from({ length: pick(1, 2) }, (_, i) => i)
      const groups = pick(1, 2)
      const each = (from: number, to: number) => axes.map(() => pick(from, to))
      const attrs = {
        strides: each(1, 3),
        padding: axes.map((): readonly [number, number] => [pick(-1, 3), pick(2, 4)]),
        inputDilation: each(1, 2),
        kernelDilation: each(1, 2),
        groups,
      }
      const x = random([pick(0, 2), groups * 2, ...each(4, 6)], draw)
      const kernel = random([groups * pick(1, 3), 2, ...each(1, 3)], draw)
      const found = resultOf((a, k) => convWith(a, k, attrs), [x, kernel])
      const wanted = byDefinition(x, kernel, attrs, found.shape)
      agree(found, wanted, 18, `seed ${seed}: ${JSON.stringify(attrs)}`)
    }
  })
  test('without spatial axes is a product of matrices', () => {
    const draw = generator(4)
    const args = [random([2, 3], draw), random([4, 3], draw)]
    const found = resultOf((x, k) => conv(x, k), args)
    agree(
      found,
      resultOf((x, k) => einsum('nc,oc->no', [x, k]), args),
      3,
      'rank 2',
    )
  })
  test('of more fields than one block holds: a kernel of one 1 moves the input', () => {
    const x = arrayFrom(
      'f64',
      [1, 1, 1200],
      Array.from({ length: 1200 }, (_, i) => i),
    )
    const kernel = arrayFrom(
      'f64',
      [1, 1, 600],
      Array.from({ length: 600 }, (_, i) => Number(i === 7)),
    )
    const found = resultOf((a, k) => conv(a, k), [x, kernel])
    expect([...found.data]).toEqual(Array.from({ length: 601 }, (_, i) => i + 7))
  })
  test('sizes may be named, also in the gradient', () => {
    const x = tensor(['n', 3, 'h', 'w'])
    const kernel = tensor([8, 3, 3, 3])
    expect(conv(x, kernel, { padding: 'same' }).shape).toEqual(['n', 8, 'h', 'w'])
    expect(conv(x, kernel, { strides: [2, 2] }).shape).toEqual([
      'n',
      8,
      'floor(h-3/2)+1',
      'floor(w-3/2)+1',
    ])
    const f = closeStrict('f', [x, kernel], [conv(x, kernel, { strides: [2, 2] })])
    const back = vjp(f, [true, true], interpreters)
    expect(back.func.results.slice(1).map((r) => r.shape)).toEqual([x.shape, kernel.shape])
  })
  test('pools take windows side by side unless told otherwise', () => {
    const x = arrayFrom('f64', [1, 1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8])
    const window = { window: [2, 2] }
    expect([...resultOf((a) => maxPool(a, window), [x]).data]).toEqual([6, 8])
    expect([...resultOf((a) => avgPool(a, window), [x]).data]).toEqual([3.5, 5.5])
  })
  test('misuse names both shapes', () => {
    expect(() => conv(tensor([1, 3, 5]), tensor([2, 4, 3]))).toThrow(
      'conv: cannot convolve f64[1, 3, 5] with f64[2, 4, 3]; expected C = groups · kernel channels',
    )
    expect(() => conv(tensor([1, 3, 2]), tensor([2, 3, 5]))).toThrow('no larger than the padded')
    expect(() => maxPool(tensor([3, 4]), { window: [2, 2] })).toThrow('[N, C, s0, s1]')
  })
})
