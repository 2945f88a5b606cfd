/**
 * Which products become one with the sum behind them, where the machine has multiply-adds.
 *
 *   fma(a, b, c)        rounds once       a * b + c, which the compiler may fuse
 *   mul(a, b) + c       rounds twice      the product is hidden from the compiler
 *
 * Clang is told in the one function. GCC is told for the whole file; each other product passes
 * through an empty `asm`, which is no instruction, but which the compiler does not look through.
 */

/** What goes before all else. */
export const fusingText = `#define inlined static inline __attribute__((always_inline, unused))
#if defined(__clang__)
#define may_fuse _Pragma("clang fp contract(fast)")
#define rounded(x)
#else
#define may_fuse
#if defined(__x86_64__)
#define rounded(x) __asm__("" : "+v"(x))
#elif defined(__aarch64__)
#define rounded(x) __asm__("" : "+w"(x))
#else
#define rounded(x)
#endif
#endif`

/** The body of a multiply-add that may round once, or of one that rounds twice. */
export const sumOfProduct = (fuse: boolean, multiply: string): string =>
  fuse ? 'may_fuse return a * b + c;' : `return ${multiply}(a, b) + c;`

export const product = (type: string): string => `${type} x = a * b; rounded(x); return x;`

/** What says so to a compiler; `predefines` is what it defines by itself. */
export function fusingOption(predefines: string): string {
  return canFuse(predefines) && !has(predefines, '__clang__')
    ? '-ffp-contract=fast'
    : '-ffp-contract=off'
}

/** Whether the machine has multiply-adds, and the compiler can be told where to use them. */
export const canFuse = (predefines: string): boolean =>
  (has(predefines, '__x86_64__') && has(predefines, '__FP_FAST_FMAF')) ||
  has(predefines, '__FMA__') ||
  has(predefines, '__aarch64__')

const has = (predefines: string, name: string): boolean => predefines.includes(`#define ${name} `)
