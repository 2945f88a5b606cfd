/**
 * The fuzzer of the compiler, from the command line.
 *
 *   npm run fuzz -- --count 10000 --seed 1
 *
 * Prints what was compared; a difference is printed as a small program, and the exit code is 1.
 */
import { parseArgs } from 'node:util'
import { fuzz } from '../laws/fuzz.js'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const [runs, seed] = [Number(values.count), Number(values.seed)]
if (!(Number.isInteger(runs) && runs > 0 && Number.isInteger(seed))) {
  console.error('fuzz: --count and --seed are whole numbers')
  process.exit(2)
}
const start = performance.now()
const { programs, compared, open, skipped, failure } = fuzz({ runs, seed })
const seconds = ((performance.now() - start) / 1000).toFixed(1)
console.log(
  `seed ${seed}: ${programs} programs in ${seconds} s, ${compared} entries compared, ` +
    `${open} decided by rounding`,
)
for (const [why, count] of [...skipped].sort((a, b) => b[1] - a[1])) console.log(`${count}× ${why}`)
if (failure !== undefined) {
  console.log(failure)
  process.exitCode = 1
}
