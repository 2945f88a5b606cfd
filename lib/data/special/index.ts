export * from './erf.js'
export * from './gamma.js'
export * from './polynomial.js'
export * from './trigonometric.js'
