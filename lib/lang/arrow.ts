/**
 * Functions as arrows: a category with products.
 *
 *   compose(f, g)   f, then g on its result      fanout(f, g)   both on the same inputs
 *   parallel(f, g)  each on its own inputs       first(f, i)    f beside inputs that pass through
 *
 * Objects are records of tensors; a product is { first, second }. Each gives an ordinary function,
 * whose body is the two bodies: nothing is left of the composition when it runs.
 */
import { fail } from '../data/index.js'
import { showType, type Term } from '../term/index.js'
import { applyClosure, applyFlat } from './apply.js'
import { type Closure, closureOf, type RuntimeFn } from './closure.js'
import { derived, made } from './derived.js'
import { closeBody } from './fn.js'
import { type InputSpec, type InputSpecs, specKind } from './spec.js'
import { flatten, unflatten } from './tree.js'
import { entriesOf } from './wrt.js'

/** Gives its inputs back. */
export const idOf = (inputs: InputSpecs): RuntimeFn =>
  closeBody(inputs, (given: unknown) => given, { name: 'id' })

/** f, then g: the result of f, a record, becomes the inputs of g. */
export function composeOf(f: unknown, g: unknown): RuntimeFn {
  const before = closureOf(f, 'compose')
  const after = closureOf(g, 'compose')
  return derived(before, `${after.name} ∘`, (leaves) =>
    applyClosure(after, resultOf(before, leaves)),
  )
}

/** Both on the same inputs; inputs of one name are one input. */
export function fanoutOf(f: unknown, g: unknown): RuntimeFn {
  const one = closureOf(f, 'fanout')
  const two = closureOf(g, 'fanout')
  for (const name of Object.keys(one.inputs)) needSame(name, one.inputs[name], two.inputs[name])
  const inputs = { ...one.inputs, ...two.inputs }
  return pairOf(`fanout ${one.name} ${two.name}`, inputs, (given) => [
    applyClosure(one, pick(given, one)),
    applyClosure(two, pick(given, two)),
  ])
}

/** Each on its own inputs. */
export function parallelOf(f: unknown, g: unknown): RuntimeFn {
  const one = closureOf(f, 'parallel')
  const two = closureOf(g, 'parallel')
  const inputs = { first: one.inputs, second: two.inputs }
  return pairOf(`parallel ${one.name} ${two.name}`, inputs, ({ first, second }) => [
    applyClosure(one, first),
    applyClosure(two, second),
  ])
}

/** f on `first`; `second` passes through. */
export function firstOf(f: unknown, second: InputSpecs): RuntimeFn {
  const closure = closureOf(f, 'first')
  const inputs = { first: closure.inputs, second }
  return pairOf(`first ${closure.name}`, inputs, (given) => [
    applyClosure(closure, given.first),
    given.second,
  ])
}

/** f on `second`; `first` passes through. */
export function secondOf(f: unknown, first: InputSpecs): RuntimeFn {
  const closure = closureOf(f, 'second')
  const inputs = { first, second: closure.inputs }
  return pairOf(`second ${closure.name}`, inputs, (given) => [
    given.first,
    applyClosure(closure, given.second),
  ])
}

/** A function of a record of inputs whose result is a product. */
function pairOf(
  name: string,
  inputs: InputSpecs,
  body: (given: Readonly<Record<string, unknown>>) => readonly [unknown, unknown],
): RuntimeFn {
  const { structure } = flatten(inputs, specKind, `'${name}'`)
  return made(name, inputs, (leaves) => {
    // The structure is that of a record, as the inputs are.
    const [first, second] = body(unflatten(structure, leaves) as Readonly<Record<string, unknown>>)
    return { first, second }
  })
}

const resultOf = (closure: Closure, leaves: readonly Term[]): unknown =>
  unflatten(closure.output, applyFlat(closure, leaves))

const pick = (given: Readonly<Record<string, unknown>>, closure: Closure): unknown =>
  Object.fromEntries([...entriesOf(closure).keys()].map((name) => [name, given[name]]))

function needSame(name: string, one: unknown, two: unknown): void {
  if (two === undefined || show(one) === show(two)) return
  fail({
    code: 'shape',
    where: 'fanout',
    what: `the input '${name}' is ${show(one)} in one function and ${show(two)} in the other`,
    fix: 'Give the inputs different names, or the same specification',
  })
}

function show(specs: unknown): string {
  const { leaves, paths } = flatten<InputSpec>(specs, specKind, 'fanout')
  return leaves
    .map((spec, i) => (paths[i] === '' ? '' : `${paths[i]}: `) + showType(spec))
    .join(', ')
}
