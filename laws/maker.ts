/**
 * What makers are made of: which terms fit, which is picked, and which numbers stand beside it.
 */
import { type Dim, type DType, isFloat } from '../lib/data/index.js'
import type { Operand } from '../lib/ops/index.js'
import type { Attrs, Term } from '../lib/term/index.js'

export type Kind = 'any' | 'smooth'

export type Choose = (n: number) => number

export interface Maker {
  readonly smooth: boolean
  readonly call: (
    pool: readonly Term[],
    choose: Choose,
    /** The floating dtype of the program. */
    float: DType,
  ) => { readonly args: readonly Operand[]; readonly attrs?: Attrs } | undefined
}

export type Call = Maker['call']
export type Fits = (t: Term) => boolean

export const numbers: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0,
  -0,
  1,
  -1,
  2,
  3,
  4,
  0.5,
  -2,
  Infinity,
  NaN,
]
export const tame: readonly number[] = [1, -1, 2, 0.5, -2, 3, 4]
export const whole: readonly number[] = [0, 1, 2, 3, 7]

export const isReal: Fits = (t) => isFloat(t.dtype)
export const isBool: Fits = (t) => t.dtype === 'bool'
export const isIndex: Fits = (t) => t.dtype === 'i32'
export const isWhole: Fits = (t) => t.dtype === 'i32' || t.dtype === 'u32'
export const isNumber: Fits = (t) => isReal(t) || isWhole(t)
export const isAny: Fits = () => true
export const sameType =
  (other: Term): Fits =>
  (t) =>
    t.dtype === other.dtype && String(t.shape) === String(other.shape)
export const withAxes =
  (least: number, fits: Fits = isReal): Fits =>
  (t) =>
    fits(t) && t.shape.length >= least

/** The newest terms more often: programs should be deep. */
export function pick(pool: readonly Term[], choose: Choose, fits: Fits = isReal): Term | undefined {
  const list = pool.filter(fits)
  const recent = [list.slice(-1), list.slice(-4), list][choose(3)]
  return recent[choose(recent.length)]
}

/** Mostly reals: they have the most words. */
export const oftenReal =
  (fits: Fits) =>
  (choose: Choose): Fits =>
    choose(3) > 0 ? isReal : fits

export const one =
  (fits: Fits = isReal, attrs?: (t: Term, choose: Choose, float: DType) => Attrs): Call =>
  (pool, choose, float) => {
    const x = pick(pool, choose, fits)
    return x && { args: [x], attrs: attrs?.(x, choose, float) ?? {} }
  }

export const two =
  (literals: readonly number[], kind = oftenReal(isNumber)): Call =>
  (pool, choose) => {
    const x = pick(pool, choose, kind(choose))
    const y = x && pick(pool, choose, (t) => t.dtype === x.dtype)
    if (!x || !y) return undefined
    const values = isReal(x) ? literals : whole
    const number = values[choose(values.length)]
    const way = choose(4)
    return { args: way === 0 ? [x, number] : way === 1 ? [number, x] : [x, y] }
  }

export const smooth = (call: Call): Maker => ({ smooth: true, call })
export const rough = (call: Call): Maker => ({ smooth: false, call })

export const axisIn = (t: Term, choose: Choose) => choose(t.shape.length)
export const someAxes = (t: Term, choose: Choose) =>
  t.shape.flatMap((_, i) => (choose(2) === 0 ? [i] : []))
export const isNamed = (d: Dim): d is string => typeof d === 'string'
/** A place inside an axis; its start where the size is named. */
export const within = (d: Dim, choose: Choose) => (isNamed(d) ? 0 : choose(d))

export const table = (names: string, maker: Maker): Readonly<Record<string, Maker>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, maker]))
