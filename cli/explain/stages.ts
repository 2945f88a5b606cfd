/**
 * The stages of a function, in the order in which it becomes what runs.
 *
 *   traced → jvp → linearized (values, then the linear part) → transposed → …
 *
 * A stage is data: a name, a sentence and a function or text. Compilers add theirs at the end.
 */
import { isFloat } from '../../lib/data/index.js'
import { interpreters, linearize } from '../../lib/interpret/index.js'
import type { Closure } from '../../lib/lang/index.js'
import type { Func } from '../../lib/term/index.js'

export interface Stage {
  readonly name: string
  readonly note: string
  /** The program of this stage, where it is one. */
  readonly func?: Func
  /** Its text otherwise. */
  readonly text?: string
}

/**
 * The programs on the way to a function: what it was derived from, that one's derivative, itself.
 * `always` asks for the derivative of a function that is not derived too.
 */
export function termStages(closure: Closure, always: boolean): readonly Stage[] {
  const { func, origin, name } = closure
  if (origin === undefined) {
    const traced = {
      name: 'traced',
      note: `'${name}' as its body built it, shared and pruned`,
      func,
    }
    return always ? [traced, ...derivativeStages(func)] : [traced]
  }
  const { verb, from } = origin
  const derived = { name: verb, note: `'${name}', made from '${from.name}'`, func }
  const stages = [...termStages(from, true), derived]
  return always ? [...stages, ...derivativeStages(func)] : stages
}

/** What reverse mode makes of a function, in every floating input. */
function derivativeStages(func: Func): readonly Stage[] {
  const active = func.params.map((param) => isFloat(param.dtype))
  const forward = interpreters.jvp(func, active)
  const { primal, linear, residuals, active: moves } = linearize(func, active, interpreters)
  if (!moves.includes(true)) return []
  const isTangent = linear.params.map((_, i) => i >= residuals)
  const back = interpreters.transpose(
    linear,
    isTangent,
    linear.results.map(() => true),
  )
  return [
    { name: 'jvp', note: 'values and tangents together', func: forward.func },
    {
      name: 'linearized: values',
      note: `results, then the ${residuals} values that the linear part needs`,
      func: primal,
    },
    { name: 'linearized: tangents', note: 'linear in the tangents', func: linear },
    {
      name: 'transposed',
      note: 'cotangents of the results to cotangents of inputs',
      func: back.func,
    },
  ]
}
