/**
 * jax-js on its wasm backend, compiled with its `jit`, except where running eagerly is faster.
 */

import { type Contestant, load } from './contestant.js'
import { type Jax, place, programsOf } from './jax-programs.js'

export async function jax(): Promise<Contestant | undefined> {
  const library = await load<Jax>('@jax-js/jax')
  if (library === undefined) return undefined
  await library.init('wasm')
  library.defaultDevice('wasm')
  const programs = programsOf(library)
  return {
    name: 'jax-js',
    prepare: async ({ kind }, inputs) => {
      const written = programs[kind]
      if (written === undefined) return { missing: 'not written' }
      const program = eager.has(kind) ? written : library.jit(written)
      const arrays = place(library, inputs)
      const run = async () => {
        const kept = Object.entries(arrays).map(([name, array]) => [name, array.ref] as const)
        const results = program(Object.fromEntries(kept))
        await library.blockUntilReady(results)
        return results
      }
      return {
        call: async () => {
          for (const array of await run()) array.dispose()
        },
        // `data` hands the array back.
        results: async () => Promise.all((await run()).map((array) => array.data())),
      }
    },
  }
}

/** Compiled by its wasm backend, a convolution takes several times as long. */
const eager = new Set(['conv', 'conv-grad'])
