import { expect, test } from 'vitest'
import { add, negOp, ops, sumOp } from '../ops/index.js'
import { closeStrict, type Func } from './func.js'
import { parse } from './parse.js'
import { type Node, parameter, Term } from './term.js'
import { faults, verify } from './verify.js'

const good = parse(
  'fn f(x: f32[2], y: f32[2]) {\n  a = add(x, y)\n  b = mul(a, x)\n  c = sum(b) {axes: [0]}\n  return c\n}',
  ops,
)
const said = (func: Func) => faults(func).map((f) => `${f.node?.op.name}: ${f.what}`)

test('a well-formed function has no faults', () => {
  expect(faults(good)).toEqual([])
  verify(good)
})

test('a use before the definition blames the node', () => {
  const [a, b, c] = good.nodes
  const swapped = { ...good, nodes: [b, a, c], wiring: [good.wiring[1], good.wiring[0], [3]] }
  expect(said(swapped)[0]).toBe('mul: argument 0 is not defined before it')
  expect(() => verify(swapped, 'pass swap')).toThrow(
    'pass swap: %0: f32[2] = mul(%1, x): argument 0 is not defined before it',
  )
})

test('a type that the rule does not give', () => {
  const outs: Term[] = []
  const node: Node = { ...good.nodes[2], outs }
  outs.push(new Term(node, 0, { dtype: 'f32', shape: [7] }))
  const wrong = { ...good, nodes: [good.nodes[0], good.nodes[1], node], results: outs }
  expect(said(wrong)).toEqual(['sum: it holds f32[7] where the type rule gives f32[]'])
})

test('a term of another function', () => {
  const z = parameter({ name: 'g' }, 'z', { dtype: 'f32', shape: [2] })
  const stray = add(good.params[0], z)
  const open = {
    ...good,
    nodes: [stray.node, ...good.nodes.slice(1)],
    wiring: [[0, 1], [2, 0], [3]],
  }
  expect(said(open)).toEqual([
    'add: argument 1 is not defined before it',
    "add: it depends on an input of 'g'",
    'mul: argument 0 is not defined before it',
  ])
})

test('wrong wires and wrong results', () => {
  const crossed = { ...good, wiring: [[1, 0], ...good.wiring.slice(1)] }
  expect(said(crossed)).toEqual([
    'add: argument 0 is wired to another term',
    'add: argument 1 is wired to another term',
  ])
  expect(said({ ...good, resultSlots: [2] })).toEqual([
    'undefined: result 0 is not a term of this function',
  ])
})

test('a type rule that refuses its arguments is a fault, in its words', () => {
  const [x] = good.params
  const outs: Term[] = []
  const node: Node = {
    op: sumOp,
    args: [x],
    attrs: { axes: [3] },
    outs,
    binders: x.node.binders,
    source: undefined,
  }
  outs.push(new Term(node, 0, { dtype: 'f32', shape: [] }))
  const func = {
    ...closeStrict('f', [x], [x]),
    nodes: [node],
    wiring: [[0]],
    results: outs,
    resultSlots: [1],
  }
  expect(said(func)).toEqual([
    expect.stringContaining('sum: sum: axes [3] of f32[2]; expected rising axes below 1'),
  ])
})

test('faults are found in bodies', () => {
  const x = parameter({ name: 'g' }, 'x', { dtype: 'f32', shape: [] })
  const broken = { ...closeStrict('body', [x], [x]), resultSlots: [] }
  const op = { ...negOp, name: 'call' }
  const [y] = good.params
  const outs: Term[] = []
  const node: Node = {
    op,
    args: [y],
    attrs: { bodies: [broken] },
    outs,
    binders: y.node.binders,
    source: undefined,
  }
  outs.push(new Term(node, 0, y))
  const func = {
    ...closeStrict('f', [y], [y]),
    nodes: [node],
    wiring: [[0]],
    results: outs,
    resultSlots: [1],
  }
  expect(faults(func).map((f) => f.func.name)).toEqual(['body', 'body'])
})
