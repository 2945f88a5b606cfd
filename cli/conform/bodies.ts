/**
 * Ops that take programs: control flow, batching and nested derivatives.
 *
 * A body is closed over what it captures of the enclosing program; captures are passed on as
 * inputs that neither the batch nor the derivative goes through.
 */
import { fail, isFloat } from '../../lib/data/index.js'
import { interpreters, vjp } from '../../lib/interpret/index.js'
import { needFlag, needInteger } from '../../lib/ops/attributes.js'
import {
  broadcastTo,
  checkpoint,
  cond,
  type Step,
  scalar,
  scan,
  switchCase,
  whileLoop,
  words,
  zeros,
} from '../../lib/ops/index.js'
import {
  type Closed,
  close,
  inline,
  isTerm,
  parameter,
  type TensorType,
  type Term,
} from '../../lib/term/index.js'
import type { Builder, Scope } from './build.js'
import type { AttrsForm, ProgramForm } from './form.js'

export interface BodyCall {
  readonly op: string
  readonly args: readonly (Term | number)[]
  readonly attrs: AttrsForm
  readonly scope: Scope
  readonly build: Builder
}

export const bodies: Readonly<Record<string, (call: BodyCall) => readonly Term[]>> = {
  cond: (call) => {
    const [predicate, ...operands] = terms(call)
    if (predicate === undefined) return missing(call, 'a predicate')
    return cond(predicate, branch(call, 'then'), branch(call, 'else'), operands)
  },
  switch: (call) => {
    const [index, ...operands] = terms(call)
    const { branches = [] } = call.attrs
    if (index === undefined) return missing(call, 'an index')
    return switchCase(
      index,
      branches.map((program) => bodyOf(call, program)),
      operands,
    )
  },
  whileLoop: (call) => {
    const condition = branch(call, 'condition')
    const goesOn = (carry: readonly Term[]): Term => {
      const [holds, ...others] = condition(carry)
      return holds !== undefined && others.length === 0
        ? holds
        : fail({ code: 'input', where: call.op, what: 'the condition has no single result' })
    }
    return whileLoop(goesOn, branch(call, 'body'), terms(call))
  },
  scan: (call) => {
    const args = terms(call)
    const { attrs, op } = call
    const count = needInteger(op, attrs, 'carry')
    if (count < 0 || count > args.length) return missing(call, `${count} carries`)
    const body = branch(call, 'body')
    const step = (carry: readonly Term[], rows: readonly Term[]): Step => {
      const outs = body([...carry, ...rows])
      return { carry: outs.slice(0, count), ys: outs.slice(count) }
    }
    const length = attrs.length === undefined ? {} : { length: needInteger(op, attrs, 'length') }
    const reverse = needFlag(op, attrs, 'reverse', false)
    const { carry, ys } = scan(step, args.slice(0, count), args.slice(count), {
      reverse,
      ...length,
    })
    return [...carry, ...ys]
  },
  checkpoint: (call) => checkpoint(branch(call, 'body'), terms(call)),
  vmap: (call) => {
    const args = terms(call)
    const inAxes = axesOf(call, args)
    const lanes = args.map((x, i) => moveToFront(x, inAxes[i]))
    const at = inAxes.findIndex((axis) => axis !== null)
    if (at < 0) return fail({ code: 'attribute', where: 'vmap', what: 'no argument has an axis' })
    const size = lanes[at].shape[0]
    const types = lanes.map(({ dtype, shape }, i) => ({
      dtype,
      shape: inAxes[i] === null ? shape : shape.slice(1),
    }))
    const { func, captures } = closeBody(call, types)
    const flags = [...inAxes.map((axis) => axis !== null), ...captures.map(() => false)]
    const { func: batched, batched: carries } = interpreters.batch(func, flags, size)
    return inline(batched, [...lanes, ...captures]).map((out, i) =>
      carries[i] ? out : broadcastTo(out, [size, ...out.shape]),
    )
  },
  gradOf: (call) => {
    const args = terms(call)
    const wrt = call.attrs.wrt ?? 0
    const { func, captures } = closeBody(call, args)
    const out = func.results[0]
    if (func.results.length !== 1 || out.shape.length > 0) {
      return fail({ code: 'shape', where: 'gradOf', what: 'the body has no scalar result' })
    }
    if (typeof wrt !== 'number' || args[wrt] === undefined) {
      return fail({ code: 'attribute', where: 'gradOf', what: `wrt is ${JSON.stringify(wrt)}` })
    }
    const active = func.params.map((_, i) => i === wrt)
    const back = vjp(func, active, interpreters)
    const seed = back.active[0] ? [scalar(1, out.dtype)] : []
    const outs = inline(back.func, [...args, ...captures, ...seed])
    return [back.nonzero[0] ? outs[1] : zeros(args[wrt])]
  },
  jvpOf: (call) => {
    const args = terms(call)
    const count = args.length / 2
    if (!Number.isInteger(count)) {
      return fail({ code: 'input', where: 'jvpOf', what: `${args.length} arguments, not in pairs` })
    }
    const { func, captures } = closeBody(call, args.slice(0, count))
    const forward = interpreters.jvp(
      func,
      func.params.map((_, i) => i < count),
    )
    const moving = args.slice(count).filter((_, i) => isFloat(args[i].dtype))
    const outs = inline(forward.func, [...args.slice(0, count), ...captures, ...moving])
    let next = func.results.length
    return func.results.map((result, i) => (forward.active[i] ? outs[next++] : zeros(result)))
  },
}

