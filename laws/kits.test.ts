/**
 * The project under its own kits, a bounded number of runs each; `npm run laws` goes deep. Ops and
 * passes have theirs beside them (lib/ops/rules.test.ts, lib/pass/passes.test.ts).
 */
import { describe, test } from 'vitest'
import { backendLaws } from './backend.js'
import { backendsHere } from './inventory.js'
import { hold } from './law.js'
import { pipelineLaws } from './pipeline.js'
import { programLaws } from './program.js'

describe('programs', () => {
  for (const law of programLaws()) test(law.name, () => hold(law, { runs: 12 }))
})

describe('the pipeline', () => {
  for (const law of pipelineLaws()) test(law.name, () => hold(law, { runs: 6 }))
})

describe.each(backendsHere.map((make) => make()))('$name', (backend) => {
  for (const law of backendLaws(backend)) test(law.name, () => hold(law, { runs: 3 }))
})
