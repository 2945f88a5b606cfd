/**
 * Free: a loop that runs in sequence only for what it adds up runs in any order.
 *
 *   for j { e = exp(x[j]); y[j] = e; s ⊕= e }    →    parallel j { … }
 */
import type { Kernel } from '../kernel.js'
import { races } from '../race.js'
import { replaceLoop } from './nest.js'

/** The kernel with the loop parallel, where its iterations are shown to meet in sums only. */
export function withoutOrder(kernel: Kernel, name: string): Kernel | undefined {
  const free = replaceLoop(kernel, name, (l) => [{ ...l, mode: 'parallel' }])
  const meets = races(free).some((fault) => fault.what.startsWith(`iterations of ${name} `))
  return meets ? undefined : free
}
