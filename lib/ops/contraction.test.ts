/**
 * Contractions against their definitions: sums over every index, loop by loop. And det.
 */
import { describe, expect, test } from 'vitest'
import { arrayFrom, emptyArray, forEachIndex, type NDArray, stridesOf } from '../data/index.js'
import { interpreters, vjp } from '../interpret/index.js'
import { closeStrict, type Func, inline, type Term } from '../term/index.js'
import { constant } from './constant.js'
import { agree, at, generator, random, resultOf, tensor } from './contraction.fixture.js'
import { det } from './det.js'
import { dotOp } from './dot.js'
import { einsum } from './einsum.js'
import { matmul } from './matmul.js'

describe('einsum', () => {
  /** The sum over all labels that the result lacks, of the products. */
  function byDefinition(
    groups: readonly string[],
    result: string,
    args: readonly NDArray[],
    sizes: Readonly<Record<string, number>>,
  ): NDArray {
    const labels = [...new Set(groups.join(''))]
    const out = emptyArray(
      'f64',
      [...result].map((l) => sizes[l]),
    )
    const strides = stridesOf(out.shape)
    forEachIndex(
      labels.map((l) => sizes[l]),
      (index) => {
        const place = (l: string) => index[labels.indexOf(l)]
        const product = args.reduce((acc, x, k) => acc * at(x, [...groups[k]].map(place)), 1)
        out.data[[...result].reduce((acc, l, i) => acc + strides[i] * place(l), 0)] += product
      },
    )
    return out
  }

  test('is the sum over every index, for random specs of up to four operands', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const draw = generator(seed)
      const pick = (n: number) => Math.floor(draw() * n)
      const sizes = { a: 2, b: 3, c: 1 + pick(3), d: 2 }
      const word = () => Array.from({ length: pick(4) }, () => 'abcd'[pick(4)]).join('')
      const groups = Array.from({ length: 1 + pick(4) }, word)
      const used = [...new Set(groups.join(''))]
      const result = used.filter(() => draw() < 0.5).sort(() => draw() - 0.5)
      const spec = `${groups.join(',')}->${result.join('')}`
      const args = groups.map((g) =>
        random(
          [...g].map((l) => sizes[l as keyof typeof sizes]),
          draw,
        ),
      )
      const found = resultOf((...x) => einsum(spec, x), args)
      const wanted = byDefinition(groups, result.join(''), args, sizes)
      agree(found, wanted, 72, `seed ${seed}: ${spec}`)
    }
  })
  test('implicit results, diagonals, traces, broadcasting dots', () => {
    const x = arrayFrom('f64', [2, 2], [1, 2, 3, 4])
    const y = arrayFrom('f64', [1, 2], [10, 20])
    expect([...resultOf((a) => einsum('ba', [a]), [x]).data]).toEqual([1, 3, 2, 4])
    expect([...resultOf((a) => einsum('ii', [a]), [x]).data]).toEqual([5])
    expect([...resultOf((a) => einsum('ii->i', [a]), [x]).data]).toEqual([1, 4])
    expect([...resultOf((a, b) => einsum('ij,jk', [a, b]), [y, x]).data]).toEqual([70, 100])
    expect([...resultOf((a, b) => einsum('...i,...i->...', [a, b]), [x, y]).data]).toEqual([
      50, 110,
    ])
  })
  test('axes of ... broadcast, wherever they stand and however many there are', () => {
    const draw = generator(3)
    const [x, y, z] = [random([2, 3], draw), random([1, 3], draw), random([4, 2, 3], draw)]
    const same = (spec: string, plain: string, ...args: readonly NDArray[]) =>
      agree(
        resultOf((...terms) => einsum(spec, terms), args),
        resultOf((...terms) => einsum(plain, terms), args),
        3,
        spec,
      )
    same('...i,...i->...', 'ai,bi->a', x, y)
    same('...i,...i->...', 'bi,ai->a', y, x)
    same('...i,...i->...', 'abi,bi->ab', z, x)
    same('...i,...i->...', 'bi,abi->ab', x, z)
    same('i...j->...ji', 'iaj->aji', z)
    same('...ij->...ji', 'ij->ji', x)
    same('...ij', 'aij->aij', z)
    same('i j, kj -> ik', 'ij,kj->ik', x, x)
  })
  test('a product of two is one dot, and what nothing else needs is summed first', () => {
    const [a, b] = [tensor([20, 30]), tensor([30, 40])]
    const cost = (spec: string, ...args: readonly Term[]) =>
      interpreters.cost(closeStrict('f', args, [einsum(spec, args)])).flops
    expect(cost('ij,jk->ik', a, b)).toBe(2 * 20 * 30 * 40)
    expect(cost('ij,kl->il', a, b)).toBe(20 * 30 + 30 * 40 + 2 * 20 * 40)
  })
  test('the pair that multiplies least comes first; a size known by name counts as 128', () => {
    const first = (spec: string, ...shapes: readonly (readonly (number | string)[])[]) => {
      const args = shapes.map((shape) => tensor(shape))
      const func = closeStrict('f', args, [einsum(spec, args)])
      const dot = func.nodes.find(({ op }) => op === dotOp)
      return dot?.args.map(({ shape }) => shape)
    }
    // a·b: 200 products, 100 left; b·c: 600 and 60.
    expect(first('ij,jk,kl->il', [10, 2], [2, 10], [10, 30])).toEqual([
      [10, 2],
      [2, 10],
    ])
    // As many products, but less is left.
    expect(first('ij,jk,kl->il', [10, 4], [4, 20], [20, 10])).toEqual([
      [4, 20],
      [20, 10],
    ])
    expect(first('ij,jk,kl->il', [30, 10], [10, 2], [2, 10])).toEqual([
      [10, 2],
      [2, 10],
    ])
    expect(first('ij,jk,kl->il', [100, 9], [9, 9], [9, 'n'])).toEqual([
      [100, 9],
      [9, 9],
    ])
    expect(first('ij,jk,kl->il', [200, 9], [9, 9], [9, 'n'])).toEqual([
      [9, 9],
      [9, 'n'],
    ])
  })
  test('sizes may be named', () => {
    const q = tensor(['b', 'h', 't', 64])
    expect(einsum('bhqd,bhkd->bhqk', [q, q]).shape).toEqual(['b', 'h', 't', 't'])
    expect(einsum('bhqd,bhqd', [q, q]).shape).toEqual([])
  })
  test('picks a cheap order: a chain of matrices against a vector goes from the vector', () => {
    const m = tensor([100, 100])
    const v = tensor([100])
    const chain = einsum('ij,jk,kl,l->i', [m, m, m, v])
    const func = closeStrict('f', [m, v], [chain])
    expect(Number(interpreters.cost(func).flops)).toBeLessThan(10 * 100 * 100)
  })
  test('misuse is named', () => {
    const x = tensor([2, 3])
    expect(() => einsum('ij,jk->ik', [x, x])).toThrow(
      "einsum: 'ij,jk->ik' does not fit f64[2, 3], f64[2, 3]; expected one size for 'j', which is both 3 and 2",
    )
    expect(() => einsum('ij->ik', [x])).toThrow('each letter of the result once')
    expect(() => einsum('ij,jk->ik', [x])).toThrow('2 operands')
    expect(() => einsum('i->i', [x])).toThrow("one letter an axis: 'i' names 1")
    expect(() => einsum('i$->i', [x])).toThrow('letters, commas')
  })
})

