/**
 * What goes from the folder of kept objects: what was used longest ago, where there is too much,
 * and what a process that is no more left half built.
 *
 *   .key.where.process.random    the name of something under way, and of what lies beside it
 */
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** The name of something that this process is about to build. */
export const nameUnderWay = (key: string): string =>
  `.${key}.${processes()}.${process.pid}.${randomBytes(6).toString('hex')}`

/** Drops what was used longest ago until the rest fits; `newest` stays. */
export function prune(folder: string, maximumBytes: number, newest: string): void {
  const kept: Kept[] = []
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    try {
      const { size, mtimeMs } = statSync(path)
      if (!name.startsWith('.')) kept.push({ path, bytes: size, used: mtimeMs })
      else if (isAbandoned(name, mtimeMs)) rmSync(path, { recursive: true, force: true })
    } catch {
      // Gone since it was listed.
    }
  }
  let total = kept.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { path, bytes } of kept.sort((a, b) => a.used - b.used)) {
    if (total <= maximumBytes) return
    if (path === newest) continue
    rmSync(path, { force: true })
    total -= bytes
  }
}

interface Kept {
  readonly path: string
  readonly bytes: number
  readonly used: number
}

/** A name for where a process has its number: the machine, and the part of it that it sees. */
function processes(): string {
  let space = ''
  try {
    space = readlinkSync('/proc/self/ns/pid')
  } catch {
    // One space for all on this system.
  }
  return createHash('sha256').update(`${hostname()} ${space}`).digest('hex').slice(0, 12)
}

/**
 * Whether nobody builds this any more: its process is no more, or, where the name tells of another
 * machine's, an hour has passed.
 */
function isAbandoned(name: string, modified: number): boolean {
  const [, , where, id] = name.split('.')
  if (where === processes() && !isRunning(Number(id))) return true
  return Date.now() - modified > 3_600_000
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0)
  } catch (cause) {
    // One of another user's may not be asked, but is there.
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM'
  }
}
