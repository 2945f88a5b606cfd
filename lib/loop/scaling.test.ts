/**
 * The compiler's work grows about linearly: all function calls are counted, nothing is timed.
 */
import { Session } from 'node:inspector'
import { expect, it } from 'vitest'
import { add, matmul, mul, relu, reverse, slice, sum, tanh } from '../ops/index.js'
import { closeStrict, type Func, parameter, type Term } from '../term/index.js'
import { compile } from './compile.js'

/** Calls of any function while `run` runs, as the engine counts them. */
function callsIn(run: () => void): number {
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  run()
  let calls = 0
  session.post('Profiler.takePreciseCoverage', (_, { result }) => {
    for (const script of result) {
      for (const { ranges } of script.functions) calls += ranges[0]?.count ?? 0
    }
  })
  session.post('Profiler.stopPreciseCoverage')
  session.disconnect()
  return calls
}

const closed = (shapes: readonly (readonly number[])[], f: (...xs: Term[]) => Term[]): Func => {
  const binder = { name: 'test' }
  const params = shapes.map((shape, i) => parameter(binder, `x${i}`, { dtype: 'f32', shape }))
  return closeStrict('test', params, f(...params))
}
const row = [[64]]

/** Programs of about `n` ops. */
const programs: Readonly<Record<string, (n: number) => Func>> = {
  'a chain of elementwise ops': (n) =>
    closed(row, (x) => {
      let y = x
      for (let i = 0; i < n; i++) y = i % 2 === 0 ? tanh(y) : add(y, x)
      return [y]
    }),
  'products and tanh in turn': (n) =>
    closed([[8, 8], ...row], (x) => {
      let y = x
      for (let i = 0; i < n / 2; i++) y = tanh(matmul(y, x))
      return [y]
    }),
  'many values of one input, added up': (n) =>
    closed(row, (x) => {
      let y = x
      for (let i = 0; i < n / 3; i++) y = add(y, relu(mul(x, i + 0.5)))
      return [y]
    }),
  'many results of one input': (n) =>
    closed(row, (x) => Array.from({ length: n / 2 }, (_, i) => tanh(mul(x, i + 0.5)))),
  'a total in every step': (n) =>
    closed(row, (x) => {
      let y = x
      for (let i = 0; i < n / 3; i++) y = mul(tanh(y), sum(y))
      return [y]
    }),
}

it.each(Object.keys(programs))('%s: twice the ops, at most 2.3 times the work', (name) => {
  const [small, large] = [300, 600].map((n) => {
    const func = programs[name]?.(n)
    return callsIn(() => void (func && compile(func)))
  })
  expect(large).toBeGreaterThan(0)
  expect((large ?? 0) / (small ?? 1)).toBeLessThan(2.3)
})

it('a chain of 4,000 index maps compiles without running out of stack', () => {
  const views = closed([[2, 5000]], (x) => {
    let y = x
    for (let i = 1; i <= 2000; i++) y = slice(reverse(y, [1]), [0, 1], [2, 5000 - i])
    return [y]
  })
  expect(compile(views).lowered.kernels.length).toBeGreaterThan(10)
})

it('a chain of 10,000 ops compiles without running out of stack', () => {
  const long = programs['a chain of elementwise ops']?.(10_000)
  expect(long?.nodes.length).toBe(10_000)
  expect(long && compile(long).lowered.steps.length).toBeGreaterThan(10)
})
