/**
 * Refusals at `run`, as the checker words them.
 */
import { expect, it } from 'vitest'
import { openChecker } from '../lib/types/checker.fixture.js'

const prelude = `
import { f32, fn } from '../lib/index.js'
import type { Fn } from '../lib/types/fn.js'
import type { Program } from '../lib/types/program.js'
import { run } from './index.js'
const inputs = { x: f32(3) }
declare const drawn: Fn<typeof inputs, Program<number, 'Random'>>
`

it('names effects that nothing handles, and leaves mistakes in a body to the body', () => {
  using check = openChecker(prelude, 'backends')
  expect(
    check.refusals([
      'run(drawn, { x: [1, 2, 3] })',
      'run(fn(inputs, ({ x }) => nonsense(x)), { x: [1, 2, 3] })',
    ]),
  ).toEqual([
    ['✗ unhandled effect Random: handle it before run @ drawn'],
    ["Cannot find name 'nonsense'. @ nonsense"],
  ])
})

it('refuses an array on the device of another dtype than the input', () => {
  using check = openChecker(
    `
import { convert, f32, f64, fn } from '../lib/index.js'
import { compile } from './index.js'
const narrow = await compile(fn({ x: f32(3) }, ({ x }) => x))
const wide = await compile(fn({ x: f32(3) }, ({ x }) => convert(x, 'f64')))
const given = { x: [1, 2, 3] }
`,
    'backends',
  )
  expect(
    check.refusals([
      'narrow.resident({ x: narrow.resident(given) })',
      'narrow.resident({ x: wide.resident(given) })',
      'narrow.readSync(wide.resident(given)).data satisfies Float64Array',
      'narrow.readSync(wide.resident(given)).toNested() satisfies readonly number[]',
    ]),
  ).toEqual([
    [],
    [expect.stringMatching(/^Type 'Resident<"f64", \[3\]>' is not assignable/)],
    [],
    [],
  ])
})
