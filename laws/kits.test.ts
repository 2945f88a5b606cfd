/**
 * The project under its own kits, a bounded number of runs each; `npm run laws` goes deep.
 */
import { describe, test } from 'vitest'
import { makeReference } from '../backends/index.js'
import { makeWasm } from '../backends/wasm/index.js'
import { backendLaws } from './backend.js'
import { hold } from './law.js'
import { programLaws } from './program.js'

describe('programs', () => {
  for (const law of programLaws()) test(law.name, () => hold(law, { runs: 12 }))
})

describe.each([makeReference(), makeWasm()])('$name', (backend) => {
  for (const law of backendLaws(backend)) test(law.name, () => hold(law, { runs: 3 }))
})
