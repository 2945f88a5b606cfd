/**
 * Sizes: the named sizes of a function's parameters, bound by the shapes of its arguments.
 *
 *   x: [batch, 784], y: [batch]   at   [32, 784], [32]    →    batch = 32
 *
 * What can be prepared is prepared once, so that a call of fixed sizes costs a few comparisons.
 */
import { type Dim, dimNames, dimValue, fail, isDimName, type Sizes } from '../lib/data/index.js'
import { showType, type TensorType } from '../lib/term/index.js'

export interface Parameter extends TensorType {
  readonly path: string
}

interface Shaped {
  readonly shape: readonly number[]
}

const none: Sizes = {}

/** A function from arguments to sizes; it fails at the argument at fault. */
export function sizesOf(
  where: string,
  parameters: readonly Parameter[],
): (args: readonly Shaped[]) => Sizes {
  const named = parameters.some(({ shape }) => shape.some((dim) => typeof dim !== 'number'))
  const bind = (args: readonly Shaped[]): Sizes => {
    const sizes: Record<string, number> = {}
    parameters.forEach((parameter, i) => {
      bindNames(where, parameter, args[i].shape, sizes)
    })
    return sizes
  }
  return (args) => {
    const sizes = named ? bind(args) : none
    for (let i = 0; i < parameters.length; i++) {
      if (fits(parameters[i].shape, args[i].shape, sizes)) continue
      mismatch(where, parameters[i], args[i].shape, sizes)
    }
    return sizes
  }
}

/** Binds the sizes that are plain names. */
function bindNames(
  where: string,
  parameter: Parameter,
  given: readonly number[],
  sizes: Record<string, number>,
): void {
  parameter.shape.forEach((dim, axis) => {
    if (typeof dim === 'number' || !isDimName(dim) || given.length !== parameter.shape.length)
      return
    const size = given[axis]
    if (Object.hasOwn(sizes, dim) && sizes[dim] !== size) {
      fail({
        code: 'input',
        where,
        what: `'${dim}' is both ${sizes[dim]} and ${size} in '${parameter.path}'`,
        expected: 'one size for one name',
      })
    }
    sizes[dim] = size
  })
}

function fits(shape: readonly Dim[], given: readonly number[], sizes: Sizes): boolean {
  if (shape.length !== given.length) return false
  for (let axis = 0; axis < shape.length; axis++) {
    const dim = shape[axis]
    if (typeof dim === 'number' ? dim !== given[axis] : !agrees(dim, given[axis], sizes))
      return false
  }
  return true
}

/** Whether a size over names has the value. */
const agrees = (dim: string, value: number, sizes: Sizes): boolean =>
  isDimName(dim) || (unbound(dim, sizes) === undefined && dimValue(dim, sizes) === value)

/** A name in the size that no argument shows by itself. */
const unbound = (dim: Dim, sizes: Sizes): string | undefined =>
  dimNames(dim).find((name) => !Object.hasOwn(sizes, name))

function mismatch(
  where: string,
  parameter: Parameter,
  given: readonly number[],
  sizes: Sizes,
): never {
  const { path, shape } = parameter
  for (const dim of shape.length === given.length ? shape : []) {
    const name = unbound(dim, sizes)
    if (name === undefined) continue
    fail({
      code: 'input',
      where,
      what: `'${path}' has '${dim}' as a size, and no input has '${name}' itself`,
      fix: `Give one input a size named '${name}'`,
    })
  }
  return fail({
    code: 'input',
    where,
    what: `'${path}' has shape [${given.join(', ')}]`,
    expected: showType(parameter),
  })
}
