/**
 * The origin of a NaN: the first op whose value, or whose cotangent, turned NaN or infinite.
 *
 *   nanOrigin(loss, { x: [0, 1] })
 *     →  { direction: 'backwards', op: 'sqrt', line: '…/loss.ts:12:20', kind: 'infinite', … }
 *
 * Forwards, an op is at fault where its result holds a NaN and no argument does, or an infinity and
 * no argument is NaN or infinite (a constant that is infinite was meant so); backwards likewise, by
 * the cotangents of its results and arguments, from ones at the floating results. Loops are
 * followed step by step, branches and checkpoints into their bodies; a rule of one's own counts as
 * one op.
 */
import { isFloat, type NDArray, type Sizes } from '../../lib/data/index.js'
import { closedOf } from '../../lib/lang/index.js'
import type { Node } from '../../lib/term/index.js'
import type { Fn } from '../../lib/types/fn.js'
import type { Checked } from '../../lib/types/tensor.js'
import type { EffectFault } from '../../lib/types/verdict.js'
import { arraysOf, type NumbersFor } from './host.js'
import { pullBack } from './pull.js'
import { type Ended, resultsOf, type Tape, tapeOf } from './tape.js'

export interface Origin {
  readonly direction: 'forwards' | 'backwards'
  /** The op; 'input' where an input has been NaN or infinite from the start. */
  readonly op: string
  /** The user's line that built it, where it is known. */
  readonly line: string | undefined
  readonly kind: 'NaN' | 'infinite'
  /** Where in the value, or in the cotangent of an argument. */
  readonly element: readonly number[]
  /** Which argument's cotangent; undefined forwards. */
  readonly argument: number | undefined
  /** In which steps of the loops around it, the outermost first. */
  readonly steps: readonly number[]
  /** All of it in a sentence. */
  readonly message: string
}

/** The first op whose value or cotangent turned NaN or infinite; null where none did. */
export function nanOrigin<I, O>(
  f: Checked<EffectFault<'nanOrigin', O>, Fn<I, O>>,
  inputs: NumbersFor<I>,
): Origin | null {
  const closure = closedOf(f, 'nanOrigin')
  const { arrays, sizes } = arraysOf(closure, inputs)
  for (let i = 0; i < arrays.length; i++) {
    const fault = turned([], [arrays[i]])
    if (fault !== undefined) return inputOrigin(closure.paths[i], fault)
  }
  const taped = tapeOf(closure.func, arrays, sizes, (node, args, outs) => {
    const fault = turned(args, outs)
    if (fault === undefined || (args.length === 0 && fault.kind === 'infinite')) return undefined
    return { node, fault, argument: undefined }
  })
  if ('ended' in taped) return originOf('forwards', taped.ended)
  return backwards(taped.tape, sizes)
}

function backwards(tape: Tape, sizes: Sizes): Origin | null {
  const ones = resultsOf(tape).map((r) => (isFloat(r.dtype) ? filled(r, 1) : null))
  const pulled = pullBack(tape, ones, sizes, (node, given, found) => {
    const present = given.flatMap((ct) => ct ?? [])
    for (let i = 0; i < found.length; i++) {
      const ct = found[i]
      const fault = ct === null ? undefined : turned(present, [ct])
      if (fault !== undefined) return { node, fault, argument: i }
    }
    return undefined
  })
  return 'ended' in pulled ? originOf('backwards', pulled.ended) : null
}

const filled = ({ dtype, shape, data }: NDArray, value: number): NDArray => ({
  dtype,
  shape,
  data: data.slice().fill(value),
})

interface Fault {
  readonly kind: 'NaN' | 'infinite'
  readonly element: readonly number[]
}

interface Met {
  readonly node: Node
  readonly fault: Fault
  readonly argument: number | undefined
}

/** What the results hold that the arguments do not. */
function turned(before: readonly NDArray[], after: readonly NDArray[]): Fault | undefined {
  const nan = place(after, Number.isNaN)
  const infinite = place(after, isInfinite)
  if (nan === undefined && infinite === undefined) return undefined
  if (place(before, Number.isNaN) !== undefined) return undefined
  if (nan !== undefined) return { kind: 'NaN', element: nan }
  if (infinite === undefined || place(before, isInfinite) !== undefined) return undefined
  return { kind: 'infinite', element: infinite }
}

const isInfinite = (x: number): boolean => x === Infinity || x === -Infinity

/** The first element that is so, as an index. */
function place(
  arrays: readonly NDArray[],
  is: (x: number) => boolean,
): readonly number[] | undefined {
  for (const { dtype, shape, data } of arrays) {
    if (!isFloat(dtype)) continue
    let at = data.findIndex(is)
    if (at < 0) continue
    return shape
      .toReversed()
      .map((size) => {
        const index = at % size
        at = Math.floor(at / size)
        return index
      })
      .toReversed()
  }
  return undefined
}

function originOf(direction: Origin['direction'], { found, steps }: Ended<Met>): Origin {
  const { node, fault, argument } = found
  const line = node.source?.line()
  const op = node.op.name
  const what =
    argument === undefined
      ? `the value of ${op} turned ${fault.kind}`
      : `the cotangent of argument ${argument} of ${op} turned ${fault.kind}`
  const where = fault.element.length === 0 ? '' : ` at [${fault.element.join(', ')}]`
  const when = steps.length === 0 ? '' : `, in step ${steps.join(', ')} of its loop`
  const message = `${what}${where}${when}${line === undefined ? '' : `: ${line}`}`
  return { direction, op, line, ...fault, argument, steps, message }
}

const inputOrigin = (path: string, fault: Fault): Origin => ({
  direction: 'forwards',
  op: 'input',
  line: undefined,
  ...fault,
  argument: undefined,
  steps: [],
  message: `the input '${path}' is ${fault.kind} at [${fault.element.join(', ')}]`,
})
