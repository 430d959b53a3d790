/* What ranks that train one network have to tell each other. */
#include "commands/train/together.h"

#include "base/mpi.h"
#include "base/status.h"

static void sum_floats(void *context, float *v, size_t n) {
  (void)context;
  if (!sim_mpi_sum_floats(v, n)) sim_mpi_abort(SIM_EXIT_BAD_INPUT);
}
static void sum_doubles(void *context, double *v, size_t n) {
  (void)context;
  if (!sim_mpi_sum_doubles(v, n)) sim_mpi_abort(SIM_EXIT_BAD_INPUT);
}
static void max_doubles(void *context, double *v, size_t n) {
  (void)context;
  if (!sim_mpi_max_doubles(v, n)) sim_mpi_abort(SIM_EXIT_BAD_INPUT);
}

struct tetra_train_comm train_together(const struct sim_ranks *r) {
  if (r->size == 1) return (struct tetra_train_comm){.size = 1};
  return (struct tetra_train_comm){
      .rank = r->rank, .size = r->size, .sum_float = sum_floats, .sum_double = sum_doubles, .max_double = max_doubles};
}

int64_t train_total(const struct sim_ranks *r, int64_t n) {
  if (r->size > 1 && !sim_mpi_sum(&n, 1)) sim_mpi_abort(SIM_EXIT_BAD_INPUT);
  return n;
}

int train_any(const struct sim_ranks *r, int yes) { return train_total(r, yes != 0) > 0; }
