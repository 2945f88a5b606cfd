/**
 * The page: runs case files on a backend of this browser and fills in the table.
 *
 *   index.html                      the files that `cases/index.json` lists
 *   index.html?files=a.json,b.json  those at these addresses
 *   index.html?threads=2            on two threads, where the page is isolated from other origins
 *   index.html?backend=webgpu       on the GPU, in f32
 *
 * A row a file and dtype; failing checks in words below. `data-state` of the body says when it is
 * done, or what kept it from running.
 */
import type { Float } from '../../cli/conform/build.js'
import { openWasm, openWebgpu, runCases, type Tally } from './cases.js'

const element = (id: string): HTMLElement => {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no element '${id}'`)
  return found
}

const say = (text: string): void => {
  element('state').textContent = text
}

const query = new URLSearchParams(location.search)
const onGpu = query.get('backend') === 'webgpu'
const floats: readonly Float[] = onGpu ? ['f32'] : ['f64', 'f32']

async function listed(): Promise<readonly string[]> {
  const asked = query.get('files')
  if (asked !== null) return asked.split(',')
  const names: unknown = JSON.parse(await text('cases/index.json'))
  if (Array.isArray(names)) return names.map((name) => `cases/${String(name)}`)
  throw new Error('cases/index.json is not a list of names')
}

async function text(address: string): Promise<string> {
  const response = await fetch(address)
  if (response.ok) return response.text()
  throw new Error(`${address}: ${response.status} ${response.statusText}`)
}

function row(cells: readonly string[], good: boolean): HTMLTableRowElement {
  const tr = document.createElement('tr')
  tr.dataset.good = String(good)
  for (const cell of cells) tr.insertCell().textContent = cell
  return tr
}

const cellsOf = (name: string, float: string, t: Tally): readonly string[] => [
  name,
  float,
  ...[t.passed, t.failed, t.skipped].map(String),
  t.seconds.toFixed(2),
]

const nameOf = (address: string): string => address.split('/').at(-1) ?? address

async function main(): Promise<void> {
  const addresses = await listed()
  const wanted = Number(query.get('threads') ?? 1)
  const opened = onGpu ? await openWebgpu() : await openWasm(wanted)
  element('title').textContent = `Conformance on ${opened.name}, in this browser`
  let total: Tally = { passed: 0, failed: 0, skipped: 0, seconds: 0, faults: [], threads: wanted }
  for (const address of addresses) {
    const source = await text(address)
    for (const float of floats) {
      say(`running ${nameOf(address)} in ${float}`)
      // Lets the browser draw between files.
      await new Promise((resume) => setTimeout(resume))
      const tally = await runCases(opened, address, source, float)
      element('rows').append(row(cellsOf(nameOf(address), float, tally), tally.failed === 0))
      element('faults').append(...tally.faults.map((fault) => `${float}  ${fault}\n`))
      total = {
        passed: total.passed + tally.passed,
        failed: total.failed + tally.failed,
        skipped: total.skipped + tally.skipped,
        seconds: total.seconds + tally.seconds,
        faults: [],
        threads: Math.min(total.threads, tally.threads),
      }
    }
  }
  opened.close()
  element('total').append(row(cellsOf(`${addresses.length} files`, '', total), total.failed === 0))
  const over = total.threads === 1 ? '' : `, on ${total.threads} threads`
  say(`${total.passed} passed, ${total.failed} failed${over}`)
}

try {
  await main()
  document.body.dataset.state = 'done'
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  document.body.dataset.state = 'broken'
}
