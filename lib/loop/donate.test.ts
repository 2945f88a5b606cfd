import { describe, expect, it } from 'vitest'
import { add, exp, matmul, mul, reverse, softmax, sub, sum, tanh, transpose } from '../ops/index.js'
import { closeStrict, type Func, parameter, type Term } from '../term/index.js'
import { compile } from './compile.js'
import { interpretProgram } from './interpret-program.js'

const shape = [6, 6]

function program(body: (x: Term, y: Term) => readonly Term[]): Func {
  const binder = { name: 'f' }
  const [x, y] = ['x', 'y'].map((name) => parameter(binder, name, { dtype: 'f64', shape }))
  return closeStrict('f', [x, y], body(x, y))
}

const values = (phase: number) => Float64Array.from({ length: 36 }, (_, i) => Math.sin(i + phase))

/** Which results take donated parameters; that the values are as without is checked. */
function reused(func: Func): readonly (readonly [number, number])[] {
  const { program: compiled, reuse } = compile(func, { donate: [0, 1] })
  const run = (shared: boolean) => {
    const externals: Record<string, Float64Array> = { p0: values(0), p1: values(1) }
    func.results.forEach((r, i) => {
      const from = shared ? reuse.get(i) : undefined
      const fresh = new Float64Array(r.shape.reduce<number>((n, d) => n * Number(d), 1))
      externals[`r${i}`] = from === undefined ? fresh : (externals[`p${from}`] ?? fresh)
    })
    const buffers = interpretProgram(compiled, {}, externals)
    return func.results.map((_, i) => Array.from(buffers[`r${i}`], Number))
  }
  expect(run(true)).toEqual(run(false))
  return [...reuse]
}

describe('a result takes the memory of a donated parameter', () => {
  it('that is read element by element as it is written', () => {
    expect(reused(program((x, y) => [sub(x, mul(matmul(y, y), 0.1))]))).toEqual([[0, 0]])
    expect(reused(program((x, y) => [add(x, y), mul(x, y)]))).toEqual([
      [0, 0],
      [1, 1],
    ])
  })

  it('that is not read any more', () => {
    const chain = program((x, y) => [tanh(matmul(tanh(matmul(tanh(matmul(x, y)), y)), y))])
    expect(reused(chain)).toEqual([[0, 0]])
  })
})

describe('a result does not take the memory of a parameter', () => {
  const refused: Readonly<Record<string, (x: Term, y: Term) => readonly Term[]>> = {
    'that is read in another order': (x) => [reverse(x, [1])],
    'that is read across its rows': (x, y) => [matmul(x, y)],
    'that a later pass over the row reads': (x) => [softmax(x, 1), sum(exp(x))],
    'that is transposed': (x) => [add(x, transpose(x))],
  }
  it.each(Object.keys(refused))('%s', (name) => {
    const body = refused[name] as (x: Term, y: Term) => readonly Term[] // a key of the table
    const mine = reused(program((x, y) => body(x, y)))
    expect(mine.filter(([, param]) => param === 0)).toEqual([])
  })
})
