/**
 * Verify: is this Func well formed? Run after each pass in tests, and on anything that was parsed.
 *
 *   %3: f32[2] = add(x, %9)    →    "add: uses %9, which is not defined before it"
 *
 * Checked: parameters, arguments defined before use and wired to their slots, types equal to what
 * the type rules give (which also hold bodies to their arity), no term of another function, and
 * every body in turn. Source lines are optional.
 */
import { fail, PullbackError } from '../data/index.js'
import type { Func } from './func.js'
import { isFunc } from './key.js'
import { isArray, isRecord } from './literal.js'
import { print, showLine } from './print.js'
import { type Binder, isParameter, type Node, showType, type Term } from './term.js'

export interface Fault {
  /** The function at fault: the one given, or a body within it. */
  readonly func: Func
  /** The node at fault; absent where the function as a whole is. */
  readonly node?: Node
  /** One sentence without a full stop. */
  readonly what: string
}

/** Fails with the first fault, code `verify`; `where` names the stage that is to blame. */
export function verify(func: Func, where?: string): void {
  const [fault] = faults(func)
  if (fault === undefined) return
  const line = print(fault.func, { most: 8 }).find((l) => l.node === fault.node && l.node)
  fail({
    code: 'verify',
    where: where ?? `'${func.name}'`,
    what: `${line === undefined ? `'${fault.func.name}'` : showLine(line).trim()}: ${fault.what}`,
    expected: 'a well-formed function',
    fix: 'This is a fault of the compiler, not of the program',
  })
}

/** All that is wrong, innermost functions first. */
export function faults(func: Func): readonly Fault[] {
  const found: Fault[] = []
  const seen = new Set<Func>()
  const visit = (f: Func): void => {
    if (seen.has(f)) return
    seen.add(f)
    for (const node of f.nodes) for (const body of bodiesOf(node.attrs)) visit(body)
    check(f, (what, node) =>
      found.push(node === undefined ? { func: f, what } : { func: f, node, what }),
    )
  }
  visit(func)
  return found
}

/** The functions in a value: the bodies of a node, from its attributes. */
export function bodiesOf(value: unknown): readonly Func[] {
  if (isFunc(value)) return [value]
  if (Array.isArray(value)) return value.flatMap(bodiesOf)
  return isRecord(value) && !isArray(value) ? Object.values(value).flatMap(bodiesOf) : []
}

function check(func: Func, report: (what: string, node?: Node) => void): void {
  const slots: Term[] = [...func.params]
  checkParams(func, report)
  const binders = new Set(func.params.flatMap((p) => p.node.binders))
  if (func.wiring.length !== func.nodes.length) report('wiring and nodes differ in number')
  func.nodes.forEach((node, i) => {
    checkArguments(node, func.wiring[i] ?? [], slots, binders, (what) => report(what, node))
    checkTypes(node, (what) => report(what, node))
    slots.push(...node.outs)
  })
  if (func.resultSlots.length !== func.results.length)
    report('results and their slots differ in number')
  func.results.forEach((result, i) => {
    if (slots[func.resultSlots[i]] !== result) report(`result ${i} is not a term of this function`)
  })
}

function checkParams(func: Func, report: (what: string) => void): void {
  if (new Set(func.params).size !== func.params.length) report('a parameter occurs twice')
  func.params.forEach((param, i) => {
    if (!isParameter(param)) report(`parameter ${i} is a result of '${param.node.op.name}'`)
  })
}

function checkArguments(
  node: Node,
  wires: readonly number[],
  slots: readonly Term[],
  binders: ReadonlySet<Binder>,
  report: (what: string) => void,
): void {
  if (wires.length !== node.args.length) report('arguments and wires differ in number')
  node.args.forEach((arg, i) => {
    if (slots[wires[i]] === arg) return
    const known = slots.includes(arg)
    report(
      known ? `argument ${i} is wired to another term` : `argument ${i} is not defined before it`,
    )
  })
  const stray = node.binders.find((b) => !binders.has(b))
  if (stray !== undefined) report(`it depends on an input of '${stray.name}'`)
}

function checkTypes(node: Node, report: (what: string) => void): void {
  if (node.outs.some((out, i) => out.node !== node || out.index !== i)) {
    report('its results do not point back to it')
  }
  try {
    const given = node.op.type(node.args, node.attrs).map(showType).join(', ')
    const held = node.outs.map(showType).join(', ')
    if (given !== held) report(`it holds ${held} where the type rule gives ${given}`)
  } catch (error) {
    if (!(error instanceof PullbackError)) throw error
    report(error.message)
  }
}
