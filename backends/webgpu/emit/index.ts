/** From scheduled kernels to WGSL. */
export * from './dispatch.js'
export { emitKernel } from './kernel.js'
