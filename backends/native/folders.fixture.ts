/**
 * Folders that a test makes, gone behind it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

/** Makes an empty folder each time it is called. */
export function openFolders(name: string): () => string {
  const folders: string[] = []
  afterEach(() => {
    for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
  })
  return () => {
    const path = mkdtempSync(join(tmpdir(), `pullback-${name}-`))
    folders.push(path)
    return path
  }
}
