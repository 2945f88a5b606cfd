/**
 * From a list of steps to a program: each step is a word on some of the terms built so far.
 */
import { type DType, PullbackError, sizeOf } from '../../lib/data/index.js'
import { words } from '../../lib/ops/index.js'
import {
  closeStrict,
  type Func,
  parameter,
  showType,
  type TensorType,
  type Term,
} from '../../lib/term/index.js'
import { control } from '../control.js'
import type { Choose, Kind } from '../maker.js'
import { makers } from '../makers.js'

export interface Step {
  readonly word: number
  /** All choices of the step in one number, the first in its lowest digits. */
  readonly choices: number
}

/** What all steps of a program have in common. */
export interface Setting {
  readonly names: readonly string[]
  readonly kind: Kind
  readonly float: DType
}

/** The program of the steps: its latest results, or those of the types of its inputs. */
export function build(
  setting: Setting,
  types: readonly TensorType[],
  steps: readonly Step[],
  results: number | 'endo',
): Func {
  const binder = { name: 'program' }
  const params = types.map((type, i) => parameter(binder, letters(i), type))
  const pool: Term[] = [...params]
  for (const step of steps) pool.push(...attempt(setting, step, pool, 2))
  if (results === 'endo') {
    const newest = params.map((p) => pool.findLast((t) => showType(t) === showType(p)) ?? p)
    return closeStrict('program', params, newest)
  }
  const built = pool
    .slice(params.length)
    .filter((t) => setting.kind === 'any' || t.dtype === setting.float)
  return closeStrict(
    'program',
    params,
    built.length === 0 ? params.slice(0, 1) : built.slice(-results),
  )
}

/** a, b, …, z, a1, b1, … */
const letters = (i: number): string =>
  String.fromCharCode(97 + (i % 26)) + (i < 26 ? '' : Math.floor(i / 26))

/** The terms of one step; none where the word refuses the arguments it was offered. */
function attempt(
  setting: Setting,
  { word, choices }: Step,
  pool: readonly Term[],
  depth: number,
): readonly Term[] {
  const name = setting.names[word]
  let left = choices
  const choose = (n: number): number => {
    if (n === 0) return 0
    const chosen = left % n
    left = Math.floor(left / n)
    return chosen
  }
  try {
    const terms =
      name in control
        ? controlled(setting, name, pool, choose, depth)
        : called(setting, name, pool, choose)
    return terms.filter(isSmall)
  } catch (error) {
    if (error instanceof PullbackError) return []
    throw error
  }
}

/** Few elements, and few named sizes. */
const isSmall = ({ shape }: Term): boolean =>
  sizeOf(shape.map((d) => (typeof d === 'number' ? d : 4))) <= 64

function called(
  { float }: Setting,
  name: string,
  pool: readonly Term[],
  choose: Choose,
): readonly Term[] {
  const call = makers[name].call(pool, choose, float)
  if (call === undefined) return []
  const made = words[name](call.args, call.attrs ?? {})
  // Either one term or a list of them.
  return Array.isArray(made) ? (made as readonly Term[]) : [made as Term]
}

/** Bodies grow by steps of their own, one loop inside another at most, spread by odd multipliers. */
function controlled(
  setting: Setting,
  name: string,
  pool: readonly Term[],
  choose: Choose,
  depth: number,
): readonly Term[] {
  const seed = choose(997)
  const names = depth > 1 ? setting.names : setting.names.filter((n) => !(n in control))
  const inside = { ...setting, names }
  const grow = (start: readonly Term[], count: number): readonly Term[] => {
    const inner = [...start]
    for (let i = 0; i < count; i++) {
      const word = (seed * 31 + i * 17) % names.length
      const choices = ((seed + 1) * (i + 3) * 7_919_113) % 2147483647
      inner.push(...attempt(inside, { word, choices }, inner, depth - 1))
    }
    return inner
  }
  return control[name](pool, choose, grow, setting.kind)
}