describe('matmul', () => {
  test.each([
    [[3], [3], []],
    [[3], [3, 2], [2]],
    [[2, 3], [3], [2]],
    [
      [2, 3],
      [3, 4],
      [2, 4],
    ],
    [[5, 2, 3], [3], [5, 2]],
    [
      [5, 2, 3],
      [3, 4],
      [5, 2, 4],
    ],
    [[3], [5, 3, 4], [5, 4]],
    [[3], [6, 5, 3, 4], [6, 5, 4]],
    [
      [2, 3],
      [5, 3, 4],
      [5, 2, 4],
    ],
    [
      [5, 1, 2, 3],
      [6, 3, 4],
      [5, 6, 2, 4],
    ],
    [
      ['n', 2, 3],
      ['n', 3, 'k'],
      ['n', 2, 'k'],
    ],
  ])('%j by %j is %j', (a, b, out) => {
    expect(matmul(tensor(a), tensor(b)).shape).toEqual(out)
  })
  test('is the product of each pair of matrices', () => {
    const draw = generator(7)
    const [a, b] = [random([2, 1, 3, 4], draw), random([5, 4, 2], draw)]
    const found = resultOf((x, y) => matmul(x, y), [a, b])
    const wanted = resultOf((x, y) => einsum('aeij,bjk->abik', [x, y]), [a, b])
    agree(found, wanted, 4, 'batched')
  })
  test('rows beyond the tiles, and integers that wrap', () => {
    const draw = generator(8)
    for (const [m, k, n] of [
      [1, 5, 1],
      [3, 7, 6],
      [5, 1, 9],
      [4, 0, 4],
    ]) {
      const [a, b] = [random([m, k], draw), random([k, n], draw)]
      const wanted = emptyArray('f64', [m, n])
      forEachIndex([m, n], ([i, j], flat) => {
        for (let l = 0; l < k; l++) wanted.data[flat] += at(a, [i, l]) * at(b, [l, j])
      })
      agree(
        resultOf((x, y) => matmul(x, y), [a, b]),
        wanted,
        7,
        `${m}, ${k}, ${n}`,
      )
    }
    // (2³¹ − 1)² is 1 in 32 bits, and rounded in 64.
    const big = arrayFrom('i32', [1, 2], [2 ** 31 - 1, 3])
    const column = arrayFrom('i32', [2, 1], [2 ** 31 - 1, 5])
    const product = resultOf((x, y) => matmul(x, y), [big, column])
    expect([...product.data]).toEqual([1 + 15])
  })
  test('of integers, and in f32, is that of f64, in batches and in any order of axes', () => {
    const draw = generator(9)
    for (const spec of ['bij,bjk->bik', 'bji,bjk->bik', 'bij,bkj->bik']) {
      const [left, right] = spec.split(/,|->/)
      const sizes: Readonly<Record<string, number>> = { b: 3, i: 2, j: 5, k: 4 }
      const args = [left, right].map((labels) => {
        const x = random(
          [...labels].map((l) => sizes[l]),
          draw,
        )
        return { ...x, data: x.data.map((v) => Math.round(9 * v) + 0) }
      })
      const wanted = resultOf((x, y) => einsum(spec, [x, y]), args)
      for (const dtype of ['i32', 'f32'] as const) {
        // Quarters, which f32 holds.
        const unit = dtype === 'f32' ? 4 : 1
        const own = args.map(({ shape, data }) =>
          arrayFrom(
            dtype,
            shape,
            Array.from(data, (v) => v / unit),
          ),
        )
        const found = resultOf((x, y) => einsum(spec, [x, y]), own)
        const whole = Array.from(found.data, (v) => v * unit * unit)
        expect(whole, `${spec} of ${dtype}`).toEqual([...wanted.data])
        expect(own.map((x) => Array.from(x.data, (v) => v * unit))).toEqual(
          args.map((x) => [...x.data]),
        )
      }
    }
  })
  test('repeats no matrix of a batch', () => {
    for (const [a, b] of [
      [
        [2, 3],
        [5, 3, 4],
      ],
      [
        [5, 2, 3],
        [3, 4],
      ],
    ]) {
      const [x, y] = [tensor(a), tensor(b)]
      const names = closeStrict('f', [x, y], [matmul(x, y)]).nodes.map(({ op }) => op.name)
      expect(names).not.toContain('broadcastTo')
    }
  })
  test('misuse names both shapes', () => {
    expect(() => matmul(tensor([2, 3]), tensor([2, 3]))).toThrow(
      'matmul: cannot multiply f64[2, 3] by f64[2, 3]; expected […, m, k] by […, k, n]',
    )
    expect(() => matmul(tensor(['b', 'i']), tensor(['o', 'i']))).toThrow('f64[b, i] by f64[o, i]')
    expect(() => matmul(tensor([2, 3]), tensor([3, 2], 'f32'))).toThrow('f32[3, 2]')
  })
})

