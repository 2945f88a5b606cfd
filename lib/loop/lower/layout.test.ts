import { describe, expect, it } from 'vitest'
import { arrayFrom, PullbackError } from '../../data/index.js'
import { interpreters } from '../../interpret/index.js'
import { ops } from '../../ops/index.js'
import { type Func, parse } from '../../term/index.js'
import { compile } from '../compile.js'
import { interpretProgram } from '../interpret-program.js'
import {
  type Layout,
  programScheduleFromJson,
  programScheduleToJson,
  showLayout,
} from '../schedule/index.js'
import { enumerateLayouts, whyIllegal } from './enumerate.js'
import { layoutPolicy } from './layout.js'

const read = (text: string): Func => parse(text, ops)

/** Values in every position: results transposed, read by loops, contractions, scans, updates. */
const programs: Readonly<Record<string, Func>> = {
  transposed: read(`fn transposed(x: f64[2, 3]) {
    %0: f64[2, 3] = tanh(x)
    %1: f64[3, 2] = transpose(%0) {perm: [1, 0]}
    return %1
  }`),
  twice: read(`fn twice(x: f64[2, 3, 4]) {
    %0: f64[2, 3, 4] = sin(x)
    %1: f64[4, 2, 3] = transpose(%0) {perm: [2, 0, 1]}
    %2: f64[3, 2, 4] = transpose(%0) {perm: [1, 0, 2]}
    %3: f64[3, 4] = sum(%0) {axes: [0]}
    return %1, %2, %1, %3
  }`),
  normalised: read(`fn normalised(x: f64[3, 4]) {
    %0: f64[3, 4] = exp(x)
    %1: f64[3] = sum(%0) {axes: [1]}
    %2: f64[4] = sum(%0) {axes: [0]}
    %3: f64[3, 4] = broadcastTo(%2) {shape: [3, 4]}
    %4: f64[3, 4] = div(%0, %3)
    %5: f64[3, 4] = cumsum(%4) {axis: 0}
    %6: f64[4, 4] = dot(%4, %5) {lhsContract: [0], rhsContract: [0], lhsBatch: [], rhsBatch: []}
    return %1, %6
  }`),
  looped: read(`fn looped(h: f64[2, 2], xs: f64[5, 2, 2]) {
    %0: f64[5, 2, 2] = tanh(xs)
    %1: f64[2, 2], %2: f64[5, 2, 2] = scan(h, %0) {
      body: fn step(c: f64[2, 2], x: f64[2, 2]) {
        %0: f64[2, 2] = dot(c, x) {lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: []}
        %1: f64[2, 2] = sin(%0)
        %2: f64[2, 2] = transpose(%1) {perm: [1, 0]}
        %3: f64[2, 2] = cos(x)
        return %2, %3
      }
      consts: 0
      carry: 1
      length: 5
      reverse: false
    }
    return %1, %2
  }`),
  kept: read(`fn kept(x: f64[4], u: f64[4]) {
    %0: f64[4] = exp(x)
    %1: f64[2, 2] = reshape(%0) {shape: [2, 2]}
    %2: f64[2, 2] = cumsum(%1) {axis: 0}
    %3: f64[2, 2] = sin(%2)
    return %3
  }`),
}

function results(func: Func, layouts: readonly Layout[]): readonly (readonly number[])[] {
  const { program } = compile(func, { passes: [], layout: () => layouts })
  const inputs = inputsOf(func)
  const outs = func.results.map((r, i) => {
    const length = r.shape.reduce<number>((n, d) => n * Number(d), 1)
    return [`r${i}`, new Float64Array(length)] as const
  })
  const given = inputs.map((x, i) => [`p${i}`, Float64Array.from(x.data)] as const)
  const buffers = interpretProgram(program, {}, Object.fromEntries([...given, ...outs]))
  return outs.map(([name]) => [...buffers[name]])
}

const inputsOf = (func: Func) =>
  func.params.map((p, k) => {
    const shape = p.shape.map(Number)
    const length = shape.reduce((n, d) => n * d, 1)
    return arrayFrom(
      'f64',
      shape,
      Float64Array.from({ length }, (_, i) => ((i * 7 + k) % 11) / 8),
    )
  })

