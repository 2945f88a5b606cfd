/**
 * Layers and losses, written in the language.
 */
export { dense } from './dense.js'
export { countCorrect, softmaxCrossEntropy } from './loss.js'
