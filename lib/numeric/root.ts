/**
 * Roots of scalar functions: where f is 0 in one of its inputs, as a function of the others.
 *
 *   newton(f, 'x')                        starts from the x that is given
 *   bisect(f, 'x', { low: 0, high: 2 })   needs a change of sign between the two
 *
 * The derivative is that of the solution, not of the iterations: x′ = −(∂f/∂θ · θ′) / (∂f/∂x) at
 * the root, by the implicit function theorem, whatever the search took. It is right up to the
 * fourth order (`nearby`). A search that does not end in a root gives NaN. Systems need linear
 * algebra.
 */
import { fail } from '../data/index.js'
import { closureOf, customJvp, describe, fn, grad, jvp, need } from '../lang/index.js'
import {
  type AnyOptions,
  finite,
  type Options,
  positive,
  required,
  whole,
} from '../lang/options.js'
import {
  abs,
  add,
  and,
  div,
  eq,
  forLoop,
  le,
  lt,
  max,
  mul,
  neg,
  not,
  scalar,
  sign,
  stopGradient,
  sub,
  where,
  whileLoop,
} from '../ops/index.js'
import type { Term } from '../term/index.js'
import type { Others } from '../types/derivative.js'
import type { Fn } from '../types/fn.js'
import type { Grade, NameOf } from '../types/grade.js'
import type { NoOptions } from '../types/options.js'
import type { Checked, DTypeOf, GradeOf, Tensor } from '../types/tensor.js'
import type { Inputs } from '../types/tree.js'
import type { ScalarFault, WrtFault } from '../types/verdict.js'

export interface NewtonOptions {
  /** Stop at a step this small beside max(1, |x|): 1e-6 for f32 and f16, 1e-13 for f64. */
  readonly tolerance?: number
  /** Give up, with NaN, after so many: 50. */
  readonly maxSteps?: number
}

const newtonOptions: Options<NewtonOptions> = { tolerance: positive, maxSteps: whole(0) }

export interface Bracket {
  readonly low: number
  readonly high: number
  /** Halvings: 60. */
  readonly steps?: number
}

const bracketOptions: Options<Bracket> = {
  low: required(finite),
  high: required(finite),
  steps: whole(0),
}

/** The root depends smoothly on whatever else f depends on. */
type Root<O, K> = Tensor<[], DTypeOf<O>, RootGrade<GradeOf<O>, K>>
type RootGrade<G extends Grade, K> = string extends G ? string : Exclude<NameOf<G>, K>

/** Newton's method from the given start: the root near it, or NaN. Same inputs as f. */
export const newton = <I, O, const K extends string>(
  f: Checked<ScalarFault<'newton', O>, Fn<I, O>>,
  unknown: Checked<WrtFault<I, O, K, NoOptions>, K>,
  options: NewtonOptions = {},
): Fn<I, Root<O, K>> =>
  newtonOf(
    needed('newton', f, unknown, newtonOptions, options),
    unknown as string,
    options,
  ) as never // typed as f is

/** Halving of a bracket: the root in it, or NaN where f has one sign at both ends. */
export const bisect = <I, O, const K extends string>(
  f: Checked<ScalarFault<'bisect', O>, Fn<I, O>>,
  unknown: Checked<WrtFault<I, O, K, NoOptions>, K>,
  bracket: Bracket,
): Fn<Others<I, K>, Root<O, K>> =>
  bisectOf(
    needed('bisect', f, unknown, bracketOptions, bracket),
    unknown as string,
    bracket,
  ) as never // as f

/** A scalar function of tensors by name, at run time, where a tensor is a term. */
type Point = Readonly<Record<string, Term>>
type Loose = ((point: Point) => Term) & { readonly inputs: Inputs; readonly result: Term }
// The signatures above have checked what this says.
const loosely = (f: unknown): Loose => f as Loose

/** The same for callers without types. */
function needed(
  where: string,
  f: unknown,
  unknown: unknown,
  options: AnyOptions,
  given: unknown,
): Loose {
  const { name, inputs } = closureOf(f, where)
  need(where, 2, options, given)
  if (typeof unknown === 'string' && Object.hasOwn(inputs, unknown)) return loosely(f)
  return fail({
    code: 'input',
    where,
    what: `${describe(unknown)} is no input of '${name}'`,
    expected: Object.keys(inputs).join(', '),
  })
}

