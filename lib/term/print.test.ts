import { expect, test } from 'vitest'
import { add, broadcastTo, constant, mul, sumAxes } from '../ops/index.js'
import { close, closeStrict } from './func.js'
import { print, show, showLine } from './print.js'
import { parameter } from './term.js'

const binder = { name: 'f' }
const x = parameter(binder, 'x', { dtype: 'f32', shape: ['b', 3] })
const w = parameter(binder, 'w', { dtype: 'f32', shape: [3] })
const affine = close('f', [x, w], [sumAxes(add(mul(x, w), 0.1), [0])]).func

test('a function prints as readable SSA with types', () => {
  expect(show(affine)).toBe(
    [
      'fn f(x: f32[b, 3], w: f32[3]) {',
      '  %0: f32[b, 3] = broadcastTo(w) {shape: ["b", 3]}',
      '  %1: f32[b, 3] = mul(x, %0)',
      '  %2: f32[b, 3] = add(%1, f32[b, 3](...0.1))',
      '  %3: f32[3] = sum(%2) {axes: [0]}',
      '  return %3',
      '}',
    ].join('\n'),
  )
})

test('lines keep the node that they show, names the term that they stand for', () => {
  const lines = print(affine)
  const line = lines.find((l) => l.node?.op.name === 'mul')
  expect(line?.parts.flatMap((p) => (p.kind === 'name' ? [p.term] : []))).toEqual([
    line?.node?.outs[0],
    x,
    line?.node?.args[1],
  ])
  expect(lines.every((l) => showLine(l).trim().length > 0)).toBe(true)
})

test('large constants print whole, or abbreviated on request', () => {
  const table = constant(
    Array.from({ length: 100 }, (_, i) => i + 0.5),
    [100],
  )
  const f = closeStrict('f', [], [table])
  expect(show(f)).toContain('98.5, 99.5)')
  expect(show(f, { most: 8 })).toContain('f32[100](0.5, 1.5, 2.5, … 100 in all)')
})

test('names that are no identifiers are quoted, equal ones told apart', () => {
  const binder = { name: 'my loss' }
  const odd = ['a b', 'f32', 'x', 'x'].map((name) =>
    parameter(binder, name, { dtype: 'f32', shape: [] }),
  )
  expect(show(close('my loss', odd, odd).func)).toBe(
    [
      'fn "my loss"("a b": f32[], "f32": f32[], x: f32[], x_1: f32[]) {',
      '  return "a b", "f32", x, x_1',
      '}',
    ].join('\n'),
  )
})

test('source lines follow as comments on request', () => {
  const y = broadcastTo(w, [2, 3])
  y.node.source = { line: () => 'model.ts:3:7' }
  expect(show(close('f', [w], [y]).func, { sources: true })).toContain(
    '{shape: [2, 3]} // model.ts:3:7',
  )
})

test('a chain of 100,000 ops prints without recursion', () => {
  let y = w
  for (let i = 0; i < 100_000; i++) y = mul(y, w)
  expect(print(close('deep', [w], [y]).func)).toHaveLength(100_003)
})
