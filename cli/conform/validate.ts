/**
 * What a schema cannot say of case files: names that are defined once and before their use, data
 * as long as its shape, entries inside their dtype, and the fields that each kind of check needs.
 */
import { roundTo, sizeOf } from '../../lib/data/index.js'
import type { ArrayForm, CaseForm, CheckForm, ProgramForm } from './form.js'

export type Path = readonly (string | number)[]
export type Report = (path: Path, what: string) => never

export function validate(cases: readonly CaseForm[], report: Report): void {
  const names = new Set<string>()
  cases.forEach((form, at) => {
    if (names.has(form.name)) report([at, 'name'], `'${form.name}' names two cases`)
    names.add(form.name)
    const inCase: Report = (path, what) => report([at, ...path], what)
    checkProgram(form.program, new Set(), ['program'], inCase)
    const { params } = form.program
    if (form.inputs.length !== params.length) {
      inCase(['inputs'], `${form.inputs.length} arrays for ${params.length} params`)
    }
    checkArrays(form.inputs, ['inputs'], inCase)
    form.checks.forEach((check, i) => {
      checkFields(check, form, ['checks', i], inCase)
    })
  })
}

function checkProgram(
  program: ProgramForm,
  outer: ReadonlySet<string>,
  path: Path,
  report: Report,
): void {
  const own = new Set<string>()
  const define = (name: string, at: Path): void => {
    if (own.has(name)) report([...path, ...at], `'${name}' is defined twice`)
    own.add(name)
  }
  const use = (name: string, at: Path): void => {
    if (!own.has(name) && !outer.has(name)) report([...path, ...at], `'${name}' is not defined`)
  }
  program.params.forEach((name, i) => {
    define(name, ['params', i])
  })
  program.lets.forEach(([names, , args, attrs = {}], i) => {
    args.forEach((arg, k) => {
      if (typeof arg === 'string') use(arg, ['lets', i, 2, k])
    })
    const scope = new Set([...outer, ...own])
    const nested = (name: string, body: ProgramForm | undefined, ...at: Path) => {
      if (body !== undefined) {
        checkProgram(body, scope, [...path, 'lets', i, 3, name, ...at], report)
      }
    }
    nested('body', attrs.body)
    nested('condition', attrs.condition)
    nested('then', attrs.then)
    nested('else', attrs.else)
    attrs.branches?.forEach((branch, k) => {
      nested('branches', branch, k)
    })
    for (const name of typeof names === 'string' ? [names] : names) define(name, ['lets', i, 0])
  })
  program.results.forEach((name, i) => {
    use(name, ['results', i])
  })
}

function checkFields(check: CheckForm, form: CaseForm, path: Path, report: Report): void {
  const { params, results } = form.program
  const { kind, wrt = [], tangents = [], cotangents = [], expect } = check
  wrt.forEach((name, i) => {
    if (!params.includes(name)) report([...path, 'wrt', i], `'${name}' is not a param`)
    if (wrt.indexOf(name) !== i) report([...path, 'wrt', i], `'${name}' is named twice`)
  })
  const one = kind === 'jacobian' || kind === 'jacfwd' || kind === 'hessian'
  const several = kind === 'jvp' || kind === 'vjp' || kind === 'grad'
  if ((one || several) && wrt.length === 0) report([...path, 'wrt'], `missing: '${kind}' needs it`)
  if (one && wrt.length > 1) report([...path, 'wrt'], `${wrt.length} names: '${kind}' takes one`)
  const need = (field: string, given: number, wanted: number, per: string) => {
    if (given !== wanted) report([...path, field], `${given} arrays for ${wanted} ${per}`)
  }
  if (kind === 'jvp') need('tangents', tangents.length, wrt.length, 'names in wrt')
  if (kind === 'vjp') need('cotangents', cotangents.length, results.length, 'results')
  if (kind === 'vjp' || kind === 'grad') need('expect', expect.length, wrt.length, 'names in wrt')
  else need('expect', expect.length, results.length, 'results')
  checkArrays(tangents, [...path, 'tangents'], report)
  checkArrays(cotangents, [...path, 'cotangents'], report)
  checkArrays(expect, [...path, 'expect'], report)
  tangents.forEach((tangent, i) => {
    const input = form.inputs[params.indexOf(wrt[i])]
    if (String(tangent.shape) !== String(input.shape)) {
      report(
        [...path, 'tangents', i, 'shape'],
        `[${tangent.shape.join(', ')}] for the param '${wrt[i]}' of shape [${input.shape.join(', ')}]`,
      )
    }
  })
}

function checkArrays(arrays: readonly ArrayForm[], path: Path, report: Report): void {
  arrays.forEach(({ dtype, shape, data }, i) => {
    if (sizeOf(shape) !== data.length) {
      report([...path, i, 'data'], `${data.length} entries for shape [${shape.join(', ')}]`)
    }
    const at = data.findIndex((entry) => !belongs(entry, dtype))
    if (at >= 0) report([...path, i, 'data', at], `${JSON.stringify(data[at])} is not ${dtype}`)
  })
}

function belongs(entry: number | boolean | string, dtype: ArrayForm['dtype']): boolean {
  if (dtype === 'bool') return typeof entry === 'boolean' || entry === 0 || entry === 1
  if (dtype === 'i32' || dtype === 'u32') {
    return typeof entry === 'number' && roundTo(dtype, entry) === entry
  }
  return typeof entry !== 'boolean'
}
