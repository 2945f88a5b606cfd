/** Rates of a machine, for one thread. */
export interface Rates {
  /** Cycles a nanosecond. */
  readonly clock: number
  /** Instructions a cycle: arithmetic on vectors, loads and stores, all. */
  readonly vectors: number
  readonly moves: number
  readonly instructions: number
  /** Cycles from operands to result, and instructions that the machine looks ahead. */
  readonly latency: number
  readonly window: number
  /** Vector registers, and cycles that each vector beyond them takes a statement. */
  readonly registers: number
  readonly spill: number
  /** Cycles that a step of a loop waits where it leaps through a buffer beyond each cache. */
  readonly leap: { readonly l1: number; readonly l2: number }
  /** Bytes a nanosecond from each level. */
  readonly l2: number
  readonly l3: number
  readonly memory: number
  /** The part of memory's time that work does not hide where lines are not asked for ahead. */
  readonly stall: number
}

/** What a schedule is chosen for: lanes, registers, caches. */
export interface Hardware {
  /** Bytes of a vector register. */
  readonly vectorBytes: number
  /** Rows and vectors of a contraction's register block. */
  readonly blockRows: number
  readonly blockVectors: number
  /**
   * Rows of a product that are read as fast where they lie as from a packed copy: few and short
   * ones whose terms lie side by side, or any, since an instruction takes an element from memory
   * into every lane. All are packed unless given.
   */
  readonly rowsInPlace?: 'near' | 'any'
  /** Vectors in flight in an elementwise loop and in a reduction. */
  readonly interleave: number
  /** Cache lines to ask for together, where a loop does not keep enough reads under way itself. */
  readonly touch?: {
    readonly lines: number
    readonly lineBytes: number
    /** Whether the next row is asked for while work goes on in one that is read again. */
    readonly nextRows: boolean
  }
  /** What candidates are compared by; without them the first one is taken. */
  readonly rates?: Rates
  /** Bytes. */
  readonly cache: { readonly l1: number; readonly l2: number; readonly l3: number }
  /** Threads among which loops may be divided. */
  readonly threads: number
  /** Present for a GPU, whose schedules are of another kind. */
  readonly gpu?: GpuShape
}

/** What workgroups a GPU takes. */
export interface GpuShape {
  /** Invocations of a workgroup. */
  readonly invocations: number
  /** Bytes that they share. */
  readonly sharedBytes: number
  /** So many workgroups keep it busy. */
  readonly groups: number
  /** Smaller work is left as it is. */
  readonly least: GpuLeast
}

/** From how much work on something is divided on a GPU. */
export interface GpuLeast {
  /** Multiplications of a contraction, and the part of a tile's rows and columns that it fills. */
  readonly multiplications: number
  readonly filled: number
  /** Elements of a row that a workgroup shares, and that workgroups share where rows are few. */
  readonly row: number
  readonly divided: number
  /** Elements of a loop that invocations share four at a time. */
  readonly vectors: number
  /** Elements of an array that are dealt out. */
  readonly elements: number
  /** Terms of a total that workgroups share, and of the run of each. */
  readonly terms: number
  readonly run: number
}

/** What pays on common GPUs, where starting a kernel takes microseconds. */
export const usualLeast: GpuLeast = {
  multiplications: 1 << 19,
  filled: 1 / 2,
  row: 32,
  divided: 1 << 15,
  vectors: 256,
  elements: 1 << 14,
  terms: 8192,
  run: 4096,
}

/** Measured under V8 on common machines; only ratios matter. */
export const wasmRates: Rates = {
  clock: 3,
  vectors: 2,
  moves: 2,
  instructions: 4,
  latency: 4,
  window: 96,
  registers: 13,
  spill: 2.5,
  leap: { l1: 1.5, l2: 25 },
  l2: 60,
  l3: 30,
  memory: 15,
  stall: 0.3,
}

/** 128-bit lanes and sixteen registers, as WebAssembly gives them on common machines. */
export const wasmHardware: Hardware = {
  vectorBytes: 16,
  blockRows: 4,
  blockVectors: 2,
  rowsInPlace: 'near',
  interleave: 4,
  touch: { lines: 8, lineBytes: 64, nextRows: false },
  rates: wasmRates,
  cache: { l1: 32 * 1024, l2: 512 * 1024, l3: 8 * 1024 * 1024 },
  threads: 1,
}
