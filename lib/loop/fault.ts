/** What a verifier finds: a sentence and the place. */
import { fail } from '../data/error.js'

export interface Fault {
  readonly kind: 'type' | 'name' | 'bounds' | 'race' | 'unwritten' | 'lockstep' | 'spread'
  readonly what: string
}

/** Throws the first fault, if there is one. */
export function failOn(faults: readonly Fault[], where: string): void {
  const [first] = faults
  if (first === undefined) return
  fail({
    code: 'verify',
    where,
    what: `${first.what}${faults.length > 1 ? ` (and ${faults.length - 1} more faults)` : ''}`,
  })
}
