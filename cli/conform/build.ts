/**
 * A case's program as a closed function.
 *
 *   { params: [x], lets: [[s, 'sin', [x]]], results: [s] }   →   fn(x: f64[3]) = sin x
 *
 * Plain ops are the words of the vocabulary; ops that take programs are in `bodies.ts`. Names of
 * an enclosing program are its very terms, so closing a body finds what it captures. In an f32 run
 * every f64 of the file is f32: inputs, constants and conversions.
 */
import { type DType, fail } from '../../lib/data/index.js'
import { scalar, words } from '../../lib/ops/index.js'
import {
  type Attrs,
  closeStrict,
  type Func,
  isTerm,
  parameter,
  type TensorType,
  type Term,
} from '../../lib/term/index.js'
import { bodies } from './bodies.js'
import type { AttrsForm, ProgramForm } from './form.js'

/** The dtype that the file's f64 stands for in this run. */
export type Float = 'f64' | 'f32'

/** What names stand for, innermost program included. */
export type Scope = ReadonlyMap<string, Term>

/** Building the results of a program at given arguments; what ops with bodies need. */
export interface Builder {
  readonly float: Float
  readonly results: (program: ProgramForm, args: readonly Term[], outer: Scope) => readonly Term[]
}

export const runDType = (dtype: DType, float: Float): DType => (dtype === 'f64' ? float : dtype)

/** The program closed over parameters of the given types. */
export function buildFunc(
  name: string,
  program: ProgramForm,
  types: readonly TensorType[],
  float: Float,
): Func {
  const binder = { name }
  const params = types.map((type, i) => parameter(binder, program.params[i], type))
  return closeStrict(name, params, builder(float).results(program, params, new Map()))
}

const builder = (float: Float): Builder => {
  const self: Builder = {
    float,
    results: (program, args, outer) => {
      if (args.length !== program.params.length) {
        fail({
          code: 'input',
          what: `${args.length} arguments for a program of ${program.params.length} params`,
        })
      }
      const scope = new Map(outer)
      program.params.forEach((param, i) => {
        scope.set(param, args[i])
      })
      // A name of this program hides an outer one only from its definition on.
      for (const [names, op, given, attrs] of program.lets) {
        const operands = given.map((arg) => (typeof arg === 'number' ? arg : lookup(scope, arg)))
        const outs = call(op, adopt(op, operands, float), attrs ?? {}, scope, self)
        const defined = typeof names === 'string' ? [names] : names
        if (defined.length !== outs.length) {
          fail({
            code: 'input',
            where: op,
            what: `${outs.length} results for ${defined.length} names`,
          })
        }
        defined.forEach((defining, i) => {
          scope.set(defining, outs[i])
        })
      }
      return program.results.map((result) => lookup(scope, result))
    },
  }
  return self
}

/** Numbers adopt the dtype of a term beside them; where none has one to give, the run's float. */
function adopt(
  op: string,
  operands: readonly (Term | number)[],
  float: Float,
): readonly (Term | number)[] {
  const givers = op === 'where' ? operands.slice(1) : operands
  return givers.some(isTerm)
    ? operands
    : operands.map((x) => (typeof x === 'number' ? scalar(x, float) : x))
}

function call(
  op: string,
  args: readonly (Term | number)[],
  attrs: AttrsForm,
  scope: Scope,
  build: Builder,
): readonly Term[] {
  if (Object.hasOwn(bodies, op)) return bodies[op]({ op, args, attrs, scope, build })
  if (!Object.hasOwn(words, op)) {
    return fail({ code: 'attribute', what: `unknown op '${op}'` })
  }
  const given = counted(args)
  const out = words[op](given.args, readAttrs(op, attrs, build.float))
  const extra = given.untaken()
  if (extra > 0) fail({ code: 'input', where: op, what: `${extra} arguments too many` })
  return isTerm(out) ? [out] : out
}

/** Arguments that know how many of them a word's parameter list left untaken. */
function counted<A>(args: readonly A[]): { args: readonly A[]; untaken: () => number } {
  let untaken = 0
  const values = [...args]
  values[Symbol.iterator] = function* () {
    let taken = 0
    try {
      for (const arg of args) {
        taken++
        yield arg
      }
    } finally {
      untaken = args.length - taken
    }
    return undefined
  }
  return { args: values, untaken: () => untaken }
}

/** Attributes with numbers for "NaN" and the infinities, and f64 read as the run's dtype. */
function readAttrs(op: string, attrs: AttrsForm, float: Float): Attrs {
  const read = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => read(item, key))
    if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
    return key === 'dtype' && value === 'f64' ? float : value
  }
  const entries = Object.entries(attrs).map(([key, value]) => [key, read(value, key)] as const)
  const creates = op === 'constant' || op === 'oneHot'
  const filled = creates && attrs.dtype === undefined ? [['dtype', float] as const] : []
  return Object.fromEntries([...filled, ...entries])
}

const lookup = (scope: Scope, name: string): Term =>
  scope.get(name) ?? fail({ code: 'input', what: `'${name}' is not defined` })
