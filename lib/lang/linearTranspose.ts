/**
 * LinearTranspose: a function that is linear in some inputs to its adjoint.
 *
 *   f : (a, x) → A x, linear in x
 *   linearTranspose(f, 'x') : { primals: { a }, cotangent } → Aᵀ cotangent
 *
 * An f that is not linear there is an error. The constant part of an affine f is left out, as
 * everywhere in derivatives.
 */
import { fail } from '../data/index.js'
import { type Binder, type MaybeTerm, parameter } from '../term/index.js'
import { specsOf } from './apply.js'
import { type Closure, closureOf, type RuntimeFn } from './closure.js'
import { linearizeAt, writtenOut } from './derive.js'
import { made, resultSpecs } from './derived.js'
import { readWrt, type Wrt } from './wrt.js'

export function linearTransposeOf(f: unknown, names: unknown): RuntimeFn {
  const closure = closureOf(f, 'linearTranspose')
  const wrt = readWrt(closure, names, 'linearTranspose')
  const others = Object.entries(closure.inputs).filter(([name]) => !wrt.names.includes(name))
  const inputs = { primals: Object.fromEntries(others), cotangent: resultSpecs(closure) }
  const specs = specsOf(closure)
  return made(`linearTranspose ${closure.name}`, inputs, (leaves) => {
    // Stand-ins for the linear inputs: an adjoint that needs their values is that of no linear map.
    const probe: Binder = { name: closure.name }
    const standIns = specs.map((spec, i) => parameter(probe, closure.paths[i], spec))
    let next = 0
    const all = standIns.map((standIn, i) => (wrt.active[i] ? standIn : leaves[next++]))
    const { moves, pull } = linearizeAt(closure, all, wrt.active)
    const answers = pull(leaves.slice(next).map((ct, i) => (moves[i] ? ct : null)))
    needLinear(closure, wrt, answers, probe)
    return wrt.form(writtenOut(answers, wrt.activeOf(standIns)))
  })
}

function needLinear(
  closure: Closure,
  wrt: Wrt,
  answers: readonly MaybeTerm[],
  probe: Binder,
): void {
  if (!answers.some((term) => term?.node.binders.some((b) => b === probe))) return
  fail({
    code: 'derivative',
    where: 'linearTranspose',
    what: `'${closure.name}' is not linear in ${wrt.names.map((n) => `'${n}'`).join(' and ')}`,
    fix: 'Transpose its derivative instead: vjp',
  })
}
