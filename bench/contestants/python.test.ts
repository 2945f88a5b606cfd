import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { largestDifference } from '../compare.js'
import { duel, verdict } from '../duel.js'
import { workloads } from '../workloads/index.js'
import { pullback } from './pullback.js'
import { type PythonLibrary, python, pythonPresent } from './python.js'

const settings = { backend: 'reference', threads: 1, scale: 'tiny', clock: 'wall' } as const

/** Answers to x · 2 + 1 that a peer may give: right ones, and every wrong one that has a name. */
const manners = {
  answers: '{}',
  'is off': '{ results: () => ({ results: [array(x.map(() => 7))] }) }',
  'is busy': '{ call: (n) => ({ calls: { wall: 10 * n, cpu: 19 * n } }) }',
  'has none': '{ prepare: () => ({ missing: "not written" }) }',
  fails: '{ prepare: () => ({ failed: "ValueError: no" }) }',
  'ends at once': '{ ready: () => process.exit(3) }',
  'ends at a call': '{ call: () => process.exit(4) }',
  'is never ready': '{ ready: () => ({}) }',
  'says nonsense': '{ prepare: () => ["nonsense"] }',
  'has no times': '{ call: () => ({ calls: { wall: "long" } }) }',
  'has no results': '{ results: () => ({}) }',
  'has half a number': '{ results: () => ({ results: ["AAA="] }) }',
}
type Manner = keyof typeof manners

const folders: string[] = []
afterEach(() => {
  vi.unstubAllEnvs()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** A folder with a `python3` whose libraries have such manners. */
function fake(libraries: Readonly<Partial<Record<PythonLibrary, Manner>>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'python-'))
  folders.push(folder)
  const cases = Object.entries(libraries).map(([name, manner]) => `'${name}': ${manners[manner]}`)
  const file = join(folder, 'python3')
  writeFileSync(
    file,
    `#!${process.execPath}
const [, library] = process.argv.slice(2).filter((arg) => arg !== '-B')
const say = (answer) => console.log(JSON.stringify(answer))
if (library === 'list') say(${JSON.stringify(libraries)})
else {
  let x
  const array = (numbers) => Buffer.from(Float32Array.from(numbers).buffer).toString('base64')
  const spent = { wall: 10, cpu: 10 }
  const given = { ${cases.join(', ')} }
  const ways = {
    ready: () => ({ ready: 'a fake' }),
    prepare: () => ({ first: spent }),
    call: (n) => ({ calls: { wall: 10 * n, cpu: 10 * n } }),
    results: () => ({ results: [array(x.map((v) => v * 2 + 1))] }),
    ...given[library],
  }
  say(ways.ready())
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const question = JSON.parse(line)
    if (question.prepare) {
      const bytes = Buffer.from(question.inputs.x.data, 'base64')
      x = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i))
    }
    const [way, value] = Object.entries(question)[0]
    say(ways[way](value))
  })
}
`,
  )
  chmodSync(file, 0o755)
  return folder
}

const find = (name: string) => {
  const workload = workloads.find((w) => w.name === name)
  if (workload === undefined) throw new Error(name)
  return workload
}

it('peers in python are in the table: times, or why there are none', async () => {
  const folder = fake({ jax: 'answers', torch: 'ends at a call', 'torch-compile': 'is busy' })
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`)
  expect((await duel(find('tiny'), pythonPresent(), settings)).peers).toEqual({
    jax: 10,
    torch: 'failed: python ended with 4',
    'torch-compile': 'keeps 1.9 cores busy',
  })
})

describe('a peer in python', () => {
  /** What it is good for: its results and times, or why it cannot be asked. */
  async function outcome(manner: Manner): Promise<unknown> {
    const workload = find('tiny')
    const { inputs, tolerance } = workload.make('tiny')
    try {
      const peer = await python('jax', 1, join(fake({ jax: manner }), 'python3'))
      const prepared = await peer.prepare(workload, inputs)
      if ('missing' in prepared) return prepared.missing
      const right = [inputs.x.data.map((v) => v * 2 + 1)]
      const difference = largestDifference(right, await prepared.results())
      const { wall } = (await prepared.there?.calls(2)) ?? { wall: 0 }
      return difference <= tolerance ? wall : 'differs'
    } catch (cause) {
      return cause instanceof Error ? cause.message : cause
    }
  }

  it.each([
    ['answers', 20],
    ['is off', 'differs'],
    ['has none', 'not written'],
    ['fails', 'ValueError: no'],
    ['ends at once', 'python ended with 3'],
    ['ends at a call', 'python ended with 4'],
    ['is never ready', 'python is not ready'],
    ['says nonsense', `python said '["nonsense"]'`],
    ['has no times', 'python sent no times'],
    ['has no results', 'python sent no results'],
    ['has half a number', 'python sent a part of a number'],
  ] as const)('that %s: %s', async (manner, expected) => {
    expect(await outcome(manner)).toBe(expected)
  })
})

describe('what is not there', () => {
  it('no python, or another program of its name: no libraries', async () => {
    expect(pythonPresent('no-such-python')).toEqual([])
    expect(pythonPresent('echo')).toEqual([])
    await expect(python('jax', 1, 'no-such-python')).rejects.toThrow('ENOENT')
  })
})

describe('a peer counts', () => {
  it('with as many cores as it has threads, by the median of its samples', () => {
    const samples = (cores: number) => [3, 1, 2].map((ms) => ({ ms, cores }))
    expect(verdict(samples(1.1), 1)).toBe(2)
    expect(verdict(samples(1.9), 1)).toBe('keeps 1.9 cores busy')
    expect(verdict(samples(1.9), 2)).toBe(2)
    expect(verdict([{ ms: 5 }], 1)).toBe(5)
  })
})

const present = pythonPresent()

/** Compiling each program would take `torch-compile` minutes: the bench itself compares it. */
describe.each(['jax', 'torch'] as const)('%s', (library) => {
  it.skipIf(!present.includes(library))(
    'has every workload, with the results of the reference',
    async () => {
      const peer = await python(library, 1)
      for (const workload of workloads.filter(({ measure }) => measure === 'steady')) {
        const { inputs, tolerance } = workload.make('tiny')
        const [theirs, ours] = [
          await peer.prepare(workload, inputs),
          await (await pullback(settings)).prepare(workload, inputs),
        ]
        if ('missing' in theirs || 'missing' in ours) throw new Error(`${workload.name}: missing`)
        const difference = largestDifference(await ours.results(), await theirs.results())
        expect(difference, workload.name).toBeLessThanOrEqual(tolerance)
      }
    },
    60_000,
  )
})
