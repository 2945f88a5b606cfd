/**
 * Random programs that put things out, each as a program and as what it must put out.
 *
 *   [put 'a', for 3 [step, if > 0 [put 'b'] else []]]   →   talk(x), and told(x) in plain TypeScript
 */
import * as fc from 'fast-check'
import { add, constant, convert, gt, lt, mul } from '../lib/lang/index.js'
import type { Tensor } from '../lib/types/tensor.js'
import { Control, gen, IO, type Program } from './index.js'

type Line =
  | { readonly tag: 'put'; readonly label: string }
  | { readonly tag: 'step'; readonly by: number }
  | { readonly tag: 'for'; readonly count: number; readonly body: readonly Line[] }
  | { readonly tag: 'scan'; readonly rows: readonly number[]; readonly body: readonly Line[] }
  | { readonly tag: 'while'; readonly below: number; readonly body: readonly Line[] }
  | { readonly tag: 'if'; readonly yes: readonly Line[]; readonly no: readonly Line[] }

export type Script = readonly Line[]

/** Scripts with loops and branches in each other, two deep. */
export const scripts: fc.Arbitrary<Script> = lines(2)

function lines(depth: number): fc.Arbitrary<Script> {
  const flat: fc.Arbitrary<Line>[] = [
    fc.record({ tag: fc.constant('put' as const), label: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ tag: fc.constant('step' as const), by: fc.constantFrom(-1.5, 0.25, 2) }),
  ]
  if (depth === 0) return fc.array(fc.oneof(...flat), { maxLength: 3 })
  const body = lines(depth - 1)
  const nested: fc.Arbitrary<Line>[] = [
    fc.record({ tag: fc.constant('for' as const), count: fc.nat(3), body }),
    fc.record({
      tag: fc.constant('scan' as const),
      rows: fc.array(fc.constantFrom(-1, 0.5, 3), { minLength: 1, maxLength: 3 }),
      body,
    }),
    fc.record({ tag: fc.constant('while' as const), below: fc.nat(3), body }),
    fc.record({ tag: fc.constant('if' as const), yes: body, no: body }),
  ]
  return fc.array(fc.oneof(...flat, ...nested), { minLength: 1, maxLength: 4 })
}

/** What a script puts out at x: numbers of dyadic fractions, so that all of it is exact. */
export function told(script: Script, x: number): readonly (readonly [string, number])[] {
  const out: (readonly [string, number])[] = []
  const run = (body: Script, start: number): number => {
    let now = start
    for (const line of body) {
      switch (line.tag) {
        case 'put':
          out.push([line.label, now])
          break
        case 'step':
          now = now * 0.5 + line.by
          break
        case 'for':
          for (let i = 0; i < line.count; i++) now = run(line.body, now + i)
          break
        case 'scan':
          for (const row of line.rows) now = run(line.body, now * row)
          break
        case 'while':
          for (let i = 0; i < line.below; i++) now = run(line.body, now)
          break
        case 'if':
          now = now > 0 ? run(line.yes, now) : run(line.no, now)
          break
      }
    }
    return now
  }
  run(script, x)
  return out
}

type Scalar = Tensor<[], 'f64'>

/** The same as a program. */
export const talk = (script: Script, x: Scalar): Program<Scalar, 'IO'> =>
  gen(function* () {
    let now = x
    for (const line of script) {
      switch (line.tag) {
        case 'put':
          yield* IO.log(line.label, now)
          break
        case 'step':
          now = add(mul(now, 0.5), line.by)
          break
        case 'for':
          now = yield* Control.forLoop(line.count, now, (i, c) =>
            talk(line.body, add(c, convert(i, 'f64'))),
          )
          break
        case 'scan':
          now = (yield* Control.scan(
            now,
            constant(line.rows, { dtype: 'f64' }),
            (c, row): Program<readonly [Scalar, null], 'IO'> =>
              gen(function* () {
                return [yield* talk(line.body, mul(c, row)), null] as const
              }),
          ))[0]
          break
        case 'while': {
          const { value } = yield* Control.whileLoop(
            { i: constant(0, { dtype: 'i32' }), value: now },
            ({ i }) => lt(i, line.below),
            ({ i, value }) =>
              gen(function* () {
                return { i: add(i, 1), value: yield* talk(line.body, value) }
              }),
          )
          now = value
          break
        }
        case 'if': {
          const here = now
          now = yield* Control.cond(
            gt(here, 0),
            () => talk(line.yes, here),
            () => talk(line.no, here),
          )
          break
        }
      }
    }
    return now
  })
