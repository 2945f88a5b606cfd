/**
 * The laws of passes (laws/pass.ts) on every pass and on the pipelines, a bounded number of runs
 * each; `npm run laws` goes deep.
 */
import { describe, test } from 'vitest'
import { hold } from '../../laws/law.js'
import { passLaws } from '../../laws/pass.js'
import { adjoint } from './adjoint.js'
import { ahead } from './ahead.js'
import { collect } from './collect.js'
import { drop } from './drop.js'
import { erase } from './erase.js'
import { fold } from './fold.js'
import { hoist } from './hoist.js'
import { optimise, type Pass } from './pass.js'
import { rewriteBy } from './rewrite.js'
import { rows } from './rows.js'
import { share } from './share.js'
import { simplify, simplifyRules } from './simplify.js'
import { stabilise } from './stabilise.js'
import { beforeDerivatives, standard } from './standard.js'

const exactly: Pass = {
  name: 'simplify, exact rules',
  sentence: '',
  run: rewriteBy(simplifyRules.filter((r) => r.kind === 'exact')),
}

const pipeline = (name: string, passes: readonly Pass[]): Pass => ({
  name,
  sentence: '',
  run: (func) => optimise(func, passes, { verify: true }),
})

const runs = 25

describe.each([exactly, share, fold, hoist, drop, rows, ahead])('$name', (pass) => {
  for (const law of passLaws(pass, { exact: true })) test(law.name, () => hold(law, { runs }))
})

describe.each([simplify, adjoint, stabilise, collect, pipeline('before', beforeDerivatives)])(
  '$name',
  (pass) => {
    for (const law of passLaws(pass)) test(law.name, () => hold(law, { runs }))
  },
)

describe('passes that come after derivatives alone', () => {
  const laws = [
    ...passLaws(erase, { exact: true, late: true }),
    ...passLaws(pipeline('standard', standard), { late: true }),
  ]
  for (const law of laws) test(law.name, () => hold(law, { runs }))
})
