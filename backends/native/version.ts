/**
 * Which compiler this is: what a program that was compiled before may have been compiled by.
 *
 * The names, sizes and dates of the files that the compiler is made of, and the package's own
 * description; so that an edited compiler is another one, and an updated package too. Where those
 * files are not to be found (a bundle), there is no version, and programs are lowered each time.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folders that hold the compiler, beside each other. */
const folders = ['lib', 'backends'] as const

/** A digest, as text; undefined where the files are not where `module` says. */
export function compilerVersion(module: string = import.meta.url): string | undefined {
  if (!/\/backends\/native\/version\.[jt]s$/.test(module)) return undefined
  const root = dirname(dirname(dirname(fileURLToPath(module))))
  const files: Files = { names: [process.version, description(root)], marks: [] }
  try {
    for (const folder of folders) addFiles(`${root}/${folder}`, files)
  } catch {
    return undefined
  }
  const hash = createHash('sha256').update(files.names.join('\n'))
  return hash.update(Float64Array.from(files.marks)).digest('hex')
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

interface Files {
  readonly names: string[]
  /** The size and the date of each. */
  readonly marks: number[]
}

/**
 * Tests are no part of the compiler. There are some five hundred files, and a process that has just
 * started asks once: no more is done for each than must be.
 */
function addFiles(folder: string, files: Files): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) addFiles(path, files)
    else if (isPart(entry.name)) {
      const { size, mtimeMs } = statSync(path)
      files.names.push(path)
      files.marks.push(size, mtimeMs)
    }
  }
}

function isPart(name: string): boolean {
  if (name.endsWith('.js')) return true
  const without = ['.test.ts', '.fixture.ts', '.d.ts']
  return name.endsWith('.ts') && !without.some((end) => name.endsWith(end))
}
