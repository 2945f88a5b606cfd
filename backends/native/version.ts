/**
 * Which compiler this is: what a program that was compiled before may have been compiled by.
 *
 * The names, sizes and dates of the files that the compiler is made of, and the package's own
 * description; so that an edited compiler is another one, and an updated package too. Where those
 * files are not to be found (a bundle), there is no version, and programs are lowered each time.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folders that hold the compiler, beside each other. */
const folders = ['lib', 'backends'] as const

export function compilerVersion(module: string = import.meta.url): string | undefined {
  if (!/\/backends\/native\/version\.[jt]s$/.test(module)) return undefined
  const here = dirname(fileURLToPath(module))
  const root = join(here, '..', '..')
  try {
    return [
      process.version,
      description(root),
      ...folders.flatMap((folder) => filesIn(join(root, folder))),
    ].join('\n')
  } catch {
    return undefined
  }
}

/** The package's description, beside the sources or beside the folder that they are compiled to. */
function description(root: string): string {
  for (const folder of [root, dirname(root)]) {
    try {
      return readFileSync(join(folder, 'package.json'), 'utf8')
    } catch {
      // Not here: one up.
    }
  }
  return basename(root)
}

/** Tests are no part of the compiler. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesIn(path)
    if (!/\.[jt]s$/.test(entry.name) || /\.(test|fixture|d)\.ts$/.test(entry.name)) return []
    const { size, mtimeMs } = statSync(path)
    return [`${path} ${size} ${mtimeMs}`]
  })
}
