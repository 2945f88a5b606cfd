/** What a schedule is chosen for: lanes, registers, caches. */
export interface Hardware {
  /** Bytes of a vector register. */
  readonly vectorBytes: number
  /** Rows and vectors of a contraction's register block. */
  readonly blockRows: number
  readonly blockVectors: number
  /** Vectors in flight in an elementwise loop and in a reduction. */
  readonly interleave: number
  /** Cache lines to ask for together, where a loop does not keep enough reads under way itself. */
  readonly touch?: { readonly lines: number; readonly lineBytes: number }
  /** Bytes. */
  readonly cache: { readonly l1: number; readonly l2: number; readonly l3: number }
  /** Threads among which loops may be divided. */
  readonly threads: number
}

/** 128-bit lanes and sixteen registers, as WebAssembly gives them on common machines. */
export const wasmHardware: Hardware = {
  vectorBytes: 16,
  blockRows: 4,
  blockVectors: 2,
  interleave: 4,
  touch: { lines: 8, lineBytes: 64 },
  cache: { l1: 32 * 1024, l2: 512 * 1024, l3: 8 * 1024 * 1024 },
  threads: 1,
}
