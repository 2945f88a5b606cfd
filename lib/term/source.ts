/**
 * The user's line that a term came from.
 *
 * Taking one costs an Error object; the stack is turned into text only when someone asks. Frames
 * inside Pullback are skipped by the address of this file's package.
 */

export interface Source {
  /** `file:line:column` of the first frame outside Pullback, if any. */
  readonly line: () => string | undefined
}

const home = import.meta.url.replace(/lib\/term\/source\.[jt]s.*$/, '')
const ours = ['lib/', 'effects/', 'backends/', 'laws/', 'node_modules/'].map((d) => `${home}${d}`)

/** The current call stack, lazily read. */
export function captureSource(): Source {
  const stack = new Error()
  let line: string | undefined | null = null
  return {
    line: () => {
      if (line === null) line = firstOutside(stack.stack ?? '')
      return line
    },
  }
}

function firstOutside(stack: string): string | undefined {
  for (const frame of stack.split('\n').slice(1)) {
    const place = frame.match(/\(?((?:file:|https?:|\/|[A-Za-z]:\\).*:\d+:\d+)\)?$/)?.[1]
    if (place === undefined || place.startsWith('node:')) continue
    const url = place.startsWith('/') ? `file://${place}` : place
    const inside = ours.some((d) => url.startsWith(d)) && !/\.test\.[jt]s/.test(url)
    if (!inside) return place
  }
  return undefined
}
