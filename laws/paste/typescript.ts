/**
 * A program and its inputs as TypeScript to paste: published entries are all that it imports.
 *
 *   import { f64 } from 'pullback'
 *   import { apply, closed, sin, sumOp } from 'pullback/ops'
 *
 *   export const program = closed({ b: f64(3) }, ({ b }) => {
 *     const v0 = sin(b)
 *     const [v1] = apply(sumOp, [v0], { axes: [0] })
 *     return [v1]
 *   }, { name: 'program' })
 *   export const inputs = { b: { data: new Float64Array([1, 2, 3]), shape: [3] } }
 *
 * Terms are those of the program, one line a node. An op of the reader's own is imported from
 * './own.js'.
 */
import type { DType, NDArray } from '../../lib/data/index.js'
import * as vocabulary from '../../lib/ops/index.js'
import { type Func, isFunc, type Node, type TensorType, type Term } from '../../lib/term/index.js'

export function typescriptOf(func: Func, inputs: readonly NDArray[]): string {
  const used: Used = { language: new Set(), ops: new Set(['closed']), own: new Set() }
  const names = namesOf(func)
  const specs = func.params.map((p, i) => `${names[i]}: ${specOf(p, used)}`)
  const body = bodyOf(func, names, used, '  ')
  const reads = readIn(func)
  const read = names.filter((_, i) => reads.has(func.params[i]))
  const given = inputs.map((x, i) => `${names[i]}: ${arrayOf(x)}`)
  const text =
    `export const program = closed({ ${specs.join(', ')} }, ({ ${read.join(', ')} }) => {\n` +
    `${body}}, { name: ${quoted(func.name)} })\n` +
    `export const inputs = {\n${given.map((line) => `  ${line},\n`).join('')}}\n`
  return `${importOf(used.language, 'pullback')}${importOf(used.ops, 'pullback/ops')}${importOf(used.own, './own.js')}\n${text}`
}

/** What the text imports, by where from. */
interface Used {
  readonly language: Set<string>
  readonly ops: Set<string>
  readonly own: Set<string>
}

const importOf = (names: ReadonlySet<string>, from: string): string =>
  names.size === 0 ? '' : `import { ${[...names].sort().join(', ')} } from '${from}'\n`

/** The name under which the vocabulary exports each op. */
const exported: ReadonlyMap<unknown, string> = new Map(
  Object.entries(vocabulary).map(([name, value]) => [value, name]),
)

/** Words that make just the node of their name from arguments of one type. */
const plain: ReadonlySet<string> = new Set(
  `neg abs sign exp expm1 log log1p sqrt rsqrt cbrt sin cos tan asin acos atan sinh cosh tanh asinh
  acosh atanh sigmoid logSigmoid softplus erf erfc erfInv lgamma digamma floor ceil round relu square
  reciprocal sinc isFinite not stopGradient piecewise add sub mul div scale max min atan2 rem mod hypot
  logaddexp xlogy eq ne lt le gt ge and or xor`.split(/\s+/),
)

/** Names of parameters that are identifiers, each once. */
function namesOf(func: Func): readonly string[] {
  const taken = new Set<string>()
  return func.params.map((p, i) => {
    const wanted = String(p.node.attrs.name)
    const name = /^[A-Za-z_][A-Za-z_0-9]*$/.test(wanted) && !taken.has(wanted) ? wanted : `p${i}`
    taken.add(name)
    return name
  })
}

/** What a function reads of its parameters and results of nodes. */
const readIn = (func: Func): ReadonlySet<Term> =>
  new Set([...func.nodes.flatMap((n) => n.args), ...func.results])

/** A pattern that takes just what is read: `[, b]`. */
const takenOf = (terms: readonly Term[], names: readonly string[], reads: ReadonlySet<Term>) =>
  `[${terms.map((t, i) => (reads.has(t) ? names[i] : '')).join(', ')}]`

