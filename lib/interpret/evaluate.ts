/**
 * Evaluate: the meaning of a closed function, by each op's own reference evaluation.
 *
 * Sizes that attributes name are resolved first, so that an op's evaluation sees numbers only.
 */
import { type Dim, dimValue, type NDArray, type Sizes } from '../data/index.js'
import {
  type Attrs,
  type Func,
  fold,
  type Interpreters,
  type Node,
  type Op,
} from '../term/index.js'

export function evaluate(
  func: Func,
  args: readonly NDArray[],
  sizes: Sizes,
  interpret: Interpreters,
): readonly NDArray[] {
  return fold<NDArray>(func, args, (node, inputs) => evaluateNode(node, inputs, sizes, interpret))
}

/** One node at given arguments; bodies in its attributes are evaluated by `interpret`. */
export const evaluateNode = (
  node: Node,
  args: readonly NDArray[],
  sizes: Sizes,
  interpret: Interpreters,
): readonly NDArray[] =>
  node.op.evaluate({
    args,
    attrs: resolveAttrs(node.op, node.attrs, sizes),
    types: node.outs.map((out) => ({
      dtype: out.dtype,
      shape: out.shape.map((d) => dimValue(d, sizes)),
    })),
    sizes,
    interpret,
  })

/** Attributes with the sizes that the op's `dims` names as numbers. */
export function resolveAttrs(op: Op, attrs: Attrs, sizes: Sizes): Attrs {
  if (op.dims === undefined) return attrs
  return mapDims(op, attrs, (d) => dimValue(d, sizes))
}

/** Applies `f` to every size in the attributes that the op's `dims` names. */
export function mapDims(op: Op, attrs: Attrs, f: (dim: Dim) => Dim): Attrs {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit)
    return typeof value === 'number' || typeof value === 'string' ? f(value) : value
  }
  const named = (op.dims ?? []).filter((key) => attrs[key] !== undefined)
  return { ...attrs, ...Object.fromEntries(named.map((key) => [key, visit(attrs[key])])) }
}