describe('det', () => {
  test('is the determinant, of singular matrices and of batches too', () => {
    const three = arrayFrom('f64', [3, 3], [2, 0, 1, 1, 3, 2, 0, 1, 4])
    expect([...resultOf((a) => det(a), [three]).data]).toEqual([21])
    const batch = arrayFrom('f64', [2, 2, 2], [1, 2, 3, 4, 1, 2, 2, 4])
    expect([...resultOf((a) => det(a), [batch]).data]).toEqual([-2, 0])
    expect([...resultOf((a) => det(a), [arrayFrom('f64', [0, 0], [])]).data]).toEqual([1])
    expect([...resultOf((a) => det(a), [arrayFrom('f64', [1, 1], [7])]).data]).toEqual([7])
  })
  test('its first and second derivatives are the cofactors, at a matrix of rank 1', () => {
    const a = arrayFrom('f64', [3, 3], [1, 2, 3, 2, 4, 6, 1, 2, 3])
    const x = tensor([3, 3])
    const back = vjp(closeStrict('det', [x], [det(x)]), [true], interpreters)
    const one = constant([1], [], 'f64')
    const grad: Func = closeStrict('∇', [x], [inline(back.func, [x, one])[1]])
    expect(interpreters.evaluate(grad, [a], {})[0].data.every((g) => g === 0)).toBe(true)
    const unit = arrayFrom('f64', [3, 3], [1, 0, 0, 0, 0, 0, 0, 0, 0])
    const [, row] = interpreters.evaluate(interpreters.jvp(grad, [true]).func, [a, unit], {})
    expect([...row.data].map((g) => g + 0)).toEqual([0, 0, 0, 0, 3, -2, 0, -6, 4])
  })
  test('misuse is named', () => {
    expect(() => det(tensor([2, 3]))).toThrow('det: the determinant of f64[2, 3]; expected square')
    expect(() => det(tensor(['n', 'n']))).toThrow('with n a number')
  })
})
