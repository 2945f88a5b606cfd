/**
 * Substitute: a function's body over arguments, with its named sizes replaced.
 *
 *   [b, i] · [i, o]  at  b = 32, i = 784, o = 'n + 1'    →    the same ops on those sizes
 *
 * All names are replaced at once, so a size that mentions a name of the caller is never captured.
 * Names that are not given stay. Bodies inside attributes are replaced too.
 */
import { type Dim, dimSubstitute } from '../data/index.js'
import { mapDims } from '../interpret/index.js'
import {
  type Attrs,
  apply,
  closeStrict,
  type Func,
  fold,
  inline,
  mapBodies,
  type Node,
  parameter,
  rebuild,
  type Term,
} from '../term/index.js'

/** What each name stands for. */
export type Renaming = Readonly<Record<string, Dim>>

/** The results of a function at arguments that have the replaced sizes. */
export function inlineAt(func: Func, args: readonly Term[], by: Renaming): readonly Term[] {
  if (isIdentity(by)) return inline(func, args)
  return fold(func, args, (node, inputs) => {
    const attrs = substituteAttrs(node, by)
    if (attrs === node.attrs) return rebuild(node, inputs)
    return apply(node.op, inputs, attrs, node.source)
  })
}

const isIdentity = (by: Renaming): boolean =>
  Object.entries(by).every(([name, dim]) => name === dim)

function substituteAttrs(node: Node, by: Renaming): Attrs {
  const sized =
    node.op.dims === undefined
      ? node.attrs
      : mapDims(node.op, node.attrs, (dim) => dimSubstitute(dim, by))
  return mapBodies(sized, (body) => substituteFunc(body, by))
}

function substituteFunc(func: Func, by: Renaming): Func {
  const binder = { name: func.name }
  const params = func.params.map((p) => {
    const shape = p.shape.map((dim) => dimSubstitute(dim, by))
    return parameter(binder, String(p.node.attrs.name), { dtype: p.dtype, shape })
  })
  return closeStrict(func.name, params, inlineAt(func, params, by))
}
