/**
 * The laws in depth: every kit on the project itself, malformed input, and the wrong rules that the
 * kits must catch.
 *
 *   npm run laws -- [--runs N] [--seed N] [--only TEXT] [--law TEXT] [--jobs N] [--minutes N]
 *                   [--total N] [--progress]
 *
 * `--only` names groups (`programs`, `op sin`, `malformed`), `--law` laws. Each law gets so many
 * inputs, or as many as its minutes (60) allow, and no more than its share of what is left of the
 * total, where there is one. One line a law: how many inputs it was put to, how many it could
 * decide, how long that took; under it the counterexample where it does not hold. What this machine
 * has not (a C compiler, an adapter) is skipped, in words. Ends with exit code 1 if any law is
 * broken.
 *
 *   npm run laws -- --only malformed --runs 100000 --seed 1        fuzzes every published entry
 */
import { parseArgs } from 'node:util'
import { type Caught, caught, opMutants, otherMutants, table } from '../../laws/mutation/mutants.js'
import { ops } from '../../lib/ops/index.js'
import { groups } from './groups.js'
import { openPool } from './pool.js'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    law: { type: 'string', default: '' },
    jobs: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '60' },
    total: { type: 'string', default: '' },
    progress: { type: 'boolean', default: process.stderr.isTTY === true },
  },
})

const whole = (name: string, text: string): number => {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  process.stderr.write(`laws: --${name} is '${text}'; expected a whole number\n`)
  return process.exit(2)
}
const runs = whole('runs', values.runs)
const seed = whole('seed', values.seed)
const jobs = Math.max(1, whole('jobs', values.jobs))
const longest = whole('minutes', values.minutes) * 60_000
const total = values.total === '' ? Infinity : whole('total', values.total) * 60_000

const start = performance.now()
const pool = openPool(jobs)
let [laws, failed, inputs] = [0, 0, 0]

/** What is to be examined: a law of a group. */
interface Task {
  readonly group: string
  readonly at: number
  readonly name: string
}

async function tasksOf(group: string): Promise<readonly Task[]> {
  const names = await pool.open(group)
  if (typeof names === 'string') {
    console.log(`skip  ${group}: ${names}`)
    return []
  }
  const all = names.map((name, at) => ({ group, at, name }))
  return all.filter(({ name }) => name.includes(values.law))
}

const tasks: Task[] = []
for (const { name } of groups.filter((g) => g.name.includes(values.only))) {
  tasks.push(...(await tasksOf(name)))
}

const count = tasks.length
const seconds = () => (performance.now() - start) / 1000
const say = () => {
  const now = pool.underWay().map((n) => n.toLocaleString('en'))
  process.stderr.write(
    `${laws} of ${count} laws, ${inputs.toLocaleString('en')} inputs, ${seconds().toFixed(0)} s; ` +
      `under way: ${now.join(', ')}\n`,
  )
}
const telling = values.progress ? setInterval(say, 10_000) : undefined

async function put({ group, at, name }: Task): Promise<void> {
  const share = ((total - (performance.now() - start)) * jobs) / (tasks.length + jobs)
  const patience = Math.max(1, Math.min(longest, share))
  const found = await pool.examine(group, at, { runs, seed, patience })
  laws++
  inputs += found.runs
  const { refutation } = found
  if (refutation !== undefined) failed++
  const verdict = refutation === undefined ? 'ok  ' : 'FAIL'
  const rate = Math.round(found.runs / Math.max(found.seconds, 1e-3))
  console.log(
    `${verdict}  ${name}: ${found.runs} runs, ${found.decided} decided, ` +
      `${found.seconds.toFixed(1)} s, ${rate}/s`,
  )
  if (refutation !== undefined) console.log(refutation.replace(/^/gm, '      '))
}

async function work(): Promise<void> {
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) await put(task)
}

await Promise.all(Array.from({ length: jobs }, work))
clearInterval(telling)
pool.close()

if ('mutants'.includes(values.only) && values.law === '') {
  const list: Caught[] = []
  for (const mutant of [...opMutants(ops.map((op) => op.name)), ...otherMutants]) {
    list.push(await caught(mutant, { runs: Math.min(runs, 300), seed: 1 }))
  }
  failed += list.filter((c) => c.law === undefined).length
  console.log(table(list))
}
console.log(
  `${laws} laws, ${inputs} inputs, ${seconds().toFixed(0)} s: ` +
    `${failed === 0 ? 'all hold' : `${failed} broken`}`,
)
if (failed > 0) process.exitCode = 1
