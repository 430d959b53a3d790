/* Blocks over ranks; rank 0 works, too, and hears the others between its blocks. */
#define _POSIX_C_SOURCE 200809L
#include "commands/ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mpi.h"
#include "base/status.h"

/* What a rank sends: n outcomes, or its end with a code. */
struct message {
  int32_t n, is_end, code;
  char text[400];
};

int sim_ranks_begin(struct sim_ranks *r) {
  struct tetra_error err = {TETRA_OK, ""};
  *r = (struct sim_ranks){0, 1, 0};
  if (!sim_mpi_launched(&r->rank)) return SIM_EXIT_GOOD;
  const int launched = r->rank; /* the launcher's word, where MPI has none */
  if (sim_mpi_begin(&r->rank, &r->size, &err) != TETRA_OK) return sim_mpi_complain(launched, &err);
  r->joined = 1;
  return SIM_EXIT_GOOD;
}

void sim_ranks_end(const struct sim_ranks *r) {
  if (r->joined) sim_mpi_end();
}

static int send_end(int code, const char *text) {
  struct message m = {.is_end = 1, .code = code};
  snprintf(m.text, sizeof m.text, "%s", text);
  return sim_mpi_send(0, &m, sizeof m);
}

static void pause_a_moment(void) {
  const struct timespec moment = {0, 1000000};
  nanosleep(&moment, NULL);
}

int sim_ranks_agree(const struct sim_ranks *r, int code, struct tetra_error *err) {
  int64_t failed = code != TETRA_OK;
  if (r->size == 1) return code;
  if (failed && r->rank != 0) (void)!send_end(code, err->msg);
  if (!sim_mpi_sum(&failed, 1)) return tetra_fail(err, TETRA_EIO, "MPI: the ranks do not hear each other");
  if (failed == 0 || code != TETRA_OK) return code;
  if (r->rank != 0) return tetra_fail(err, TETRA_EINVAL, "another rank failed");
  struct message m = {.n = 0};
  int rank = 0;
  size_t n = 0;
  while (!sim_mpi_poll(&rank, &n)) pause_a_moment();
  if (n != sizeof m || !sim_mpi_take(rank, &m, n)) return tetra_fail(err, TETRA_EIO, "a rank failed");
  return tetra_fail(err, m.code, "rank %d: %s", rank, m.text);
}

/* Room for a message with a block's outcomes behind it. */
static struct message *new_message(const struct sim_pool *p, struct tetra_error *err) {
  struct message *m = calloc(1, sizeof *m + (size_t)p->block * sizeof(struct sim_outcome));
  if (m == NULL) tetra_fail(err, TETRA_ENOMEM, "no memory for the results of %d images", p->block);
  return m;
}

static struct sim_outcome *outcomes_of(struct message *m) { return (struct sim_outcome *)(void *)(m + 1); }

static int follow(const struct sim_ranks *r, const struct sim_pool *p, struct tetra_error *err) {
  struct message *m = new_message(p, err);
  struct sim_mpi_outbox outbox = {NULL};
  int rc = m == NULL ? TETRA_ENOMEM : TETRA_OK;
  for (int b = r->rank; b < p->n_blocks && rc == TETRA_OK; b += r->size) {
    int n = 0;
    rc = p->work(p->arg, b, outcomes_of(m), &n, err);
    m->n = n;
    if (rc == TETRA_OK && !sim_mpi_post(&outbox, 0, m, sizeof *m + (size_t)n * sizeof(struct sim_outcome)))
      rc = tetra_fail(err, TETRA_EIO, "rank 0 is gone, or there is no memory for what it is told");
  }
  sim_mpi_flush(&outbox);
  free(m);
  (void)!send_end(rc, rc == TETRA_OK ? "" : err->msg);
  return rc;
}

/* Takes what has come. *ended counts ranks that have. */
static int hear(const struct sim_pool *p, struct message *m, int *ended, struct tetra_error *err) {
  int rank = 0, rc = TETRA_OK;
  size_t n = 0;
  while (sim_mpi_poll(&rank, &n)) {
    if (n < sizeof *m || n > sizeof *m + (size_t)p->block * sizeof(struct sim_outcome) || !sim_mpi_take(rank, m, n) ||
        m->n < 0 || sizeof *m + (size_t)m->n * sizeof(struct sim_outcome) > n)
      sim_mpi_abort(SIM_EXIT_BAD_INPUT); /* MPI lost or changed it: nothing can be trusted any more */
    for (int i = 0; i < m->n; i++) p->outcome(p->arg, &outcomes_of(m)[i]);
    *ended += m->is_end;
    if (m->is_end && m->code != TETRA_OK) rc = tetra_fail(err, m->code, "rank %d: %s", rank, m->text);
  }
  return rc;
}

static int lead(const struct sim_ranks *r, const struct sim_pool *p, struct tetra_error *err) {
  struct message *mine = new_message(p, err), *theirs = mine == NULL ? NULL : new_message(p, err);
  int ended = 1, rc = theirs == NULL ? TETRA_ENOMEM : TETRA_OK;
  struct tetra_error first = {TETRA_OK, ""};
  for (int b = 0; b < p->n_blocks && rc == TETRA_OK; b += r->size) {
    int n = 0;
    rc = p->work(p->arg, b, outcomes_of(mine), &n, err);
    for (int i = 0; i < n && rc == TETRA_OK; i++) p->outcome(p->arg, &outcomes_of(mine)[i]);
    (void)!hear(p, theirs, &ended, first.code == TETRA_OK ? &first : NULL);
    p->tick(p->arg);
  }
  while (theirs != NULL && ended < r->size) {
    (void)!hear(p, theirs, &ended, first.code == TETRA_OK ? &first : NULL);
    p->tick(p->arg);
    pause_a_moment();
  }
  free(mine);
  free(theirs);
  if (rc == TETRA_OK && first.code != TETRA_OK) rc = tetra_fail(err, first.code, "%s", first.msg);
  return rc;
}

int sim_ranks_run(const struct sim_ranks *r, const struct sim_pool *p, struct tetra_error *err) {
  return r->rank == 0 ? lead(r, p, err) : follow(r, p, err);
}
