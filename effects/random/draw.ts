/**
 * Draws: requests for samples, with their parameters ready.
 *
 *   draw(normal, [mu, 1], { shape: [3] })   →   a request of Random; mu and 1 stretched to [3]
 */
import { type DType, fail } from '../../lib/data/index.js'
import { describe, need } from '../../lib/lang/index.js'
import { anything, listOf, type Options as OptionsOf, size, text } from '../../lib/lang/options.js'
import { request } from '../../lib/lang/program.js'
import { broadcastShape, broadcastTo, scalar, sum } from '../../lib/ops/index.js'
import {
  captureSource,
  isTerm,
  type Source,
  showType,
  type TensorType,
  type Term,
} from '../../lib/term/index.js'
import type { Program } from '../../lib/types/program.js'
import type { Dim } from '../../lib/types/shape.js'
import type { Estimator, Family } from './family.js'

/** What a draw asks its handler for. */
export interface Draw {
  readonly family: Family
  readonly parameters: readonly Term[]
  readonly type: TensorType
  readonly by: Estimator
  readonly baseline: Term | number
  /** The user's line. */
  readonly source: Source
}

export interface Options {
  readonly shape?: readonly Dim[]
  readonly by?: Estimator
  readonly baseline?: Term | number
}

/** The estimators are checked by `drawn`, a baseline where it is used. */
export const drawOptions: OptionsOf<Options> = { shape: listOf(size), by: text, baseline: anything }

/** How a family is drawn from. */
export interface Drawing {
  /** The estimators it knows, the first where none is asked for. */
  readonly estimators: readonly Estimator[]
  /** The dtype of samples, where it is not that of the parameters. */
  readonly dtype?: DType
}

/** A sample of a family whose parameters are elementwise. */
export function draw(
  family: Family,
  parameters: readonly unknown[],
  options: Options | undefined,
  drawing: Drawing,
): Program<Term, 'Random'> {
  need(family.name, parameters.length, drawOptions, options)
  const terms = floats(family, parameters)
  const shape = terms.reduce<readonly Dim[]>(
    (joint, term) => broadcastShape(joint, term.shape) ?? misfit(family, terms),
    [],
  )
  const asked = options?.shape ?? shape
  const fits = broadcastShape(shape, asked)
  if (fits === undefined || String(fits) !== String(asked)) {
    fail({
      code: 'shape',
      where: family.name,
      what: `parameters of shape [${shape.join(', ')}] do not stretch to [${asked.join(', ')}]`,
    })
  }
  const type = { shape: asked, dtype: drawing.dtype ?? terms[0].dtype }
  const stretched = terms.map((term) => broadcastTo(term, asked))
  return drawn(family, stretched, type, options ?? {}, drawing)
}

/** A sample of the given type, from parameters as the family takes them. */
export function drawn(
  family: Family,
  parameters: readonly Term[],
  type: TensorType,
  options: Options,
  { estimators }: Drawing,
): Program<Term, 'Random'> {
  const by = options.by ?? estimators[0]
  if (!estimators.includes(by)) {
    fail({
      code: 'effect',
      where: family.name,
      what: `there is no ${by} estimator`,
      expected: estimators.join(', '),
    })
  }
  if ((by === 'enumeration' || by === 'measure') && type.shape.length > 0) {
    fail({
      code: 'effect',
      where: family.name,
      what: `${by} of a sample of shape [${type.shape.join(', ')}]`,
      expected: 'a scalar',
      fix: 'Draw its elements one by one, or ask for score',
    })
  }
  const { baseline = 0 } = options
  const source = captureSource()
  const asked: Draw = { family, parameters, type, by, baseline, source }
  return request('Random', asked)
}

/** The sample of a draw, on the line that asked for it. */
export function sampleOf(key: Term, { family, parameters, type, source }: Draw): Term {
  const sample = family.sample(key, parameters, type)
  sample.node.source ??= source
  return sample
}

/** log p of a sample, summed over its events, for the score function. */
export function densityOf(draw: Draw, x: Term): Term {
  const density = draw.family.logDensity?.(x, draw.parameters) ?? failUnknown(draw)
  return sum(density)
}

export function failUnknown({ family, by }: Draw): never {
  return fail({ code: 'effect', where: family.name, what: `there is no ${by} estimator` })
}

/** Parameters as terms of one floating dtype; f32 where all are numbers. */
export function floats(family: Family, parameters: readonly unknown[]): readonly Term[] {
  const lead = parameters.find(isTerm)
  const dtype = lead?.dtype ?? 'f32'
  return parameters.map((x) => {
    if (typeof x === 'number') return scalar(x, dtype)
    if (isTerm(x) && x.dtype === dtype && (dtype === 'f32' || dtype === 'f64')) return x
    return fail({
      code: 'dtype',
      where: family.name,
      what: `a parameter is ${isTerm(x) ? showType(x) : describe(x)}`,
      expected: 'numbers, or tensors of one dtype, f32 or f64',
    })
  })
}

function misfit(family: Family, terms: readonly Term[]): never {
  return fail({
    code: 'shape',
    where: family.name,
    what: `parameters ${terms.map(showType).join(' and ')} do not broadcast`,
  })
}
