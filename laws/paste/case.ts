/**
 * A program and its inputs as a case file: the form of the conformance cases, with the values that
 * the reference gives, so that another implementation can be asked about the same program.
 *
 *   { "cases": [ { "name", "rtol", "atol", "program", "inputs", "checks": [{ "kind": "value", … }] } ] }
 *
 * Named sizes become the numbers they are bound to. Ops that the files have no word for (custom
 * rules, general gathers, f16) have no such form: the answer says which.
 */
import type { NDArray, Sizes } from '../../lib/data/index.js'
import { interpreters, resolveAttrs } from '../../lib/interpret/index.js'
import { words } from '../../lib/ops/index.js'
import { type Func, isFunc, type Node, type Term } from '../../lib/term/index.js'

/** A case file's text, or the op that it has no word for. */
export type CaseText = { readonly text: string } | { readonly missing: string }

type Json = unknown
interface ProgramJson {
  readonly params: readonly string[]
  readonly lets: readonly Json[]
  readonly results: readonly string[]
}

export function caseOf(func: Func, inputs: readonly NDArray[], sizes: Sizes): CaseText {
  try {
    let count = 0
    const program = programOf(func, [], sizes, () => `v${count++}`)
    const expect = interpreters.evaluate(func, inputs, sizes)
    const one = {
      name: func.name,
      rtol: 1e-12,
      atol: 1e-12,
      program,
      inputs: inputs.map(arrayOf),
      checks: [{ kind: 'value', expect: expect.map(arrayOf) }],
    }
    return { text: JSON.stringify({ cases: [one] }) }
  } catch (error) {
    if (error instanceof Wordless) return { missing: error.op }
    throw error
  }
}

/** A class, because the host throws those. */
class Wordless extends Error {
  readonly op: string
  constructor(op: string) {
    super(op)
    this.op = op
  }
}

const wordless = (op: string): never => {
  throw new Wordless(op)
}

type Name = () => string

/** A function as params, lets and results; `outer` names what its first parameters stand for. */
function programOf(func: Func, outer: readonly string[], sizes: Sizes, name: Name): ProgramJson {
  const own = func.params.slice(outer.length).map(() => name())
  const names = new Map<Term, string>(func.params.map((p, i) => [p, [...outer, ...own][i]]))
  const lets = func.nodes.flatMap((node) => {
    const args = node.args.map((a) => names.get(a) ?? wordless(node.op.name))
    const outs = node.outs.map(() => name())
    node.outs.forEach((out, i) => {
      names.set(out, outs[i])
    })
    return letsOf(node, args, outs, sizes, name)
  })
  return { params: own, lets, results: func.results.map((r) => names.get(r) ?? '') }
}

