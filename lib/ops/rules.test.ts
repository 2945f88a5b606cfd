/**
 * The laws of ops (laws/op.ts): every op of the vocabulary, on every one of its samples, by its
 * declaration alone. More runs, and any seed: `npm run laws`.
 */
import { describe, test } from 'vitest'
import { hold } from '../../laws/law.js'
import { opLaws } from '../../laws/op.js'
import { ops } from './vocabulary.js'

for (const op of ops.filter((o) => o.samples.length > 0)) {
  describe(op.name, () => {
    for (const law of opLaws(op)) test(law.name, () => hold(law, { runs: 3, seed: 1 }))
  })
}
