/**
 * Miscompilations: programs of kernels changed after lowering, as a faulty compiler or runtime
 * would change them, and the law that kernels compute what the reference does.
 *
 *   for i in 0..n { y[i] = … }    →    for i in 0..n−1 { y[i] = … }
 *
 * A missing barrier is its worst interleaving: of two threads, one is a kernel behind the other, so
 * the second half of each kernel runs after the first half of the next.
 */

import { compile } from '../../lib/loop/compile.js'
import { add, constant, div, type Expr, size, sub } from '../../lib/loop/expression.js'
import { interpretProgram } from '../../lib/loop/index.js'
import type { Kernel } from '../../lib/loop/kernel.js'
import type { Program, Step } from '../../lib/loop/program.js'
import type { Loop, Stmt } from '../../lib/loop/statement.js'
import { mapBlocks, mapExpressions, rewriteExpr } from '../../lib/loop/traverse.js'
import { agreement, expectedOf } from '../agree.js'
import { type Law, law } from '../law.js'
import { agreed, broken } from '../measured.js'
import { programs } from '../programs.js'

export interface Miscompilation {
  readonly name: string
  readonly change: (program: Program) => Program
}

/** Whether programs, so changed, still compute what the reference does; unchanged ones do. */
export const kernelLaws = (change: (program: Program) => Program): readonly Law[] => [
  law(
    'kernels: they compute what the reference does',
    'interpret ∘ lower = evaluate',
    programs({ mixed: true, values: 'moderate' }),
    ({ func, inputs, sizes }) => {
      const expected = expectedOf(func, inputs, sizes)
      const program = change(compile(func).lowered)
      const externals = Object.fromEntries([
        ...inputs.map((x, i) => [`p${i}`, x.data.slice()] as const),
        ...expected.results.map((r, i) => [`r${i}`, r.data.slice().fill(0)] as const),
      ])
      const buffers = interpretProgram(program, sizes, externals)
      const { fault } = agreement(
        expected,
        expected.results.map((_, i) => buffers[`r${i}`]),
      )
      return fault === undefined ? agreed('every entry') : broken(fault)
    },
  ),
]

const inKernels =
  (change: (kernel: Kernel) => Kernel) =>
  (program: Program): Program => ({ ...program, kernels: program.kernels.map(change) })

/** Every statement, the inner ones first. */
const statements = (change: (s: Stmt) => Stmt) => {
  const all = (s: Stmt): Stmt => change(mapBlocks(s, (block) => block.map(all)))
  return inKernels((kernel) => ({ ...kernel, body: kernel.body.map(all) }))
}

const loops = (change: (loop: Loop) => Loop) =>
  statements((s) => (s.tag === 'loop' ? change(s) : s))

const expressions = (change: (e: Expr) => Expr) => {
  const everywhere = rewriteExpr(change)
  return statements((s) => mapExpressions(s, everywhere))
}

const swapped = (at: readonly Expr[]): readonly Expr[] =>
  at.length < 2 ? at : [at[1], at[0], ...at.slice(2)]

/** Two threads without a barrier between kernels: the second is one kernel late. */
function withoutBarriers(program: Program): Program {
  const halves = program.kernels.flatMap((kernel) => {
    const [loop] = kernel.body
    const divided = kernel.body.length === 1 && loop.tag === 'loop' && loop.mode === 'parallel'
    if (!divided)
      return [
        { ...kernel, name: `${kernel.name} a` },
        { ...kernel, name: `${kernel.name} b`, body: [] },
      ]
    const middle = div(loop.to, size(2))
    return [
      { ...kernel, name: `${kernel.name} a`, body: [{ ...loop, to: middle }] },
      { ...kernel, name: `${kernel.name} b`, body: [{ ...loop, from: middle }] },
    ]
  })
  const late = (steps: readonly Step[]): readonly Step[] => {
    const out: Step[] = []
    let waiting: Step | undefined
    for (const step of steps) {
      if (step.tag === 'run') {
        out.push({ ...step, kernel: `${step.kernel} a` })
        if (waiting !== undefined) out.push(waiting)
        waiting = { ...step, kernel: `${step.kernel} b` }
        continue
      }
      if (waiting !== undefined) out.push(waiting)
      waiting = undefined
      out.push(inside(step))
    }
    return waiting === undefined ? out : [...out, waiting]
  }
  const inside = (step: Step): Step => {
    switch (step.tag) {
      case 'for':
        return { ...step, body: late(step.body) }
      case 'while':
        return { ...step, test: late(step.test), body: late(step.body) }
      case 'branch':
        return { ...step, cases: step.cases.map(late) }
      case 'run':
      case 'copy':
      case 'swap':
        return step
    }
  }
  return { ...program, kernels: halves, steps: late(program.steps) }
}

/** Those of loops that count: a condition whose operands never change would never end. */
function withoutSwaps(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step): readonly Step[] => {
    if (step.tag === 'swap') return []
    return step.tag === 'for' ? [{ ...step, body: withoutSwaps(step.body) }] : [step]
  })
}

export const miscompilations: readonly Miscompilation[] = [
  { name: 'loops end one early', change: loops((l) => ({ ...l, to: sub(l.to, 1) })) },
  { name: 'loops start one late', change: loops((l) => ({ ...l, from: add(l.from, 1) })) },
  {
    name: 'reductions end one early',
    change: loops((l) => (l.mode === 'sequential' ? { ...l, to: sub(l.to, 1) } : l)),
  },
  {
    name: 'accumulators start from one',
    change: statements((s) =>
      s.tag === 'variable' && s.combine === 'add' && s.initial.dtype !== 'bool'
        ? { ...s, initial: constant(s.initial.dtype, s.initial.dtype === 'i64' ? 1n : 1) }
        : s,
    ),
  },
  {
    name: 'maxima taken for minima',
    change: statements((s) =>
      s.tag === 'variable' && s.combine === 'max' ? { ...s, combine: 'min' } : s,
    ),
  },
  {
    name: 'stores with axes swapped',
    change: statements((s) => (s.tag === 'store' ? { ...s, at: swapped(s.at) } : s)),
  },
  {
    name: 'loads with axes swapped',
    change: expressions((e) => (e.tag === 'load' ? { ...e, at: swapped(e.at) } : e)),
  },
  {
    name: 'the first row loaded for all',
    change: expressions((e) =>
      e.tag === 'load' && e.at.length > 0 ? { ...e, at: [size(0), ...e.at.slice(1)] } : e,
    ),
  },
  {
    name: 'differences the other way',
    change: expressions((e) =>
      e.tag === 'binary' && e.op === 'sub' && e.dtype !== 'i32' ? { ...e, x: e.y, y: e.x } : e,
    ),
  },
  {
    name: 'selects the other way',
    change: expressions((e) => (e.tag === 'select' ? { ...e, yes: e.no, no: e.yes } : e)),
  },
  { name: 'the last store left out', change: (p) => ({ ...p, steps: p.steps.slice(0, -1) }) },
  { name: 'steps in the wrong order', change: (p) => ({ ...p, steps: [...p.steps].reverse() }) },
  {
    name: 'swaps left out',
    change: (p) => ({ ...p, steps: withoutSwaps(p.steps) }),
  },
  { name: 'a missing barrier between kernels', change: withoutBarriers },
]
