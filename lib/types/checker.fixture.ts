/**
 * The checker itself, asked by tests: what it says of programs, and which types it infers.
 *
 *   using check = openChecker()
 *   check.refusals(['add(x, y)'])   →  [["✗ shapes [3] and [4] do not broadcast @ y"]]
 *   check.types(['sin(x)'])         →  ['Tensor<[3], "f32", "x">']
 *
 * The programs of one call are blocks of one virtual file of the project, so that imports resolve
 * as its own do. All share the prelude: the whole language and a few tensors.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { API, type Diagnostic, type Project } from 'typescript/unstable/sync'
import { prelude } from './prelude.fixture.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const configuration = join(root, 'tsconfig.virtual.json')
const compilerOptions = {
  noUnusedLocals: false,
  noUnusedParameters: false,
  noErrorTruncation: true,
}
const noTruncation = 1

export interface Checker extends Disposable {
  /**
   * The refusals of each program: the sentence that starts with ✗ and the source at fault, or the
   * checker's own message where there is no sentence.
   */
  refusals(programs: readonly string[]): readonly (readonly string[])[]
  /** The type of each expression, as the checker prints it; fails if one is refused. */
  types(expressions: readonly string[]): readonly string[]
}

/** Opens a checker for programs behind a prelude, in a folder of the project. */
export function openChecker(before: string = prelude, folder = 'lib/types'): Checker {
  const program = join(root, folder, 'virtual.ts')
  const options = { extends: './tsconfig.json', compilerOptions, include: [], files: [program] }
  let text = ''
  let opened = false
  const api = new API({
    cwd: root,
    fs: {
      readFile: (name) => {
        if (name === program) return text
        return name === configuration ? JSON.stringify(options) : undefined
      },
      fileExists: (name) => (name === program || name === configuration ? true : undefined),
    },
  })

  /** Loads blocks behind the prelude; gives the project and where each block begins. */
  function load(blocks: readonly string[]): { project: Project; starts: readonly number[] } {
    const starts: number[] = []
    text = before
    for (const block of blocks) {
      starts.push(text.length)
      text += `{ ${block} }\n`
    }
    const snapshot = api.updateSnapshot(
      opened ? { fileChanges: { changed: [program] } } : { openProjects: [configuration] },
    )
    opened = true
    const project = snapshot.getProject(configuration)
    if (project === undefined) throw new Error('the checker did not open the project')
    return { project, starts }
  }

  const faults = (project: Project): readonly Diagnostic[] => [
    ...project.program.getSyntacticDiagnostics(program),
    ...project.program.getSemanticDiagnostics(program),
  ]

  return {
    refusals(programs) {
      const { project, starts } = load(programs)
      const found = faults(project)
      if (found.some((d) => d.pos < before.length)) throw new Error('the prelude is refused')
      return starts.map((start, i) =>
        found
          .filter((d) => d.pos >= start && d.pos < (starts[i + 1] ?? text.length))
          .map((d) => `${sentence(d)} @ ${text.slice(d.pos, d.end).trim()}`),
      )
    },
    types(expressions) {
      const { project, starts } = load(expressions.map((source) => `const it = ${source}`))
      const refused = faults(project).map((d) => `${sentence(d)} @ ${text.slice(d.pos, d.end)}`)
      if (refused.length > 0) throw new Error(refused.join('\n'))
      return starts.map((start) => {
        const type = project.checker.getTypeAtPosition(program, start + '{ const '.length)
        if (type === undefined) throw new Error(`no type at ${start}`)
        return project.checker.typeToString(type, undefined, noTruncation)
      })
    },
    [Symbol.dispose]: () => api.close(),
  }
}

/** The sentence of a diagnostic, wherever in its chain it stands. */
function sentence(diagnostic: Diagnostic): string {
  const found = whole(diagnostic).match(/(?<=")✗ [^"]*(?=")/)
  return found?.[0] ?? diagnostic.text
}

const whole = (d: Diagnostic): string => [d.text, ...(d.messageChain ?? []).map(whole)].join('\n')
