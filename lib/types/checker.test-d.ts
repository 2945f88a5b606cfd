/**
 * The checker itself, asked by tests: what it says of a program, and which types it infers.
 *
 *   const check = openChecker(prelude)
 *   check.errors('add(x, y)')      →  ["✗ shapes [3] and [4] do not broadcast"]
 *   check.types('const z = …')     →  { z: 'Tensor<[3], "f32", "x">' }
 *
 * Programs are virtual files in this folder, so imports resolve as the project's own do.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { API, type Diagnostic, type Project } from 'typescript/unstable/sync'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const program = join(root, 'lib/types/virtual.ts')
const configuration = join(root, 'tsconfig.virtual.json')
const options = {
  extends: './tsconfig.json',
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, noErrorTruncation: true },
  include: [],
  files: ['lib/types/virtual.ts'],
}

/** A problem as the checker reports it. */
export interface Problem {
  /** The message with all that hangs below it. */
  readonly text: string
  /** The source at fault. */
  readonly at: string
}

export interface Checker extends Disposable {
  /** Problems of a program, the prelude before it. */
  problems(source: string): readonly Problem[]
  /** The sentences that start with ✗, each with the source at fault; other problems whole. */
  sentences(source: string): readonly string[]
  /** The type of each exported constant, as the checker prints it. */
  types(source: string): Readonly<Record<string, string>>
}

/** Opens a checker for programs that all begin with `prelude`. */
export function openChecker(prelude: string): Checker {
  let text = ''
  const api = new API({
    cwd: root,
    fs: {
      readFile: (name) =>
        name === program ? text : name === configuration ? JSON.stringify(options) : undefined,
      fileExists: (name) => (name === program || name === configuration ? true : undefined),
    },
  })
  let opened = false

  function load(source: string): Project {
    text = `${prelude}\n${source}\n`
    const snapshot = api.updateSnapshot(
      opened ? { fileChanges: { changed: [program] } } : { openProjects: [configuration] },
    )
    opened = true
    const project = snapshot.getProject(configuration)
    if (project === undefined) throw new Error('the checker did not open the project')
    return project
  }

  function problems(source: string): readonly Problem[] {
    const project = load(source)
    const found = [
      ...project.program.getSyntacticDiagnostics(program),
      ...project.program.getSemanticDiagnostics(program),
    ]
    return found.map((d) => ({ text: whole(d), at: text.slice(d.pos, d.end).trim() }))
  }

  return {
    problems,
    sentences: (source) =>
      problems(source).map(({ text: t, at }) => `${t.match(/"(✗ .*?)"(?!\w)/s)?.[1] ?? t} @ ${at}`),
    types(source) {
      const project = load(source)
      const names = [...source.matchAll(/export const (\w+)/g)]
      const found = names.map(([match, name]) => {
        const position = text.indexOf(match) + 'export const '.length
        const type = project.checker.getTypeAtPosition(program, position)
        return [name, type === undefined ? '?' : project.checker.typeToString(type, undefined, 1)]
      })
      return Object.fromEntries(found)
    },
    [Symbol.dispose]: () => api.close(),
  }
}

const whole = (d: Diagnostic): string => [d.text, ...(d.messageChain ?? []).map(whole)].join('\n  ')
