/**
 * Lines of C under way: indentation, fresh names, names made fit for C.
 */
export interface Writer {
  readonly line: (text: string) => void
  /** A block: the head, what `body` writes one step in, and the closing brace. */
  readonly block: (head: string, body: () => void) => void
  /** A name that nothing else in the function has. */
  readonly fresh: (stem: string) => string
  readonly text: () => string
}

export function writer(depth = 0): Writer {
  const lines: string[] = []
  const taken = new Map<string, number>()
  let indent = depth
  const line = (text: string): void => {
    lines.push(`${'  '.repeat(indent)}${text}`)
  }
  return {
    line,
    block: (head, body) => {
      line(head === '' ? '{' : `${head} {`)
      indent++
      body()
      indent--
      line('}')
    },
    fresh: (stem) => {
      const name = identifier(stem)
      const count = taken.get(name) ?? 0
      taken.set(name, count + 1)
      return count === 0 ? name : `${name}__${count}`
    },
    text: () => lines.join('\n'),
  }
}

/** Letters, digits and underscores; behind a prefix, so that no keyword of C is hit. */
const identifier = (stem: string): string => `v_${stem.replace(/[^A-Za-z0-9]/g, '_')}`
