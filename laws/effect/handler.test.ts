import { describe, expect, test } from 'vitest'
import { hold, refutations } from '../law.js'
import { wrongHandlers, wrongMonads } from '../mutation/handlers.js'
import { handlerLaws } from './handler.js'
import { handlers } from './handlers.js'
import { monadLaws } from './monad.js'

describe.each(handlers)('$name', (handler) => {
  for (const law of handlerLaws(handler)) test(law.name, () => hold(law, { runs: 6 }))
})

test.each(wrongHandlers)('$name is caught', (handler) => {
  const found = refutations(handlerLaws(handler), { runs: 60, seed: 1 })
  expect(found.map(({ counterexample }) => counterexample).join()).toContain('gen(function* ()')
})

describe('programs are a monad', () => {
  for (const law of monadLaws()) test(law.name, () => hold(law, { runs: 20 }))

  test.each(wrongMonads)('where %s, they are none', (_, monad) => {
    expect(refutations(monadLaws(monad), { runs: 30, seed: 1 })).not.toEqual([])
  })
})
