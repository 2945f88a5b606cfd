/**
 * The project under its own kits, a bounded number of runs each; `npm run laws` goes deep. Ops,
 * passes, handlers and arrows have theirs beside them (lib/ops/rules.test.ts,
 * lib/pass/passes.test.ts, effect/, arrow/), devices in device.test.ts.
 */
import { describe, test } from 'vitest'
import { underBackendLaws } from './backend.fixture.js'
import { backendNames } from './inventory.js'
import { hold } from './law.js'
import { pipelineLaws } from './pipeline.js'
import { programLaws } from './program.js'

describe('programs', () => {
  for (const law of programLaws()) test(law.name, () => hold(law, { runs: 12 }))
})

describe('the pipeline', () => {
  for (const law of pipelineLaws()) test(law.name, () => hold(law, { runs: 6 }))
})

for (const name of backendNames.filter((n) => n !== 'webgpu')) await underBackendLaws(name, 3)
