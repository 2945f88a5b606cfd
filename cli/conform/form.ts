/**
 * Case files: their form, as schemas, and reading one.
 *
 *   { cases: [ { name, rtol, atol, program, inputs, checks } ] }
 *
 * A file that does not have the form is one PullbackError naming file, case and field. What a
 * well-formed case asks for (an op, an attribute) is judged when the case runs, not here.
 */
import * as Result from 'effect/Result'
import * as Schema from 'effect/Schema'
import * as SchemaIssue from 'effect/SchemaIssue'
import { fail } from '../../lib/data/index.js'
import { validate } from './validate.js'

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Entry = Schema.Union([
  Schema.Finite,
  Schema.Boolean,
  Schema.Literals(['NaN', 'Infinity', '-Infinity']),
])

const ArrayForm = Schema.Struct({
  dtype: Schema.Literals(['f64', 'f32', 'i32', 'u32', 'bool']),
  shape: Schema.Array(Count),
  data: Schema.Array(Entry),
})
export type ArrayForm = typeof ArrayForm.Type

/** One let: `[name or [names], op, [arguments], attributes?]`. */
export type LetForm = readonly [
  names: string | readonly string[],
  op: string,
  args: readonly (string | number)[],
  attrs?: AttrsForm,
]

export interface ProgramForm {
  readonly params: readonly string[]
  readonly lets: readonly LetForm[]
  readonly results: readonly string[]
}

/** Attributes: data of any form, but programs under these names. */
export interface AttrsForm {
  readonly [name: string]: unknown
  readonly body?: ProgramForm
  readonly condition?: ProgramForm
  readonly then?: ProgramForm
  readonly else?: ProgramForm
  readonly branches?: readonly ProgramForm[]
}

const Program: Schema.Codec<ProgramForm> = Schema.suspend(() => ProgramStruct)
const Attrs = Schema.StructWithRest(
  Schema.Struct({
    body: Schema.optionalKey(Program),
    condition: Schema.optionalKey(Program),
    // biome-ignore lint/suspicious/noThenProperty: the case files' name for the branch taken
    then: Schema.optionalKey(Program),
    else: Schema.optionalKey(Program),
    branches: Schema.optionalKey(Schema.Array(Program)),
  }),
  [Schema.Record(Schema.String, Schema.Unknown)],
)
const Let = Schema.Tuple([
  Schema.Union([Schema.String, Schema.Array(Schema.String)]),
  Schema.String,
  Schema.Array(Schema.Union([Schema.String, Schema.Finite])),
  Schema.optionalKey(Attrs),
])
const ProgramStruct = Schema.Struct({
  params: Schema.Array(Schema.String),
  lets: Schema.Array(Let),
  results: Schema.Array(Schema.String),
})

export const kinds = [
  'value',
  'jvp',
  'vjp',
  'grad',
  'jacobian',
  'jacfwd',
  'hessian',
  'third',
] as const
export type Kind = (typeof kinds)[number]

const Check = Schema.Struct({
  kind: Schema.Literals(kinds),
  wrt: Schema.optionalKey(Schema.Array(Schema.String)),
  tangents: Schema.optionalKey(Schema.Array(ArrayForm)),
  cotangents: Schema.optionalKey(Schema.Array(ArrayForm)),
  expect: Schema.Array(ArrayForm),
})
export type CheckForm = typeof Check.Type

const Tolerance = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
const Case = Schema.Struct({
  name: Schema.String,
  rtol: Tolerance,
  atol: Tolerance,
  program: Program,
  inputs: Schema.Array(ArrayForm),
  checks: Schema.Array(Check),
})
export type CaseForm = typeof Case.Type

const File = Schema.Struct({ cases: Schema.Array(Case) })

/** The cases of a file's text. `file` names it in errors. */
export function readCases(file: string, text: string): readonly CaseForm[] {
  const json = parseJson(file, text)
  const decoded = Schema.decodeUnknownResult(File)(json)
  if (Result.isFailure(decoded)) {
    const { issues } = SchemaIssue.makeFormatterStandardSchemaV1()(decoded.failure.issue)
    const issue = issues[0]
    const path = (issue.path ?? []).map((key) => (typeof key === 'object' ? key.key : key))
    return malformed(file, json, path, issue.message)
  }
  validate(decoded.success.cases, (path, what) => malformed(file, json, ['cases', ...path], what))
  return decoded.success.cases
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return fail({
      code: 'parse',
      where: file,
      what: `not JSON: ${error instanceof Error ? error.message : String(error)}`,
    })
  }
}

/** `file: case 'name': inputs[0].shape: what`. */
function malformed(file: string, json: unknown, path: readonly PropertyKey[], what: string): never {
  const inCase = path[0] === 'cases' && typeof path[1] === 'number'
  const label = inCase ? `: case ${caseLabel(json, Number(path[1]))}` : ''
  const field = (inCase ? path.slice(2) : path)
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
  return fail({
    code: 'parse',
    where: `${file}${label}${field === '' ? '' : `: ${field}`}`,
    what: what.replace(/^./, (c) => c.toLowerCase()),
  })
}

/** The case's name in quotes, or its position where it has none. */
function caseLabel(json: unknown, index: number): string {
  const cases: unknown = get(json, 'cases')
  const name = get(Array.isArray(cases) ? cases[index] : undefined, 'name')
  return typeof name === 'string' ? `'${name}'` : `${index}`
}

const get = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && key in value
    ? (value as Readonly<Record<string, unknown>>)[key] // an object with that key: the line above
    : undefined
