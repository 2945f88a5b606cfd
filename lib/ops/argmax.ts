/**
 * Where the extremes lie: argmax and argmin.
 */
import { dimProduct, emptyArray, fail } from '../data/index.js'
import { type Attrs, apply1, type Op, showType, type Term } from '../term/index.js'
import { needFlag, needInteger, needTerm } from './attributes.js'
import { axisOf } from './axes.js'
import { rowsOf } from './strided.js'
import { expandDims } from './transpose.js'
import type { Word } from './vocabulary.js'

/** Whether x takes the place of the best so far; NaN beats all, and the first of equals stays. */
type Beats = (x: number, best: number) => boolean

const beatsUnlessNaN =
  (beats: Beats): Beats =>
  (x, best) =>
    !Number.isNaN(best) && (Number.isNaN(x) || beats(x, best))

export const argmaxOp: Op = argExtreme('argmax', 'largest', (x, best) => x > best)
export const argminOp: Op = argExtreme('argmin', 'smallest', (x, best) => x < best)

/** The index of the first largest element along an axis, the last by default; of a NaN if any. */
export const argmax = (x: Term, axis = -1, keepDims = false): Term =>
  located(argmaxOp, x, axis, keepDims)

/** The index of the first smallest element along an axis, the last by default; of a NaN if any. */
export const argmin = (x: Term, axis = -1, keepDims = false): Term =>
  located(argminOp, x, axis, keepDims)

function located(op: Op, x: Term, axis: number, keepDims: boolean): Term {
  const at = axisOf(op.name, axis, x)
  const index = apply1(op, [x], { axis: at })
  return keepDims ? expandDims(index, at) : index
}

function argExtreme(name: string, which: string, beats: Beats): Op {
  const wins = beatsUnlessNaN(beats)
  return {
    name,
    doc: `The index (i32) of the first ${which} along an axis, which vanishes; of a NaN if any.`,
    grade: 'cut',
    type: ([x], attrs) => {
      const axis = axisOf(name, attrs.axis as number, x)
      if (x.shape[axis] === 0 || x.dtype === 'bool') {
        fail({
          code: x.dtype === 'bool' ? 'dtype' : 'shape',
          where: name,
          what: `nothing to choose from along axis ${axis} of ${showType(x)}`,
          expected: 'numbers, at least one',
        })
      }
      return [{ dtype: 'i32', shape: x.shape.toSpliced(axis, 1) }]
    },
    evaluate: ({ args: [x], attrs, types }) => {
      const { data, count, length } = rowsOf(x, [attrs.axis as number])
      const out = emptyArray('i32', types[0].shape)
      for (let r = 0; r < count; r++) {
        const from = r * length
        let best = from
        for (let i = from + 1; i < from + length; i++) if (wins(data[i], data[best])) best = i
        out.data[r] = best - from
      }
      return [out]
    },
    jvp: 'zero',
    transpose: 'nonlinear',
    batch: ({ node, args, attrs }) => [
      apply1(node.op, [args[0]], { axis: (attrs.axis as number) + 1 }),
    ],
    cost: ({ args }) => ({ flops: dimProduct(args[0].shape) }),
    samples: [
      { args: [{ kind: 'float', shape: [5] }], attrs: { axis: 0 } },
      { args: [{ kind: 'float', shape: [2, 4, 3] }], attrs: { axis: 1 } },
      { args: [{ kind: 'float', shape: [0, 3] }], attrs: { axis: 1 } },
    ],
  }
}

export const argmaxOps: readonly Op[] = [argmaxOp, argminOp]

export const argmaxWords: Readonly<Record<string, Word>> = {
  argmax: ([x], attrs) => argmax(needTerm('argmax', x), ...placeIn('argmax', attrs)),
  argmin: ([x], attrs) => argmin(needTerm('argmin', x), ...placeIn('argmin', attrs)),
}

const placeIn = (op: string, attrs: Attrs): readonly [number, boolean] => [
  needInteger(op, attrs, 'axis', -1),
  needFlag(op, attrs, 'keepDims', false),
]