describe('layouts', () => {
  it.each(Object.entries(programs))('that are legal for %s leave its results', (_, func) => {
    const wanted = interpreters.evaluate(func, inputsOf(func), {}).map((r) => [...r.data])
    const near = (found: readonly (readonly number[])[]) =>
      found.flat().forEach((x, i) => {
        expect(x).toBeCloseTo(wanted.flat()[i], 12)
      })
    const single = enumerateLayouts(func)
    near(results(func, []))
    for (const layout of single) near(results(func, [layout]))
    for (const [i, first] of single.entries()) {
      for (const second of single.slice(i + 1)) {
        const both = [first, second]
        if (whyIllegal(func, both) === undefined) near(results(func, both))
        else expect(() => results(func, both)).toThrow(PullbackError)
      }
    }
  })

  it('are enumerated', () => {
    const shown = (name: string) => enumerateLayouts(programs[name]).map(showLayout)
    expect(shown('transposed')).toEqual(['layout %0 as 1, 0'])
    expect(shown('twice')).toHaveLength(5)
    expect(shown('normalised')).toContain('layout %4 as 1, 0')
    expect(shown('looped')).toEqual(['layout %1.body.%1 as 1, 0'])
    expect(shown('kept')).toEqual(['layout %2 as 1, 0'])
  })

  it('spare the copy of a transposed result, by default', () => {
    const { transposed, looped } = programs
    const kernels = (func: Func, layout?: readonly Layout[]) =>
      compile(func, layout && { layout: () => layout }).lowered.kernels.length
    expect(layoutPolicy(transposed).map(showLayout)).toEqual(['layout %0 as 1, 0'])
    expect([kernels(transposed), kernels(transposed, [])]).toEqual([1, 2])
    expect(layoutPolicy(looped).map(showLayout)).toEqual(['layout %1.body.%1 as 1, 0'])
  })

  it('are refused in words', () => {
    const why = (name: string, value: string, order: readonly number[]) =>
      whyIllegal(programs[name], [{ tag: 'layout', value, order }])
    expect(why('transposed', '%7', [1, 0])).toContain('%7: the program has no such value')
    expect(why('transposed', '%0', [1, 1])).toContain('1, 1 is not an order of its 2 axes')
    expect(why('transposed', '%1', [1, 0])).toContain('it is not computed')
    expect(why('normalised', '%6', [1, 0])).toContain('it is a result as it is')
    expect(why('looped', '%1.body.%0', [1, 0])).toContain('it has no memory')
    expect(why('looped', '%0', [2, 0, 1])).toContain('scan takes it whole')
    expect(why('looped', '%2', [2, 0, 1])).toContain('scan gives it whole')
    expect(why('kept', '%0', [0])).toContain('its memory is seen in another shape')
    const twice: Layout = { tag: 'layout', value: '%0', order: [1, 0] }
    expect(whyIllegal(programs.transposed, [twice, twice])).toContain('it is decided twice')
  })
})

describe('all decisions about a program', () => {
  it('go to JSON and back, and give the same program', () => {
    for (const func of Object.values(programs)) {
      const { decisions, program } = compile(func)
      const again = programScheduleFromJson(programScheduleToJson(decisions))
      expect(again).toEqual(decisions)
      expect(compile(func, { decisions: again }).program).toEqual(program)
    }
  })

  it('are refused where they do not fit', () => {
    const refusals: readonly (readonly [string, string])[] = [
      ['[]', 'not an object with layouts and kernels'],
      ['{"layouts":[],"kernels":[],"x":1}', "a program has no 'x'"],
      ['{"layouts":{},"kernels":[]}', 'layouts: not an array'],
      ['{"layouts":[]}', 'kernels: not an array'],
      ['{"layouts":[{"tag":"split"}],"kernels":[]}', "layout 0: 'split' is not a layout"],
      ['{"layouts":[{"tag":"layout","value":"%0","order":[-1]}],"kernels":[]}', 'not a axes'],
      [
        '{"layouts":[],"kernels":[[{"tag":"tile"}]]}',
        'kernel 0, decision 0: no decision is called',
      ],
    ]
    for (const [text, why] of refusals) expect(() => programScheduleFromJson(text)).toThrow(why)
    const none = { layouts: [], kernels: [] }
    expect(() => compile(programs.transposed, { decisions: none })).toThrow(
      'there are 0; expected one for each of its 2 kernels',
    )
  })
})
