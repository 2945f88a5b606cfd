import { expect, test } from 'vitest'
import { add, broadcastTo, constant, mul, ops, sub, sumAxes } from '../ops/index.js'
import { type Content, contentOf } from './content.js'
import { closeStrict, type Func } from './func.js'
import type { Op } from './op.js'
import { apply, parameter, type Term } from './term.js'

const vocabulary: ReadonlySet<Op> = new Set(ops)

/** A function traced anew: no term is shared with another call. */
function traced(
  body: (x: Term, w: Term) => Term,
  { shape = ['b', 3], name = 'f' }: { shape?: (string | number)[]; name?: string } = {},
): Func {
  const binder = { name }
  const x = parameter(binder, 'x', { dtype: 'f32', shape })
  const w = parameter(binder, 'w', { dtype: 'f32', shape: [3] })
  return closeStrict(name, [x, w], [body(x, w)])
}

const written = (content: Content | undefined): string | undefined =>
  content?.map((part) => (typeof part === 'string' ? part : `<${[...part]}>`)).join('')

const contentsOf = (func: Func): string | undefined => written(contentOf(func, vocabulary))

const table = (last: number): Term =>
  constant(
    Array.from({ length: 300 }, (_, i) => (i === 299 ? last : i)),
    [100, 3],
  )

/** Functions that no two compute alike. */
const different: readonly (() => Func)[] = [
  () => traced((x, w) => mul(x, w)),
  () => traced((x, w) => add(x, w)),
  () => traced((x, w) => sub(x, w)),
  () => traced((x, w) => sub(broadcastTo(w, x.shape), x)),
  () => traced((x, w) => mul(x, w), { shape: ['c', 3] }),
  () => traced((x, w) => mul(x, w), { shape: [4, 3] }),
  () => traced((x, w) => mul(x, w), { name: 'g' }),
  () => traced((x) => sumAxes(x, [0])),
  () => traced((x) => sumAxes(x, [1])),
  () => traced((x) => mul(x, 0)),
  () => traced((x) => mul(x, -0)),
  () => traced((x) => mul(x, 0.1)),
  () => traced(() => table(299)),
  () => traced(() => table(300)),
]

test('functions traced apart have equal contents exactly where they are the same', () => {
  const contents = different.map((make) => contentsOf(make()))
  expect(contents).not.toContain(undefined)
  expect(new Set(contents).size).toBe(different.length)
  expect(different.map((make) => contentsOf(make()))).toEqual(contents)
})

test('every op of the vocabulary has a name of its own', () => {
  expect(new Set(ops.map((op) => op.name)).size).toBe(ops.length)
})

test('an op that is not of the vocabulary has no content, whatever it is called', () => {
  const mine: Op = { ...(ops.find((op) => op.name === 'mul') as Op) }
  expect(contentsOf(traced((x) => apply(mine, [x, x])[0] as Term))).toBeUndefined()
})

test('nor has an attribute that is a JavaScript function or an object of a class', () => {
  const op = ops.find((o) => o.name === 'mul') as Op
  for (const held of [() => 1, new Date(0), [{ deep: () => 1 }], Symbol('x')]) {
    expect(contentsOf(traced((x) => apply(op, [x, x], { held })[0] as Term))).toBeUndefined()
  }
  const plain = { held: [{ deep: 1n }, null, undefined, true, 'fn', Number.NaN] }
  expect(contentsOf(traced((x) => apply(op, [x, x], plain)[0] as Term))).toBeDefined()
})
