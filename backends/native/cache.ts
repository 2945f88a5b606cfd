/**
 * Objects kept for later: shared libraries in a folder of the user's own, by a key of their
 * content.
 *
 *   take(key, build)    the path of the library, built if it is not there or not whole
 *
 * A library is built under a name of its own and then renamed, so that processes at the same time
 * see a whole one or none. Its digest is appended to it (a loader does not look there): what was
 * cut short or changed is built anew. What was used longest ago goes when the folder is too large,
 * and what a process left half built goes when the next one builds something.
 */
import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync, renameSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { prepareFolder, unwritable } from './folder.js'
import { nameUnderWay, prune } from './prune.js'

export interface Cache {
  readonly folder: string
  /** The path of an entry; `build` writes it to the path that it is given. */
  readonly take: (key: string, suffix: string, build: (path: string) => void) => Entry
  /** The content of an entry that is there and whole, and its path. */
  readonly find: (key: string, suffix: string) => Found | undefined
  /** Forgets an entry that turned out to be unusable. */
  readonly drop: (path: string) => void
}

export interface Entry {
  readonly path: string
  readonly fresh: boolean
}

export interface Found {
  readonly path: string
  readonly content: Buffer
}

const digestBytes = 32

export const keyOf = (...parts: readonly string[]): string => keyOfContent([parts.join('\0')])

/** Of text and bytes, in order. */
export function keyOfContent(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

export function openCache(folder: string, maximumBytes: number): Cache {
  prepareFolder(folder)
  const take: Cache['take'] = (key, suffix, build) => {
    const path = join(folder, `${key}${suffix}`)
    if (wholeContent(path) !== undefined) {
      touch(path)
      return { path, fresh: false }
    }
    // Somebody may have emptied the folder, and have taken it along.
    prepareFolder(folder)
    const temporary = join(folder, nameUnderWay(key))
    try {
      build(temporary)
      appendFileSync(temporary, digestOf(readFileSync(temporary)))
      renameSync(temporary, path)
    } catch (cause) {
      rmSync(temporary, { force: true })
      return unwritable(folder, cause)
    }
    prune(folder, maximumBytes, path)
    return { path, fresh: true }
  }
  const find: Cache['find'] = (key, suffix) => {
    const path = join(folder, `${key}${suffix}`)
    const content = wholeContent(path)
    if (content === undefined) return undefined
    touch(path)
    return { path, content }
  }
  return { folder, take, find, drop: (path) => rmSync(path, { force: true }) }
}

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

/** Without the digest; undefined where there is no such file or its digest is another. */
function wholeContent(path: string): Buffer | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch {
    return undefined
  }
  const end = bytes.length - digestBytes
  if (end <= 0) return undefined
  const content = bytes.subarray(0, end)
  return digestOf(content).equals(bytes.subarray(end)) ? content : undefined
}

/** The content of an entry, without its digest. */
export const contentOf = (path: string): Buffer => readFileSync(path).subarray(0, -digestBytes)

function touch(path: string): void {
  try {
    const now = new Date()
    utimesSync(path, now, now)
  } catch {
    // Another process has dropped it; it is loaded already or built again.
  }
}
