/* Wall and processor time, for progress and for what a report says of the run's own speed. */
#define _POSIX_C_SOURCE 200809L
#include "base/clock.h"

#include <sys/resource.h>
#include <time.h>

double sim_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double sim_user_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)u.ru_utime.tv_sec + 1e-6 * (double)u.ru_utime.tv_usec;
}
