/**
 * The laws in depth: every kit on the project itself, and the wrong rules that they must catch.
 *
 *   npm run laws -- [--runs N] [--seed N] [--only TEXT]
 *
 * One line a group of laws; under it the laws that do not hold. Ends with exit code 1 if any.
 */
import { parseArgs } from 'node:util'
import { makeReference } from '../../backends/index.js'
import { makeWasm } from '../../backends/wasm/index.js'
import { backendLaws } from '../../laws/backend.js'
import { type Law, refutations, report } from '../../laws/law.js'
import { caught, opMutants, otherMutants, table } from '../../laws/mutation/mutants.js'
import { opLaws } from '../../laws/op.js'
import { passLaws } from '../../laws/pass.js'
import { programLaws } from '../../laws/program.js'
import { ops } from '../../lib/ops/index.js'
import {
  adjoint,
  ahead,
  collect,
  drop,
  erase,
  foldConstants,
  hoist,
  rows,
  share,
  simplify,
  stabilise,
} from '../../lib/pass/index.js'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
})
const run = { runs: Number(values.runs), seed: Number(values.seed) }

const groups: readonly (readonly [string, () => readonly Law[]])[] = [
  ...ops.map((op) => [`op ${op.name}`, () => opLaws(op)] as const),
  ['programs', () => programLaws()],
  ...[share, foldConstants, hoist, drop, rows, ahead].map(
    (pass) => [`pass ${pass.name}`, () => passLaws(pass, { exact: true })] as const,
  ),
  ['pass erase', () => passLaws(erase, { exact: true, late: true })],
  ...[simplify, adjoint, stabilise, collect].map(
    (pass) => [`pass ${pass.name}`, () => passLaws(pass)] as const,
  ),
  ...[makeReference(), makeWasm()].map(
    (backend) => [`backend ${backend.name}`, () => backendLaws(backend)] as const,
  ),
]

let failed = 0
for (const [name, lawsOf] of groups.filter(([name]) => name.includes(values.only))) {
  const laws = lawsOf()
  const found = refutations(laws, run)
  failed += found.length
  console.log(
    `${found.length === 0 ? 'ok  ' : 'FAIL'}  ${name}: ${laws.length} laws, ${run.runs} runs`,
  )
  for (const each of found) console.log(report(each).replace(/^/gm, '      '))
}

if ('mutants'.includes(values.only)) {
  const mutants = [...opMutants(ops.map((op) => op.name)), ...otherMutants]
  const list = mutants.map((mutant) => caught(mutant, { runs: Math.min(run.runs, 300), seed: 1 }))
  console.log(table(list))
}
console.log(failed === 0 ? 'every law holds' : `${failed} laws are broken`)
if (failed > 0) process.exitCode = 1
