/**
 * The published entry `pullback/numeric`: solvers, written in the language.
 */
export { type Bracket, bisect, type NewtonOptions, newton } from './root.js'
