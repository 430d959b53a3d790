/* What gcov counts in processes that end in unusual ways: by _exit, which writes no counts, or under a limit of the
 * size of files, which cuts them. Linked into programs of TETRA_COVERAGE that call _exit. */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

void __gcov_dump(void);

/* Tests set the soft limit only. Before gcov's own destructors, which come last. */
__attribute__((destructor)) static void lift_limit(void) {
  struct rlimit size;
  if (getrlimit(RLIMIT_FSIZE, &size) != 0) return;
  size.rlim_cur = size.rlim_max;
  (void)setrlimit(RLIMIT_FSIZE, &size);
}

void _exit(int status) {
  lift_limit();
  __gcov_dump();
  _Exit(status);
}
