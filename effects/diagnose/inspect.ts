/**
 * Inspection: the size of the cotangents that flow through values, beside a gradient.
 *
 *   const loss = fn(spec, function* ({ w, x }) {
 *     const h = yield* inspectGradient(tanh(matmul(x, w)), 'hidden')  …
 *   })
 *   inspected(loss, 'w')   →   inputs to { value, gradient, cotangents: { hidden: { l1, l2, … } } }
 *
 * The value goes on as it is. On the way back, what its cotangent measures is added to the
 * cotangent of an input of zeros, in which each label has a row; so a value inside a loop gives the
 * measures of all steps together. Reverse mode only.
 */
import { fail, isFloat } from '../../lib/data/index.js'
import { closureOf } from '../../lib/lang/closure.js'
import { type GradOptions, needDependence } from '../../lib/lang/dependence.js'
import { linearizeAt, writtenOut } from '../../lib/lang/derive.js'
import { made } from '../../lib/lang/derived.js'
import { termOf } from '../../lib/lang/face.js'
import { type InputSpecs, isFn, type RuntimeFn, unflatten } from '../../lib/lang/index.js'
import { flatMap, pure, request } from '../../lib/lang/program.js'
import { settle, thread } from '../../lib/lang/scope.js'
import { readWrt } from '../../lib/lang/wrt.js'
import {
  abs,
  convert,
  customVjp,
  isFinite as finite,
  full,
  mul,
  not,
  reshape,
  slice,
  sqrt,
  stack,
  sum,
  zeros,
} from '../../lib/ops/index.js'
import { isTerm, type Term } from '../../lib/term/index.js'
import type { DerivativeGrade, Gradient } from '../../lib/types/derivative.js'
import type { Floating } from '../../lib/types/dtype.js'
import type { Fn } from '../../lib/types/fn.js'
import type { NoOptions } from '../../lib/types/options.js'
import type { Program } from '../../lib/types/program.js'
import type { Checked, Tensor } from '../../lib/types/tensor.js'
import type { GradesIn } from '../../lib/types/tree.js'
import type {
  DerivativeOptions,
  EffectFault,
  ScalarFault,
  WrtFault,
} from '../../lib/types/verdict.js'

/** Measures of the cotangents that flowed through a value, over all its elements and uses. */
export interface Measures<T = Tensor<[], Floating>> {
  /** Σ|ct| and √Σct². */
  readonly l1: T
  readonly l2: T
  /** How many elements the cotangents had, and how many of them were NaN or infinite. */
  readonly elements: T
  readonly notFinite: T
}

export interface Inspected<A, G> {
  readonly value: A
  readonly gradient: G
  readonly cotangents: { readonly [label: string]: Measures }
}

interface Asked {
  readonly tensor: Term
  readonly label: string
}

/** The value itself; `inspected` reports the cotangent that flows through it. */
export const inspectGradient = <X extends Tensor>(x: X, label: string): Program<X, 'Inspect'> =>
  request('Inspect', { tensor: termOf('inspectGradient', x), label } satisfies Asked)

/** Takes the inspections out. */
export const uninspected = <A, E extends string>(
  program: Program<A, E>,
): Program<A, Exclude<E, 'Inspect'>> =>
  // Its requests are answered, and there are no others.
  answering(program, ({ tensor }) => tensor) as Program<A, Exclude<E, 'Inspect'>>

type ValueOf<O> = O extends Program<infer A, string> ? A : never

type InspectedFault<O> =
  O extends Program<infer A, infer E>
    ? [Exclude<E, 'Inspect'>] extends [never]
      ? ScalarFault<'inspected', A>
      : EffectFault<'inspected', Program<A, Exclude<E, 'Inspect'>>>
    : '✗ inspected: nothing is inspected. Write yield* inspectGradient(x, label)'

/** The value, the gradient in `wrt`, and the measures of each label's cotangents. */
export function inspected<
  I,
  O,
  const K extends string | readonly string[],
  const P extends DerivativeOptions = NoOptions,
>(
  f: Checked<InspectedFault<O>, Fn<I, O>>,
  wrt: Checked<WrtFault<I, ValueOf<O>, K, P>, K>,
  options?: P,
): InspectedFn<I, O, K> {
  // Signatures speak of shapes, dtypes and grades, which have no value at run time.
  return inspectedOf(f, wrt, options ?? {}) as InspectedFn<I, O, K>
}

