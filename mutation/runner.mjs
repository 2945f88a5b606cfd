/**
 * A test runner for Stryker: the tests of the ops and the interpreters, called in its own process.
 *
 * vitest starts a worker and loads every module for each change, seconds for what the tests decide
 * in milliseconds. Here modules stay loaded; a change in what is read once, while modules load, gets
 * them evaluated anew (`modules.mjs`). Tests are tried in the order of `order.mjs`, until one fails
 * or `quick.seconds` of processor time are spent: what is unnoticed by then counts as unnoticed, so
 * a score is a lower bound. An endless loop is told by processor time too.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import vm from 'node:vm'
import { commonTokens, declareFactoryPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import { DryRunStatus, MutantRunStatus, TestStatus } from '@stryker-mutator/api/test-runner'
import { modulesOf } from './modules.mjs'
import { orderOf } from './order.mjs'
import { collector } from './vitest.mjs'

const setup = ['vitest.setup.ts', 'mutation/setup.ts']
const folders = ['lib/ops', 'lib/interpret']

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'quick', quick)]

export const strykerValidationSchema = {
  properties: {
    quick: {
      type: 'object',
      default: {},
      properties: { seconds: { type: 'number', default: 4 } },
    },
  },
}

quick.inject = tokens(commonTokens.options)
function quick(options) {
  const root = process.cwd()
  const { seconds } = options.quick
  const stryker = (globalThis.__stryker__ ??= {})
  /** Milliseconds of processor time that tests take without a change. */
  const spent = new Map()
  const order = orderOf(spent)
  let fresh
  let groups
  let coverage

  return { capabilities: () => ({ reloadEnvironment: true }), init, dryRun, mutantRun }

  async function init() {
    fresh = modulesOf(root, 'vitest')
    groups = collected()
  }

  function collected() {
    const { groups, module, ofFile } = collector()
    const load = fresh(module)
    for (const file of setup) load(join(root, file))
    for (const file of testFiles(root)) {
      ofFile(file)
      load(join(root, file))
    }
    return groups
  }

  async function dryRun() {
    const tests = await measured()
    return { status: DryRunStatus.Complete, tests, mutantCoverage: coverage }
  }

  /** Runs every test without a change, for the time that it takes and the changes that it reaches. */
  async function measured() {
    Object.assign(stryker, { activeMutant: undefined, hitLimit: undefined, hitCount: undefined })
    const tests = []
    for (const group of groups.values()) {
      stryker.currentTestId = group.id
      const before = used()
      let failure
      for (const test of group.tests) {
        const start = used()
        failure ??= await failureOf(test, 600)
        spent.set(test.name, used() - start)
      }
      tests.push({
        id: group.id,
        name: group.id,
        fileName: join(root, group.file),
        timeSpentMs: used() - before,
        ...(failure === undefined
          ? { status: TestStatus.Success }
          : { status: TestStatus.Failed, failureMessage: failure.message }),
      })
    }
    stryker.currentTestId = undefined
    coverage = stryker.mutantCoverage
    return tests
  }

  async function mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation }) {
    try {
      if (spent.size === 0) await measured() // Stryker has started another process
      Object.assign(stryker, { activeMutant: activeMutant.id, hitLimit, hitCount: 0 })
      const isStatic = mutantActivation === 'static'
      const { own, failure } = isStatic ? await reloaded() : { own: groups }
      if (failure?.endless) return { status: MutantRunStatus.Timeout }
      if (failure !== undefined) return killed('loading', failure, 0)
      const result = await noticed(own, testFilter ?? [...own.keys()], activeMutant)
      if (isStatic || result.test === undefined || (await isSound(result.test))) return result.answer
      // What an earlier change left behind would be taken for this one.
      groups = collected()
      Object.assign(stryker, { activeMutant: activeMutant.id, hitLimit, hitCount: 0 })
      return (await noticed(groups, testFilter ?? [...groups.keys()], activeMutant)).answer
    } finally {
      Object.assign(stryker, { activeMutant: undefined, hitLimit: undefined, hitCount: undefined })
    }
  }

  /** Whether a test passes without a change, which is then off. */
  async function isSound(test) {
    Object.assign(stryker, { activeMutant: undefined, hitLimit: undefined, hitCount: undefined })
    return (await failureOf(test, 600)) === undefined
  }

  /** The tests of modules evaluated anew, or how that fails. */
  async function reloaded() {
    let own
    const body = () => {
      own = collected()
    }
    const failure = await failureOf({ body }, 5)
    return { own, failure }
  }

  async function noticed(groups, ids, mutant) {
    const start = used()
    let count = 0
    const reached = new Set(ids.filter((id) => coverage?.perTest[id]?.[mutant.id]))
    const own = ids.map((id) => groups.get(id)).filter(Boolean)
    for (const test of order.testsFor(mutant, own, reached)) {
      if (used() - start > 1000 * seconds) break
      count++
      const failure = await failureOf(test, 2 + (3 * (spent.get(test.name) ?? 0)) / 1000)
      const endless = failure?.endless || stryker.hitCount > stryker.hitLimit
      if (endless) return { test, answer: { status: MutantRunStatus.Timeout } }
      if (failure === undefined) continue
      order.found(mutant, test)
      return { test, answer: killed(test.group, failure, count) }
    }
    return { answer: { status: MutantRunStatus.Survived, nrOfTests: count } }
  }
}

const killed = (by, { message }, nrOfTests) => ({
  status: MutantRunStatus.Killed,
  killedBy: [by],
  failureMessage: message.slice(0, 1000),
  nrOfTests,
})

const testFiles = (root) =>
  folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => `${folder}/${file}`),
  )

/** Processor time of this process, in milliseconds: what another process takes is not counted. */
function used() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const guarded = new vm.Script('globalThis.__test__()')

/**
 * What a test throws, as a record. The clock that interrupts it runs on while the process waits for
 * a processor or is stopped: a test interrupted before its time is called again, with as much more
 * as it would have needed.
 */
async function failureOf({ body }, seconds) {
  for (let timeout = 1000 * seconds; ; ) {
    const start = used()
    try {
      globalThis.__test__ = body
      await guarded.runInThisContext({ timeout: Math.ceil(timeout) })
      return undefined
    } catch (error) {
      const endless = error?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
      const spent = used() - start
      if (!endless || spent > 900 * seconds) return { message: String(error?.message ?? error), endless }
      timeout *= Math.min(10, (1000 * seconds) / spent)
    }
  }
}
