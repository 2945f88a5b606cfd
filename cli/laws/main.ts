/**
 * The laws in depth: every kit on the project itself, and the wrong rules that they must catch.
 *
 *   npm run laws -- [--runs N] [--seed N] [--only TEXT] [--minutes N]
 *
 * Each law gets so many inputs, or as many as its minutes (60) allow. One line a law: how many it was
 * put to, how many it could decide, how long that took; under it the counterexample where it does
 * not hold. Ends with exit code 1 if any law is broken.
 */
import { parseArgs } from 'node:util'
import { inventory } from '../../laws/inventory.js'
import { type Law, report } from '../../laws/law.js'
import { caught, opMutants, otherMutants, table } from '../../laws/mutation/mutants.js'
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

function put(law: Law): void {
  const start = performance.now()
  const result = law.examine({ runs, seed, patience })
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

const groups = [...inventory, { name: 'malformed input', laws: malformedLaws }]
for (const group of groups.filter(({ name }) => name.includes(values.only))) {
  for (const law of group.laws()) put(law)
}

if ('mutants'.includes(values.only)) {
  const mutants = [...opMutants(ops.map((op) => op.name)), ...otherMutants]
  const list = mutants.map((mutant) => caught(mutant, { runs: Math.min(runs, 300), seed: 1 }))
  failed += list.filter((c) => c.law === undefined).length
  console.log(table(list))
}
console.log(`${laws} laws, ${inputs} inputs: ${failed === 0 ? 'all hold' : `${failed} broken`}`)
if (failed > 0) process.exitCode = 1
