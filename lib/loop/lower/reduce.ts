/**
 * Ops that combine many elements into one: the indices kept, the indices combined, and the value
 * combined at both. Sums, products, extrema, contractions and convolutions are one form.
 *
 *   dot x[m, k] y[k, n]    →    kept m, n; combined k; add; x[m, k] · y[k, n]
 */
import { type Dim, dimDivide } from '../../data/index.js'
import { dotAxes } from '../../ops/index.js'
import type { Attrs, Node } from '../../term/index.js'
import {
  add,
  and,
  clampIndex,
  div,
  type Expr,
  eq,
  ge,
  lt,
  mul,
  rem,
  select,
  size,
  sub,
} from '../expression.js'
import type { Combine } from '../statement.js'
import { zero } from './scalar.js'
import type { Read } from './view.js'

export interface Reduction {
  /** The result's shape. */
  readonly kept: readonly Dim[]
  readonly combined: readonly Dim[]
  readonly combine: Combine
  /** The value combined, at an index of kept and combined axes. */
  readonly value: (read: Read, kept: readonly Expr[], combined: readonly Expr[]) => Expr
}

export type ReduceRule = (node: Node) => Reduction

const overAxes =
  (combine: (node: Node) => Combine): ReduceRule =>
  (node) => {
    const axes = node.attrs.axes as readonly number[] // the op's type rule checked it
    const { shape } = node.args[0]
    return {
      kept: node.outs[0].shape,
      combined: axes.map((a) => shape[a]),
      combine: combine(node),
      value: (read, kept, combined) => {
        const rest = [...kept]
        return read(
          0,
          shape.map((_, i) =>
            axes.includes(i) ? combined[axes.indexOf(i)] : (rest.shift() as Expr),
          ),
        )
      },
    }
  }

const onBool = (node: Node, combine: Combine, logical: Combine): Combine =>
  node.outs[0].dtype === 'bool' ? logical : combine

export const reduceRules: Readonly<Record<string, ReduceRule>> = {
  sum: overAxes(() => 'add'),
  prod: overAxes(() => 'mul'),
  reduceMax: overAxes((node) => onBool(node, 'max', 'or')),
  reduceMin: overAxes((node) => onBool(node, 'min', 'and')),
  dot: (node) => {
    const { lhsBatch, rhsBatch, lhsContract, rhsContract } = dotAxes(node.attrs)
    const [x, y] = node.args
    const lhsFree = freeAxes(x.shape, lhsBatch, lhsContract)
    const rhsFree = freeAxes(y.shape, rhsBatch, rhsContract)
    return {
      kept: node.outs[0].shape,
      combined: lhsContract.map((a) => x.shape[a]),
      combine: 'add',
      value: (read, kept, combined) => {
        const place = (
          rank: number,
          batch: readonly number[],
          contract: readonly number[],
          free: readonly number[],
          from: number,
        ) =>
          Array.from({ length: rank }, (_, axis) => {
            if (batch.includes(axis)) return kept[batch.indexOf(axis)]
            if (contract.includes(axis)) return combined[contract.indexOf(axis)]
            return kept[from + free.indexOf(axis)]
          })
        const nb = lhsBatch.length
        const xi = place(x.shape.length, lhsBatch, lhsContract, lhsFree, nb)
        const yi = place(y.shape.length, rhsBatch, rhsContract, rhsFree, nb + lhsFree.length)
        return mul(read(0, xi), read(1, yi))
      },
    }
  },
  conv: (node) => convolution(node),
}

const freeAxes = (
  shape: readonly Dim[],
  batch: readonly number[],
  contract: readonly number[],
): readonly number[] =>
  shape.flatMap((_, i) => (batch.includes(i) || contract.includes(i) ? [] : [i]))

interface ConvAttrs {
  readonly strides: readonly number[]
  readonly padding: readonly (readonly [Dim, Dim])[]
  readonly inputDilation: readonly number[]
  readonly kernelDilation: readonly number[]
  readonly groups: Dim
}

/** x [N, C, spatial…], kernel [O, C / groups, spatial…] → [N, O, spatial…]. */
function convolution(node: Node): Reduction {
  const attrs = node.attrs as Attrs & ConvAttrs // the op's type rule checked them
  const [x, k] = node.args
  const spatial = k.shape.slice(2)
  // The type rule has checked that groups divide the kernels.
  const share = dimDivide(k.shape[0], attrs.groups) as Dim
  return {
    kept: node.outs[0].shape,
    combined: [k.shape[1], ...spatial],
    combine: 'add',
    value: (read, kept, combined) => {
      const [n, o, ...out] = kept
      const [c, ...window] = combined
      const channel =
        attrs.groups === 1
          ? c
          : clampIndex(add(mul(div(o, size(share)), size(k.shape[1])), c), x.shape[1])
      const conditions: Expr[] = []
      const at = out.map((i, axis) => {
        const dilation = attrs.inputDilation[axis]
        const [low, high] = attrs.padding[axis]
        const from = sub(
          add(mul(i, attrs.strides[axis]), mul(window[axis], attrs.kernelDilation[axis])),
          size(low),
        )
        const here = dilation === 1 ? from : div(from, dilation)
        const inside = [low, high].every((d) => typeof d === 'number' && d <= 0)
        if (inside && dilation === 1) return from
        conditions.push(ge(from, 0), lt(here, size(x.shape[axis + 2])))
        if (dilation > 1) conditions.push(eq(rem(from, dilation), 0))
        return clampIndex(here, x.shape[axis + 2])
      })
      const value = read(0, [n, channel, ...at])
      const taken =
        conditions.length === 0 ? value : select(conditions.reduce(and), value, zero(value.dtype))
      return mul(taken, read(1, [o, ...combined]))
    },
  }
}
