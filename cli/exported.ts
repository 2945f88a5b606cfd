/**
 * A function of the user's, by `FILE#export`.
 *
 * TypeScript files load because the command line itself runs through tsx; each thing that can be
 * missing on the way is an error in words.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as Effect from 'effect/Effect'
import { attempt } from '../backends/backend.js'
import { fail, PullbackError } from '../lib/data/index.js'
import { type Closure, closedOf, isFn } from '../lib/lang/index.js'
import { isTerm } from '../lib/term/index.js'

/** The closed function that `FILE#export` names, by that name. */
export const exported = (address: string): Effect.Effect<Closure, PullbackError> =>
  Effect.gen(function* () {
    const { file, name } = yield* attempt(() => splitAddress(address))
    const module = yield* Effect.tryPromise({
      try: () => importFile(file),
      catch: (cause) => loadFailure(file, cause),
    })
    return yield* attempt(() => {
      const closure = closedOf(pick(file, name, module), address)
      if (closure.func.params.every(isTerm)) return { ...closure, name }
      return fail({
        code: 'input',
        where: address,
        what: 'the function was made by another copy of Pullback',
        fix: 'Import the copy that this command belongs to',
      })
    })
  })

const importFile = (file: string): Promise<Readonly<Record<string, unknown>>> =>
  import(pathToFileURL(resolve(file)).href)

function splitAddress(address: string): { readonly file: string; readonly name: string } {
  const at = address.lastIndexOf('#')
  const file = address.slice(0, at)
  const name = address.slice(at + 1)
  if (at <= 0 || name === '') {
    fail({ code: 'input', where: address, what: 'not of the form FILE#export' })
  }
  if (!existsSync(file)) fail({ code: 'input', where: file, what: 'no such file' })
  return { file, name }
}

function pick(file: string, name: string, module: Readonly<Record<string, unknown>>): unknown {
  if (Object.hasOwn(module, name)) return module[name]
  const functions = Object.keys(module)
    .filter((key) => isFn(module[key]))
    .sort()
  return fail({
    code: 'input',
    where: file,
    what: `it does not export '${name}'`,
    expected:
      functions.length === 0 ? 'a function made by fn' : functions.map((f) => `'${f}'`).join(', '),
  })
}

const loadFailure = (file: string, cause: unknown): PullbackError =>
  new PullbackError(
    {
      code: 'input',
      where: file,
      what: `it cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
    },
    { cause },
  )
