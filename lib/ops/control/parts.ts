/**
 * Partial evaluation and transposing of applications, by way of the functions that they hold.
 */
import {
  apply,
  type Func,
  inline,
  isCheap,
  type MaybeTerm,
  type SplitCall,
  type SplitFunc,
  type SplitResult,
  type Term,
  type TransposeCall,
} from '../../term/index.js'
import { define, mapResults } from './body.js'
import { align, chosen, countTrue, isGiven, not, present, sections } from './lists.js'

/** The same split, where known results that are not `kept` are handed to the unknown part. */
export function demote(parts: SplitFunc, kept: readonly boolean[]): SplitFunc {
  const lost = parts.results.map((known, i) => known && !kept[i])
  if (!lost.includes(true)) return parts
  const values = align(parts.results, parts.known.results)
  const residuals = parts.known.results.slice(countTrue(parts.results))
  const isStored = (i: number) => lost[i] && !isCheap((values[i] as Term).node)
  const stored = values.filter((_, i) => isStored(i)) as readonly Term[] // known, so not null
  const kinds = [...residuals, ...stored]
  const rest = parts.unknown.params.slice(residuals.length)
  const results = parts.results.map((known, i) => known && !lost[i])
  return {
    known: mapResults(parts.known, () => [
      ...(values.filter((_, i) => results[i]) as readonly Term[]), // known, so not null
      ...kinds,
    ]),
    unknown: define(parts.unknown.name, [...kinds, ...rest], (params) => {
      const [old, extra, unknown] = sections(params, [residuals.length, stored.length])
      const answers = align(
        parts.results.map((known) => !known),
        inline(parts.unknown, [...old, ...unknown]),
      )
      const passed = align(
        values.map((_, i) => isStored(i)),
        extra,
      )
      return parts.results.flatMap((_, i) => {
        if (lost[i]) return passed[i] ?? values[i] ?? []
        return answers[i] ?? []
      })
    }),
    results,
    residuals: kinds,
  }
}

/** The split of an application, by that of a function with the same meaning. */
export function splitThrough(func: Func, { args, known, interpret }: SplitCall): SplitResult {
  const parts = interpret.split(func, known)
  const outs = inline(parts.known, chosen(known, args))
  const [results, residuals] = sections(outs, [countTrue(parts.results)])
  return {
    outs: align(parts.results, results),
    residuals,
    rest: (stored, unknown) =>
      align(parts.results.map(not), inline(parts.unknown, [...stored, ...present(unknown)])),
  }
}

/** The split of an application of which nothing can be known before all is. */
export function splitWhole({ node, attrs, args, known }: SplitCall): SplitResult {
  return {
    outs: node.outs.map(() => null),
    residuals: chosen(known, args),
    rest: (residuals, unknown) => {
      const own = align(known, residuals)
      return apply(node.op, present(args.map((_, i) => own[i] ?? unknown[i])), attrs)
    },
  }
}

/** The transpose of an application, by that of a function with the same meaning. */
export function transposeThrough(func: Func, call: TransposeCall): readonly MaybeTerm[] {
  const { args, linear, cotangents, interpret } = call
  const back = interpret.transpose(func, linear, cotangents.map(isGiven))
  const given = [...chosen(linear.map(not), args), ...present(cotangents)]
  return align(linear, align(back.nonzero, inline(back.func, given)))
}
