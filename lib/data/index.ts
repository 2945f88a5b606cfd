export * from './array.js'
export * from './dim.js'
export * from './dtype.js'
export * from './error.js'
