/**
 * Where threads in lock step meet, in C: shared by programs and the runtime that starts them.
 *
 * The last to arrive clears the arrivals and the counts of pieces taken and opens the next meeting;
 * the others spin for some microseconds and then wait as the runtime has them wait.
 *
 * Of a range in pieces each thread has a part of its own, the same share of every range, so that
 * what it wrote in one kernel is in its cache in the next; and it goes there and back by turns, so
 * that it meets first what it left last. Who has none left takes of the others'.
 */

/** As many threads as there is room for. */
export const mostThreads = 64

export const meetingText = `#if defined(__x86_64__)
#define relax() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define relax() __asm__ volatile("yield")
#else
#define relax()
#endif

struct meeting {
  int32_t arrivals, round;
  void (*wait)(struct meeting *, int32_t round);
  void (*wake)(struct meeting *);
  /* How many pieces of each thread's part are taken, each in a line of the cache of its own. */
  struct { int64_t pieces, apart[7]; } taken[${mostThreads}];
};

static void meet(struct meeting *m, int64_t threads) __attribute__((unused, noinline));
static void meet(struct meeting *m, int64_t threads) {
  const int32_t round = __atomic_load_n(&m->round, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&m->arrivals, 1, __ATOMIC_ACQ_REL) == threads) {
    __atomic_store_n(&m->arrivals, 0, __ATOMIC_RELAXED);
    for (int64_t i = 0; i < threads; i++) __atomic_store_n(&m->taken[i].pieces, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&m->round, round + 1, __ATOMIC_SEQ_CST);
    m->wake(m);
    return;
  }
  for (int32_t spins = 0; spins < 100; spins++) {
    if (__atomic_load_n(&m->round, __ATOMIC_ACQUIRE) != round) return;
    relax();
  }
  m->wait(m, round);
}

/* The next of so many pieces, or none: they are all taken. \`turn\` counts parts that are done. */
static int64_t take(struct meeting *m, int64_t *turn, int64_t thread, int64_t threads,
                    int64_t count) __attribute__((unused, noinline));
static int64_t take(struct meeting *m, int64_t *turn, int64_t thread, int64_t threads,
                    int64_t count) {
  for (; *turn < threads; ++*turn) {
    const int64_t owner = (thread + *turn) % threads;
    const int64_t first = count * owner / threads, end = count * (owner + 1) / threads;
    const int64_t taken = __atomic_fetch_add(&m->taken[owner].pieces, 1, __ATOMIC_RELAXED);
    if (first + taken < end) return m->round & 1 ? end - 1 - taken : first + taken;
  }
  return count;
}`
