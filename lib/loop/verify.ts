/**
 * Verify: a kernel is well typed, stays in bounds, has no races and writes all that it promises.
 *
 * Checked by symbols, so for all sizes (each at least 1). What cannot be shown is a fault: the
 * language has `clampIndex` and sequential loops for what depends on data.
 */

import { type Facts, isNonNegative, toPolynomial } from './bounds.js'
import { unwritten } from './coverage.js'
import { type Expr, elementOf } from './expression.js'
import { shapesOf, walkFacts } from './facts.js'
import { type Fault, failOn } from './fault.js'
import type { Kernel } from './kernel.js'
import { lockstepFaults } from './lockstep.js'
import { minus, ofDim, plus, whole } from './polynomial.js'
import { showExpr, showStatement } from './print.js'
import { races } from './race.js'
import { spreadFaults } from './spread.js'
import type { Block, Stmt } from './statement.js'
import { blocksOf, expressionsOf, nodesOf, statementsOf } from './traverse.js'

export function verifyKernel(kernel: Kernel): readonly Fault[] {
  const early = [...nameFaults(kernel), ...typeFaults(kernel)]
  if (early.length > 0) return early
  return [
    ...boundFaults(kernel),
    ...races(kernel),
    ...unwritten(kernel),
    ...lockstepFaults(kernel.body),
    ...spreadFaults(kernel.body),
  ]
}

/** The kernel itself, or an error that says what is wrong with it. */
export function verified(kernel: Kernel): Kernel {
  failOn(verifyKernel(kernel), `kernel ${kernel.name}`)
  return kernel
}

function nameFaults(kernel: Kernel): readonly Fault[] {
  const faults: Fault[] = []
  const seen = new Set<string>()
  const introduce = (name: string): void => {
    if (seen.has(name)) faults.push({ kind: 'name', what: `'${name}' is defined twice` })
    seen.add(name)
  }
  for (const c of kernel.counters) introduce(c.name)
  const buffers = new Set(kernel.buffers.map((b) => b.name))
  if (buffers.size < kernel.buffers.length) {
    faults.push({ kind: 'name', what: 'two buffers have one name' })
  }
  for (const s of statementsOf(kernel.body)) {
    if (s.tag === 'loop') introduce(s.index)
    if (s.tag === 'let' || s.tag === 'variable') introduce(s.name)
    if (s.tag !== 'local') continue
    if (buffers.has(s.name)) faults.push({ kind: 'name', what: `'${s.name}' is defined twice` })
    buffers.add(s.name)
  }
  return [...faults, ...scopeFaults(kernel)]
}

/** Reads of names that nothing in scope defines. */
function scopeFaults(kernel: Kernel): readonly Fault[] {
  const faults: Fault[] = []
  const walk = (block: Block, outer: ReadonlySet<string>): void => {
    const scope = new Set(outer)
    for (const s of block) {
      for (const e of expressionsOf(s)) {
        for (const node of nodesOf(e)) {
          if (node.tag !== 'variable' || scope.has(node.name)) continue
          faults.push({
            kind: 'name',
            what: `'${node.name}' is not in scope in ${showStatement(s)}`,
          })
        }
      }
      if ((s.tag === 'assign' || s.tag === 'accumulate') && !scope.has(s.name)) {
        faults.push({ kind: 'name', what: `'${s.name}' is set where nothing declares it` })
      }
      const inner = s.tag === 'loop' ? new Set([...scope, s.index]) : scope
      for (const b of blocksOf(s)) walk(b, inner)
      if (s.tag === 'let' || s.tag === 'variable') scope.add(s.name)
    }
  }
  walk(kernel.body, new Set(kernel.counters.map((c) => c.name)))
  return faults
}

function typeFaults(kernel: Kernel): readonly Fault[] {
  const faults: Fault[] = []
  const shapes = shapesOf(kernel)
  const fault = (s: Stmt, why: string): void => {
    faults.push({ kind: 'type', what: `${why} in ${showStatement(s)}` })
  }
  const combines = new Map<string, { readonly dtype: string; readonly adds: boolean }>()
  const access = (s: Stmt, name: string, at: readonly Expr[], dtype: string): void => {
    const shape = shapes.get(name)
    if (shape === undefined) fault(s, `there is no buffer '${name}'`)
    else if (elementOf(shape.dtype) !== dtype)
      fault(s, `'${name}' holds ${shape.dtype}, not ${dtype}`)
    else if (shape.shape.length !== at.length) fault(s, `'${name}' has ${shape.shape.length} axes`)
    if (at.some((e) => e.dtype !== 'i32')) fault(s, 'an index is not an i32')
  }
  for (const s of statementsOf(kernel.body)) {
    for (const e of expressionsOf(s)) {
      for (const node of nodesOf(e)) {
        if (node.tag === 'load') access(s, node.buffer, node.at, node.dtype)
      }
    }
    if (s.tag === 'variable') {
      combines.set(s.name, { dtype: s.initial.dtype, adds: s.combine !== undefined })
    } else if (s.tag === 'store') {
      access(s, s.buffer, s.at, s.value.dtype)
      if (shapes.get(s.buffer)?.writable === false) fault(s, `'${s.buffer}' is read-only`)
    } else if (s.tag === 'assign' || s.tag === 'accumulate') {
      const declared = combines.get(s.name)
      if (declared?.dtype !== s.value.dtype) fault(s, `'${s.name}' is ${declared?.dtype}`)
      if (s.tag === 'accumulate' && declared?.adds === false) fault(s, `'${s.name}' has no combine`)
    } else if (s.tag === 'if' || s.tag === 'while') {
      if (s.condition.dtype !== 'bool') fault(s, 'the condition is not a bool')
    } else if (s.tag === 'loop' && !(s.step > 0 && s.width > 0)) fault(s, 'a step must be positive')
  }
  return faults
}

function boundFaults(kernel: Kernel): readonly Fault[] {
  const faults: Fault[] = []
  const shapes = shapesOf(kernel)
  const check = (s: Stmt, facts: Facts, buffer: string, at: readonly Expr[]): void => {
    for (const [axis, e] of at.entries()) {
      const index = toPolynomial(facts, e)
      const last = minus(ofDim(shapes.get(buffer)?.shape[axis] ?? 0), whole(1))
      const text = `${buffer}[${at.map((x) => showExpr(x)).join(', ')}]`
      const place = `axis ${axis} of ${text} in ${showStatement(s)}`
      if (!isNonNegative(facts, index)) {
        faults.push({
          kind: 'bounds',
          what: `cannot show that the index is not negative: ${place}`,
        })
      } else if (!isNonNegative(facts, plus(last, index, -1))) {
        faults.push({ kind: 'bounds', what: `cannot show that the index is in bounds: ${place}` })
      }
    }
  }
  walkFacts(kernel, (s, facts) => {
    if (s.tag === 'touch') return
    if (s.tag === 'store') check(s, facts, s.buffer, s.at)
    for (const e of expressionsOf(s)) {
      for (const node of nodesOf(e)) if (node.tag === 'load') check(s, facts, node.buffer, node.at)
    }
  })
  return faults
}
