/**
 * The laws in depth: every kit on the project itself, and the wrong rules that they must catch.
 *
 *   npm run laws -- [--runs N] [--seed N] [--only TEXT] [--minutes N]
 *
 * Each law gets so many inputs, or as many as its minutes (60) allow. One line a law: how many it
 * was put to, how many it could decide, how long that took; under it the counterexample where it
 * does not hold. What this machine has not (a C compiler, an adapter) is skipped, in words. Ends
 * with exit code 1 if any law is broken.
 */
import { parseArgs } from 'node:util'
import { group, inventory } from '../../laws/inventory.js'
import type { AnyLaw } from '../../laws/law.js'
import { type Caught, caught, opMutants, otherMutants, table } from '../../laws/mutation/mutants.js'
import { report } from '../../laws/report.js'
import { ops } from '../../lib/ops/index.js'
import { malformedLaws } from '../malformed/laws.js'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    minutes: { type: 'string', default: '60' },
  },
})

const whole = (name: string, text: string): number => {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  process.stderr.write(`laws: --${name} is '${text}'; expected a whole number\n`)
  return process.exit(2)
}
const runs = whole('runs', values.runs)
const seed = whole('seed', values.seed)
const patience = whole('minutes', values.minutes) * 60_000

let [laws, failed, inputs] = [0, 0, 0]

async function put(law: AnyLaw): Promise<void> {
  const start = performance.now()
  const result = await law.examine({ runs, seed, patience })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  laws++
  inputs += result.runs
  const { refutation } = result
  if (refutation !== undefined) failed++
  const verdict = refutation === undefined ? 'ok  ' : 'FAIL'
  console.log(
    `${verdict}  ${law.name}: ${result.runs} runs, ${result.decided} decided, ${seconds} s`,
  )
  if (refutation !== undefined) console.log(report(refutation).replace(/^/gm, '      '))
}

const groups = [...inventory, group('malformed input', malformedLaws)]
for (const { name, put: open } of groups.filter((g) => g.name.includes(values.only))) {
  const absent = await open(async (laws) => {
    for (const law of laws) await put(law)
  })
  if (typeof absent === 'string') console.log(`skip  ${name}: ${absent}`)
}

if ('mutants'.includes(values.only)) {
  const list: Caught[] = []
  for (const mutant of [...opMutants(ops.map((op) => op.name)), ...otherMutants]) {
    list.push(await caught(mutant, { runs: Math.min(runs, 300), seed: 1 }))
  }
  failed += list.filter((c) => c.law === undefined).length
  console.log(table(list))
}
console.log(`${laws} laws, ${inputs} inputs: ${failed === 0 ? 'all hold' : `${failed} broken`}`)
if (failed > 0) process.exitCode = 1
