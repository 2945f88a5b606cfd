/**
 * Differentiation is a functor, forward and backward: the chain rule, products, linear maps, and the
 * axioms of reverse derivative categories (Cockett, Cruttwell, Gallagher, Lemay, MacAdam, Plotkin
 * and Pronk 2020), on random maps.
 *
 *   D f (x, v) = J·v       R f (x, u) = Jᵀ·u
 *
 * The seventh axiom, symmetry of second derivatives, is `symmetric` of the laws of derivatives.
 */

import type { NDArray } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { add } from '../../lib/ops/index.js'
import { type Func, inline } from '../../lib/term/index.js'
import { largestIn, pulled, pushed, reverseOf } from '../derivative/point.js'
import { drawFrom, zeroOf } from '../draw.js'
import { isCount, needs } from '../given.js'
import { type Law, law } from '../law.js'
import type { Measured } from '../measured.js'
import { affineMaps, after, at, directions, type Maps, maps, near, traced } from './maps.js'

type Arrays = readonly NDArray[]

export function functorLaws(steps = 6): readonly Law[] {
  needs('functorLaws', steps, isCount(steps) && steps > 0, 'how many steps programs have')
  const of = (name: string, source: string, check: (m: Maps) => Measured | undefined): Law =>
    law(`differentiation: ${name}`, source, maps(steps), (m) => (isTame(m) ? check(m) : undefined))
  return [
    of('the chain rule, forward', 'D (g ∘ f) = D g ∘ D f', ({ f, g, inputs, seed }) => {
      const v = directions(inputs, seed)
      const whole = after(g, f)
      const inner = pushed(at(f, inputs, seed), v)
      const parts = pushed(at(g, inner.values, seed), inner.tangents)
      const found = pushed(at(whole, inputs, seed), v)
      return near('tangent', derived(whole), [...inputs, ...v], found.tangents, parts.tangents)
    }),
    of('the chain rule, backward', 'R (g ∘ f) (x, u) = R f (x, R g (f x, u))', (m) => {
      const { f, g, inputs, seed } = m
      const u = directions(inputs, seed)
      const whole = after(g, f)
      const middle = evaluate(f, inputs)
      const parts = R(f, inputs, R(g, middle, u, seed), seed)
      return near('cotangent', derived(whole), [...inputs, ...u], R(whole, inputs, u, seed), parts)
    }),
    of('of a product is the product', 'D (f × g) = D f × D g', ({ f, g, inputs, seed }) => {
      const both = beside(f, g)
      const [v, w] = [directions(inputs, seed), directions(inputs, seed + 1)]
      const found = pushed(at(both, [...inputs, ...inputs], seed), [...v, ...w]).tangents
      const wanted = [
        ...pushed(at(f, inputs, seed), v).tangents,
        ...pushed(at(g, inputs, seed), w).tangents,
      ]
      return near('tangent', derived(both), [...inputs, ...inputs, ...v, ...w], found, wanted)
    }),
    of('of id is id', 'D id (x, v) = v,  R id (x, u) = u', ({ f, inputs, seed }) => {
      const id = traced('id', f.params, (x) => x)
      const v = directions(inputs, seed)
      const found = [...pushed(at(id, inputs, seed), v).tangents, ...R(id, inputs, v, seed)]
      return near('answer', derived(id), [...inputs, ...v], found, [...v, ...v])
    }),
    law(
      'differentiation: of a linear map is itself',
      'D f (x, v) = f v − f 0 where f is affine',
      affineMaps(),
      ({ f, inputs, seed }) => {
        const v = directions(inputs, seed)
        const zero = evaluate(f, inputs.map(zeroOf))
        const found = pushed(at(f, inputs, seed), v).tangents
        return near('tangent', f, inputs, plus(found, zero), evaluate(f, v))
      },
    ),
    of('R is additive in functions', 'R (f + g) = R f + R g  (RD.1)', (m) => {
      const { f, g, inputs, seed } = m
      const sum = traced('f + g', f.params, (x) => {
        const [a, b] = [inline(f, x), inline(g, x)]
        return a.map((y, i) => add(y, b[i]))
      })
      const u = directions(inputs, seed)
      const wanted = plus(R(f, inputs, u, seed), R(g, inputs, u, seed))
      return near('cotangent', derived(sum), [...inputs, ...u], R(sum, inputs, u, seed), wanted)
    }),
    of('R is additive in cotangents', 'R f (x, u + w) = R f (x, u) + R f (x, w)  (RD.2)', (m) => {
      const { f, inputs, seed } = m
      const [u, w] = [directions(inputs, seed), directions(inputs, seed + 1)]
      const wanted = plus(R(f, inputs, u, seed), R(f, inputs, w, seed))
      const found = R(f, inputs, plus(u, w), seed)
      return near('cotangent', derived(f), [...inputs, ...u], found, wanted)
    }),
    of('R of nothing is nothing', 'R f (x, 0) = 0  (RD.2)', ({ f, inputs, seed }) => {
      const none = inputs.map(zeroOf)
      return near('cotangent', f, inputs, R(f, inputs, none, seed), none)
    }),
    of('R of a projection puts in place', 'R π₁ (x, u) = (u, 0)  (RD.3)', (m) => {
      const { f, inputs, seed } = m
      const [first, ...rest] = inputs
      const left = traced('π', f.params, ([x]) => [x])
      const u = directions([first], seed)
      return near('cotangent', left, inputs, R(left, inputs, u, seed), [...u, ...rest.map(zeroOf)])
    }),
    of('R of a pair adds up', 'R ⟨f, g⟩ (x, (u, w)) = R f (x, u) + R g (x, w)  (RD.4)', (m) => {
      const { f, g, inputs, seed } = m
      const pair = traced('⟨f, g⟩', f.params, (x) => [...inline(f, x), ...inline(g, x)])
      const [u, w] = [directions(inputs, seed), directions(inputs, seed + 1)]
      const wanted = plus(R(f, inputs, u, seed), R(g, inputs, w, seed))
      const found = R(pair, inputs, [...u, ...w], seed)
      return near('cotangent', derived(pair), [...inputs, ...u], found, wanted)
    }),
    of('R is linear in its cotangent', 'D (R f (x, ·)) (u, w) = R f (x, w)  (RD.6)', (m) => {
      const { f, inputs, seed } = m
      const p = at(f, inputs, seed)
      const slope = reverseOf(p, drawFrom(seed))
      const moving = slope.active.map((a, i) => a && i >= inputs.length)
      const w = directions(slope.args.slice(inputs.length), seed + 1)
      const found = pushed({ ...slope, active: moving }, w).tangents
      const wanted = evaluate(slope.func, [...inputs, ...w])
      return near('cotangent', slope.func, slope.args, found, wanted)
    }),
  ]
}

/** The cotangents of the inputs. */
const R = (f: Func, x: Arrays, u: Arrays, seed: number): Arrays =>
  pulled(at(f, x, seed), u).cotangents

const evaluate = (f: Func, x: Arrays): Arrays => interpreters.evaluate(f, x, {})

const plus = (a: Arrays, b: Arrays): Arrays =>
  a.map((x, i) => ({ ...x, data: x.data.map((value, k) => value + b[i].data[k]) }))

/** What roundings are counted of: as many as the derivative has. */
const derived = (f: Func): Func =>
  interpreters.jvp(
    f,
    f.params.map(() => true),
  ).func

const beside = (f: Func, g: Func): Func =>
  traced('f × g', [...f.params, ...g.params], (x) => [
    ...inline(f, x.slice(0, f.params.length)),
    ...inline(g, x.slice(f.params.length)),
  ])

/** Numbers of moderate size all the way: of others roundings say nothing. */
function isTame({ f, g, inputs, seed }: Maps): boolean {
  const whole = derived(after(g, f))
  const v = directions(inputs, seed)
  return largestIn(whole, [...inputs, ...v], {}) < 1e6
}
