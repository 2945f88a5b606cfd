/**
 * Exact arithmetic on literal sizes: natural numbers as lists of decimal digits, lowest first.
 *
 *   Multiply<784, 128> = 100352      Quotient<7, 2> = 3      Subtract<3, 5> = never
 *
 * Anything that is not a literal natural number gives `number`. A library for this exists
 * (ts-arithmetic); it covers fractions and signs at about five times the work for the checker.
 */

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
type Digits = readonly Digit[]
type Bit = 0 | 1

/** a + b */
export type Add<A extends number, B extends number> =
  Digital<A | B> extends true ? Read<Sum<Write<A>, Write<B>>> : number

/** a − b; never when it would be negative. */
export type Subtract<A extends number, B extends number> =
  Digital<A | B> extends true ? Read<Difference<Write<A>, Write<B>>> : number

/** a · b */
export type Multiply<A extends number, B extends number> =
  Digital<A | B> extends true
    ? A extends 1
      ? B
      : B extends 1
        ? A
        : Read<Product<Write<A>, Write<B>>>
    : number

/** ⌊a / b⌋ */
export type Quotient<A extends number, B extends number> =
  Digital<A | B> extends true
    ? B extends 0 | 1
      ? A
      : Read<LongDivision<Write<A>, Write<B>>[0]>
    : number

/** a mod b */
export type Remainder<A extends number, B extends number> =
  Digital<A | B> extends true ? Read<LongDivision<Write<A>, Write<B>>[1]> : number

/** True when every member is a literal natural number. */
type Digital<N extends number> = number extends N
  ? false
  : `${N}` extends `${bigint}`
    ? [Extract<`${N}`, `-${string}`>] extends [never]
      ? true
      : false
    : false

type Write<N extends number> = Reversed<`${N}`>
type Reversed<
  T extends string,
  Done extends Digits = [],
> = T extends `${infer D extends Digit}${infer Rest}` ? Reversed<Rest, [D, ...Done]> : Done

type Read<L extends Digits> = [L] extends [never]
  ? never
  : Text<Trim<L>> extends `${infer N extends number}`
    ? N
    : number
type Text<L extends Digits, Done extends string = ''> = L extends readonly [
  infer D extends Digit,
  ...infer Rest extends Digits,
]
  ? Text<Rest, `${D}${Done}`>
  : Done
type Trim<L extends Digits> = L extends readonly [...infer Low extends Digits, 0]
  ? Low extends readonly []
    ? [0]
    : Trim<Low>
  : L extends readonly []
    ? [0]
    : L

type Sum<
  A extends Digits,
  B extends Digits,
  Carry extends Bit = 0,
  Done extends Digits = [],
> = A extends readonly [infer DA extends Digit, ...infer RA extends Digits]
  ? B extends readonly [infer DB extends Digit, ...infer RB extends Digits]
    ? SumStep<Plus<DA, DB, Carry>, RA, RB, Done>
    : SumStep<Plus<DA, 0, Carry>, RA, [], Done>
  : B extends readonly [infer DB extends Digit, ...infer RB extends Digits]
    ? SumStep<Plus<0, DB, Carry>, [], RB, Done>
    : Carry extends 1
      ? [...Done, 1]
      : Done
type SumStep<
  Step extends readonly [Digit, Bit],
  A extends Digits,
  B extends Digits,
  Done extends Digits,
> = Sum<A, B, Step[1], [...Done, Step[0]]>

type Difference<
  A extends Digits,
  B extends Digits,
  Borrow extends Bit = 0,
  Done extends Digits = [],
> = A extends readonly [infer DA extends Digit, ...infer RA extends Digits]
  ? B extends readonly [infer DB extends Digit, ...infer RB extends Digits]
    ? DifferenceStep<Minus<DA, DB, Borrow>, RA, RB, Done>
    : DifferenceStep<Minus<DA, 0, Borrow>, RA, [], Done>
  : B extends readonly [0, ...infer RB extends Digits]
    ? Difference<[], RB, Borrow, Done>
    : B extends readonly []
      ? Borrow extends 1
        ? never
        : Done
      : never
