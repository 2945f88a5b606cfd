/**
 * Reduce: a failing program with what it does not need taken away.
 *
 *   fn(a, b, c) { sin a; mul; add; … } at [0.37, −1.2, …]     →     fn(a) { sin a } at [1]
 *
 * fast-check leaves out steps of a random program; this goes on where that ends: one result, nodes
 * replaced by an operand or by ones, unread inputs dropped, axes and named sizes of 1, plain numbers.
 * A search that asks whether a candidate still fails, so it serves laws that answer at once and
 * laws that answer later. Each answer yes makes the program lighter, so it ends; slow laws end sooner.
 */
import { dimValue, isFloat, type NDArray, PullbackError } from '../../lib/data/index.js'
import { closeStrict, type Func, rebuild } from '../../lib/term/index.js'
import { holds, type Measured } from '../measured.js'
import type { Pasteable } from '../paste/index.js'
import { readsOf, remade, smaller, weightOf } from './func.js'

/** An input of a law that is a random program, or is made of one. */
export interface Reducible {
  readonly func: Func
  /** The same of another program. */
  readonly within: (program: Pasteable) => Reducible
}

export const isReducible = (input: unknown): input is Reducible =>
  typeof input === 'object' && input !== null && 'within' in input && 'func' in input

/** Candidates that are asked about at most, and milliseconds after which none is. */
const most = 4000
const patience = 20_000

/** What a check of one input came to: a fault by its kind, undefined where there is none. */
export function faultOf(
  found: { readonly measured: Measured | undefined } | { readonly error: unknown },
) {
  if ('measured' in found) {
    return found.measured === undefined || holds(found.measured) ? undefined : 'measured'
  }
  const { error } = found
  // The same error at other numbers is the same fault.
  return error instanceof Error
    ? `${error.name}: ${error.message
        .split('\n')[0]
        .replace(/[\d.,%[\]]+/g, '')
        .slice(0, 60)}`
    : String(error)
}

/** Yields candidates, is told whether each still fails, and gives the last that did. */
export function* reductions(start: Pasteable): Generator<Pasteable, Pasteable, boolean> {
  let best = start
  let asked = 0
  const end = performance.now() + patience
  for (let found = true; found; ) {
    found = false
    for (const make of candidates(best)) {
      const next = made(make)
      if (next === undefined || weight(next) >= weight(best)) continue
      if (++asked > most || performance.now() > end) return best
      if (!(yield next)) continue
      best = next
      found = true
      break
    }
  }
  return best
}

function made(make: () => Pasteable): Pasteable | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof PullbackError) return undefined
    throw error
  }
}

const weight = ({ func, inputs, sizes }: Pasteable): number =>
  weightOf(func) +
  inputs.reduce(
    (sum, x) => sum + 0.1 + 1e-3 * (x.data.length + x.shape.length) + 1e-5 * ugliness(x),
    0,
  ) +
  1e-2 * Object.values(sizes).reduce((a, b) => a + b, 0)

/** How far numbers are from 1, in digits. */
const ugliness = ({ data }: NDArray): number => {
  let sum = 0
  for (const v of data) sum += v === 1 ? 0 : String(v).length
  return sum
}

function* candidates(p: Pasteable): Generator<() => Pasteable> {
  const { func, inputs, sizes } = p
  yield () => withoutUnread(p)
  for (const less of smaller(func)) {
    yield () => withoutUnread({ ...p, func: less() })
    yield () => ({ ...p, func: less() })
  }
  for (const size of new Set(func.params.flatMap(({ shape }) => shape))) {
    if (size === 1) continue
    for (const to of [1, 2]) yield () => resized(p, size, to)
  }
  for (const i of inputs.keys()) {
    yield () => flat(p, i)
    yield* plainer(inputs[i], (x) => ({ func, sizes, inputs: inputs.with(i, x) }))
  }
}

/** Without the inputs that nothing reads; one stays where none is read. */
function withoutUnread({ func, inputs, sizes }: Pasteable): Pasteable {
  const reads = readsOf(func)
  const kept = reads.includes(true) ? reads : reads.map((_, i) => i === 0)
  const params = func.params.filter((_, i) => kept[i])
  return {
    func: closeStrict(func.name, params, func.results),
    inputs: inputs.filter((_, i) => kept[i]),
    sizes,
  }
}

/** All axes of one size, named or not, cut. */
function resized({ func, inputs, sizes }: Pasteable, size: number | string, to: number): Pasteable {
  const named = typeof size === 'string'
  if (dimValue(size, sizes) <= to) return { func, inputs, sizes }
  const types = func.params.map(({ dtype, shape }) => ({
    dtype,
    shape: named ? shape : shape.map((d) => (d === size ? to : d)),
  }))
  const bound = named ? { ...sizes, [size]: to } : sizes
  return {
    func: named ? func : remade(func, rebuild, types),
    inputs: inputs.map((x, i) =>
      cut(
        x,
        types[i].shape.map((d) => dimValue(d, bound)),
      ),
    ),
    sizes: bound,
  }
}

/** An input without its axes of 1. */
function flat({ func, inputs, sizes }: Pasteable, i: number): Pasteable {
  const types = func.params.map(({ dtype, shape }, k) => ({
    dtype,
    shape: k === i ? shape.filter((d) => d !== 1) : shape,
  }))
  const shape = inputs[i].shape.filter((_, axis) => func.params[i].shape[axis] !== 1)
  return {
    func: remade(func, rebuild, types),
    inputs: inputs.with(i, { ...inputs[i], shape }),
    sizes,
  }
}

/** The corner of an array at its first entries. */
function cut(x: NDArray, shape: readonly number[]): NDArray {
  const length = shape.reduce((a, b) => a * b, 1)
  if (length === x.data.length) return x
  const data = x.data.slice(0, length)
  for (let flat = 0; flat < length; flat++) {
    let [rest, from, step] = [flat, 0, 1]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += (rest % shape[axis]) * step
      rest = Math.floor(rest / shape[axis])
      step *= x.shape[axis]
    }
    data[flat] = x.data[from]
  }
  return { ...x, shape, data }
}

/** Ones and zeros in place of all numbers, of one number, or of its digits. */
function* plainer(x: NDArray, within: (x: NDArray) => Pasteable): Generator<() => Pasteable> {
  for (const v of [1, 0]) yield () => within({ ...x, data: x.data.slice().fill(v) })
  if (!isFloat(x.dtype) && x.dtype !== 'i32' && x.dtype !== 'u32') return
  for (const f of [Math.round, (v: number) => Math.round(v * 10) / 10]) {
    yield () => within({ ...x, data: x.data.map(f) })
  }
  if (x.data.length > 12) return
  for (const i of x.data.keys()) {
    for (const v of [1, 0, Math.round(x.data[i])]) {
      yield () => {
        const data = x.data.slice()
        data[i] = v
        return within({ ...x, data })
      }
    }
  }
}
