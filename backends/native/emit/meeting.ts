/**
 * Where threads in lock step meet, in C: shared by programs and the runtime that starts them.
 *
 * The last to arrive clears the arrivals and the count of pieces taken and opens the next meeting;
 * the others spin for some tens of microseconds and then sleep until they are woken.
 */
export const meetingText = `struct meeting {
  int32_t arrivals, round;
  int64_t pieces;
  void (*sleep)(struct meeting *, int32_t round);
  void (*wake)(struct meeting *);
};

static void meet(struct meeting *m, int64_t threads) __attribute__((unused, noinline));
static void meet(struct meeting *m, int64_t threads) {
  const int32_t round = __atomic_load_n(&m->round, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&m->arrivals, 1, __ATOMIC_ACQ_REL) == threads) {
    __atomic_store_n(&m->arrivals, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&m->pieces, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&m->round, round + 1, __ATOMIC_SEQ_CST);
    m->wake(m);
    return;
  }
  for (int32_t spins = 0; spins < 20000; spins++)
    if (__atomic_load_n(&m->round, __ATOMIC_ACQUIRE) != round) return;
  m->sleep(m, round);
}`
