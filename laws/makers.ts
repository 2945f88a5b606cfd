/**
 * How random programs call each word: which of the terms at hand, and with which attributes.
 *
 * `smooth` marks the words whose derivatives exist where random arguments of moderate size fall.
 * Axes with named sizes are taken whole: what is legal must not depend on what a name is bound to.
 */

import type { Maker } from './maker.js'
import { along } from './makers/along.js'
import { elementwise } from './makers/elementwise.js'
import { grids } from './makers/grids.js'
import { indexing } from './makers/indexing.js'
import { movement } from './makers/movement.js'
import { random } from './makers/random.js'

/** Words that algebra and movement rules look for. */
const frequent = new Set(
  'neg add sub mul div square not where convert broadcastTo reshape transpose reverse slice pad concat sum matmul eq'.split(
    ' ',
  ),
)

/** How often a word is drawn. */
export const weightOf = (name: string): number => (frequent.has(name) ? 6 : 1)

export const makers: Readonly<Record<string, Maker>> = {
  ...elementwise,
  ...movement,
  ...along,
  ...indexing,
  ...random,
  ...grids,
}
