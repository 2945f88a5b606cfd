/** From scheduled kernels to WGSL. */
export * from './dispatch.js'
export { gpuHardware } from './hardware.js'
export { emitKernel } from './kernel.js'
