/** Unions taken apart, where a message or an order needs it. */

/** The last member of a union in the checker's order, which for strings is alphabetical. */
export type Last<U> = (U extends unknown ? (f: (u: U) => void) => void : never) extends (
  f: infer F,
) => void
  ? F extends (u: infer L) => void
    ? L
    : never
  : never
