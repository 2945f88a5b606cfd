/**
 * OpenBLAS, where the system has it (Debian: libopenblas-dev), called through koffi: what products
 * of matrices may take at the least. It is a limit, not a peer: it does nothing else.
 */
import type { Inputs } from '../workload.js'
import { type Contestant, load, type Prepared } from './contestant.js'

interface Koffi {
  readonly default: { readonly load: (name: string) => Library }
}
interface Library {
  readonly func: (declaration: string) => (...values: readonly unknown[]) => unknown
}

const names = ['libopenblas.so.0', 'libopenblas.so', 'libopenblas.dylib'] as const

/** Row-major, operands as they are. */
const [rowMajor, plain] = [101, 111] as const

export async function openblas(threads: number): Promise<Contestant | undefined> {
  const library = await find()
  if (library === undefined) return undefined
  library.func('void openblas_set_num_threads(int)')(threads)
  const multiply = library.func(
    'void cblas_sgemm(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int)',
  )
  return {
    name: 'openblas',
    prepare: async ({ kind }, inputs) =>
      kind === 'matmul' && inputs.a.shape.length === 2
        ? product(multiply, inputs)
        : { missing: 'products only' },
  }
}

async function find(): Promise<Library | undefined> {
  const koffi = await load<Koffi>('koffi')
  for (const name of koffi === undefined ? [] : names) {
    try {
      return koffi?.default.load(name)
    } catch {
      // Not under this name: the next one.
    }
  }
  return undefined
}

function product(multiply: (...values: readonly unknown[]) => unknown, { a, b }: Inputs): Prepared {
  const [m, k] = a.shape
  const [, n] = b.shape
  const c = new Float32Array(m * n)
  const call = (): void => {
    multiply(rowMajor, plain, plain, m, n, k, 1, a.data, k, b.data, n, 0, c, n)
  }
  return {
    call,
    results: async () => {
      call()
      return [c.slice()]
    },
  }
}
