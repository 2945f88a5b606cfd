/**
 * Axes: literal positions, negative ones counted from the end.
 *
 *   Without<[2, 3, 4], 0 | -1> = [3]      Kept<[2, 3, 4], 1> = [2, 1, 4]
 *
 * Checked up to rank 8; beyond that, and for positions that are not literal, sizes degrade to
 * unknown and the run-time check decides.
 */
import type { Dim, IsUnranked, Shape, Show } from './shape.js'

/** The legal axes of each rank. */
interface AxesOfRank {
  readonly 0: never
  readonly 1: 0 | -1
  readonly 2: 0 | 1 | -1 | -2
  readonly 3: 0 | 1 | 2 | -1 | -2 | -3
  readonly 4: 0 | 1 | 2 | 3 | -1 | -2 | -3 | -4
  readonly 5: 0 | 1 | 2 | 3 | 4 | -1 | -2 | -3 | -4 | -5
  readonly 6: 0 | 1 | 2 | 3 | 4 | 5 | -1 | -2 | -3 | -4 | -5 | -6
  readonly 7: 0 | 1 | 2 | 3 | 4 | 5 | 6 | -1 | -2 | -3 | -4 | -5 | -6 | -7
  readonly 8: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8
}

/** Axes that name nothing in `S`: never when all are legal or nobody can tell. */
export type Astray<S extends Shape, Axes extends number> = number extends Axes
  ? never
  : S['length'] extends keyof AxesOfRank
    ? Exclude<Axes, AxesOfRank[S['length']]>
    : never

/** Never when the axes are legal; otherwise the message. */
export type AxisFault<Op extends string, S extends Shape, Axes extends number> = [
  Astray<S, Axes>,
] extends [never]
  ? never
  : `✗ ${Op}: axis ${Astray<S, Axes>} is out of range for ${Show<S>}`

/** `S` without the given axes. */
export type Without<S extends Shape, Axes extends number> =
  IsUnranked<S> extends true ? Dim[] : number extends Axes ? Dim[] : WithoutEach<S, Axes>

type WithoutEach<
  S extends Shape,
  Axes extends number,
  Seen extends Shape = [],
  Done extends Dim[] = [],
> = S extends readonly [infer H extends Dim, ...infer T extends Shape]
  ? Names<S, Seen, Axes> extends true
    ? WithoutEach<T, Axes, [...Seen, H], Done>
    : WithoutEach<T, Axes, [...Seen, H], [...Done, H]>
  : Done

/** `S` with size `To` at the given axes. */
export type Kept<S extends Shape, Axes extends number, To extends Dim = 1> =
  IsUnranked<S> extends true
    ? Dim[]
    : number extends Axes
      ? { -readonly [I in keyof S]: Dim }
      : KeptEach<S, Axes, To>

type KeptEach<
  S extends Shape,
  Axes extends number,
  To extends Dim,
  Seen extends Shape = [],
  Done extends Dim[] = [],
> = S extends readonly [infer H extends Dim, ...infer T extends Shape]
  ? KeptEach<T, Axes, To, [...Seen, H], [...Done, Names<S, Seen, Axes> extends true ? To : H]>
  : Done

/** Whether one of the axes is the position after `Seen`, at which `Rest` begins. */
type Names<Rest extends Shape, Seen extends Shape, Axes extends number> = [
  Extract<Axes, Seen['length'] | Negative<Rest['length']>>,
] extends [never]
  ? false
  : true

type Negative<N extends number> = `-${N}` extends `${infer M extends number}` ? M : never

/** The size at an axis; unknown when that cannot be told. */
export type At<S extends Shape, Axis extends number> =
  IsUnranked<S> extends true ? Dim : number extends Axis ? Dim : AtEach<S, Axis>

type AtEach<S extends Shape, Axis extends number, Seen extends Shape = []> = S extends readonly [
  infer H extends Dim,
  ...infer T extends Shape,
]
  ? Names<S, Seen, Axis> extends true
    ? H
    : AtEach<T, Axis, [...Seen, H]>
  : Dim

/** What an `axes` attribute may be. */
export type Axes = number | readonly number[]

/** The axes an attribute lists, as a union. */
export type ListedAxes<A> = A extends number
  ? A
  : A extends readonly (infer N extends number)[]
    ? N
    : never
