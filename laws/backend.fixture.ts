/**
 * A backend of this project under its kit in vitest; where the machine has none, one skipped test
 * says why.
 */
import { afterAll, describe, test } from 'vitest'
import { backendLaws } from './backend.js'
import { type BackendHere, openBackend } from './inventory.js'
import { hold } from './law.js'

export async function underBackendLaws(name: BackendHere, runs: number): Promise<void> {
  const opened = await openBackend(name)
  describe(name, () => {
    if (typeof opened === 'string') {
      test.skip(`skipped: ${opened}`, () => {})
      return
    }
    afterAll(opened.close)
    for (const law of backendLaws(opened.backend, { total: true })) {
      test(law.name, () => hold(law, { runs }))
    }
  })
}
