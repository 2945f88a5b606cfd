/**
 * Convolutions: contractions whose column operand moves with sums of two loops.
 */
import { atMost, type Contraction, evenly, magnitude } from './contraction.js'
import type { Schedule } from './decision.js'
import type { Hardware } from './hardware.js'
import { extentOf } from './nest.js'

/**
 * Schedules of a convolution: what its windows cover is copied once, borders written out, and read
 * from there at each of their places; lanes are neighbours in it, wherever they start.
 *
 *   tile[c, h + p, w + q] of 8 rows    →    1.25 copies of the image instead of 9
 */
export const windowSchedules = (c: Contraction, hardware: Hardware): readonly Schedule[] =>
  c.windows.has(c.columns.index) && hardware.rowsInPlace === 'any'
    ? [windowSchedule(c, hardware, true), windowSchedule(c, hardware, false)]
    : []

/** `borders`: the copy is one without asking in the middle; there is nothing to ask without them. */
function windowSchedule(c: Contraction, hardware: Hardware, borders: boolean): Schedule {
  const { rows, columns, reduction, windows } = c
  const window = windows.get(columns.index)
  const inner = c.withColumns.findLast((l) => windows.has(l.index))
  if (rows === undefined || window === undefined) return []
  const [i, j] = [rows.index, columns.index]
  const width = Math.max(4, (hardware.vectorBytes / c.bytes) * hardware.blockVectors)
  const height = atMost(extentOf(rows), hardware.blockRows, 1)
  const known = extentOf(columns)
  const nc = typeof known === 'number' && known <= 512 ? known : 256
  const [i1, j0, j1] = [`${i}.block`, `${j}.outer`, `${j}.block`]
  const joined = new Set([...windows.values()].map((l) => l.index))
  const terms = reduction.filter((l) => !joined.has(l.index))
  const deep = terms.reduce((n, l) => n * magnitude(l), c.bytes * (nc + magnitude(window) - 1))
  // As many rows of the image at a time as leave room for the operand of the rows.
  const fits = (n: number): boolean =>
    inner === undefined ||
    deep * (n + magnitude(windows.get(inner.index) ?? window) - 1) <= hardware.cache.l2 / 4
  const by = [16, 8, 4, 2].find(fits) ?? 1
  const outside = c.withColumns.map((l) => (l === inner ? `${l.index}.outer` : l.index))
  const inside = inner === undefined ? [] : [inner.index]
  const places = [...terms.map((l) => l.index), ...inside, j]
  return [
    ...(inner === undefined
      ? []
      : ([
          {
            tag: 'split',
            loop: inner.index,
            by: atMost(extentOf(inner), evenly(extentOf(inner), by, 1), 1),
            outer: `${inner.index}.outer`,
          },
        ] as const)),
    { tag: 'split', loop: j, by: nc, outer: j0 },
    {
      tag: 'order',
      loops: [...[...c.both, ...c.withRows].map((l) => l.index), ...outside, j0, ...inside, i, j],
    },
    { tag: 'stage', buffer: c.columnBuffer, at: j0, loops: places },
    { tag: 'split', loop: i, by: height, outer: i1 },
    { tag: 'split', loop: j, by: width, outer: j1 },
    { tag: 'order', loops: [i1, ...inside, j1, i, j] },
    { tag: 'unroll', loop: i, width: height },
    { tag: 'vector', loop: j, width },
    ...(borders ? ([{ tag: 'peel', loop: `${j}.${c.columnBuffer}.tile` }] as const) : []),
    { tag: 'vector', loop: `${j}.${c.columnBuffer}.tile`, width },
  ]
}
