/**
 * Grades: how a value depends on each named input, as a union of paths.
 *
 *   "w"           smoothly
 *   "w~relu"      with a kink at relu, where the convention decides the derivative
 *   "w!where"     with a jump at where
 *   "w#argmax"    cut by argmax: the path carries no derivative
 *
 * An operation maps the grades of its operands. A path keeps its worst mark, and of equally bad
 * marks the first. `string` is a grade nobody knows: it passes every check here and is settled
 * when the program is built.
 */

export type Grade = string

/** How an operation passes on dependence. */
export type Mark = 'smooth' | 'kink' | 'jump' | 'cut'

/** The grade after an operation with the given mark. */
export type Marked<M extends Mark, G extends Grade, Op extends string> = M extends 'smooth'
  ? G
  : M extends 'kink'
    ? Kink<G, Op>
    : M extends 'jump'
      ? Jump<G, Op>
      : Cut<G, Op>

/** Smooth paths get a kink. */
export type Kink<G extends Grade, Op extends string> = string extends G ? string : KinkEach<G, Op>
type KinkEach<G extends Grade, Op extends string> = G extends `${string}${'~' | '!' | '#'}${string}`
  ? G
  : `${G}~${Op}`

/** Continuous paths get a jump. */
export type Jump<G extends Grade, Op extends string> = string extends G ? string : JumpEach<G, Op>
type JumpEach<G extends Grade, Op extends string> = G extends `${string}${'!' | '#'}${string}`
  ? G
  : `${NameOf<G>}!${Op}`

/** Every path is cut. */
export type Cut<G extends Grade, Op extends string> = string extends G ? string : CutEach<G, Op>
type CutEach<G extends Grade, Op extends string> = G extends `${string}#${string}`
  ? G
  : `${NameOf<G>}#${Op}`

/** The input a path starts from. */
export type NameOf<G extends Grade> = G extends `${infer N}${'~' | '!' | '#'}${string}` ? N : G

/** What a path picked up on its way: `""`, `"~relu"`, `"!where"` or `"#argmax"`. */
export type MarkOf<G extends Grade> = G extends `${string}#${infer Op}`
  ? `#${Op}`
  : G extends `${string}!${infer Op}`
    ? `!${Op}`
    : G extends `${string}~${infer Op}`
      ? `~${Op}`
      : ''

/** A path followed by another that has the given mark. */
export type Then<G extends Grade, M extends string> = M extends `#${infer Op}`
  ? Cut<G, Op>
  : M extends `!${infer Op}`
    ? Jump<G, Op>
    : M extends `~${infer Op}`
      ? Kink<G, Op>
      : G

/**
 * The dependence of a selected value on what selects it. Where the value depends on the same input
 * by another way too, it may jump there; otherwise the path stays as cut as it came. A path cut by
 * sampling always does: of the expected value, which its estimators differentiate, it is no jump.
 */
export type Selected<P extends Grade, V extends Grade, Op extends string> = string extends P
  ? string
  : SelectedEach<P, NameOf<Carrying<V>>, Op>
type SelectedEach<
  P extends Grade,
  Names extends string,
  Op extends string,
> = P extends `${string}#sampling ${string}`
  ? P
  : P extends Grade
    ? NameOf<P> extends Names
      ? `${NameOf<P>}!${Op}`
      : CutEach<P, Op>
    : never

/** The paths that carry a derivative. */
export type Carrying<G extends Grade> = Exclude<G, `${string}#${string}`>

/** All marks removed: what an author's own rule, or continuity by their word, makes of a grade. */
export type Smooth<G extends Grade> = string extends G ? string : NameOf<G>

/** Jumps become kinks, and cuts beside a carrying path vanish: the author asserts continuity. */
export type Continuous<G extends Grade, Op extends string> = string extends G
  ? string
  : ContinuousEach<G, NameOf<Carrying<G>>, Op>
type ContinuousEach<
  G extends Grade,
  Names extends string,
  Op extends string,
> = G extends `${infer N}!${string}`
  ? `${N}~${Op}`
  : G extends `${infer N}#${string}`
    ? N extends Names
      ? never
      : G
    : G