function letsOf(
  node: Node,
  args: readonly string[],
  outs: readonly string[],
  sizes: Sizes,
  name: Name,
): readonly Json[] {
  const attrs = resolveAttrs(node.op, node.attrs, sizes)
  const op = node.op.name
  const [out] = outs
  const one = (word: string, given: readonly (string | number)[], more: object = {}): Json[] => [
    [out, word, given, ...(Object.keys(more).length === 0 ? [] : [more])],
  ]
  const body = (value: unknown, outer: readonly string[]) =>
    isFunc(value) ? programOf(value, outer, sizes, name) : wordless(op)
  const list = [...outs]
  switch (op) {
    case 'constant': {
      const value = attrs.value as NDArray // the op's own attribute
      const { dtype, shape, data } = arrayOf(value)
      return one('constant', [], { data, shape, dtype })
    }
    case 'size':
      return wordless(op)
    case 'select':
      return one('where', args)
    case 'scale':
      return scaled(args, out, name)
    case 'sort':
      if (attrs.descending === true) return wordless(op)
      return [
        [outs[0], 'sort', args, { axis: attrs.axis }],
        [outs[1], 'argsort', args, { axis: attrs.axis }],
      ]
    case 'gather':
      return attrs.batch === 0 ? one('take', args, { axis: attrs.axis }) : wordless(op)
    case 'scatter': {
      const plain = attrs.batch === 0 && attrs.axis === 0
      const word = { add: 'scatterAdd', set: 'scatterSet' }[String(attrs.mode)]
      return plain && word !== undefined ? one(word, args) : wordless(op)
    }
    case 'dot':
      return one('einsum', args, { spec: einsumOf(node) })
    case 'switch': {
      const branches = (attrs.branches as readonly Func[]).map((b) => body(b, [])) // by its type rule
      const [index] = node.args
      return index.dtype === 'bool'
        ? // biome-ignore lint/suspicious/noThenProperty: the case files' name for the branch taken
          [[list, 'cond', args, { then: branches[1], else: branches[0] }]]
        : [[list, 'switch', args, { branches }]]
    }
    case 'whileLoop': {
      if (attrs.maxSteps !== undefined && attrs.maxSteps !== null) return wordless(op)
      const [c, b] = [Number(attrs.conditionConsts), Number(attrs.bodyConsts)]
      const condition = body(attrs.condition, args.slice(0, c))
      const repeated = body(attrs.body, args.slice(c, c + b))
      return [[list, 'whileLoop', args.slice(c + b), { condition, body: repeated }]]
    }
    case 'scan': {
      const consts = Number(attrs.consts)
      const { carry, length, reverse } = attrs
      const inner = body(attrs.body, args.slice(0, consts))
      return [[list, 'scan', args.slice(consts), { carry, length, reverse, body: inner }]]
    }
    case 'checkpoint':
      return [[list, 'checkpoint', args, { body: body(attrs.body, []) }]]
    default: {
      const known = Object.hasOwn(words, op) && Object.values(attrs).every((v) => !isFunc(v))
      if (!known || outs.length !== 1 || op.startsWith('random')) return wordless(op)
      if (node.outs[0].dtype === 'f16') return wordless('f16')
      return one(op, args, attrs)
    }
  }
}

/** x·y, but 0 where it is NaN and a factor is 0: what `scale` is, in words that the files have. */
function scaled([x, y]: readonly string[], out: string, name: Name): readonly Json[] {
  const [left, right, either, product, none, dead] = Array.from({ length: 6 }, name)
  return [
    [left, 'eq', [x, 0]],
    [right, 'eq', [y, 0]],
    [either, 'or', [left, right]],
    [product, 'mul', [x, y]],
    [none, 'ne', [product, product]],
    [dead, 'and', [either, none]],
    [out, 'where', [dead, 0, product]],
  ]
}

/** `abc,acd->abd`: batch axes first, then the free ones of each side. */
function einsumOf({ args, attrs }: Node): string {
  const { lhsBatch, rhsBatch, lhsContract, rhsContract } = attrs as Readonly<
    Record<string, readonly number[]>
  > // lists of axes, by the op's type rule
  let next = 0
  const letter = () => 'abcdefghijklmnopqrstuvwxyz'[next++]
  const left = args[0].shape.map(letter)
  const right = args[1].shape.map((_, axis) => {
    const batch = rhsBatch.indexOf(axis)
    if (batch >= 0) return left[lhsBatch[batch]]
    const contracted = rhsContract.indexOf(axis)
    return contracted >= 0 ? left[lhsContract[contracted]] : letter()
  })
  const free = (letters: readonly string[], ...used: readonly (readonly number[])[]) =>
    letters.filter((_, axis) => !used.some((axes) => axes.includes(axis)))
  const result = [
    ...lhsBatch.map((axis) => left[axis]),
    ...free(left, lhsBatch, lhsContract),
    ...free(right, rhsBatch, rhsContract),
  ]
  return `${left.join('')},${right.join('')}->${result.join('')}`
}

function arrayOf({ dtype, shape, data }: NDArray) {
  if (dtype === 'f16') return wordless('f16')
  const entry = (x: number): Json => {
    if (dtype === 'bool') return x !== 0
    return Number.isFinite(x) ? x : String(x)
  }
  return { dtype, shape, data: Array.from(data, entry) }
}
