import { expect, test } from 'vitest'
import { ops } from '../ops/index.js'
import { closeStrict, parse } from '../term/index.js'
import { difference, showDifference } from './difference.js'
import { optimise, type Pass } from './pass.js'
import { simplify } from './simplify.js'
import { beforeDerivatives, standard } from './standard.js'

const f = parse(
  `fn f(x: f32[3]) {
    a = neg(x)
    b = neg(a)
    c = exp(b)
    return c
  }`,
  ops,
)

test('a pass that breaks the program is blamed by name', () => {
  const broken: Pass = {
    name: 'breaker',
    sentence: '',
    run: (func) => ({ ...func, wiring: func.wiring.map(() => [1]) }),
  }
  expect(() => optimise(f, [simplify, broken], { verify: true })).toThrow("pass 'breaker': ")
})

test('a pass that changes the type of the program is blamed by name', () => {
  const shorter: Pass = {
    name: 'shorter',
    sentence: '',
    run: (func) => closeStrict(func.name, func.params, []),
  }
  expect(() => optimise(f, [shorter], { verify: true })).toThrow(
    "pass 'shorter': it turned (f32[3]) → (f32[3]) into (f32[3]) → (); expected the same types",
  )
})

test('passes that change something are reported, with what they changed', () => {
  const seen: string[] = []
  optimise(f, beforeDerivatives, {
    onPass: ({ pass, before, after }) => {
      seen.push(`${pass.name}\n${showDifference(difference(before, after))}`)
    },
  })
  expect(seen).toEqual([
    [
      'simplify',
      '  fn f(x: f32[3]) {',
      '-   %0: f32[3] = neg(x)',
      '-   %1: f32[3] = neg(%0)',
      '-   %2: f32[3] = exp(%1)',
      '-   return %2',
      '+   %3: f32[3] = exp(x)',
      '+   return %3',
      '  }',
    ].join('\n'),
  ])
})

test('a difference counts nodes and leaves out lines far from a change', () => {
  const lines = Array.from({ length: 20 }, (_, i) => `    a${i + 1} = exp(a${i})`).join('\n')
  const long = (last: string) =>
    parse(`fn f(a0: f32[3]) {\n${lines}\n    r = ${last}(a20)\n    return r\n  }`, ops)
  const d = difference(long('sin'), long('cos'))
  expect([d.removed, d.added]).toEqual([1, 1])
  expect(showDifference(d, 1)).toBe(
    [
      '    %19: f32[3] = exp(%18)',
      '-   %20: f32[3] = sin(%19)',
      '-   return %20',
      '+   %21: f32[3] = cos(%19)',
      '+   return %21',
      '  }',
    ].join('\n'),
  )
  expect(difference(f, f)).toMatchObject({ removed: 0, added: 0 })
})

test('every pass has a name of its own and a sentence', () => {
  const passes = new Set([...standard, ...beforeDerivatives])
  expect(new Set([...passes].map((p) => p.name)).size).toBe(passes.size)
  for (const pass of passes) expect(pass.sentence).toMatch(/^[A-Z].*\.$/)
})

test('100,000 chained ops go through every pass without recursion', () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `a${i + 1} = add(a${i}, a0)`).join('\n')
  const deep = parse(`fn f(a0: f32[3]) {\n${lines}\nr = neg(a100000)\ns = neg(r)\nreturn s\n}`, ops)
  expect(optimise(deep, standard).nodes).toHaveLength(100_000)
})
