/* `./sim sweep`: reads the study, starts the processes, has the points answered, writes what was asked for. */
#define _POSIX_C_SOURCE 200809L
#include "commands/sweep/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mpi.h"
#include "base/outfile.h"
#include "base/paths.h"
#include "base/status.h"
#include "commands/sweep/accuracy.h"
#include "commands/sweep/board.h"
#include "commands/sweep/options.h"
#include "commands/sweep/rtl.h"
#include "files/study/read.h"
#include "tetra/random.h"

struct sweep {
  const struct sweep_options *o;
  const struct sim_study *s;
  struct sweep_crew crew;
  struct sweep_store *store;
  struct sweep_known *known; /* by point */
  struct sweep_tally tally[SWEEP_ACCURACY + 1];
};

static int check_files(const struct sweep_options *o, struct tetra_error *err) {
  struct sim_paths paths = {.n = 0};
  sim_paths_add(&paths, "study", o->study, 0);
  sim_paths_add(&paths, "--results", o->results, 1);
  sim_paths_add(&paths, "--csv", o->csv, 1);
  sim_paths_add(&paths, "--json", o->json, 1);
  int rc = sim_paths_check(&paths, err);
  if (rc == TETRA_OK && o->csv != NULL) rc = sim_outfile_probe("--csv", o->csv, err);
  return rc == TETRA_OK && o->json != NULL ? sim_outfile_probe("--json", o->json, err) : rc;
}

static int has_part(const struct sweep *w, enum sweep_kind kind, int i, const unsigned char *accuracy,
                    uint64_t threshold) {
  const struct sweep_known *k = &w->known[i];
  if (kind == SWEEP_MODEL) return k->status == SWEEP_TODO;
  if (kind == SWEEP_ACCURACY) return accuracy[i] && !k->has_accuracy;
  /* Which ones follows from their numbers, so that whoever asks again asks for the same ones. */
  uint64_t state = (uint64_t)i * TETRA_RANDOM_STEP;
  return k->status == SWEEP_DONE && !k->has_rtl && tetra_random(&state) <= threshold && sweep_has_rtl(&w->s->points[i]);
}

/* A part of the sweep: points in the model, networks over the images, points on the RTL. */
static int run_part(struct sweep *w, enum sweep_kind kind, struct tetra_error *err) {
  const int all = w->s->n_points;
  const struct sweep_board b = {&w->crew, w->store, w->o->quiet, w->o->progress};
  const uint64_t threshold = w->o->rtl >= 1 ? UINT64_MAX : (uint64_t)(w->o->rtl * 18446744073709551615.0);
  int *points = calloc((size_t)all, sizeof *points), n = 0;
  unsigned char *accuracy = calloc((size_t)all, 1);
  int rc =
      points == NULL || accuracy == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for %d points", all) : TETRA_OK;
  if (rc == TETRA_OK) rc = sweep_store_known(w->store, w->known, err);
  if (rc == TETRA_OK && kind == SWEEP_ACCURACY) rc = sweep_choose_accuracy(w->s, accuracy, err);
  for (int i = 0; i < all && rc == TETRA_OK; i++)
    if (has_part(w, kind, i, accuracy, threshold)) points[n++] = i;
  if (rc == TETRA_OK && n > 0) rc = sweep_board_run(&b, kind, points, n, &w->tally[kind], err);
  free(points);
  free(accuracy);
  return rc;
}

static int can_confirm(const struct sweep *w, struct tetra_error *err) {
  for (int i = 0; i < w->s->n_points; i++)
    if (sweep_has_rtl(&w->s->points[i])) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL,
                    "--rtl: this program was built with the array and buffers of none of the study's points; "
                    "sim --list shows its arrays");
}

static void summary(const struct sweep *w, double seconds) {
  const struct sweep_tally *m = &w->tally[SWEEP_MODEL], *r = &w->tally[SWEEP_RTL], *a = &w->tally[SWEEP_ACCURACY];
  int count[SWEEP_FAILED + 1] = {0};
  for (int i = 0; i < w->s->n_points; i++) count[w->known[i].status]++;
  printf("points   %d: %d done, %d refused, %d failed\n", w->s->n_points, count[SWEEP_DONE], count[SWEEP_REFUSED],
         count[SWEEP_FAILED]);
  if (w->s->n_drawn != 0)
    printf("sample   %lld points drawn: %lld of them are equal to others, %lld do not meet the constraints\n",
           w->s->n_drawn, w->s->n_equal, w->s->n_excluded);
  printf("this run %d points, %d network%s over the images, %d points on the RTL in %.1f s with %d process%s\n",
         m->answered, a->done, a->done == 1 ? "" : "s", r->answered, seconds, w->crew.n, w->crew.n == 1 ? "" : "es");
  if (a->answered > a->done)
    printf(
        "images   %d of %d networks were NOT run over them: table accuracy has the reasons; the same command tries "
        "again\n",
        a->answered - a->done, a->answered);
  if (r->answered > 0)
    printf("RTL      %d of %d points: every layer equal, and the cycle model's cycles\n", r->done, r->answered);
}

