/**
 * Programs as an fp-ts Monad, so that code written for any monad runs on them.
 */
import type { Monad2 } from 'fp-ts/lib/Monad.js'
import { flatMap, pure } from '../lib/lang/program.js'
import type { Program } from '../lib/types/program.js'

export const URI = 'pullback/Program'
export type URI = typeof URI

declare module 'fp-ts/HKT.js' {
  interface URItoKind2<E, A> {
    readonly [URI]: Program<A, Extract<E, string>>
  }
}

export const Monad: Monad2<URI> = {
  URI,
  of: pure,
  map: (program, f) => flatMap(program, (a) => pure(f(a))),
  ap: (functions, program) => flatMap(functions, (f) => flatMap(program, (a) => pure(f(a)))),
  chain: flatMap,
}
