/* The results file in builds without SQLite: there is none. */
#include "base/rebuild.h"
#include "commands/sweep/store.h"

int sweep_store_open(struct sweep_store **st, const char *path, const struct sim_study *s, const char *command,
                     struct tetra_error *err) {
  char again[SIM_REBUILD_MAX];
  (void)path, (void)s, (void)command;
  *st = NULL;
  return tetra_fail(
      err, TETRA_EINVAL,
      "sweep: this program was built without SQLite, which results are kept in; install libsqlite3-dev and "
      "%s",
      sim_rebuild_command("TETRA_SQLITE=ON", again));
}

void sweep_store_close(struct sweep_store *st) { (void)st; }

static int none(struct tetra_error *err) { return tetra_fail(err, TETRA_EINVAL, "built without SQLite"); }

int sweep_store_known(struct sweep_store *st, struct sweep_known *known, struct tetra_error *err) {
  (void)st, (void)known;
  return none(err);
}

int sweep_store_stale(const struct sweep_store *st) {
  (void)st;
  return 0;
}

int sweep_store_begin(struct sweep_store *st, struct tetra_error *err) {
  (void)st;
  return none(err);
}

int sweep_store_put(struct sweep_store *st, enum sweep_kind kind, const struct sweep_answer *a,
                    const struct sweep_layer *layers, struct tetra_error *err) {
  (void)st, (void)kind, (void)a, (void)layers;
  return none(err);
}

int sweep_store_commit(struct sweep_store *st, struct tetra_error *err) {
  (void)st;
  return none(err);
}

int sweep_store_csv(struct sweep_store *st, FILE *f, struct tetra_error *err) {
  (void)st, (void)f;
  return none(err);
}

int sweep_store_json(struct sweep_store *st, FILE *f, struct tetra_error *err) {
  (void)st, (void)f;
  return none(err);
}