type DifferenceStep<
  Step extends readonly [Digit, Bit],
  A extends Digits,
  B extends Digits,
  Done extends Digits,
> = Difference<A, B, Step[1], [...Done, Step[0]]>

type Product<A extends Digits, B extends Digits> = B extends readonly [
  infer D extends Digit,
  ...infer Rest extends Digits,
]
  ? Sum<Times<A, D>, Shift<Product<A, Rest>>>
  : []
type Shift<L extends Digits> = L extends readonly [] ? [] : [0, ...L]

/** A · one digit, by doubling. */
type Times<A extends Digits, D extends Digit> = D extends 0
  ? [0]
  : D extends 1
    ? A
    : D extends 2
      ? Sum<A, A>
      : D extends 3
        ? Sum<A, Times<A, 2>>
        : D extends 4
          ? Times<Times<A, 2>, 2>
          : D extends 5
            ? Sum<A, Times<A, 4>>
            : D extends 6
              ? Times<Times<A, 3>, 2>
              : D extends 7
                ? Sum<A, Times<A, 6>>
                : D extends 8
                  ? Times<Times<A, 4>, 2>
                  : Times<Times<A, 3>, 3>

/** [quotient, remainder], from the highest digit down. */
type LongDivision<
  A extends Digits,
  B extends Digits,
  Q extends Digits = [],
  R extends Digits = [],
> = A extends readonly [...infer Rest extends Digits, infer D extends Digit]
  ? CountOut<Trim<[D, ...R]>, B> extends [infer N extends Digit, infer Left extends Digits]
    ? LongDivision<Rest, B, [N, ...Q], Left>
    : never
  : [Q, R]

/** How many times B goes into R, and what is left. */
type CountOut<R extends Digits, B extends Digits, N extends Digit = 0> =
  Difference<R, B> extends infer Left extends Digits
    ? [Left] extends [never]
      ? [N, R]
      : N extends 9
        ? [0, R]
        : CountOut<Trim<Left>, B, Plus<N, 1, 0>[0]>
    : never

/** Digits as tuples of that length, so that the checker can count. */
type Units = [
  [],
  [0],
  [0, 0],
  [0, 0, 0],
  [0, 0, 0, 0],
  [0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0, 0],
]

/** a + b + carry, as [digit, carry]. */
type Plus<A extends Digit, B extends Digit, C extends Bit> = Carried[[
  ...Units[A],
  ...Units[B],
  ...Units[C],
]['length'] &
  keyof Carried]

/** a − b − borrow, as [digit, borrow]. */
type Minus<A extends Digit, B extends Digit, C extends Bit> = [
  ...Units[9],
  0,
  ...Units[A],
] extends [...Units[B], ...Units[C], ...infer Rest]
  ? Borrowed[Rest['length'] & keyof Borrowed]
  : never

interface Carried extends Splits<0, 1> {}
interface Borrowed extends Splits<1, 0> {}

/** n < 20 as [digit, bit]: `Low` marks n < 10, `High` the rest. */
interface Splits<Low extends Bit, High extends Bit> {
  readonly 0: [0, Low]
  readonly 1: [1, Low]
  readonly 2: [2, Low]
  readonly 3: [3, Low]
  readonly 4: [4, Low]
  readonly 5: [5, Low]
  readonly 6: [6, Low]
  readonly 7: [7, Low]
  readonly 8: [8, Low]
  readonly 9: [9, Low]
  readonly 10: [0, High]
  readonly 11: [1, High]
  readonly 12: [2, High]
  readonly 13: [3, High]
  readonly 14: [4, High]
  readonly 15: [5, High]
  readonly 16: [6, High]
  readonly 17: [7, High]
  readonly 18: [8, High]
  readonly 19: [9, High]
}
