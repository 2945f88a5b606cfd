import { describe, expect, it } from 'vitest'
import { openChild } from './spawned.js'

const prepare = {
  ask: 'prepare',
  contestant: 'pullback',
  workload: 'tiny',
  settings: { backend: 'reference', threads: 1, scale: 'tiny', clock: 'wall' },
} as const

describe('the process of a contestant', () => {
  it('answers with its first results', async () => {
    const child = openChild('pullback')
    expect((await child.ask(prepare)).tag).toBe('ready')
    child.close()
  })

  it('that ends while it is asked, and is asked again, fails each time and holds nobody up', async () => {
    const child = openChild('pullback')
    const pending = child.ask(prepare)
    child.close()
    const ended = { tag: 'missing', why: 'failed: the process ended with SIGKILL' }
    expect(await pending).toEqual(ended)
    expect(await child.ask({ ask: 'sample' })).toEqual(ended)
  })
})
