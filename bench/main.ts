/**
 * The bench: each workload beside the peers that are installed.
 *
 *   npm run bench -- [--only NAME,…] [--threads N] [--backend B] [--clock wall|cpu] [--json]
 *   npm run bench -- --search [--only NAME,…]    how far picked schedules are from the best found
 */
import { parseArgs } from 'node:util'
import { packagesPresent, peersPresent } from './contestants/index.js'
import { backendNames } from './contestants/pullback.js'
import { duel } from './duel.js'
import { jsonLine, legend, tableHead, tableRow } from './report.js'
import { search, searched, searchHead, searchRow } from './search.js'
import type { Workload } from './workload.js'
import { workloads } from './workloads/index.js'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    threads: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'wasm' },
    clock: { type: 'string', default: 'wall' },
    json: { type: 'boolean', default: false },
    search: { type: 'boolean', default: false },
  },
})
const threads = Number(values.threads)
const clock = values.clock === 'cpu' ? 'cpu' : 'wall'
const { absent } = packagesPresent()
const peers = peersPresent()
const fault = faultOf()
if (fault !== undefined) {
  process.stderr.write(`bench: ${fault}\n`)
  process.exit(2)
}
const say = (line: string) => process.stdout.write(`${line}\n`)
if (values.search) {
  say(searchHead)
  const wanted = workloads.filter((w) => searched.includes(w.name) && isWanted(w))
  for (const workload of wanted) say(searchRow(search(workload)))
  process.exit()
}
if (absent.length > 0) {
  process.stderr.write(`not installed: ${absent.join(', ')}; to install: npm ci --prefix bench\n`)
}
if (!values.json) say(`${threads} thread${threads > 1 ? 's' : ''}, f32\n${tableHead(peers)}`)
for (const workload of workloads.filter(isWanted)) {
  try {
    const settings = { threads, backend: values.backend, clock, scale: 'full' } as const
    const outcome = await duel(workload, peers, settings)
    say(values.json ? jsonLine(outcome, settings) : tableRow(outcome, settings))
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`)
    process.exitCode = 1
  }
}
if (!values.json) say(legend)

/** `rnn-scan` asks for its first call too. */
function isWanted({ name }: Workload): boolean {
  const names = values.only?.split(',')
  return names === undefined || names.some((only) => name === only || name === `${only}-first`)
}

function faultOf(): string | undefined {
  if (!Number.isInteger(threads) || threads < 1)
    return `--threads ${values.threads}: a count from 1`
  if (!backendNames.some((name) => name === values.backend)) {
    return `there is no backend '${values.backend}': ${backendNames.join(', ')}`
  }
  if (values.clock !== clock) return `--clock ${values.clock}: wall or cpu`
  if (clock === 'cpu' && threads > 1) return '--clock cpu: of one thread only'
  const unknown = values.only?.split(',').find((only) => !workloads.some((w) => w.name === only))
  if (unknown === undefined) return undefined
  return `there is no workload '${unknown}': ${workloads.map(({ name }) => name).join(', ')}`
}
