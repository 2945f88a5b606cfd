/**
 * As much of vitest as the tests of the ops and the interpreters use: they are collected into groups
 * (the first `describe`, or the test itself, of a file), and vitest's own `expect` decides.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
} from '@vitest/expect'

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)

const expect = (value, message) => chai.expect(value, message)
Object.assign(expect, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT])

/** Collects tests into groups: by id, with the file and name of each, and the functions to call. */
export function collector() {
  const groups = new Map()
  let file = ''
  let within = null

  function test(name, body, row = name) {
    const id = `${file} ${within ?? name}`
    const group = groups.get(id) ?? { id, file, name: within ?? name, tests: [] }
    groups.set(id, group)
    const title = `${within ?? ''} ${row}`
    group.tests.push({ name: `${id} ${name} ${group.tests.length}`, title, group: id, body })
  }
  test.each = (rows) => (name, body) => {
    for (const row of rows) {
      const values = Array.isArray(row) ? row : [row]
      test(name, () => body(...values), rowName(name, values))
    }
  }

  function describe(name, body) {
    const outer = within
    within ??= name
    body()
    within = outer
  }

  return {
    groups,
    module: { describe, test, it: test, expect },
    ofFile: (name) => {
      file = name
    },
  }
}

/** The name of a row: its values in place of %s and the like, members of the first in place of $. */
function rowName(name, values) {
  let next = 0
  const shown = (value) =>
    typeof value === 'function' || typeof value === 'object' ? '' : String(value)
  return name
    .replace(/%\w/g, () => shown(values[next++]))
    .replace(/\$(\w+)/g, (_, key) => shown(values[0]?.[key]))
}
