/**
 * An example of a rule: its name, a program that it applies to, and what it makes of it.
 */
export type Example = readonly [rule: string, before: string, after: string]

/** A program of several steps, one a line. */
export const steps = (...each: readonly string[]): string => each.join('; ')
