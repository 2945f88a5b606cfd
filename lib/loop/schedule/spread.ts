/**
 * Spread: whose work the iterations of a loop are.
 *
 *   parallel i in 0..n    →    parallel i in 0..n over threads
 *
 * Iterations of a loop over threads or workgroups are independent; those of one over the
 * invocations of a workgroup may also be terms of a reduction. Decided last: a loop that is spread
 * is not split, reordered or merged any more.
 */
import type { Kernel } from '../kernel.js'
import { isIndependent } from '../reduction.js'
import { spreadFaults } from '../spread.js'
import type { Spread } from '../statement.js'
import type { Decision } from './decision.js'
import { withoutOrder } from './free.js'
import { findLoop, illegal, replaceLoop } from './nest.js'

export function spreadLoop(kernel: Kernel, name: string, over: Spread): Kernel {
  const loop = findLoop(kernel, name)
  if (loop.spread !== undefined) illegal(kernel, `'${name}' is spread over ${loop.spread} already`)
  const freed = isIndependent(loop) || over !== 'invocations' ? kernel : withoutOrder(kernel, name)
  if (freed === undefined || !isIndependent(findLoop(freed, name))) {
    return illegal(kernel, `the iterations of '${name}' depend on one another`)
  }
  const spread = replaceLoop(freed, name, (l) => [{ ...l, spread: over }])
  const [fault] = spreadFaults(spread.body)
  return fault === undefined ? spread : illegal(kernel, fault.what)
}

/** Fails if a decision other than lock step would change a loop that is spread. */
export function requireUnspread(kernel: Kernel, d: Decision): void {
  for (const name of changed(d)) {
    const { spread } = findLoop(kernel, name)
    if (spread !== undefined) illegal(kernel, `'${name}' is spread over ${spread} already`)
  }
}

function changed(d: Decision): readonly string[] {
  switch (d.tag) {
    case 'split':
    case 'block':
    case 'carry':
    case 'partials':
    case 'fission':
    case 'sink':
    case 'peel':
      return [d.loop]
    case 'collapse':
      return [d.outer, d.inner]
    case 'order':
    case 'flatten':
      return d.loops
    default:
      return []
  }
}
