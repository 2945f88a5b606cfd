/** Usages of buffers, as WebGPU numbers them: Node has no such globals. */
export const usage = {
  mapRead: 0x1,
  copyFrom: 0x4,
  copyTo: 0x8,
  uniform: 0x40,
  storage: 0x80,
  indirect: 0x100,
  queryResolve: 0x200,
} as const

/** What an array on the device may be used for. */
export const arrayUsage = usage.storage | usage.copyFrom | usage.copyTo

/** GPUMapMode.READ */
export const mapRead = 1

/** GPUShaderStage.COMPUTE */
export const compute = 4
