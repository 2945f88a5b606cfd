/**
 * Laws of what answers later: devices, and whatever else gives promises.
 *
 *   for (const law of backendLaws(gpu)) test(law.name, () => hold(law, { runs: 10 }))
 *
 * The same values as those of `law.ts`, a promise of each answer; runs are one after another.
 */
import fc from 'fast-check'
import type { RunOptions } from './law.js'
import type { Measured } from './measured.js'
import { type Pasteable, pasteableOf } from './paste/index.js'
import { faultOf, isReducible, reductions } from './reduce/reduce.js'
import { decide, type Examined, examined, parametersOf, type Refutation } from './report.js'

export interface LaterLaw {
  readonly name: string
  /** Why it holds: a formula, a definition or a paper. */
  readonly source: string
  readonly refute: (options?: RunOptions) => Promise<Refutation | undefined>
  /** The same, and how much was tried. */
  readonly examine: (options?: RunOptions) => Promise<Examined>
  readonly property: () => fc.IAsyncProperty<[unknown]>
}

/** A law over inputs; a check that can decide nothing about its input gives undefined. */
export function laterLaw<A>(
  name: string,
  source: string,
  inputs: fc.Arbitrary<A>,
  check: (input: A) => Promise<Measured | undefined>,
): LaterLaw {
  const property = (decided: () => void = () => {}, onInput: () => void = () => {}) =>
    fc.asyncProperty(inputs, async (input) => {
      onInput()
      decide(name, await check(input), decided)
      // Properties of any input are properties of unknown ones to those who only run them.
    }) as fc.IAsyncProperty<[unknown]>
  const self: LaterLaw = { name, source, property: () => property(), refute, examine }

  async function refute(options: RunOptions = {}): Promise<Refutation | undefined> {
    return (await examine(options)).refutation
  }

  async function examine(options: RunOptions = {}): Promise<Examined> {
    const parameters = parametersOf(name, options)
    let count = 0
    const details = await fc.check(
      property(() => {
        count++
      }, options.onInput),
      parameters,
    )
    const found =
      details.counterexample && (await smallest(details.counterexample[0] as A, options))
    const measured = found && (await measuredAt(found))
    return examined(
      self,
      details,
      count,
      found && { input: found, measured: measured ?? undefined },
    )
  }

  /** What is left of a random program where nothing more can be taken away. */
  async function smallest(input: A, { shrink = true }: RunOptions): Promise<A> {
    const program = shrink && isReducible(input) ? pasteableOf(input) : undefined
    if (program === undefined || !isReducible(input)) return input
    const fault = await faultAt(input)
    const search = reductions(program)
    const at = (less: Pasteable) => input.within(less) as A // inputs of the law stay such
    let step = search.next()
    while (!step.done) step = search.next((await faultAt(at(step.value))) === fault)
    return at(step.value)
  }

  async function faultAt(input: A): Promise<string | undefined> {
    try {
      return faultOf({ measured: await check(input) })
    } catch (error) {
      return faultOf({ error })
    }
  }

  async function measuredAt(input: A): Promise<Measured | undefined> {
    try {
      return await check(input)
    } catch {
      return undefined
    }
  }
  return self
}
