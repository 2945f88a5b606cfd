/**
 * How elementwise ops are declared: the scalar function and its derivative; every other rule
 * follows from being elementwise.
 *
 *   export const sinOp = unary('sin', { evaluate: Math.sin, jvp: (x, dx) => scale(dx, cos(x)), … })
 */
import {
  type DType,
  dimMul,
  emptyArray,
  fail,
  isFloat,
  type NDArray,
  roundToHalf,
} from '../data/index.js'
import {
  type ArgSample,
  apply1,
  type Continuity,
  type EvaluateCall,
  type JvpCall,
  type MaybeTerm,
  type Op,
  type Sample,
  showType,
  type TensorType,
  type Term,
  type TransposeCall,
} from '../term/index.js'
import { broadcastTo } from './broadcast.js'
import { count, needFloat, type Operand, sameShape, unify } from './operand.js'

/** Which dtypes an op takes; `bits` are bool, i32 and u32. */
export type Domain = 'float' | 'number' | 'integer' | 'bits' | 'any'

export interface ElementwiseRule {
  readonly doc: string
  readonly grade: Continuity | readonly Continuity[]
  readonly takes: Domain
  /** The result's dtype; the arguments' where absent. */
  readonly gives?: 'bool'
  readonly evaluate: (...x: number[]) => number
  /** For i32 and u32, where it differs. */
  readonly evaluateInteger?: (...x: number[]) => number
  readonly jvp: Op['jvp']
  readonly transpose: Op['transpose']
  readonly flops: number
  /** One closed interval an argument, inside the op's domain. */
  readonly domain: readonly (readonly [number, number])[]
}

/** Declares an elementwise op of one, two or three arguments of one dtype. */
export function elementwise(name: string, rule: ElementwiseRule): Op {
  const arity = rule.domain.length
  return {
    name,
    doc: rule.doc,
    grade: rule.grade,
    type: (args) => [elementwiseType(name, rule, args, arity)],
    evaluate: (call) => {
      const integer = isInteger(call.args[0].dtype)
      return mapElements(call, integer ? (rule.evaluateInteger ?? rule.evaluate) : rule.evaluate)
    },
    jvp: rule.jvp,
    transpose: rule.transpose,
    batch: ({ node, args, batched, size }) => [
      apply1(node.op, batchAll(args, batched, size), node.attrs),
    ],
    cost: ({ results }) => ({ flops: dimMul(rule.flops, count(results[0])) }),
    samples: samplesOf(rule),
  }
}

/** Evaluates elementwise: f in f64, rounded to the result's dtype by storing. */
export function mapElements(
  { args, types }: EvaluateCall,
  f: (...x: number[]) => number,
): readonly NDArray[] {
  const type = types[0]
  const out = emptyArray(type.dtype, type.shape)
  mapInto(
    out.data,
    args.map((a) => a.data),
    f,
  )
  if (type.dtype === 'f16') mapInto(out.data, [out.data], roundToHalf)
  return [out]
}

/** Unbatched arguments repeated along the new leading axis. */
export const batchAll = (
  args: readonly Term[],
  batched: readonly boolean[],
  size: number | string,
): readonly Term[] => args.map((a, i) => (batched[i] ? a : broadcastTo(a, [size, ...a.shape])))

/** A jvp of one argument. */
export const along =
  (rule: (x: Term, dx: Term, y: Term) => Term) =>
  ({ primals, tangents, out }: JvpCall): readonly MaybeTerm[] => [
    tangents[0] && rule(primals[0], tangents[0], out),
  ]

/** A jvp that adds up one part an argument, leaving zero tangents out. */
export const partials =
  (add: (a: Term, b: Term) => Term, ...rules: readonly PartialRule[]) =>
  ({ primals, tangents, out }: JvpCall): readonly MaybeTerm[] => {
    const parts = tangents.map((t, i) => t && rules[i](t, primals, out))
    return [sumParts(add, parts)]
  }

