import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'

const main = new URL('main.ts', import.meta.url).pathname
const fixture = new URL('fixture.ts', import.meta.url).pathname
const loader = createRequire(import.meta.url).resolve('tsx')

/** The process of a command; `reads` lines of its output are wanted. */
async function command(args: readonly string[], reads = Number.POSITIVE_INFINITY) {
  const child = spawn(process.execPath, ['--import', loader, main, ...args])
  const text = { out: '', err: '' }
  child.stderr.on('data', (chunk) => {
    text.err += chunk
  })
  child.stdout.on('data', (chunk) => {
    text.out += chunk
    if (text.out.split('\n').length > reads) child.stdout.destroy()
  })
  const [code] = await once(child, 'close')
  return { code, ...text }
}

describe('the process', () => {
  it('ends in words where the file named is its own', async () => {
    const { code, err } = await command(['explain', `${main}#nothing`])
    expect([code, err]).toEqual([
      2,
      `pullback: ${main}: it does not export 'nothing'; expected a function made by fn\n`,
    ])
  })

  it('ends quietly where its reader has seen enough', async () => {
    const { code, err } = await command(['explain', `${fixture}#smooth`], 1)
    expect([code, err]).toEqual([0, ''])
  })
})
