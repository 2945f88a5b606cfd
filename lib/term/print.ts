/**
 * Functions as text, in SSA form; `parse` reads the same text back.
 *
 *   fn step(x: f32[b, 3], w: f32[3]) {
 *     %0: f32[b, 3] = broadcastTo(w) {shape: ["b", 3]}
 *     %1: f32[b, 3] = mul(x, %0)
 *     %2: f32[b, 3] = add(%1, f32[b, 3](...1))
 *     return %2
 *   }
 *
 * Small constants stand where they are used. Bodies of control flow are indented attributes, with
 * names of their own. Lines keep their parts and the node that they show. No recursion over nodes,
 * only over bodies within bodies.
 */
import type { Func } from './func.js'
import { isFunc } from './key.js'
import { isArray, isRecord, showArray, showLiteralType, showName, showValue } from './literal.js'
import { isParameter, type Node, showType, type Term } from './term.js'

export type PartKind =
  | 'keyword'
  | 'name'
  | 'type'
  | 'op'
  | 'attribute'
  | 'literal'
  | 'sign'
  | 'note'

export interface Part {
  readonly kind: PartKind
  readonly text: string
  /** The term that a name or an inline constant stands for. */
  readonly term?: Term
}

export interface Line {
  readonly depth: number
  readonly parts: readonly Part[]
  /** The node that the line shows; absent for heads, returns and brackets. */
  readonly node?: Node
}

export interface PrintOptions {
  /** Arrays of more elements show their first few only, and do not read back. Default: none. */
  readonly most?: number
  /** Append the user's line as a comment. Default: false. */
  readonly sources?: boolean
  /** Names for results, distinct and starting with `%`. Default: numbers in order. */
  readonly names?: (term: Term) => string
}

/** The lines of a function. */
export function print(func: Func, options: PrintOptions = {}): readonly Line[] {
  const lines: Line[] = []
  writeFunc(lines, func, 0, [], options)
  return lines
}

/** The function as text. */
export const show = (func: Func, options: PrintOptions = {}): string =>
  showLines(print(func, options))

export const showLine = (line: Line): string =>
  '  '.repeat(line.depth) + line.parts.map((p) => p.text).join('')

export const showLines = (lines: readonly Line[]): string => lines.map(showLine).join('\n')

/** Constants of up to this many elements stand where they are used. */
const inlineLimit = 4

/** Names are per function: parameters keep theirs, results are numbered. */
function naming(func: Func, options: PrintOptions): (term: Term) => Part {
  const most = options.most ?? Infinity
  const parts = new Map<Term, Part>()
  const taken = new Set<string>()
  for (const term of func.params) {
    const wanted = String(term.node.attrs.name)
    let name = wanted
    for (let n = 1; taken.has(name); n++) name = `${wanted}_${n}`
    taken.add(name)
    parts.set(term, { kind: 'name', text: showName(name), term })
  }
  let count = 0
  for (const node of func.nodes) {
    const literal = inlineLiteral(node, most)
    for (const term of node.outs) {
      const part: Part =
        literal === undefined
          ? { kind: 'name', text: options.names?.(term) ?? `%${count++}`, term }
          : { kind: 'literal', text: literal, term }
      parts.set(term, part)
    }
  }
  return (term) => parts.get(term) ?? { kind: 'name', text: strayName(term), term }
}

/** Terms of elsewhere have no name; a printer that fails would hide the fault from the verifier. */
const strayName = (term: Term): string =>
  isParameter(term) ? `?${String(term.node.attrs.name)}` : `?${term.node.op.name}`

/** How results are called in the text of a function; those printed where they are used are not. */
export function resultNames(func: Func): ReadonlyMap<Term, string> {
  const name = naming(func, {})
  const results = func.nodes.flatMap((node) => node.outs.map((out) => [out, name(out)] as const))
  return new Map(results.flatMap(([t, part]) => (part.kind === 'name' ? [[t, part.text]] : [])))
}

/** The text of a constant, or of a scalar one broadcast, that needs no line of its own. */
function inlineLiteral(node: Node, most: number): string | undefined {
  const [arg] = node.args
  if (arg === undefined) {
    const value = node.op.name === 'constant' ? node.attrs.value : undefined
    return isArray(value) && value.data.length <= inlineLimit ? showArray(value, most) : undefined
  }
  if (node.op.name !== 'broadcastTo' || arg.shape.length > 0) return undefined
  const value = arg.node.op.name === 'constant' ? arg.node.attrs.value : undefined
  if (!isArray(value)) return undefined
  const type = showLiteralType(node.outs[0])
  return `${type}(...${showArray(value, most).slice(value.dtype.length + 1)}`
}

