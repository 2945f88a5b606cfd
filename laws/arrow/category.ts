/**
 * Functions are a category with products: the laws of `compose`, `id`, `fanout`, `parallel`, `first`
 * and `second`, on random maps, to the last bit (Mac Lane 1971, III.4; Hughes 2000).
 */

import type { NDArray } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { composeOf, fanoutOf, firstOf, idOf, parallelOf, secondOf } from '../../lib/lang/arrow.js'
import { closedOf, type RuntimeFn } from '../../lib/lang/index.js'
import { bits } from '../effect/same.js'
import { needsMembers } from '../given.js'
import { type Law, law } from '../law.js'
import { broken, type Measured } from '../measured.js'
import { arrowOf, maps } from './maps.js'

/** What composes: the language's own arrows, or others put to the same laws. */
export interface Arrows {
  readonly compose: (f: RuntimeFn, g: RuntimeFn) => RuntimeFn
  readonly fanout: (f: RuntimeFn, g: RuntimeFn) => RuntimeFn
  readonly parallel: (f: RuntimeFn, g: RuntimeFn) => RuntimeFn
}

const own: Arrows = { compose: composeOf, fanout: fanoutOf, parallel: parallelOf }

type Side = (f: RuntimeFn, g: RuntimeFn, h: RuntimeFn) => RuntimeFn

export function categoryLaws(arrows: Arrows = own): readonly Law[] {
  const members = { compose: 'function', fanout: 'function', parallel: 'function' } as const
  needsMembers('categoryLaws', arrows, members, 'ways to join arrows')
  const { compose, fanout, parallel } = arrows
  const same = (name: string, source: string, left: Side, right: Side): Law =>
    law(`arrows: ${name}`, source, maps(), ({ f, g, h, inputs }) => {
      const [a, b, c] = [f, g, h].map(arrowOf)
      return alike(left(a, b, c), right(a, b, c), inputs)
    })
  const id = (f: RuntimeFn) => idOf(f.inputs)
  return [
    same(
      'composition is associative',
      'h ∘ (g ∘ f) = (h ∘ g) ∘ f',
      (f, g, h) => compose(compose(f, g), h),
      (f, g, h) => compose(f, compose(g, h)),
    ),
    same(
      'id is neutral before',
      'f ∘ id = f',
      (f) => compose(id(f), f),
      (f) => f,
    ),
    same(
      'id is neutral after',
      'id ∘ f = f',
      (f) => compose(f, id(f)),
      (f) => f,
    ),
    same(
      'a pair after a map is a pair of maps',
      '⟨g, h⟩ ∘ f = ⟨g ∘ f, h ∘ f⟩',
      (f, g, h) => compose(f, fanout(g, h)),
      (f, g, h) => fanout(compose(f, g), compose(f, h)),
    ),
    same(
      'a pair is both on a copy',
      '⟨f, g⟩ = (f × g) ∘ ⟨id, id⟩',
      (f, g) => fanout(f, g),
      (f, g) => compose(fanout(id(f), id(f)), parallel(f, g)),
    ),
    same(
      'products keep composition',
      '(g × h) ∘ (f × g) = (g ∘ f) × (h ∘ g)',
      (f, g, h) => compose(parallel(f, g), parallel(g, h)),
      (f, g, h) => parallel(compose(f, g), compose(g, h)),
    ),
    same(
      'products keep identities',
      'id × id = id',
      (f) => parallel(id(f), id(f)),
      (f) => idOf({ first: f.inputs, second: f.inputs }),
    ),
    same(
      'first and second make a product',
      'f × g = (id × g) ∘ (f × id)',
      (f, g) => parallel(f, g),
      (f, g) => compose(firstOf(f, g.inputs), secondOf(g, f.inputs)),
    ),
    same(
      'first and second commute',
      '(id × g) ∘ (f × id) = (f × id) ∘ (id × g)',
      (f, g) => compose(firstOf(f, g.inputs), secondOf(g, f.inputs)),
      (f, g) => compose(secondOf(g, f.inputs), firstOf(f, g.inputs)),
    ),
  ]
}

/** Both at the inputs, those of a product twice over. */
function alike(left: RuntimeFn, right: RuntimeFn, inputs: readonly NDArray[]): Measured {
  const [a, b] = [left, right].map((f) => closedOf(f, 'categoryLaws'))
  const [was, is] = [a, b].map(({ output, paths }) => JSON.stringify([output, paths]))
  if (was !== is) return broken(`from and to ${was} and ${is}`)
  const given = a.func.params.map((_, i) => inputs[i % inputs.length])
  const [found, wanted] = [a, b].map(({ func }) => interpreters.evaluate(func, given, {}))
  return bits(found, wanted, 'the left side')
}