export type PartialRule = (tangent: Term, primals: readonly Term[], out: Term) => MaybeTerm

export const sumParts = (add: (a: Term, b: Term) => Term, parts: readonly MaybeTerm[]): MaybeTerm =>
  parts.reduce((acc, part) => (acc && part ? add(acc, part) : (acc ?? part)), null)

/** A transpose of one linear argument. */
export const back =
  (rule: (ct: Term, args: readonly Term[]) => Term) =>
  ({ cotangent, args, linear }: TransposeCall): readonly MaybeTerm[] =>
    args.map((_, i) => (linear[i] ? rule(cotangent, args) : null))

/** The combinators of a one- or two-argument op. */
export const unaryCall =
  (op: Op) =>
  (x: Operand): Term =>
    apply1(op, unify(op.name, [x]))

export const binaryCall =
  (op: Op) =>
  (x: Operand, y: Operand): Term =>
    apply1(op, unify(op.name, [x, y]))

function elementwiseType(
  name: string,
  rule: ElementwiseRule,
  args: readonly TensorType[],
  arity: number,
): TensorType {
  const first = args[0]
  if (args.length !== arity || first === undefined) {
    return fail({
      code: 'shape',
      where: name,
      what: `${args.length} arguments`,
      expected: `${arity}`,
    })
  }
  if (rule.takes === 'float') needFloat(name, args)
  const wrong = args.find((a) => a.dtype !== first.dtype || !accepts(rule.takes, a.dtype))
  const shapes = args.every((a) => sameShape(a.shape, first.shape))
  if (wrong !== undefined || !shapes) {
    fail({
      code: wrong === undefined ? 'shape' : 'dtype',
      where: name,
      what: `cannot take ${args.map(showType).join(' and ')}`,
      expected: `equal shapes and ${accepted[rule.takes]}`,
    })
  }
  return { dtype: rule.gives ?? first.dtype, shape: first.shape }
}

const accepted: Readonly<Record<Domain, string>> = {
  float: 'one floating dtype',
  number: 'one numeric dtype',
  integer: 'i32 or u32',
  bits: 'bool, i32 or u32',
  any: 'one dtype',
}

function accepts(domain: Domain, dtype: DType): boolean {
  switch (domain) {
    case 'float':
      return isFloat(dtype)
    case 'number':
      return dtype !== 'bool'
    case 'integer':
      return isInteger(dtype)
    case 'bits':
      return !isFloat(dtype)
    case 'any':
      return true
  }
}

const isInteger = (dtype: DType): boolean => dtype === 'i32' || dtype === 'u32'

/** Hot: one loop an arity, monomorphic in the storage. */
function mapInto(
  out: { [i: number]: number; readonly length: number },
  args: readonly ArrayLike<number>[],
  f: (...x: number[]) => number,
): void {
  const [a, b, c] = args
  if (a !== undefined && b !== undefined && c !== undefined) {
    for (let i = 0; i < out.length; i++) out[i] = f(a[i], b[i], c[i])
  } else if (a !== undefined && b !== undefined) {
    for (let i = 0; i < out.length; i++) out[i] = f(a[i], b[i])
  } else if (a !== undefined) {
    for (let i = 0; i < out.length; i++) out[i] = f(a[i])
  }
}

function samplesOf(rule: ElementwiseRule): readonly Sample[] {
  const kinds: Readonly<Record<Domain, readonly ArgSample['kind'][]>> = {
    float: ['float'],
    number: ['float', 'int'],
    integer: ['int', 'uint'],
    bits: ['bool', 'int', 'uint'],
    any: ['float', 'int', 'bool'],
  }
  const sample = (kind: ArgSample['kind'], shape: readonly number[]): Sample => ({
    args: rule.domain.map((range) => ({ kind, shape, range })),
  })
  const [first, ...others] = kinds[rule.takes]
  const shapes = [[], [3], [2, 0], [2, 3]]
  return [...shapes.map((shape) => sample(first, shape)), ...others.map((k) => sample(k, [4]))]
}
