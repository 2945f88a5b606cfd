/**
 * The laws of derivatives, each a name, a source and a check of one point: every kit draws its own
 * points and holds them to these.
 */
import type { Measured } from '../measured.js'
import { batchIsMap, batchOfGradient, gradientsOfBatch } from './batch.js'
import { complexStep } from './complex.js'
import { checkpointKeeps, transposeConserves, unzipConserves } from './conserve.js'
import { continuous } from './continuous.js'
import { adjoint, differences, linear, reverse, sameValues } from './first.js'
import { meetsInfinity, type Point } from './point.js'
import { finite, ordersCommute, secondDifferences, symmetric } from './second.js'
import { transposed } from './transposed.js'

export interface PointLaw {
  readonly name: string
  readonly source: string
  readonly check: (p: Point) => Measured | undefined
}

/** Undecided where a value on the way is infinite: sums there may be ∞ − ∞, in either order. */
const amongNumbers =
  (check: PointLaw['check']): PointLaw['check'] =>
  (p) =>
    meetsInfinity(p) ? undefined : check(p)

export const pointLaws = {
  values: {
    name: 'derivatives keep the values',
    source: 'jvp f and vjp f give f(x) first',
    check: sameValues,
  },
  linear: {
    name: 'the tangent map is linear',
    source: 'J·(a·v + b·w) = a·J·v + b·J·w',
    check: amongNumbers(linear),
  },
  differences: {
    name: 'the jvp agrees with differences',
    source: 'J·v = d/dt f(x + t·v) at 0; central differences, extrapolated once (Richardson 1911)',
    check: amongNumbers(differences),
  },
  adjoint: {
    name: 'the vjp is the adjoint of the jvp',
    source: '⟨u, J·v⟩ = ⟨Jᵀ·u, v⟩',
    check: amongNumbers(adjoint),
  },
  reverse: {
    name: 'the vjp agrees with differences',
    source: '⟨Jᵀ·u, v⟩ = d/dt ⟨u, f(x + t·v)⟩ at 0',
    check: amongNumbers(reverse),
  },
  second: {
    name: 'second derivatives agree with differences',
    source: '∂(Jᵀ·u)·v = d/dt Jᵀ(x + t·v)·u at 0',
    check: amongNumbers(secondDifferences),
  },
  symmetric: {
    name: 'second derivatives are symmetric',
    source: '⟨w, H·v⟩ = ⟨v, H·w⟩ (Schwarz)',
    check: amongNumbers(symmetric),
  },
  orders: {
    name: 'forward over reverse is reverse over forward',
    source: '∂(Jᵀ·u)·v = ∇⟨u, J·v⟩',
    check: amongNumbers(ordersCommute),
  },
  map: {
    name: 'a batch is a map',
    source: 'batch f (stack xs) = stack (map f xs)',
    check: (p) => batchIsMap(p),
  },
  gradients: {
    name: 'the gradient of a batch is the batch of gradients',
    source: '∇(batch f) (stack xs) = stack (map ∇f xs)',
    check: (p) => gradientsOfBatch(p),
  },
  batched: {
    name: 'a batch of gradients is a map of gradients',
    source: 'batch (∇f) (stack xs) = stack (map ∇f xs)',
    check: (p) => batchOfGradient(p),
  },
  complex: {
    name: 'the jvp agrees with a complex step',
    source: 'J·v = Im f(x + i·h·v) / h for analytic f (Squire and Trapp 1998)',
    check: complexStep,
  },
  unzip: {
    name: 'values and tangents taken apart cost what they do together',
    source: 'partial evaluation copies no operation (Radul et al. 2023, You Only Linearize Once)',
    check: unzipConserves,
  },
  transpose: {
    name: 'the transpose costs what the linear part does, and additions',
    source: 'each linear operation has one adjoint; uses become sums (Radul et al. 2023)',
    check: transposeConserves,
  },
  checkpoint: {
    name: 'a checkpoint changes nothing',
    source: 'evaluate, jvp and vjp of checkpoint f are those of f',
    check: checkpointKeeps,
  },
  finite: {
    name: 'finite values have no derivatives that are NaN',
    source: '0 · ∞ = 0 where a tangent is zero (DESIGN §2)',
    check: finite,
  },
} as const satisfies Readonly<Record<string, PointLaw>>

/** Of functions with `piecewise` in them. */
export const continuityLaw: PointLaw = {
  name: 'piecewise is continuous at its switch',
  source: 'the author asserts it (DESIGN §2): lim f from either side is one number',
  check: continuous,
}

/** Of single ops: programs are seldom linear. */
export const transposeLaw: PointLaw = {
  name: 'the transpose is the adjoint of the op',
  source: '⟨u, f(v)⟩ = ⟨fᵀ·u, v⟩ in arguments that f is linear in',
  check: transposed,
}
