/**
 * An effect of one's own: parameters that a network asks for by name, so that nobody passes them
 * down from layer to layer.
 *
 *   const w = yield* parameter('w', f32(784, 10))
 *   supplied(params, program)      answers from a record
 *   described(program)             says what a program asks for, as the inputs of a function
 *
 * A package like any other: it imports what Pullback publishes, and Pullback knows nothing of it.
 */
import { broadcastTo, constant, PullbackError, type Shape, type Spec, type Tensor } from 'pullback'
import { flatMap, type Program, pure, request, threaded, value } from 'pullback/effects'

type Float = 'f32' | 'f64'

/** What a request asks with. */
interface Asked {
  readonly name: string
  readonly spec: Spec<Shape, Float>
}

/** What parameters there are, as inputs of a function. */
export type Specs = { readonly [name: string]: Spec<Shape, Float> }

/** The parameter of that name; its grade is settled when the program is built. */
export const parameter = <S extends Shape, D extends Float>(
  name: string,
  spec: Spec<S, D>,
): Program<Tensor<[...S], D, string>, 'Parameter'> =>
  request('Parameter', { name, spec } satisfies Asked)

/** Answers from a record of tensors, in loops and branches too. */
export const supplied = <A, E extends string>(
  params: { readonly [name: string]: Tensor },
  program: Program<A, E>,
) =>
  answered(program, ({ name, spec }) => {
    const found = params[name]
    if (found !== undefined && String(found.shape) === String(spec.shape)) return found
    throw new PullbackError({
      code: 'input',
      where: `parameter '${name}'`,
      what: found === undefined ? 'it is not supplied' : `it has the shape [${found.shape}]`,
      expected: `${spec.dtype}[${spec.shape}]`,
    })
  })

/** The specifications of what a program asks for, by name. */
export function described<A>(program: Program<A, 'Parameter'>): Specs {
  const specs: Record<string, Spec<Shape, Float>> = {}
  const zeros = answered(program, ({ name, spec }) => {
    specs[name] = spec
    return broadcastTo(constant(0, { dtype: spec.dtype }), spec.shape)
  })
  value(zeros)
  return specs
}

/** A handler without a state of its own. */
const answered = <A, E extends string>(
  program: Program<A, E>,
  answer: (asked: Asked) => Tensor,
): Program<A, Exclude<E, 'Parameter'>> =>
  flatMap(
    threaded(program, 'Parameter', [], (asked: Asked, state) => ({ answer: answer(asked), state })),
    (handled) => pure(handled.value),
  )
