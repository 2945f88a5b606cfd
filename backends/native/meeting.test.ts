import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { meetingText, mostThreads } from './emit/meeting.js'
import { openHost } from './host.js'
import { compiler } from './run.fixture.js'

const folder = mkdtempSync(join(tmpdir(), 'pullback-meeting-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/**
 * The pieces that threads take of a range, one after another in an order that is given: the table
 * holds the number of threads, of pieces and the round, then the threads in turn; each becomes the
 * piece that it took.
 */
const source = `#include <stdint.h>
#include <stddef.h>
${meetingText}
void run(double *table, struct meeting *unused, int64_t thread, int64_t all) {
  static struct meeting m;
  const int64_t threads = table[0], pieces = table[1], turns = table[3];
  int64_t turn[${mostThreads}] = {0};
  m.round = table[2];
  for (int64_t i = 0; i < threads; i++) m.taken[i].pieces = 0;
  for (int64_t i = 0; i < turns; i++)
    table[4 + i] = take(&m, &turn[(int)table[4 + i]], table[4 + i], threads, pieces);
}
`

async function taken(threads: number, pieces: number, round: number, turns: readonly number[]) {
  const { builder, runtime } = await openHost({ threads: 1, cacheFolder: folder })
  const library = runtime.open(builder.build(source, 'program test').path)
  const table = Float64Array.from([threads, pieces, round, turns.length, ...turns])
  if (typeof library === 'string') throw new Error(library)
  runtime.call(library.run, table, 1)
  return [...table.slice(4)]
}

describe.skipIf(compiler.absent)(`pieces of a range${compiler.why}`, () => {
  it("are each thread's own first, there in one round and back in the next", async () => {
    const turns = [0, 1, 0, 1, 0, 1]
    expect(await taken(2, 6, 0, turns)).toEqual([0, 3, 1, 4, 2, 5])
    expect(await taken(2, 6, 1, turns)).toEqual([2, 5, 1, 4, 0, 3])
  })

  it("are then the others', and each is taken once", async () => {
    expect(await taken(3, 6, 0, [1, 1, 1, 1, 1, 1, 1])).toEqual([2, 3, 4, 5, 0, 1, 6])
    for (const [threads, pieces] of [
      [2, 7],
      [3, 1],
      [5, 64],
      [4, 0],
    ] as const) {
      const turns = Array.from({ length: pieces + threads }, (_, i) => (i * i + 1) % threads)
      const all = (await taken(threads, pieces, 1, turns)).filter((piece) => piece < pieces)
      expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: pieces }, (_, i) => i))
    }
  })
})