/** The lines of a function's body, the return included. */
function bodyOf(func: Func, params: readonly string[], used: Used, indent: string): string {
  const names = new Map<Term, string>(func.params.map((p, i) => [p, params[i]]))
  let count = 0
  const reads = readIn(func)
  const lines = func.nodes.map((node) => {
    const own = node.outs.map(() => fresh(params, count++))
    node.outs.forEach((out, i) => {
      names.set(out, own[i])
    })
    const pattern = takenOf(node.outs, own, reads)
    return `${indent}${declared(node, pattern, (t) => names.get(t) ?? '?', used, indent)}\n`
  })
  const results = func.results.map((r) => names.get(r) ?? '?')
  return `${lines.join('')}${indent}return [${results.join(', ')}]\n`
}

/** A name for a result that no parameter has. */
const fresh = (params: readonly string[], n: number): string =>
  params.includes(`v${n}`) ? `v_${n}` : `v${n}`

function declared(
  node: Node,
  pattern: string,
  nameOf: (t: Term) => string,
  used: Used,
  indent: string,
): string {
  const { op, attrs } = node
  const args = node.args.map(nameOf)
  const given = Object.entries(attrs).filter(([, value]) => value !== undefined)
  if (plain.has(op.name) && given.length === 0) {
    used.ops.add(op.name)
    return `const ${pattern.slice(1, -1)} = ${op.name}(${args.join(', ')})`
  }
  used.ops.add('apply')
  const record = exported.get(op)
  if (record === undefined) used.own.add(`${op.name}Op`)
  else used.ops.add(record)
  const fields = given.map(([key, value]) => `${keyOf(key)}: ${expressionOf(value, used, indent)}`)
  const more = fields.length === 0 ? '' : `, { ${fields.join(', ')} }`
  return `const ${pattern} = apply(${record ?? `${op.name}Op`}, [${args.join(', ')}]${more})`
}

/** An attribute's value as an expression. */
function expressionOf(value: unknown, used: Used, indent: string): string {
  if (isFunc(value)) {
    used.ops.add('bodyOf')
    const names = namesOf(value)
    const types = value.params.map(typeOf).join(', ')
    const inside = bodyOf(value, names, used, `${indent}  `)
    return `bodyOf(${quoted(value.name)}, [${types}], (${takenOf(value.params, names, readIn(value))}) => {\n${inside}${indent}})`
  }
  if (typeof value === 'number') return numberOf(value)
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map((v) => expressionOf(v, used, indent)).join(', ')}]`
  if (isArray(value)) return `{ dtype: '${value.dtype}', ${arrayOf(value).slice(2)}`
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(
      ([k, v]) => `${keyOf(k)}: ${expressionOf(v, used, indent)}`,
    )
    return `{ ${fields.join(', ')} }`
  }
  return String(value)
}

const isArray = (value: unknown): value is NDArray =>
  typeof value === 'object' && value !== null && 'data' in value && ArrayBuffer.isView(value.data)

function specOf({ dtype, shape }: TensorType, used: Used): string {
  used.language.add(dtype)
  return `${dtype}(${dimsOf(shape)})`
}

/** Sizes inside bodies may be computed: `2*n`. */
const typeOf = ({ dtype, shape }: TensorType): string =>
  `{ dtype: '${dtype}', shape: [${dimsOf(shape)}] }`

const dimsOf = (shape: TensorType['shape']): string =>
  shape.map((d) => (typeof d === 'number' ? String(d) : quoted(d))).join(', ')

const storage: Readonly<Record<DType, string>> = {
  f64: 'Float64Array',
  f32: 'Float32Array',
  f16: 'Float32Array',
  i32: 'Int32Array',
  u32: 'Uint32Array',
  bool: 'Uint8Array',
}

const arrayOf = ({ dtype, shape, data }: NDArray): string =>
  `{ data: new ${storage[dtype]}([${Array.from(data, numberOf).join(', ')}]), shape: [${shape.join(', ')}] }`

const numberOf = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))
const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll("'", "\\'").replaceAll('\\"', '"')}'`
const keyOf = (key: string): string => (/^[A-Za-z_]\w*$/.test(key) ? key : quoted(key))
