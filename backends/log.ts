/**
 * Why programs were compiled: a reason for each time, program by program.
 *
 *   first load of the program
 *   the input 'x' differs: f32[16], was f32[8]
 *   the option 'donate' differs: w, was nothing
 *
 * A backend keeps one log. Named sizes need no new compilation, so a reason that names a size says
 * where one would help.
 */
import { type Func, showType } from '../lib/term/index.js'

export interface CompilationLog {
  /** Notes a compilation; all reasons for programs of its name so far, this one last. */
  readonly note: (func: Func, options?: Readonly<Record<string, string>>) => readonly string[]
}

interface Entry {
  readonly last: WeakRef<Func>
  readonly options: Readonly<Record<string, string>>
  readonly reasons: readonly string[]
}

/** The option `donate` by the names of the parameters that are given up. */
export function donateOption(
  { params }: Func,
  donate: readonly number[],
): Readonly<Record<string, string>> {
  const names = donate.map((i) => String(params[i].node.attrs.name)).join(', ')
  return names === '' ? {} : { donate: names }
}

/** Of one program's reasons the last ones are kept, and the first. */
const most = 32

export function compilationLog(): CompilationLog {
  const entries = new Map<string, Entry>()
  return {
    note: (func, options = {}) => {
      const before = entries.get(func.name)
      const reason =
        before === undefined
          ? 'first load of the program'
          : differenceOf(func, before.last.deref(), options, before.options)
      const known = before?.reasons ?? []
      const kept = known.length < most ? known : [...known.slice(0, 1), ...known.slice(2)]
      const reasons = [...kept, reason]
      entries.set(func.name, { last: new WeakRef(func), options, reasons })
      return reasons
    },
  }
}

function differenceOf(
  func: Func,
  before: Func | undefined,
  options: Readonly<Record<string, string>>,
  earlier: Readonly<Record<string, string>>,
): string {
  if (before === undefined) return 'loaded again: the earlier program is gone'
  for (const key of new Set([...Object.keys(options), ...Object.keys(earlier)])) {
    const [now, then] = [options[key] ?? 'nothing', earlier[key] ?? 'nothing']
    if (now !== then) return `the option '${key}' differs: ${now}, was ${then}`
  }
  if (before.params.length !== func.params.length) {
    return `the inputs differ: ${func.params.length}, were ${before.params.length}`
  }
  for (const [i, param] of func.params.entries()) {
    const [now, then] = [showType(param), showType(before.params[i])]
    if (now !== then)
      return `the input '${param.node.attrs.name ?? i}' differs: ${now}, was ${then}`
  }
  for (const [i, node] of func.nodes.entries()) {
    const then = before.nodes[i]
    if (node.op === then?.op) continue
    const was = then === undefined ? '' : `, was ${then.op.name}`
    const line = node.source === undefined ? '' : ` at ${node.source.line()}`
    return `another function of the same name: op ${i} is ${node.op.name}${was}${line}`
  }
  if (before.nodes.length !== func.nodes.length) {
    return `another function of the same name: ${func.nodes.length} ops, were ${before.nodes.length}`
  }
  return 'loaded again: the ops are the same; keep the compiled program instead'
}
