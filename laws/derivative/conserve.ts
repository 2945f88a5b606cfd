/**
 * What differentiation costs, and what it may be taken apart into.
 *
 *   unzip        operations of (values first, tangents later) = those of both at once
 *   transpose    operations of fᵀ ≤ those of f, and one addition for each use of a value
 *   checkpoint   recomputing what is needed changes no value and no derivative
 *
 * Counts are of functions without bodies: loops store what they would compute again, by design; and
 * without convolutions, whose adjoints count products with the padding too.
 */
import { dimProduct, dimValue } from '../../lib/data/index.js'
import { interpreters, linearize } from '../../lib/interpret/index.js'
import { checkpoint } from '../../lib/ops/index.js'
import { bodiesOf, closeStrict, type Func, inline, parameter } from '../../lib/term/index.js'
import { drawLike } from '../draw.js'
import { agreed, compared, type Measured, worst } from '../measured.js'
import { elementwise } from './first.js'
import {
  coarsest,
  directionAt,
  drawAt,
  floatsAt,
  largestIn,
  movesForward,
  type Point,
  pulled,
  pushed,
  roundingsOf,
  usesOp,
} from './point.js'

const flops = (func: Func, { sizes }: Point): number =>
  dimValue(interpreters.cost(func).flops, { steps: 20, ...sizes })

const hasBodies = (func: Func): boolean => func.nodes.some((n) => bodiesOf(n.attrs).length > 0)

/** f, taken apart: no operation is made twice, and none is added. */
export function unzipConserves(p: Point): Measured {
  if (!movesForward(p.func) || hasBodies(p.func)) return agreed('not counted')
  const whole = interpreters.jvp(p.func, p.active)
  const { primal, linear } = linearize(p.func, p.active, interpreters)
  const parts = flops(primal, p) + flops(linear, p)
  return atMost('operations of both parts', parts, flops(whole.func, p))
}

/** The adjoint of the linear part. */
export function transposeConserves(p: Point): Measured {
  if (!movesForward(p.func) || hasBodies(p.func) || usesOp(p.func, 'conv')) {
    return agreed('not counted')
  }
  const { linear, residuals } = linearize(p.func, p.active, interpreters)
  const moving = linear.params.map((_, i) => i >= residuals)
  const back = interpreters.transpose(
    linear,
    moving,
    linear.results.map(() => true),
  )
  return atMost(
    'operations of the adjoint',
    flops(back.func, p),
    flops(linear, p) + uses(linear, p),
  )
}

/** Elements read and made: each may need an addition where cotangents meet. */
const uses = (func: Func, { sizes }: Point): number =>
  [...func.nodes.flatMap((n) => [...n.args, ...n.outs]), ...func.results]
    .map((t) => dimValue(dimProduct(t.shape), sizes))
    .reduce((a, b) => a + b, func.nodes.length)

function atMost(where: string, found: number, most: number): Measured {
  return { ...compared(where, found, most, 1, 0), ulps: Math.max(found - most, 0) }
}

export function checkpointKeeps(p: Point): Measured {
  const binder = { name: 'checkpointed' }
  const params = p.func.params.map((x, i) => parameter(binder, `x${i}`, x))
  const again = checkpoint((args) => inline(p.func, args), params)
  const q: Point = { ...p, func: closeStrict(binder.name, params, again) }
  const draw = drawAt(p)
  const v = directionAt(p, draw)
  const u = floatsAt(p).map((y) => drawLike(y, draw))
  const unit = coarsest(p.func) * (1 + largestIn(p.func, p.args, p.sizes))
  const roundings = 4 * roundingsOf(p.func, p.sizes)
  const [plain, other] = [pulled(p, u), pulled(q, u)]
  const size = plain.cotangents
    .flatMap((x) => [...x.data])
    .reduce((m, x) => Math.max(m, Math.abs(x)), 1)
  const forward = movesForward(p.func)
    ? [elementwise('tangent', pushed(q, v).tangents, pushed(p, v).tangents, unit * size, roundings)]
    : []
  return (
    worst([
      ...forward,
      elementwise('value', other.values, plain.values, 0, 0),
      elementwise('cotangent', other.cotangents, plain.cotangents, unit * size, roundings),
    ]) ?? agreed('nothing moves')
  )
}