static int write_file(const struct sweep *w, const char *option, const char *path,
                      int (*write)(struct sweep_store *, FILE *, struct tetra_error *), struct tetra_error *err) {
  struct sim_outfile f;
  if (path == NULL) return TETRA_OK;
  int rc = sim_outfile_open(&f, option, path, err);
  if (rc != TETRA_OK) return rc;
  rc = write(w->store, f.f, err);
  if (rc == TETRA_OK) return sim_outfile_commit(&f, err);
  sim_outfile_discard(&f);
  return rc;
}

/* Not what was asked for, so that it is said in any case. */
static void say_stale(const struct sweep *w) {
  const int n = sweep_store_stale(w->store);
  fprintf(stderr, "sim: images or labels of the study hold something else than when %d network%s counted: run again\n",
          n, n == 1 ? " was" : "s were");
}

static int run_all(struct sweep *w, const char *command, struct tetra_error *err) {
  const double t0 = sim_now();
  int rc = w->o->rtl > 0 ? can_confirm(w, err) : TETRA_OK;
  if (rc == TETRA_OK) rc = sweep_store_open(&w->store, w->o->results, w->s, command, err);
  if (rc == TETRA_OK && sweep_store_stale(w->store) != 0) say_stale(w);
  if (rc == TETRA_OK) rc = run_part(w, SWEEP_MODEL, err);
  if (rc == TETRA_OK) rc = run_part(w, SWEEP_ACCURACY, err);
  if (rc == TETRA_OK && w->o->rtl > 0) rc = run_part(w, SWEEP_RTL, err);
  if (rc == TETRA_OK) rc = sweep_store_known(w->store, w->known, err);
  if (rc == TETRA_OK && !w->o->quiet) summary(w, sim_now() - t0);
  if (rc == TETRA_OK) rc = write_file(w, "--csv", w->o->csv, sweep_store_csv, err);
  return rc == TETRA_OK ? write_file(w, "--json", w->o->json, sweep_store_json, err) : rc;
}

static int exit_code(const struct sweep *w) {
  int failed = 0, died = 0;
  for (int i = 0; i < w->s->n_points; i++) {
    failed |= w->known[i].status == SWEEP_FAILED;
    died |= w->known[i].status == SWEEP_TODO; /* failed without a result */
  }
  return failed ? SIM_EXIT_DIFFERENT : died ? SIM_EXIT_CRASHED : SIM_EXIT_GOOD;
}

/* The process that hands out: alone, or rank 0. Children are forked before MPI and SQLite begin. */
static int lead(const struct sweep_options *o, const struct sim_study *s, int mpi, const char *command) {
  struct tetra_error err = {0, ""};
  struct sweep w = {.o = o, .s = s};
  int rank = 0, size = 1;
  w.known = calloc((size_t)s->n_points, sizeof *w.known);
  int rc = w.known == NULL ? tetra_fail(&err, TETRA_ENOMEM, "no memory for %d points", s->n_points) : TETRA_OK;
  if (rc == TETRA_OK) rc = sweep_crew_start(&w.crew, s, mpi ? 1 : (int)o->jobs, &err);
  if (rc == TETRA_OK && mpi) {
    rc = sim_mpi_begin(&rank, &size, &err);
    mpi = rc == TETRA_OK;
    if (mpi) sweep_crew_join(&w.crew, size);
  }
  if (rc == TETRA_OK) rc = run_all(&w, command, &err);
  const int silent = w.crew.pids != NULL ? sweep_crew_stop(&w.crew) : 0;
  sweep_store_close(w.store);
  const int code = rc != TETRA_OK ? sim_complain(&err) : exit_code(&w);
  free(w.known);
  if (silent != 0) {
    fprintf(stderr, "sim: rank %d is silent: the sweep ends without it, %s\n", silent,
            rc == TETRA_OK ? "and all points are answered" : "and what was answered is kept");
    sim_mpi_abort(code);
  }
  if (mpi) sim_mpi_end(); /* afterwards: a launcher ends all others when one has failed */
  return code;
}

static int follow(const struct sim_study *s) {
  struct tetra_error err = {0, ""};
  int rank = 0, size = 1;
  if (sim_mpi_begin(&rank, &size, &err) != TETRA_OK) return sim_mpi_complain(1, &err);
  const int code = sweep_crew_serve(s);
  sim_mpi_end();
  return code;
}

/* "sim sweep study.json ...", cut where it does not fit. */
static void join(int argc, char **argv, char *out, size_t size) {
  size_t at = (size_t)snprintf(out, size, "sim");
  for (int i = 0; i < argc && at + 1 < size; i++) at += (size_t)snprintf(out + at, size - at, " %s", argv[i]);
}

int sweep_main(int argc, char **argv) {
  struct sweep_options o;
  struct sim_study s;
  struct tetra_error err = {0, ""};
  char command[2000];
  int rank = 0;
  join(argc, argv, command, sizeof command);
  const int mpi = sim_mpi_launched(&rank);
  int rc = sweep_options_parse(argc, argv, &o, &err);
  if (rc == TETRA_OK && o.help) {
    if (rank == 0) sweep_options_help();
    return SIM_EXIT_GOOD;
  }
  if (rc == TETRA_OK && rank == 0) rc = check_files(&o, &err);
  if (rc == TETRA_OK) rc = sim_study_read(o.study, SIM_STUDY_PRODUCT, &s, &err);
  if (rc != TETRA_OK) return sim_mpi_complain(rank, &err);
  const int code = rank == 0 ? lead(&o, &s, mpi, command) : follow(&s);
  sim_study_free(&s);
  return code;
}