function writeFunc(
  lines: Line[],
  func: Func,
  depth: number,
  before: readonly Part[],
  options: PrintOptions,
): void {
  const most = options.most ?? Infinity
  const name = naming(func, options)
  const params = func.params.map((p) => [name(p), sign(': '), typePart(p)])
  lines.push({
    depth,
    parts: [
      ...before,
      { kind: 'keyword', text: 'fn ' },
      { kind: 'name', text: showName(func.name) },
      sign('('),
      ...separated(params),
      sign(') {'),
    ],
  })
  for (const node of func.nodes) {
    if (inlineLiteral(node, most) === undefined) writeNode(lines, node, depth + 1, name, options)
  }
  lines.push({
    depth: depth + 1,
    parts: [
      { kind: 'keyword', text: func.results.length === 0 ? 'return' : 'return ' },
      ...separated(func.results.map((r) => [name(r)])),
    ],
  })
  lines.push({ depth, parts: [sign('}')] })
}

function writeNode(
  lines: Line[],
  node: Node,
  depth: number,
  name: (term: Term) => Part,
  options: PrintOptions,
): void {
  const most = options.most ?? Infinity
  const head: Part[] = [
    ...separated(node.outs.map((out) => [name(out), sign(': '), typePart(out)])),
    sign(' = '),
    { kind: 'op', text: node.op.name },
    sign('('),
    ...separated(node.args.map((a) => [name(a)])),
    sign(')'),
  ]
  const line = options.sources === true ? node.source?.line() : undefined
  const note: readonly Part[] = line === undefined ? [] : [{ kind: 'note', text: ` // ${line}` }]
  const attrs = Object.entries(node.attrs).filter(([, value]) => value !== undefined)
  if (attrs.length === 0) {
    lines.push({ depth, parts: [...head, ...note], node })
    return
  }
  if (!attrs.some(([, value]) => holdsFunc(value))) {
    const fields = attrs.map(([key, value]) => [
      attribute(key),
      { kind: 'literal', text: showValue(value, most) } as const,
    ])
    lines.push({
      depth,
      parts: [...head, sign(' {'), ...separated(fields), sign('}'), ...note],
      node,
    })
    return
  }
  lines.push({ depth, parts: [...head, sign(' {'), ...note], node })
  for (const [key, value] of attrs) {
    writeValue(lines, value, depth + 1, [attribute(key)], options)
  }
  lines.push({ depth, parts: [sign('}')] })
}

/** A value on lines of its own: functions, lists and records of functions open up. */
function writeValue(
  lines: Line[],
  value: unknown,
  depth: number,
  before: readonly Part[],
  options: PrintOptions,
): void {
  if (isFunc(value)) writeFunc(lines, value, depth, before, options)
  else if (!holdsFunc(value)) {
    const text = showValue(value, options.most ?? Infinity)
    lines.push({ depth, parts: [...before, { kind: 'literal', text }] })
  } else {
    const list = Array.isArray(value)
    lines.push({ depth, parts: [...before, sign(list ? '[' : '{')] })
    // holdsFunc is false for anything but lists and records.
    for (const [key, item] of Object.entries(value as object)) {
      writeValue(lines, item, depth + 1, list ? [] : [attribute(key)], options)
    }
    lines.push({ depth, parts: [sign(list ? ']' : '}')] })
  }
}

const holdsFunc = (value: unknown): boolean => {
  if (isFunc(value)) return true
  if (Array.isArray(value)) return value.some(holdsFunc)
  return isRecord(value) && !isArray(value) && Object.values(value).some(holdsFunc)
}

const sign = (text: string): Part => ({ kind: 'sign', text })
const attribute = (key: string): Part => ({ kind: 'attribute', text: `${showName(key)}: ` })
const typePart = (term: Term): Part => ({ kind: 'type', text: showType(term) })

const separated = (groups: readonly (readonly Part[])[]): readonly Part[] =>
  groups.flatMap((group, i) => (i === 0 ? group : [sign(', '), ...group]))
