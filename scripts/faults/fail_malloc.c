/* Preloaded into a program: its k-th allocation fails, where allocations from the same place count once.
 *
 * Environment: FAIL_MALLOC is k, 0 for none; FAIL_MALLOC_COUNT a file that gets the number of places when the program
 * ends. A place is the few innermost return addresses. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { kDepth = 9, kPlaces = 1 << 16 };

/* glibc's own, behind the names that are replaced below. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);

struct places {
  atomic_flag lock;
  int on;
  unsigned fail, count;
  uint64_t seen[kPlaces];
};
/* A library that replaces malloc has nobody who could hand its state in. */
static struct places g = {.lock = ATOMIC_FLAG_INIT};
static _Thread_local int inside;

static uint64_t place(void) {
  void *frames[kDepth];
  const int n = backtrace(frames, kDepth);
  uint64_t h = 1469598103934665603u;
  for (int i = 2; i < n; i++) h = (h ^ (uint64_t)(uintptr_t)frames[i]) * 1099511628211u;
  return h | 1;
}

/* Whether the allocation that is being asked for must fail. */
static int fails(void) {
  if (!g.on || inside) return 0;
  inside = 1;
  const uint64_t h = place();
  int failing = 0;
  while (atomic_flag_test_and_set(&g.lock)) {
  }
  size_t i = h % kPlaces;
  while (g.seen[i] != 0 && g.seen[i] != h) i = (i + 1) % kPlaces;
  if (g.seen[i] == 0 && g.count < kPlaces / 2) {
    g.seen[i] = h;
    failing = ++g.count == g.fail;
  }
  atomic_flag_clear(&g.lock);
  inside = 0;
  if (failing) errno = ENOMEM;
  return failing;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t n, size_t size) { return fails() ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t size) { return fails() ? NULL : __libc_realloc(p, size); }
void *aligned_alloc(size_t alignment, size_t size) {
  void *(*real)(size_t, size_t);
  if (fails()) return NULL;
  *(void **)&real = dlsym(RTLD_NEXT, "aligned_alloc");
  return real(alignment, size);
}
int posix_memalign(void **p, size_t alignment, size_t size) {
  int (*real)(void **, size_t, size_t);
  if (fails()) return ENOMEM;
  *(void **)&real = dlsym(RTLD_NEXT, "posix_memalign");
  return real(p, alignment, size);
}

__attribute__((constructor)) static void begin(void) {
  void *frames[2];
  const char *k = getenv("FAIL_MALLOC");
  (void)backtrace(frames, 2); /* loads what it needs now */
  g.fail = k != NULL ? (unsigned)strtoul(k, NULL, 10) : 0;
  g.on = 1;
}

__attribute__((destructor)) static void end(void) {
  const char *path = getenv("FAIL_MALLOC_COUNT");
  g.on = 0;
  FILE *f = path != NULL ? fopen(path, "w") : NULL;
  if (f == NULL) return;
  fprintf(f, "%u\n", g.count);
  fclose(f);
}
