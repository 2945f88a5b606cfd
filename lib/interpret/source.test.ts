/**
 * Source lines: what an interpreter makes of a node names the line of that node, so that errors and
 * listings of derivatives and batches speak of the user's program.
 */
import { expect, test } from 'vitest'
import { customJvp } from '../ops/control/customJvp.js'
import { f64, func } from '../ops/control/laws.fixture.js'
import { scan } from '../ops/control/scan.js'
import { cos, exp, mul, sin, sinOp, sum } from '../ops/index.js'
import { apply, type Func, type Op, type Term } from '../term/index.js'
import { interpreters, linearize, vjp } from './index.js'

/** Each node says that it is from the line of its op's name. */
function marked(f: Func): Func {
  for (const node of f.nodes) node.source = { line: () => node.op.name }
  return f
}

const linesOf = (f: Func): ReadonlySet<string> =>
  new Set(f.nodes.map((node) => `${node.op.name} of ${node.source?.line()}`))

const chain = () => marked(func([f64(3)], (x) => [exp(sin(x))]))

test('tangents are of the line of what they are the tangent of', () => {
  const lines = linesOf(interpreters.jvp(chain(), [true]).func)
  expect(lines).toEqual(
    new Set(['sin of sin', 'cos of sin', 'scale of sin', 'exp of exp', 'scale of exp']),
  )
})

test('cotangents too', () => {
  const { func: back } = vjp(chain(), [true], interpreters)
  const lines = linesOf(back)
  expect(lines).toContain('scale of sin')
  expect(lines).toContain('scale of exp')
  expect(lines).not.toContain('scale of undefined')
  const total = marked(func([f64(3)], (x) => [sum(mul(x, 2))]))
  for (const line of linesOf(vjp(total, [true], interpreters).func)) {
    expect(line).not.toContain('undefined')
  }
})

/** A loop, whose rules make the values and the tangents together. */
const loop = () =>
  marked(
    func([f64(), f64(2)], (c, x) => {
      const { carry, ys } = scan(([s], [row]) => ({ carry: [mul(s, row)], ys: [sin(s)] }), [c], [x])
      return [...carry, ...ys]
    }),
  )

test.each<readonly [string, (f: Func) => Func]>([
  ['jvp', (f) => interpreters.jvp(f, [true, true]).func],
  ['the known part', (f) => linearize(f, [true, true], interpreters).primal],
  ['the linear part', (f) => linearize(f, [true, true], interpreters).linear],
  ['vjp', (f) => vjp(f, [true, true], interpreters).func],
  ['batch', (f) => interpreters.batch(f, [true, true], 3).func],
  ['batch in one argument', (f) => interpreters.batch(f, [false, true], 3).func],
])('no node of %s of a loop is of no line', (_, transformed) => {
  for (const node of transformed(loop()).nodes) {
    expect(node.source?.line(), node.op.name).toBeDefined()
  }
})

test('what a rule of an op makes anew is of the line of the op', () => {
  const values: Op = {
    ...sinOp,
    name: 'values',
    jvp: ({ primals: [x], tangents: [dx] }) => ({
      outs: [sin(x)],
      tangents: [dx && mul(dx, cos(x))],
    }),
  }
  const both = interpreters.jvp(marked(func([f64()], (x) => apply(values, [x], {}))), [true])
  expect(both.func.results.map((r) => r.node.source?.line())).toEqual(['values', 'values'])

  const parts: Op = {
    ...sinOp,
    name: 'parts',
    split: () => ({ outs: [null], residuals: [], rest: (_, [x]) => [x && sin(x)] }),
  }
  const { unknown } = interpreters.split(marked(func([f64()], (x) => apply(parts, [x], {}))), [
    false,
  ])
  expect(unknown.results[0].node.source?.line()).toBe('parts')
})

test('a batch is of the line of what it is a batch of', () => {
  const lines = linesOf(interpreters.batch(chain(), [true], 3).func)
  expect(lines).toEqual(new Set(['sin of sin', 'exp of exp']))
})

test('a rule of the user’s stands for the line of its call', () => {
  const f = marked(
    func([f64()], (x) =>
      customJvp(
        ([a]: readonly Term[]) => [sin(a)],
        ([a]: readonly Term[], [da]: readonly (Term | null)[]) => [da && mul(da, exp(a))],
        [x],
      ),
    ),
  )
  for (const node of interpreters.jvp(f, [true]).func.nodes) {
    expect(node.source?.line(), node.op.name).toBeDefined()
  }
})
