/**
 * Choosing elementwise: select, its word `where`, max, min and clamp.
 *
 * A branch that is not taken is dead: its cotangent is 0 and stays 0, whatever its derivative.
 */
import { fail } from '../data/index.js'
import { apply1, type MaybeTerm, type Op, showType, type Term } from '../term/index.js'
import { add, scale } from './arithmetic.js'
import { needNumber, needTerm } from './attributes.js'
import { eq, gt, lt } from './compare.js'
import { batchAll, binaryCall, elementwise, mapElements, partials } from './elementwise.js'
import { broadcastAll, count, full, type Operand, unify, zeros } from './operand.js'
import type { Word } from './vocabulary.js'

export const selectOp: Op = {
  name: 'select',
  doc: 'a where the condition holds, b elsewhere, elementwise. (bool, T, T) → T, shapes equal.',
  grade: ['jump', 'smooth', 'smooth'],
  type: (args) => {
    const [c, a, b] = args
    const fits =
      args.length === 3 &&
      c.dtype === 'bool' &&
      a.dtype === b.dtype &&
      args.every((x) => String(x.shape) === String(a.shape))
    if (!fits) {
      fail({
        code: c?.dtype === 'bool' ? 'shape' : 'dtype',
        where: 'select',
        what: `cannot take ${args.map(showType).join(', ') || 'nothing'}`,
        expected: 'a bool and two of one dtype, all of one shape',
      })
    }
    return [{ dtype: a.dtype, shape: a.shape }]
  },
  evaluate: (call) => mapElements(call, (c, a, b) => (c !== 0 ? a : b)),
  jvp: ({ primals, tangents }) => [choose(primals[0], tangents[1], tangents[2])],
  transpose: ({ cotangent, args, linear }) => [
    null,
    linear[1] ? choose(args[0], cotangent, null) : null,
    linear[2] ? choose(args[0], null, cotangent) : null,
  ],
  batch: ({ args, batched, size }) => [apply1(selectOp, batchAll(args, batched, size))],
  cost: ({ results }) => ({ flops: count(results[0]) }),
  samples: [[], [3], [2, 0], [2, 3]].map((shape) => ({
    args: (['bool', 'float', 'float'] as const).map((kind) => ({ kind, shape })),
  })),
}

function choose(condition: Term, a: MaybeTerm, b: MaybeTerm): MaybeTerm {
  const like = a ?? b
  return like && apply1(selectOp, [condition, a ?? zeros(like), b ?? zeros(like)])
}

/**
 * a where the condition holds, b elsewhere; the three broadcast, and a number adopts the dtype of
 * the other. The derivative goes to the chosen side alone.
 */
export function where(condition: Term, a: Operand, b: Operand): Term {
  if (needTerm('where', condition).dtype !== 'bool') {
    fail({
      code: 'dtype',
      where: 'where',
      what: `the condition is ${showType(condition)}`,
      expected: 'a bool',
      fix: 'Compare first: ne(x, 0)',
    })
  }
  return apply1(selectOp, broadcastAll('where', [condition, ...unify('where', [a, b])]))
}

/** The weights of a and b in the derivative of the larger: 1, 0, or ½ each at a tie. */
const weight = (wins: Term, x: Term, y: Term): Term =>
  apply1(selectOp, [wins, full(1, x), apply1(selectOp, [eq(x, y), full(0.5, x), zeros(x)])])

export const maxOp: Op = elementwise('max', {
  doc: 'The larger; NaN if either is, and 0 over −0. Where they tie, each has half the derivative.',
  grade: 'kink',
  takes: 'number',
  evaluate: Math.max,
  jvp: partials(
    (a, b) => add(a, b),
    (dx, [x, y]) => scale(dx, weight(gt(x, y), x, y)),
    (dy, [x, y]) => scale(dy, weight(gt(y, x), x, y)),
  ),
  transpose: 'nonlinear',
  flops: 1,
  domain: [
    [-3, 3],
    [-3, 3],
  ],
})
export const max = binaryCall(maxOp)

export const minOp: Op = elementwise('min', {
  doc: 'The smaller; NaN if either is, and −0 over 0. Where they tie, each has half the derivative.',
  grade: 'kink',
  takes: 'number',
  evaluate: Math.min,
  jvp: partials(
    (a, b) => add(a, b),
    (dx, [x, y]) => scale(dx, weight(lt(x, y), x, y)),
    (dy, [x, y]) => scale(dy, weight(lt(y, x), x, y)),
  ),
  transpose: 'nonlinear',
  flops: 1,
  domain: [
    [-3, 3],
    [-3, 3],
  ],
})
export const min = binaryCall(minOp)

/** x kept between low and high: min(max(x, low), high), whose ties it inherits. */
export const clamp = (x: Operand, low: Operand, high: Operand): Term =>
  min(max(unify('clamp', [x])[0], low), high)

export const piecewiseOp: Op = {
  name: 'piecewise',
  doc: 'x itself; marks where an author says that a choice of pieces has no jump, for a law to test.',
  grade: 'smooth',
  type: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  evaluate: ({ args }) => args,
  jvp: ({ tangents: [dx] }) => [dx],
  transpose: ({ cotangent }) => [cotangent],
  batch: ({ args: [x] }) => [piecewise(x)],
  cost: () => ({ flops: 0 }),
  samples: [{ args: [{ kind: 'float', shape: [3] }] }],
}
export const piecewise = (x: Term): Term => apply1(piecewiseOp, [x])

export const selectOps: readonly Op[] = [selectOp, maxOp, minOp, piecewiseOp]

export const selectWords: Readonly<Record<string, Word>> = {
  select: ([c, a, b]) => where(needTerm('select', c), a, b),
  where: ([c, a, b]) => where(needTerm('where', c), a, b),
  max: ([x, y]) => max(x, y),
  min: ([x, y]) => min(x, y),
  piecewise: ([x]) => piecewise(needTerm('piecewise', x)),
  clamp: ([x], attrs) =>
    clamp(
      x,
      needNumber('clamp', attrs, 'min', -Infinity),
      needNumber('clamp', attrs, 'max', Infinity),
    ),
}
