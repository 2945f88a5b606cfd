/**
 * The runtime, in C: memory, programs out of shared libraries, and threads in lock step.
 *
 * One library for the process, built once a machine. Addresses cross to JavaScript as doubles,
 * which hold them exactly. A call runs `run` on the calling thread and on so many threads of the
 * pool; a second call at the same time finds the pool taken and runs on its own thread alone, which
 * gives the same results.
 */
import { meetingText, mostThreads } from './emit/meeting.js'
import { processText } from './process.js'
import { measureText } from './rates.js'

export const runtimeText = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

${meetingText}

typedef void run(double *table, struct meeting *m, int64_t thread, int64_t threads);

enum { most = ${mostThreads} };

static pthread_mutex_t pool = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/*
 * To be woken takes longer than most waits, for others' pieces or for the next call: a thread looks
 * on for so many nanoseconds, giving way to whoever wants its processor, before it sleeps.
 */
enum { patience = 1000000 };

static void wait_for(struct meeting *m, int32_t round) {
  const int64_t until = now() + patience;
  do {
    for (int32_t spins = 0; spins < 200; spins++) {
      if (__atomic_load_n(&m->round, __ATOMIC_ACQUIRE) != round) return;
      relax();
    }
    sched_yield();
  } while (now() < until);
  pthread_mutex_lock(&door);
  while (__atomic_load_n(&m->round, __ATOMIC_ACQUIRE) == round) pthread_cond_wait(&bell, &door);
  pthread_mutex_unlock(&door);
}

static void wake_all(struct meeting *m) {
  (void)m;
  pthread_mutex_lock(&door);
  pthread_cond_broadcast(&bell);
  pthread_mutex_unlock(&door);
}

static struct meeting start = {0, 0, wait_for, wake_all};
static struct meeting within = {0, 0, wait_for, wake_all};
static int32_t started = 1;
/* The round that was on when each thread was started: the first that it is to wait out. */
static int32_t joined[most];
static pthread_t others[most];
static struct { run *program; double *table; int64_t threads; } work;

/* Each thread of the pool waits for the next call; those that it does not want go on waiting. */
static void *serve(void *argument) {
  const int64_t thread = (int64_t)(intptr_t)argument;
  int32_t round = joined[thread];
  for (;;) {
    wait_for(&start, round++);
    if (thread < work.threads) work.program(work.table, &within, thread, work.threads);
    __atomic_add_fetch(&start.arrivals, 1, __ATOMIC_ACQ_REL);
  }
  return NULL;
}

/* Threads from which a call may choose: as many as are wanted, if the system gives them. */
static int64_t hire(int64_t threads) {
  if (threads > most) threads = most;
  while (started < threads) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    joined[started] = start.round;
    const int failed = pthread_create(&thread, &attributes, serve, (void *)(intptr_t)started);
    pthread_attr_destroy(&attributes);
    if (failed) return started;
    others[started++] = thread;
  }
  return threads;
}

/*
 * A thread that is woken may be put on the processor of the one that wakes it, behind which it then
 * waits though another is idle: the pool stays off the caller's, as long as there are more.
 */
static void stay_off(void) {
#ifdef __linux__
  static int last = -1;
  static int32_t told = 1;
  const int here = sched_getcpu();
  if (here == last && told == started) return;
  last = here;
  told = started;
  cpu_set_t allowed;
  if (here < 0 || sched_getaffinity(0, sizeof allowed, &allowed) || CPU_COUNT(&allowed) < 2) return;
  CPU_CLR(here, &allowed);
  for (int32_t i = 1; i < started; i++) pthread_setaffinity_np(others[i], sizeof allowed, &allowed);
#endif
}

int64_t pullback_call(double program, double *table, int64_t threads) {
  run *go = (run *)(intptr_t)program;
  if (threads <= 1 || pthread_mutex_trylock(&pool)) {
    go(table, &within, 0, 1);
    return 1;
  }
  threads = hire(threads);
  stay_off();
  work.program = go;
  work.table = table;
  work.threads = threads;
  __atomic_store_n(&start.arrivals, 0, __ATOMIC_RELAXED);
  __atomic_add_fetch(&start.round, 1, __ATOMIC_SEQ_CST);
  wake_all(&start);
  go(table, &within, 0, threads);
  for (int32_t spins = 0; __atomic_load_n(&start.arrivals, __ATOMIC_ACQUIRE) != started - 1; spins++)
    if (spins > 1000) sched_yield();
  pthread_mutex_unlock(&pool);
  return threads;
}

/*
 * Threads of the pool, and calls that nobody waits for, are in this library until the process is
 * gone: it is not unloaded before, which Node's addons do with what they loaded.
 */
static void stay(void) {
  static int32_t done = 0;
  Dl_info here;
  if (__atomic_exchange_n(&done, 1, __ATOMIC_RELAXED) || !dladdr((void *)stay, &here)) return;
  dlopen(here.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

double pullback_open(const char *path, double *library) {
  stay();
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  library[0] = (double)(intptr_t)handle;
  return handle ? (double)(intptr_t)dlsym(handle, "run") : 0;
}

void pullback_close(double library) { dlclose((void *)(intptr_t)library); }

/* Large pages for what is large: the machine fetches ahead within a page only. */
double pullback_allocate(double bytes) {
  void *memory = NULL;
  const size_t size = (size_t)bytes;
  const size_t page = (size_t)1 << 21;
  if (posix_memalign(&memory, size >= page ? page : 64, size)) return 0;
#ifdef MADV_HUGEPAGE
  if (size >= page) madvise(memory, size, MADV_HUGEPAGE);
#endif
  return (double)(intptr_t)memory;
}

void pullback_free(double address) { free((void *)(intptr_t)address); }

double pullback_address(const void *memory) { return (double)(intptr_t)memory; }

void pullback_write(double to, const void *from, double bytes) {
  memcpy((void *)(intptr_t)to, from, (size_t)bytes);
}

void pullback_read(void *to, double from, double bytes) {
  memcpy(to, (const void *)(intptr_t)from, (size_t)bytes);
}

${measureText}

${processText}
`
