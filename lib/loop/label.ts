/** Labels: what a node of an expression is, its operands left out. */
import type { Expr } from './expression.js'

/** Equal for nodes that give equal values of equal operands. No `*`: that joins factors in keys. */
export function labelOf(e: Expr): string {
  switch (e.tag) {
    case 'constant':
      return `${e.dtype} ${Object.is(e.value, -0) ? '-0' : e.value}`
    case 'size':
      return `size ${e.dim}`
    case 'variable':
      return e.name
    case 'load':
      return `load ${e.buffer}`
    case 'unary':
    case 'binary':
    case 'compare':
      return `${e.tag} ${e.op} ${e.dtype}`
    case 'select':
    case 'fma':
    case 'convert':
    case 'reinterpret':
      return `${e.tag} ${e.dtype}`
  }
}
