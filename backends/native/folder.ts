/**
 * The folder that compiled programs are kept in: made where it is missing, the user's alone; and
 * what is said where it cannot be written to.
 */
import { chmodSync, closeSync, existsSync, fstatSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fail } from '../../lib/data/error.js'

/** The folder, the user's alone: a library in it is code that runs as the user. */
export function prepareFolder(folder: string): void {
  try {
    makeFolder(folder)
    const handle = openSync(folder, 'r')
    const { uid, mode } = fstatSync(handle)
    closeSync(handle)
    const mine = process.getuid === undefined || process.getuid() === uid
    if (!mine) {
      fail({
        code: 'backend',
        where: 'the native backend',
        what: `the folder ${folder} belongs to another user`,
        fix: 'Name another one with cacheFolder',
      })
    }
    if ((mode & 0o077) !== 0) chmodSync(folder, 0o700)
  } catch (cause) {
    unwritable(folder, cause)
  }
}

/**
 * The folder, and those above it that are not there. Node's own way goes round for ever where a
 * folder that is there says of what is to be made in it that there is no such folder, as /proc does.
 */
function makeFolder(path: string): void {
  if (isFolder(path)) return
  const above = dirname(path)
  if (!existsSync(above)) makeFolder(above)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (cause) {
    // Another process may have made it meanwhile.
    if (!isFolder(path)) throw cause
  }
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Words an error of the file system; throws others as they are. */
export function unwritable(folder: string, cause: unknown): never {
  // Errors of the file system have a code; others are not ours to word.
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  if (code === undefined || !/^E[A-Z]+$/.test(code)) throw cause
  return fail({
    code: 'backend',
    where: 'the native backend',
    what: `the cache of compiled programs in ${folder} cannot be written: ${code}`,
    fix: roomFor[code] ?? 'Name another folder with cacheFolder',
  })
}

/** What to do where there is no room, by the system's name for that. */
export const roomFor: Readonly<Partial<Record<string, string>>> = {
  ENOSPC: 'Free some space, or name another folder with cacheFolder',
  EDQUOT: 'Free some space, or name another folder with cacheFolder',
  EFBIG: 'Allow larger files (ulimit -f)',
}
