/** Constants that the functions of one module share, in memory; grows while they are emitted. */
export interface ConstantPool {
  /** Where the bytes are, relative to the start of the pool. */
  readonly at: (bytes: readonly number[]) => number
  readonly bytes: () => Uint8Array<ArrayBuffer>
}

export function constantPool(): ConstantPool {
  const offsets = new Map<string, number>()
  const content: number[] = []
  return {
    at: (bytes) => {
      const key = bytes.join()
      const known = offsets.get(key)
      if (known !== undefined) return known
      const offset = content.length
      content.push(...bytes)
      offsets.set(key, offset)
      return offset
    },
    bytes: () => Uint8Array.from(content),
  }
}