/** A program of the call as a callback; what it uses of the enclosing one, it captures. */
const branch = (call: BodyCall, key: 'body' | 'condition' | 'then' | 'else') =>
  bodyOf(call, call.attrs[key] ?? missing(call, `attribute '${key}'`))

const bodyOf =
  ({ build, scope }: BodyCall, program: ProgramForm) =>
  (params: readonly Term[]): readonly Term[] =>
    build.results(program, params, scope)

/** The body, closed over parameters of the given types and what it captures. */
function closeBody(call: BodyCall, types: readonly TensorType[]): Closed {
  const binder = { name: call.op }
  const names = call.attrs.body?.params ?? []
  const params = types.map((type, i) => parameter(binder, names[i] ?? `_${i}`, type))
  return close(call.op, params, branch(call, 'body')(params))
}

const missing = ({ op }: BodyCall, what: string): never =>
  fail({ code: 'input', where: op, what: `${what} is missing` })

/** The arguments as terms; a number is a scalar of the run's dtype. */
const terms = ({ args, build }: BodyCall): readonly Term[] =>
  args.map((arg) => (isTerm(arg) ? arg : scalar(arg, build.float)))

/** The axis of examples in each argument, counted from the front; null where it is shared. */
function axesOf({ attrs }: BodyCall, args: readonly Term[]): readonly (number | null)[] {
  const axes = attrs.inAxes
  const fromFront = (axis: unknown, i: number): unknown =>
    typeof axis === 'number' && axis < 0 ? axis + args[i].shape.length : axis
  const isAxis = (axis: unknown, i: number): axis is number | null =>
    axis === null || (isWhole(axis) && axis >= 0 && axis < args[i].shape.length)
  if (Array.isArray(axes) && axes.length === args.length) {
    const counted: readonly unknown[] = axes.map(fromFront)
    if (counted.every(isAxis)) return counted
  }
  return fail({
    code: 'attribute',
    where: 'vmap',
    what: `attribute 'inAxes' is ${JSON.stringify(axes) ?? 'missing'}`,
    expected: `an axis or null for each of ${args.length} arguments`,
  })
}

const isWhole = (x: unknown): x is number => typeof x === 'number' && Number.isInteger(x)

function moveToFront(x: Term, axis: number | null): Term {
  if (axis === null || axis === 0) return x
  const rest = x.shape.map((_, i) => i).filter((i) => i !== axis)
  const out = words.transpose([x], { perm: [axis, ...rest] })
  return isTerm(out) ? out : out[0]
}
