/**
 * Derivatives and batches by the author's word, and functions that treat theirs specially.
 *
 *   customJvp(f, (primals, tangents) => tangent)
 *   customVjp(f, (primals) => [result, residuals], (residuals, cotangent) => cotangents)
 *   customTranspose(f, 'x', (others, cotangent) => cotangent of x)
 *   customBatching(f, (inputs) => results)       inputs and results with the batch in front
 *
 * Rules are traced once, on trees in the form of the inputs and the result of f. They are called
 * with the sizes of f's inputs as names, and replaced by those of the call like f's own.
 */
import { fail, isFloat } from '../data/index.js'
import {
  customBatching as batchingTerms,
  broadcastTo,
  checkpoint as checkpointTerms,
  customJvp as jvpTerms,
  linearCall,
  piecewise as piecewiseTerm,
  sameShape,
  stopGradient as stopTerm,
  customVjp as vjpTerms,
} from '../ops/index.js'
import { isTerm, type MaybeTerm, showType, type TensorType, type Term } from '../term/index.js'
import type { RuleOptions } from '../types/custom.js'
import { applyFlat, specsOf } from './apply.js'
import { call } from './call.js'
import { type Closure, closureOf, isFn, type RuntimeFn } from './closure.js'
import { derived, made } from './derived.js'
import { termKind } from './fn.js'
import { operand } from './form.js'
import { finite, flag, type Options } from './options.js'
import { describe, flatten, flattenAs, type LeafKind, type Structure, unflatten } from './tree.js'
import { freshName, widened } from './vmap.js'
import { readWrt } from './wrt.js'

type Rule = (...trees: readonly unknown[]) => unknown

/** Read while developing (laws/refuse.ts). */
export const ruleOptions: Options<RuleOptions> = { laws: flag, low: finite, high: finite }

/** The same function; reverse mode recomputes what it needs of its inside. */
export function checkpointOf(f: unknown): RuntimeFn {
  const closure = closureOf(f, 'checkpoint')
  return derived(closure, 'checkpoint', (leaves) =>
    unflatten(
      closure.output,
      checkpointTerms((args) => applyFlat(closure, args), leaves),
    ),
  )
}

/** The values of a tree, constants to every derivative. */
export function stopGradientOf(tree: unknown): unknown {
  const { leaves, structure } = flatten(tree, termKind, 'stopGradient')
  return unflatten(structure, leaves.map(stopTerm))
}

/** The value of one tensor with the derivative of another of its type. */
export const straightThroughOf = (hard: unknown, soft: unknown): unknown =>
  call('straightThrough', [operand('straightThrough', hard), operand('straightThrough', soft)])

/**
 * The argument, marked: that its jumps are no jumps of the value is the author's word; a law tests
 * it.
 */
export function piecewiseOf(x: unknown): unknown {
  const mark = (term: Term): Term => (isFloat(term.dtype) ? piecewiseTerm(term) : term)
  if (isTerm(x)) return mark(x)
  // Of a function with effects left the mark would have no result to stand on.
  if (!isFn(x) || x.closure.tag !== 'closure') return x
  const { closure } = x
  return derived(closure, 'piecewise', (leaves) =>
    unflatten(closure.output, applyFlat(closure, leaves).map(mark)),
  )
}

/** f with the tangent that the rule gives. */
export function customJvpOf(f: unknown, rule: Rule): RuntimeFn {
  const closure = closureOf(f, 'customJvp')
  const floats = floatsOf(closure)
  return derived(closure, 'customJvp', (leaves) => {
    const outs = jvpTerms(
      (args) => applyFlat(closure, args),
      (args, tangents) => {
        const given = floats.tree(tangents.filter((_, i) => floats.flags[i]))
        const answer = rule(unflatten(closure.input, args), given)
        return flattenAs(closure.output, answer, answerKind, 'customJvp: the tangent')
      },
      leaves,
    )
    return unflatten(closure.output, outs)
  })
}

/** f with the cotangents that the backward rule gives; reverse mode runs the forward rule for f. */
export function customVjpOf(f: unknown, forward: Rule, backward: Rule): RuntimeFn {
  const closure = closureOf(f, 'customVjp')
  const { output } = closure
  const floats = floatsOf(closure)
  let stored: Structure | undefined
  return derived(closure, 'customVjp', (leaves) => {
    const outs = vjpTerms(
      (args) => applyFlat(closure, args),
      (args) => {
        const pair = forward(unflatten(closure.input, args))
        if (!Array.isArray(pair) || pair.length !== 2) {
          return fail({
            code: 'input',
            where: 'customVjp',
            what: `the forward rule gives ${describe(pair)}`,
            expected: '[result, residuals]',
          })
        }
        const results = flattenAs(output, pair[0], termKind, 'customVjp: the forward result')
        const residuals = flatten(pair[1], termKind, 'customVjp: the residuals')
        stored = residuals.structure
        return { results, residuals: residuals.leaves }
      },
      (residuals, cotangents) => {
        // The forward rule ran before, so the structure is known.
        const answer = backward(
          unflatten(stored as Structure, residuals),
          unflatten(output, cotangents),
        )
        const cts = flattenAs(floats.structure, answer, answerKind, 'customVjp: the cotangents')
        let next = 0
        return floats.flags.map((isFloating) => (isFloating ? cts[next++] : null))
      },
      leaves,
    )
    return unflatten(output, outs)
  })
}

