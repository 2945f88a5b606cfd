/**
 * Which tests first, for a change: by the processor time that they take (`spent`), which counts less
 * for those that noticed the last changes in its file, and for those near to the change: the tests of
 * its file, those of a name that stands there in quotes (an op's own laws and words), those that
 * reach the change, and those of its folder.
 */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'

const kept = 4

/** What the time of a test counts for, relative to that of one that is anywhere. */
const near = { file: 0.01, name: 0.02, folder: 0.5, anywhere: 1 }
const reaching = 0.05
const finding = 0.01

export function orderOf(spent) {
  const quoted = new Map()
  const finders = new Map()

  /** The names that stand in quotes in a file. */
  function namesIn(fileName) {
    if (!quoted.has(fileName)) {
      const names = readFileSync(fileName, 'utf8').matchAll(/'([A-Za-z]\w*)'/g)
      quoted.set(fileName, new Set([...names].map((match) => match[1])))
    }
    return quoted.get(fileName)
  }

  function weightOf({ fileName }, { file }, { title }) {
    if (fileName.endsWith(`/${file.replace('.test.ts', '.ts')}`)) return near.file
    const names = namesIn(fileName)
    if ((title.match(/\w+/g) ?? []).some((word) => names.has(word))) return near.name
    return dirname(fileName).endsWith(`/${dirname(file)}`) ? near.folder : near.anywhere
  }

  /** `reached` holds the ids of the groups that reach the change while they run. */
  function testsFor(mutant, groups, reached) {
    const last = finders.get(mutant.fileName) ?? []
    const weighed = groups.flatMap((group) =>
      group.tests.map((test) => {
        const weight =
          weightOf(mutant, group, test) *
          (reached.has(group.id) ? reaching : 1) *
          (last.includes(test.name) ? finding : 1)
        return { test, cost: weight * ((spent.get(test.name) ?? 10) + 1) }
      }),
    )
    return weighed.toSorted((a, b) => a.cost - b.cost).map(({ test }) => test)
  }

  function found({ fileName }, { name }) {
    const before = (finders.get(fileName) ?? []).filter((n) => n !== name)
    finders.set(fileName, [name, ...before].slice(0, kept))
  }

  return { testsFor, found }
}