const made = (inputs: Inputs, body: (point: Point) => Term, name: string): Loose =>
  loosely(fn(inputs, body as never, { name }))

function newtonOf(f: Loose, unknown: string, { tolerance, maxSteps = 50 }: NewtonOptions): Loose {
  const near = tolerance ?? (f.result.dtype === 'f64' ? 1e-13 : 1e-6)
  const small = (step: Term, x: Term) => le(abs(step), mul(max(abs(x), 1), near))
  const stepFrom = newtonStep(f, unknown)
  const search = (given: Point): Term => {
    const start = given[unknown]
    const [x, step] = whileLoop(
      ([x, step, count]) => and(not(small(step, x)), lt(count, maxSteps)),
      ([x, step, count]) => {
        const next = sub(x, step)
        return [next, stepFrom(given, next), add(count, 1)]
      },
      [start, stepFrom(given, start), scalar(0, 'i32')],
    )
    return where(small(step, x), sub(x, step), Number.NaN)
  }
  const solve = implicit(f, unknown, made(f.inputs, search, 'search'))
  const still = (given: Point) => ({ ...given, [unknown]: stopGradient(given[unknown]) })
  return made(f.inputs, (given) => solve(still(given)), 'newton')
}

function bisectOf(f: Loose, unknown: string, { low, high, steps = 60 }: Bracket): Loose {
  const { [unknown]: _, ...inputs } = f.inputs
  const end = (x: number) => scalar(x, f.result.dtype)
  const search = (given: Point): Term => {
    const signAt = (x: Term) => sign(f({ ...given, [unknown]: x }))
    const [below, above] = [signAt(end(low)), signAt(end(high))]
    const [from, to] = forLoop(
      steps,
      (_, [from, to]) => {
        const middle = mul(add(from, to), 0.5)
        const isLow = eq(signAt(middle), below)
        return [where(isLow, middle, from), where(isLow, to, middle)]
      },
      [end(low), end(high)],
    )
    const inside = where(eq(below, 0), end(low), mul(add(from, to), 0.5))
    return where(le(mul(below, above), 0), inside, Number.NaN)
  }
  return implicit(f, unknown, made(inputs, search, 'bisect'))
}

/** f/f′ at a point with the given value of the unknown. */
function newtonStep(f: Loose, unknown: string): (point: Point, x: Term) => Term {
  const slope = slopeOf(f, unknown)
  return (point, x) => {
    const at = { ...point, [unknown]: x }
    return div(f(at), slope(at))
  }
}

const slopeOf = (f: Loose, unknown: string): Loose =>
  loosely(grad(f as never, unknown as never, { almostEverywhere: true }))

/** The search, with the derivative of the root in all else. */
function implicit(f: Loose, unknown: string, search: Loose): Loose {
  const slope = slopeOf(f, unknown)
  const stepFrom = newtonStep(f, unknown)
  /**
   * The root again, as a function of the point. A step of Newton's method from a constant has the
   * derivative of the root, a second one has it up to the third order; the values do not move.
   */
  const nearby = (point: Point): Term => {
    const constantRoot = stopGradient(search(point))
    const once = sub(constantRoot, stepFrom(point, constantRoot))
    return sub(once, stepFrom(point, once))
  }
  const rule = (point: Point, tangents: Point): Term => {
    const { [unknown]: _, ...moving } = tangents
    const names = Object.keys(moving)
    const at = { ...point, [unknown]: nearby(point) }
    if (names.length === 0) return mul(stopGradient(at[unknown]), 0)
    // Of a scalar function: `Loose` has no names for the signature of jvp to speak of.
    const push = jvp(f as never, names as never, { almostEverywhere: true }) as unknown as Pushed
    return neg(div(push({ primals: at, tangents: moving })[1], slope(at)))
  }
  return loosely(customJvp(search as never, rule as never))
}

/** What `jvp` gives of a scalar function. */
type Pushed = (at: { primals: Point; tangents: Point }) => readonly [Term, Term]
