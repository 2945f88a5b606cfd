/** The tables of what each op is in the loop language. */
export { type Reduction, reduceRules } from './reduce.js'
export { scalarRules, storageOf } from './scalar.js'
export { literal, type Read, reindex, viewRules } from './view.js'
