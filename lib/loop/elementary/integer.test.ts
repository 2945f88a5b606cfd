/** Powers and remainders of integers, against exact arithmetic on bigints. */
import { expect, test } from 'vitest'
import { load } from '../expression.js'
import { interpretKernel } from '../interpret.js'
import { input, kernel, output } from '../kernel.js'
import { randomSource } from '../random.js'
import { parallel, store } from '../statement.js'
import { elementaryRules } from './index.js'

type Whole = 'i32' | 'u32'

function exactPower(x: number, n: number): bigint {
  if (n >= 0) return BigInt(x) ** BigInt(n)
  if (x === 1) return 1n
  return x === -1 ? (n % 2 === 0 ? 1n : -1n) : 0n
}

function modulo(x: number, y: number): number {
  if (y === 0) return x
  const r = x % y
  return r !== 0 && r < 0 !== y < 0 ? r + y : r
}

const exact: Readonly<Record<string, (x: number, y: number) => number | bigint>> = {
  pow: exactPower,
  rem: (x, y) => (y === 0 ? x : x % y),
  mod: modulo,
}

test.each(Object.keys(exact))('%s', (name) => {
  for (const dtype of ['i32', 'u32'] as const) {
    const next = randomSource(1)
    const draw = (): number => Math.floor((next() - (dtype === 'i32' ? 0.5 : 0)) * 200)
    const rows = Array.from({ length: 300 }, () => [draw(), draw() % (name === 'pow' ? 40 : 9)])
    const got = evaluate(name, dtype, rows)
    rows.forEach(([x, y], i) => {
      const want = BigInt(exact[name](x, y))
      const wrapped = dtype === 'i32' ? BigInt.asIntN(32, want) : BigInt.asUintN(32, want)
      expect(got[i], `${name}(${x}, ${y}) in ${dtype}, seed 1`).toBe(Number(wrapped))
    })
  }
})

function evaluate(name: string, dtype: Whole, rows: readonly (readonly number[])[]) {
  const n = rows.length
  const body = [
    parallel('i', n, (i) => [
      store(
        'out',
        [i],
        elementaryRules[name]([load('x', dtype, [i]), load('y', dtype, [i])], { attrs: {} }),
      ),
    ]),
  ]
  const buffers = [input('x', dtype, [n]), input('y', dtype, [n]), output('out', dtype, [n])]
  const make = dtype === 'i32' ? Int32Array : Uint32Array
  const column = (at: number) => new make(rows.map((row) => row[at]))
  const out = new make(n)
  interpretKernel(kernel(name, { buffers, body }), {
    sizes: {},
    buffers: { x: column(0), y: column(1), out },
  })
  return out
}
