/**
 * Functions that the tests of the command line load.
 */
import { fn, specOf } from '../lib/lang/index.js'
import {
  add,
  log,
  mul,
  type Operand,
  sin,
  stopGradient,
  sub,
  sumAxes,
  tanh,
} from '../lib/ops/index.js'
import type { Term } from '../lib/term/index.js'

const f32 = specOf('f32')

/** Σ tanh(x·w) + sin(b) */
export const smooth = fn(
  { x: f32('batch', 3), p: { w: f32(3), b: f32() } },
  ({ x, p }: { x: Term; p: { w: Term; b: Term } }) =>
    add(sumAxes(tanh(mul(x, p.w)), [0, 1]), sin(p.b)),
  { name: 'smooth' },
)

/** x² whose derivative misses one factor. */
export const wrong = fn({ x: f32(3) }, ({ x }: { x: Operand & Term }) => mul(x, stopGradient(x)), {
  name: 'wrong',
})

export const whole = fn({ i: specOf('i32')(3) }, ({ i }: { i: Term }) => i, { name: 'whole' })

/** Not a number anywhere near zero. */
export const nowhere = fn({ x: f32(3) }, ({ x }: { x: Term }) => log(sub(x, 10)), {
  name: 'nowhere',
})

export const notAFunction = 3
