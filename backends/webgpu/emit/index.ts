/** From scheduled kernels to WGSL. */
export * from './dispatch.js'
