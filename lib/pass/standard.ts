/**
 * The passes in the order in which they help each other.
 *
 *   before differentiating: what a derivative should not see twice, and the stable forms
 *   after: the same again, and what differentiation left behind
 *
 * `simplify` comes after whatever makes new constants or exposes movements; `share` before what
 * compares terms; `adjoint` before `collect`, which looks for bare products, and after it, for the
 * sums it makes; `drop` last, since every other pass leaves things unused.
 */
import { adjoint } from './adjoint.js'
import { ahead } from './ahead.js'
import { collect } from './collect.js'
import { drop } from './drop.js'
import { erase } from './erase.js'
import { fold } from './fold.js'
import { hoist } from './hoist.js'
import type { Pass } from './pass.js'
import { place } from './place.js'
import { rows } from './rows.js'
import { share } from './share.js'
import { simplify } from './simplify.js'
import { stabilise } from './stabilise.js'

/** For a program that is still to be differentiated. */
export const beforeDerivatives: readonly Pass[] = [share, simplify, stabilise, fold, simplify, drop]

/** For a program as it will run. */
export const standard: readonly Pass[] = [
  erase,
  share,
  simplify,
  stabilise,
  drop,
  hoist,
  fold,
  adjoint,
  rows,
  ahead,
  collect,
  adjoint,
  place,
  simplify,
  share,
  drop,
]
