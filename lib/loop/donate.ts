/**
 * Donate: which results are written where a parameter lived that the caller gives up.
 *
 *   r0 = p0 − rate · g, p0 donated    →    r0 in place of p0
 *
 * The parameter must have its last use before the result's first write; or in the kernel that
 * writes the result, if each iteration reads just the element that it writes, and reads it first.
 * Decided on kernels as lowered: schedules keep iterations whole.
 */
import type { Expr } from './expression.js'
import type { Kernel } from './kernel.js'
import { lifetimes } from './plan.js'
import { showExpr } from './print.js'
import type { Program, ProgramBuffer, RunStep, Step } from './program.js'
import type { Block, Stmt } from './statement.js'
import { blocksOf, expressionsOf, visitNodes } from './traverse.js'

/** Result → the parameter whose memory it takes; both by number. */
export type Reuse = ReadonlyMap<number, number>

/** `parameters` is how many of the program's external buffers are; the others are results. */
export function reuseDonated(
  program: Program,
  parameters: number,
  donated: readonly number[],
): Reuse {
  const reuse = new Map<number, number>()
  const external = program.buffers.filter((b) => b.place.tag === 'external')
  const lives = lifetimes(program)
  const { runs, moved } = usesIn(program.steps)
  const kernels = new Map(program.kernels.map((k) => [k.name, k]))
  const left = new Set(donated)
  const fits = (p: ProgramBuffer, r: ProgramBuffer): boolean => {
    const [read, write] = [lives.get(p.name), lives.get(r.name)]
    if (write === undefined || moved.has(p.name) || moved.has(r.name)) return false
    if (p.dtype !== r.dtype || String(p.shape) !== String(r.shape)) return false
    if (read === undefined || read.to < write.from) return true
    if (read.to > write.from) return false
    return runs
      .filter((step) => uses(step, p.name) && uses(step, r.name))
      .every((step) => isElementwise(kernels.get(step.kernel), step, p.name, r.name))
  }
  for (const [result, r] of external.slice(parameters).entries()) {
    const from = [...left].find((i) => external[i] !== undefined && fits(external[i], r))
    if (from === undefined) continue
    reuse.set(result, from)
    left.delete(from)
  }
  return reuse
}

const uses = (step: RunStep, name: string): boolean => Object.values(step.buffers).includes(name)

/** Runs of kernels, and buffers that copies and swaps concern. */
function usesIn(steps: readonly Step[]): {
  readonly runs: readonly RunStep[]
  readonly moved: ReadonlySet<string>
} {
  const runs: RunStep[] = []
  const moved = new Set<string>()
  const walk = (inner: readonly Step[]): void => {
    for (const step of inner) {
      if (step.tag === 'run') runs.push(step)
      else if (step.tag === 'copy') moved.add(step.from).add(step.to)
      else if (step.tag === 'swap') moved.add(step.a).add(step.b)
      else if (step.tag === 'branch') step.cases.forEach(walk)
      else {
        if (step.tag === 'while') walk(step.test)
        walk(step.body)
      }
    }
  }
  walk(steps)
  return { runs, moved }
}

/** Whether each iteration of a kernel reads of `p` just the element of `r` that it then writes. */
function isElementwise(kernel: Kernel | undefined, step: RunStep, p: string, r: string): boolean {
  const boundTo = (name: string) =>
    Object.keys(step.buffers).filter((key) => step.buffers[key] === name)
  const [[source, ...sources], [target, ...targets]] = [boundTo(p), boundTo(r)]
  if (kernel === undefined || source === undefined || target === undefined) return false
  if (sources.length + targets.length > 0) return false
  let element: string | undefined
  let sound = true
  const visit = (s: Stmt, loops: readonly string[]): void => {
    for (const e of expressionsOf(s)) {
      visitNodes(e, new Set(), (node) => {
        // Once the element is written nothing may read it again.
        if (node.tag === 'load' && node.buffer === source) reads.push(textOf(node.at))
        sound &&= !(element !== undefined && node.tag === 'load' && node.buffer === source)
        sound &&= !(node.tag === 'load' && node.buffer === target)
      })
    }
    if (s.tag !== 'store' || s.buffer !== target) return
    const names = s.at.flatMap((e) => (e.tag === 'variable' ? [e.name] : []))
    const plain = s.at.every((e) => e.tag === 'variable' || e.tag === 'constant')
    sound &&= element === undefined && plain && loops.every((loop) => names.includes(loop))
    element = textOf(s.at)
  }
  const reads: string[] = []
  const walk = (block: Block, loops: readonly string[]): void => {
    for (const s of block) {
      visit(s, loops)
      const inner = s.tag === 'loop' ? [...loops, s.index] : loops
      for (const b of blocksOf(s)) walk(b, s.tag === 'while' ? [...inner, 'while'] : inner)
    }
  }
  walk(kernel.body, [])
  return sound && element !== undefined && reads.every((at) => at === element)
}

const textOf = (at: readonly Expr[]): string => at.map((e) => showExpr(e)).join(', ')