/** f, which is linear in some inputs, with the transpose that the rule gives. */
export function customTransposeOf(f: unknown, names: unknown, rule: Rule): RuntimeFn {
  const closure = closureOf(f, 'customTranspose')
  const wrt = readWrt(closure, names, 'customTranspose')
  const others = Object.keys(closure.inputs).filter((name) => !wrt.names.includes(name))
  return derived(closure, 'customTranspose', (leaves) => {
    const outs = linearCall(
      (fixed, moving) => applyFlat(closure, wrt.merge(fixed, moving)),
      (fixed, cotangents) => {
        // Of the inputs transposed in nothing is read: the rule sees the others alone.
        const record = unflatten(closure.input, wrt.merge(fixed, cotangents)) as object
        const kept = Object.entries(record).filter(([name]) => others.includes(name))
        const answer = rule(Object.fromEntries(kept), unflatten(closure.output, cotangents))
        const cts = flattenAs(wrt.structure, answer, termKind, 'customTranspose: the cotangents')
        return wrt.activeOf(wrt.place(cts)).filter((ct) => ct !== null)
      },
      leaves.filter((_, i) => !wrt.active[i]),
      wrt.activeOf(leaves),
    )
    return unflatten(closure.output, outs)
  })
}

/** f with the batch that the rule gives; inputs that carry no batch are repeated for it. */
export function customBatchingOf(f: unknown, rule: Rule): RuntimeFn {
  const closure = closureOf(f, 'customBatching')
  const size = freshName(closure)
  const specs = specsOf(closure).map((spec, i) => widened(spec, size, 0, closure.paths[i]))
  const inputs = unflatten(closure.input, specs) as Closure['inputs'] // a record, as f's are
  const many = closureOf(
    made(`batch of ${closure.name}`, inputs, (rows) => {
      const answer = rule(unflatten(closure.input, rows))
      const outs = flattenAs(closure.output, answer, termKind, 'customBatching: the results')
      outs.forEach((out, i) => {
        needBatched(out, closure.func.results[i], size)
      })
      return unflatten(closure.output, outs)
    }),
    'customBatching',
  )
  if (many.captures.length > 0) {
    fail({
      code: 'trace',
      where: 'customBatching',
      what: 'the rule uses a tensor from outside',
      fix: 'Pass it as an input of the function',
    })
  }
  return derived(closure, 'customBatching', (leaves) => {
    const outs = batchingTerms(
      (args) => applyFlat(closure, args),
      ({ args, batched, size: count }) => {
        const rows = args.map((x, i) => (batched[i] ? x : broadcastTo(x, [count, ...x.shape])))
        return { outs: applyFlat(many, rows), batched: closure.func.results.map(() => true) }
      },
      leaves,
    )
    return unflatten(closure.output, outs)
  })
}

/** What a rule may give for a leaf; null is zero. */
const answerKind: LeafKind<MaybeTerm> = {
  noun: 'a tensor, or null for zero',
  isLeaf: (x): x is MaybeTerm => x === null || isTerm(x),
}

/** The floating leaves of the inputs, as a tree of their own. */
function floatsOf(closure: Closure) {
  const flags = specsOf(closure).map(({ dtype }) => isFloat(dtype))
  let next = 0
  const prune = (form: Structure): Structure | null => {
    switch (form.tag) {
      case 'leaf':
        return flags[next++] ? form : null
      case 'tuple': {
        const items = form.items.flatMap((item) => prune(item) ?? [])
        return items.length === 0 ? null : { tag: 'tuple', items }
      }
      case 'record': {
        const entries = form.entries.flatMap(([key, child]) => {
          const kept = prune(child)
          return kept === null ? [] : [[key, kept] as const]
        })
        return entries.length === 0 ? null : { tag: 'record', entries }
      }
    }
  }
  const structure = prune(closure.input) ?? { tag: 'record', entries: [] }
  return { flags, structure, tree: (leaves: readonly Term[]) => unflatten(structure, leaves) }
}

function needBatched(out: TensorType, result: TensorType, size: string): void {
  const shape = [size, ...result.shape]
  if (out.dtype === result.dtype && sameShape(out.shape, shape)) return
  fail({
    code: 'shape',
    where: 'customBatching',
    what: `the rule gives ${showType(out)}`,
    expected: `${showType({ dtype: result.dtype, shape })}, one result of the function for each row`,
  })
}
