/**
 * Finding and rewriting the functions that a node's attributes hold, alone or in lists.
 */
import type { Func } from './func.js'
import { isFunc } from './key.js'
import type { Attrs } from './term.js'

/** The attributes with each function replaced; the very same where none is. */
export function mapBodies(attrs: Attrs, f: (body: Func) => Func): Attrs {
  if (!holdsBodies(attrs)) return attrs
  let changed = false
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value) && value.some(isFunc)) return value.map(visit)
    if (!isFunc(value)) return value
    const next = f(value)
    changed ||= next !== value
    return next
  }
  const entries = Object.entries(attrs).map(([key, value]) => [key, visit(value)])
  return changed ? Object.fromEntries(entries) : attrs
}

function holdsBodies(attrs: Attrs): boolean {
  for (const key in attrs) {
    const value = attrs[key]
    if (isFunc(value) || (Array.isArray(value) && value.some(isFunc))) return true
  }
  return false
}

/** The functions with where they are: `body`, `branches.0`. */
export function bodyEntries(attrs: Attrs): readonly (readonly [string, Func])[] {
  const found: (readonly [string, Func])[] = []
  for (const key in attrs) {
    const value = attrs[key]
    if (isFunc(value)) found.push([key, value])
    else if (Array.isArray(value)) {
      value.forEach((item, i) => {
        if (isFunc(item)) found.push([`${key}.${i}`, item])
      })
    }
  }
  return found
}
