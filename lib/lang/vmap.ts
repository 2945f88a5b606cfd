/**
 * Vmap: a function of one example to the function of many, without a loop.
 *
 *   vmap(f)                                            each input gets a leading axis 'batch'
 *   vmap(f, { inAxes: { x: 1, w: null }, size: 'n' })   x has the examples on axis 1, w is shared
 *
 * Results carry the examples on axis 0. What depends on no example is computed once and repeated.
 */
import { type Dim, dimNames, fail, isDimName } from '../data/index.js'
import { interpreters } from '../interpret/index.js'
import { broadcastTo, moveAxis } from '../ops/index.js'
import { close, inline, parameter, type TensorType, type Term } from '../term/index.js'
import { specsOf } from './apply.js'
import { type Closure, closureOf, type RuntimeFn } from './closure.js'
import { made } from './derived.js'
import { anything, type Options, size } from './options.js'
import type { InputSpec, InputSpecs } from './spec.js'
import { describe, unflatten } from './tree.js'
import { entriesOf, entryOf } from './wrt.js'

export interface VmapOptions {
  /** The axis of the examples in all inputs, or in each: 0 where left out, null where shared. */
  readonly inAxes?: number | Readonly<Record<string, number | null>>
  /** How many examples: a name bound by the call, or a number. */
  readonly size?: Dim
}

export const vmapOptions: Options<VmapOptions> = { inAxes: anything, size }

export function vmapOf(f: unknown, options: VmapOptions = {}): RuntimeFn {
  const closure = closureOf(f, 'vmap')
  const size = options.size ?? freshName(closure)
  needFreeName(closure, size)
  const axes = axesOf(closure, options.inAxes ?? 0)
  const specs = specsOf(closure).map((spec, i) => widened(spec, size, axes[i], closure.paths[i]))
  const inputs = unflatten(closure.input, specs) as InputSpecs // a record, as the old inputs are
  const flags = closure.func.params.map((_, i) => isNumber(axes[i]))
  const many = interpreters.batch(closure.func, flags, size)
  return made(`vmap ${closure.name}`, inputs, (leaves) => {
    const rows = leaves.map((leaf, i) => leading(leaf, axes[i]))
    const outs = inline(many.func, [...rows, ...closure.captures])
    return unflatten(closure.output, repeated(outs, many.batched, size))
  })
}

/** Runs a body on one row each of the given terms, for all rows at once. [n, …] → [n, …] */
export function mapRows(
  name: string,
  rows: readonly Term[],
  body: (row: readonly Term[]) => readonly Term[],
): readonly Term[] {
  const size = rows[0].shape[0]
  const binder = { name }
  const params = rows.map(({ dtype, shape }, i) =>
    parameter(binder, `row${i}`, { dtype, shape: shape.slice(1) }),
  )
  const { func, captures } = close(name, params, body(params))
  const flags = func.params.map((_, i) => i < rows.length)
  const many = interpreters.batch(func, flags, size)
  return repeated(inline(many.func, [...rows, ...captures]), many.batched, size)
}

/** Results that carry no examples, repeated for each. */
const repeated = (outs: readonly Term[], batched: readonly boolean[], size: Dim): readonly Term[] =>
  outs.map((out, i) => (batched[i] ? out : broadcastTo(out, [size, ...out.shape])))

const isNumber = (x: unknown): x is number => typeof x === 'number'

/** The axis of each leaf; null where it is shared. */
function axesOf(
  closure: Closure,
  inAxes: number | Readonly<Record<string, number | null>>,
): readonly (number | null)[] {
  const entries = entriesOf(closure)
  const named = typeof inAxes === 'number' ? {} : inAxes
  for (const [name, axis] of Object.entries(named)) {
    entryOf(closure, entries, name, 'vmap')
    if (axis === null || Number.isInteger(axis)) continue
    fail({ code: 'attribute', where: 'vmap', what: `the axis of '${name}' is ${describe(axis)}` })
  }
  const otherwise = typeof inAxes === 'number' ? inAxes : 0
  const byLeaf = [...entries].flatMap(([name, { leaves }]) => {
    const axis = named[name]
    return leaves.map(() => (axis === undefined ? otherwise : axis))
  })
  if (byLeaf.some(isNumber)) return byLeaf
  return fail({ code: 'attribute', where: 'vmap', what: 'no input is mapped' })
}

/** A specification with the axis of examples put in. */
export function widened(spec: InputSpec, size: Dim, axis: number | null, path: string): InputSpec {
  if (axis === null) return spec
  const rank = spec.shape.length + 1
  const at = axis < 0 ? axis + rank : axis
  if (at < 0 || at >= rank) {
    fail({
      code: 'attribute',
      where: 'vmap',
      what: `axis ${axis} of '${path}', which has ${rank} axes`,
    })
  }
  return { dtype: spec.dtype, shape: spec.shape.toSpliced(at, 0, size) }
}

/** The term with the examples on axis 0. */
const leading = (term: Term, axis: number | null): Term =>
  axis === null ? term : moveAxis(term, axis < 0 ? axis + term.shape.length : axis, 0)

/** The name 'batch', with underscores while the function has a size of that name. */
export function freshName({ func }: Closure): string {
  const taken = namesOf(func.params)
  let name = 'batch'
  while (taken.has(name)) name += '_'
  return name
}

const namesOf = (types: readonly TensorType[]): ReadonlySet<string> =>
  new Set(types.flatMap(({ shape }) => shape.flatMap(dimNames)))

/** A name for the examples must be new to the function. */
function needFreeName({ name, func }: Closure, size: Dim): void {
  if (typeof size === 'string' ? !isDimName(size) : !Number.isInteger(size) || size < 0) {
    fail({ code: 'attribute', where: 'vmap', what: `the size of the batch is ${describe(size)}` })
  }
  if (typeof size === 'number' || !namesOf(func.params).has(size)) return
  fail({
    code: 'shape',
    where: 'vmap',
    what: `'${size}' is already a size of '${name}'`,
    fix: "Name the examples otherwise: vmap(f, { size: 'examples' })",
  })
}
