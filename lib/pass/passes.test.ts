/**
 * The laws of passes (laws/pass.ts) on every pass and on the pipelines, a bounded number of runs
 * each; `npm run laws` goes deep.
 */
import { describe, test } from 'vitest'
import { hold } from '../../laws/law.js'
import { passLaws } from '../../laws/pass.js'
import { optimise, type Pass } from './pass.js'
import { rewriteBy } from './rewrite.js'
import { simplifyRules } from './simplify.js'
import { beforeDerivatives, standard } from './standard.js'

const exactly: Pass = {
  name: 'simplify, exact rules',
  sentence: '',
  exact: true,
  run: rewriteBy(simplifyRules.filter((r) => r.kind === 'exact')),
}

const pipeline = (name: string, passes: readonly Pass[]): Pass => ({
  name,
  sentence: '',
  run: (func) => optimise(func, passes, { verify: true }),
})

const runs = 25

const all = [
  ...new Set([...beforeDerivatives, ...standard]),
  exactly,
  pipeline('before', beforeDerivatives),
  { ...pipeline('standard', standard), late: true },
]

describe.each(all)('$name', (pass) => {
  for (const law of passLaws(pass)) test(law.name, () => hold(law, { runs }))
})
