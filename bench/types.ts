/**
 * How long the checker takes over large programs. Run: `npx tsx bench/types.ts`.
 *
 * Each program is checked by a fresh checker that has read the language before, as an editor has;
 * the time is that of the program alone. The last line is a type error if the result is not what it
 * should be, so a program that the checker gave up on does not count as fast.
 */
import { openChecker } from '../lib/types/checker.fixture.js'
import { applied, header, written } from './layers.js'

const programs = [
  { name: '40 layers, 320 operations, 81 inputs', source: written(40), limit: 1500 },
  { name: '400 layers, 3200 operations, 801 inputs', source: written(400), limit: 10_000 },
  { name: '100 applied functions', source: applied(100), limit: 1000 },
]
const expected = 'const first: Tensor<[64, 64], "f32"> = slope.result'

for (const { name, source, limit } of programs) {
  using check = openChecker(`${header}import type { Tensor } from '../index.js'\n`, 'bench')
  check.refusals([
    "dense({ x: fn({ x: f32(3, 2) }, ({ x }) => x).result, w: '' as never, c: '' as never })",
  ])
  const start = performance.now()
  const [refusals] = check.refusals([`${source}\n${expected}`])
  const time = performance.now() - start
  const verdict = refusals.length > 0 ? refusals.join('; ') : 'ok'
  console.log(`${name.padEnd(42)}${time.toFixed(0).padStart(6)} ms, aim ${limit} ms  ${verdict}`)
}
