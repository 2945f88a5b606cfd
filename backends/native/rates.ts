/**
 * What the machine does in a nanosecond: measured once, and kept beside the compiled programs.
 *
 *   additions that wait for one another → the clock
 *   reading what each cache holds, copying what none does → bytes a nanosecond
 *
 * A measure is the best of several, in processor time, so that what else runs hardly matters. What
 * cannot be measured in a few milliseconds (how far a core looks ahead, what a spilt register
 * costs) is that of common cores.
 */
import { writeFileSync } from 'node:fs'
import type { Hardware, Rates } from '../../lib/loop/schedule/index.js'
import type { Builder } from './build.js'
import { contentOf, keyOf } from './cache.js'

/** Cycles and bytes a nanosecond. */
export type Measured = Pick<Rates, 'clock' | 'l2' | 'l3' | 'memory'>

/** In C, a part of the runtime: each rate in order, at the bytes of caches that it is given. */
export const measureText = `#include <time.h>

static double nanoseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static double clock_rate(void) {
  uint64_t x = 0, step = 1;
  const double start = nanoseconds();
  for (int32_t i = 0; i < 100000; i++) {
    __asm__ volatile("" : "+r"(step));
#define add x += step; __asm__ volatile("" : "+r"(x));
    add add add add add add add add add add add add add add add add
#undef add
  }
  return 16 * 100000 / (nanoseconds() - start);
}

#if defined(__AVX512F__)
#define row_bytes 64
#elif defined(__AVX2__)
#define row_bytes 32
#else
#define row_bytes 16
#endif
typedef uint64_t row __attribute__((vector_size(row_bytes)));

static volatile uint64_t sink;

static double read_rate(const row *data, int64_t rows, int64_t times) {
  row a = {0}, b = {0}, c = {0}, d = {0};
  const double start = nanoseconds();
  for (int64_t t = 0; t < times; t++) {
    __asm__ volatile("" : : : "memory");
    for (int64_t i = 0; i + 3 < rows; i += 4)
      a |= data[i], b |= data[i + 1], c |= data[i + 2], d |= data[i + 3];
  }
  const double rate = (double)(rows * times) * row_bytes / (nanoseconds() - start);
  a |= b | c | d;
  sink = a[0] ^ a[1];
  return rate;
}

static double copy_rate(row *data, int64_t rows) {
  const double start = nanoseconds();
  for (int64_t i = 0; i < rows / 2; i++) data[i] = data[rows / 2 + i];
  __asm__ volatile("" : : "r"(data) : "memory");
  return (double)rows * row_bytes / (nanoseconds() - start);
}

/* No rates where there is no memory to measure with. */
void pullback_measure(double l2, double l3, double *rates) {
  const int64_t rows = (int64_t)l3 * 2 / row_bytes;
  row *data = (row *)(intptr_t)pullback_allocate(rows * row_bytes);
  for (int32_t i = 0; i < 4; i++) rates[i] = 0;
  if (!data) return;
  memset(data, 1, rows * row_bytes);
  for (int32_t turn = 0; turn < 4; turn++) {
    const double found[] = {
      clock_rate(),
      read_rate(data, (int64_t)(l2 / 2) / row_bytes, 32),
      read_rate(data, (int64_t)(l3 / 4) / row_bytes, 1),
      copy_rate(data, rows),
    };
    for (int32_t i = 0; i < 4; i++) if (found[i] > rates[i]) rates[i] = found[i];
  }
  free(data);
}`

/** A measure is taken in no more memory than twice this, however large the last cache is. */
const mostBytes = 32 * 2 ** 20

/** Those that were measured before, or by `measure` now. */
export function ratesOf(
  { cache, identity, machine }: Builder,
  measure: (l2: number, l3: number) => Measured,
): Rates {
  const { l2, l3 } = machine.hardware.cache
  const key = keyOf('rates', identity, measureText)
  const { path } = cache.take(key, '.rates', (to) => {
    const measured = measure(l2, Math.min(l3, mostBytes))
    writeFileSync(to, JSON.stringify(measured), { mode: 0o600 })
  })
  // The cache gives what was written whole: the numbers above.
  const measured = JSON.parse(contentOf(path).toString('utf8')) as Measured
  return { ...common(machine.hardware), ...measured }
}

/** Cores of today: two vectors, two accesses, four instructions a cycle. */
const common = ({ blockRows }: Omit<Hardware, 'threads'>): Omit<Rates, keyof Measured> => ({
  vectors: 2,
  moves: 2,
  instructions: 4,
  latency: 4,
  window: 256,
  // As many rows in a block are there only with as many registers.
  registers: blockRows >= 8 ? 32 : 16,
  spill: 1,
  leap: { l1: 1.5, l2: 25 },
  stall: 0.3,
})
