/* The results file of a sweep (docs/sweep.md). */
#ifndef TETRA_SIM_SWEEP_STORE_H
#define TETRA_SIM_SWEEP_STORE_H

#include <stdio.h>

#include "commands/sweep/answer.h"
#include "files/study/study.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sweep_store;

/* Opens the file, or makes it with all points to do. It is this process' alone to write until it is closed.
 * TETRA_EINVAL: built without SQLite, no results file, or one of another study or version; TETRA_EIO: cannot be opened,
 * is locked, the disk is full; the message names file and next step. */
TETRA_NODISCARD int sweep_store_open(struct sweep_store **st, const char *path, const struct sim_study *s,
                                     const char *command, struct tetra_error *err);
/* Frees; NULL is ignored. */
void sweep_store_close(struct sweep_store *st);
/* Networks whose counts were taken away when the file was opened: images or labels hold something else than when they
 * were counted. */
TETRA_NODISCARD int sweep_store_stale(const struct sweep_store *st);
/* Of every point its status (enum sweep_status), and whether the RTL's cycles are there, or its accuracy. Those that
 * failed because their process died are to do again, and networks whose images had something wrong. TETRA_EIO. */
struct sweep_known {
  unsigned char status, has_rtl, has_accuracy;
};
TETRA_NODISCARD int sweep_store_known(struct sweep_store *st, struct sweep_known *known, struct tetra_error *err);
/* Answers between begin and commit are there as a whole or not at all. TETRA_EIO: nothing of it is. */
TETRA_NODISCARD int sweep_store_begin(struct sweep_store *st, struct tetra_error *err);
TETRA_NODISCARD int sweep_store_put(struct sweep_store *st, enum sweep_kind kind, const struct sweep_answer *a,
                                    const struct sweep_layer *layers, struct tetra_error *err);
TETRA_NODISCARD int sweep_store_commit(struct sweep_store *st, struct tetra_error *err);
/* Writes view `answers` into a file of comma-separated values, or of JSON (schema tetra-study-1). TETRA_EIO. */
TETRA_NODISCARD int sweep_store_csv(struct sweep_store *st, FILE *f, struct tetra_error *err);
TETRA_NODISCARD int sweep_store_json(struct sweep_store *st, FILE *f, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