type InspectedFn<I, O, K> = Fn<
  I,
  Inspected<ValueOf<O>, Gradient<I, K, DerivativeGrade<GradesIn<ValueOf<O>>>>>
>

function inspectedOf(f: unknown, names: unknown, options: GradOptions): RuntimeFn {
  if (!isFn(f)) return failNothing()
  const labels: string[] = []
  const value = settle(
    answering(programOf(f), ({ tensor, label }) => {
      if (!labels.includes(label)) labels.push(label)
      return tensor
    }),
    'inspected',
  )
  const { dtype } = needScalar(value)
  const spec = { dtype, shape: [labels.length, 4] } as const
  const inputs: InputSpecs = { ...f.inputs, [sinkName]: spec }
  const probed = made(f.closure.name, inputs, (leaves) => {
    const sink = leaves[leaves.length - 1]
    const program = f(unflatten(f.closure.input, leaves.slice(0, -1))) as Program<unknown, string>
    const through = ({ tensor, label }: Asked) =>
      measured(tensor, rowOf(sink, labels.indexOf(label)))
    return settle(answering(program, through), 'inspected')
  })
  const closure = closureOf(probed, 'inspected')
  const wrt = readWrt(closure, names, 'inspected')
  return made(f.closure.name, f.inputs, (leaves) => {
    const all = [...leaves, zeros(spec)]
    const active = wrt.active.map((a, i) => a || i === all.length - 1)
    const { outs, pull } = linearizeAt(closure, all, active)
    const cts = pull([full(1, outs[0])])
    const own = cts.slice(0, -1)
    needDependence(closure, wrt, own, 'inspected', options)
    const [measures] = writtenOut(cts.slice(-1), [spec])
    return {
      value: outs[0],
      gradient: wrt.form(writtenOut(own, wrt.activeOf(leaves))),
      cotangents: Object.fromEntries(labels.map((label, i) => [label, named(rowOf(measures, i))])),
    }
  })
}

/** No input of a user's: names of inputs hold no space. */
const sinkName = 'inspected cotangents'

const programOf = (f: RuntimeFn): Program<unknown, string> =>
  f.closure.tag === 'effectful' ? (f.result as Program<unknown, string>) : failNothing()

const failNothing = (): never =>
  fail({
    code: 'effect',
    where: 'inspected',
    what: 'nothing is inspected',
    fix: 'Pass a function whose body has yield* inspectGradient(x, label)',
  })

function needScalar(value: unknown): Term {
  if (isTerm(value) && value.shape.length === 0 && isFloat(value.dtype)) return value
  return fail({
    code: 'shape',
    where: 'inspected',
    what: 'the result is no floating scalar',
    expected: 'one number to differentiate',
  })
}

/** Answers inspections, in loops and branches too. */
const answering = <A>(
  program: Program<A, string>,
  answer: (asked: Asked) => Term,
): Program<A, string> =>
  flatMap(
    thread(program, null, {
      effect: 'Inspect',
      // Requests of Inspect are made by `inspectGradient` alone.
      answer: (state, payload) => ({ state, answer: answer(payload as Asked) }),
      tensors: () => [],
      restore: (state) => state,
    }),
    ({ value }) => pure(value),
  )

const rowOf = (x: Term, i: number): Term => reshape(slice(x, [i, 0], [i + 1, 4]), [4])

/** The value; its cotangent passes, and its measures are the cotangent of the row. */
function measured(x: Term, row: Term): Term {
  if (!isFloat(x.dtype)) return x
  return customVjp(
    ([value]) => [value],
    ([value]) => ({ results: [value], residuals: [] }),
    (_, [ct]) => [ct, measuresOf(ct, row)],
    [x, row],
  )[0]
}

function measuresOf(ct: Term, { dtype }: Term): Term {
  const own = convert(ct, dtype)
  const bad = convert(not(finite(own)), dtype)
  return stack([sum(abs(own)), sum(mul(own, own)), sum(full(1, own)), sum(bad)])
}

function named(row: Term): Measures<Term> {
  const [l1, squares, elements, notFinite] = [0, 1, 2, 3].map((i) =>
    reshape(slice(row, [i], [i + 1]), []),
  )
  return { l1, l2: sqrt(squares), elements, notFinite }
}
