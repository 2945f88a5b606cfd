/**
 * Nothing of this project is outside its kits: ops, passes, handlers and backends are under laws by
 * being there, and each law of the list has a name, a source and a refuter.
 */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import * as effects from '../effects/index.js'
import { ops } from '../lib/ops/index.js'
import { handlers } from './effect/handlers.js'
import { backendNames, inventory, passes } from './inventory.js'
import type { AnyLaw } from './law.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What the files of a folder export, fixtures and tests aside. */
async function exportsOf(folder: string): Promise<readonly unknown[]> {
  const files = readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
  const sources = files.filter((f) => f.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(f))
  const modules = await Promise.all(
    sources.map((file): Promise<object> => import(`${root}/${folder}/${file}`)),
  )
  return [...new Set(modules.flatMap((m) => Object.values(m) as unknown[]))]
}

const has = (value: unknown, ...keys: readonly string[]): value is { readonly name: string } =>
  typeof value === 'object' && value !== null && keys.every((key) => key in value)

/** The names of those that a list has not. */
function outside(declared: readonly { readonly name: string }[], list: readonly object[]) {
  const known = new Set<unknown>(list)
  return declared.filter((each) => !known.has(each)).map((each) => each.name)
}

/** Ops whose rules are the user's: there is no sample of them, and where their laws are. */
const elsewhere: Readonly<Record<string, string>> = {
  customVjp: 'customRuleLaws, and lib/ops/control/custom.test.ts',
  customTangent: 'made by customVjp alone',
  customBatching: 'lib/ops/control/custom.test.ts: obeys the laws, derivatives included',
}

test('every op of any file is in the vocabulary, and so under its laws', async () => {
  const declared = (await exportsOf('lib/ops')).filter((v) => has(v, 'name', 'jvp', 'transpose'))
  expect(declared.length).toBeGreaterThan(50)
  expect(outside(declared, ops)).toEqual([])
  const groups = inventory.map((group) => group.name)
  expect(ops.filter((op) => !groups.includes(`op ${op.name}`))).toEqual([])
  const unsampled = ops.filter((op) => op.samples.length === 0).map((op) => op.name)
  expect(unsampled.sort()).toEqual(Object.keys(elsewhere).sort())
})

test('every pass of any file is under the laws of passes', async () => {
  const declared = (await exportsOf('lib/pass')).filter((v) => has(v, 'name', 'sentence', 'run'))
  expect(declared.length).toBeGreaterThan(8)
  expect(outside(declared, passes)).toEqual([])
})

test('every backend of the package is under the laws of backends', () => {
  const folders = readdirSync(`${root}/backends`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  expect([...backendNames].sort()).toEqual(folders.sort())
})

/** What of the published effects is no handler of its own, and what it is. */
const others: Readonly<Record<string, readonly string[]>> = {
  'requests and programs': [
    ...['Check', 'Control', 'IO', 'Program', 'Random', 'State', 'flatMap', 'gen', 'isProgram'],
    ...['later', 'log', 'pure', 'request', 'tap', 'tell', 'value', 'Monad', 'URI'],
  ],
  'keys, which are values': ['foldIn', 'reuse', 'split'],
  'what others are made of': ['handle', 'openChecks', 'threaded', 'eventsOf'],
  'what asks for more, or for less': ['biased', 'inspected', 'uninspected'],
  'no program results from it': ['expectation', 'nanOrigin', 'inspectGradient'],
}

test('every handler is under the laws of handlers', () => {
  const named = handlers.map((h) => h.name.replace(/^checks.*/, 'openChecks'))
  const known = new Set([...named, ...Object.values(others).flat()])
  expect(Object.keys(effects).filter((name) => !known.has(name))).toEqual([])
  expect([...known].filter((name) => !(name in effects))).toEqual([])
})

/** The list, each by the words of a law's name. */
const wanted: Readonly<Record<string, RegExp>> = {
  'tangent maps are linear': /the tangent map is linear/,
  'transpose is the adjoint': /the transpose is the adjoint/,
  '⟨Jv, w⟩ = ⟨v, Jᵀw⟩': /the vjp is the adjoint of the jvp/,
  'D(g∘f) = Dg∘Df': /compos/,
  'D(f×g)': /(parallel|fanout|product|pair)/i,
  'D(linear) = itself': /linear map/,
  'forward over reverse = reverse over forward': /forward over reverse is reverse over forward/,
  'Hessians are symmetric': /second derivatives are symmetric/,
  'finite differences': /the jvp agrees with differences/,
  'complex step': /complex step/,
  'vmap = map': /a batch is a map/,
  'grad∘vmap = vmap∘grad': /the gradient of a batch is the batch of gradients/,
  'values, tangents and cotangents agree at every stage': /pipeline: .* agree/,
  'unzip conserves op counts': /taken apart cost what they do together/,
  'transpose conserves op counts': /the transpose costs/,
  'checkpoint changes nothing': /a checkpoint changes nothing/,
  'schedules change nothing': /as scheduled/,
  category: /identity|associative/,
  monad: /left identity/,
  handlers: /commutes with handlers of other effects/,
  'serialise∘parse = id': /read back/,
}

test('every law of the list is there, with a name, a source and a refuter', async () => {
  const laws: AnyLaw[] = []
  for (const group of inventory.filter((g) => !g.name.startsWith('backend'))) {
    await group.put((list) => {
      laws.push(...list)
    })
  }
  const found = Object.entries(wanted).filter(([, words]) => laws.some((l) => words.test(l.name)))
  expect(Object.keys(wanted).filter((name) => !found.some(([n]) => n === name))).toEqual([])
  const isWhole = (l: AnyLaw) => l.name !== '' && l.source !== '' && typeof l.refute === 'function'
  expect(laws.filter((l) => !isWhole(l))).toEqual([])
  expect(laws.length).toBeGreaterThan(1000)
})
