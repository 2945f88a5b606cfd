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
