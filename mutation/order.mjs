/**
 * Which tests first, for a change: those that noticed the last changes in its file, then by the
 * processor time that they take (`spent`), those near to the change counting less: the tests of its
 * file, those of a name that stands there in quotes (an op's own laws), and those of its folder.
 */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'

const kept = 4

/** What the time of a test counts for, relative to that of one that is anywhere. */
const near = { file: 0.03, name: 0.1, folder: 0.5, anywhere: 1 }

export function orderOf(spent) {
  const texts = new Map()
  const finders = new Map()

  function weightOf({ fileName }, { file, name }) {
    if (!texts.has(fileName)) texts.set(fileName, readFileSync(fileName, 'utf8'))
    if (fileName.endsWith(`/${file.replace('.test.ts', '.ts')}`)) return near.file
    if (texts.get(fileName).includes(`'${name}'`)) return near.name
    return dirname(fileName).endsWith(`/${dirname(file)}`) ? near.folder : near.anywhere
  }

  function testsFor(mutant, groups) {
    const weighed = groups.flatMap((group) => {
      const weight = weightOf(mutant, group)
      return group.tests.map((test) => ({ test, cost: weight * ((spent.get(test.name) ?? 10) + 1) }))
    })
    const sorted = weighed.toSorted((a, b) => a.cost - b.cost).map(({ test }) => test)
    const first = finders.get(mutant.fileName) ?? []
    return [...first.flatMap((name) => sorted.find((t) => t.name === name) ?? []), ...sorted]
  }

  function found({ fileName }, { name }) {
    const before = (finders.get(fileName) ?? []).filter((n) => n !== name)
    finders.set(fileName, [name, ...before].slice(0, kept))
  }

  return { testsFor, found }
}
