/** Attributes that several operations share. */

/** No attributes given. */
export type NoOptions = Record<never, never>

export interface AxisOption {
  readonly axis?: number
}

/** The axis a record of attributes names. */
export type AxisIn<P, Default extends number> = P extends { readonly axis: infer A extends number }
  ? A
  : Default
