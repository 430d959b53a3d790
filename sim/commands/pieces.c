/* --segments: a network's pieces side by side. --sample: some of them. */
#include "commands/pieces.h"

#include <stdlib.h>

#include "base/status.h"
#include "cli/outputs.h"
#include "commands/ranks.h"
#include "report/files.h"
#include "report/pieces.h"
#include "report/text.h"
#include "run/pieces/pieces.h"
#include "tetra/threads.h"

static int refuse_number(const char *option, int n, const struct sim_session *s, int n_finest,
                         struct tetra_error *err) {
  return tetra_fail(
      err, TETRA_EINVAL,
      "%s %d: %.60s has %d layers and %d places to cut it, none between interleaved ones; 1..%d is accepted", option, n,
      s->o->net.network, s->part.g.n_ops, n_finest - 1, n_finest);
}

/* The pieces that run; the cycle model says how long they take. */
static int choose(struct sim_session *s, struct sim_span *spans, int *n, struct tetra_error *err) {
  const struct sim_options *o = s->o;
  int rc = sim_pieces_predict(s, err);
  if (rc != TETRA_OK) return rc;
  const int n_finest = sim_cuts_finest(&s->part.g, &s->plan, spans);
  *n = o->sample != 0 ? o->sample : o->segments;
  if (*n > n_finest) return refuse_number(o->sample != 0 ? "--sample" : "--segments", *n, s, n_finest, err);
  if (o->sample == 0) return sim_cuts_balance(spans, n_finest, s->r.modelled, *n, err);
  sim_cuts_draw(spans, n_finest, *n, o->net.seed);
  return TETRA_OK;
}

static int processes(const struct sim_options *o, int n) {
  const int most = o->jobs != 0 ? (int)o->jobs : tetra_usable_processors();
  return most < n ? most : n;
}

struct watch {
  struct sim_text terminal;
  struct sim_observer observer;
};

static void on_tick(void *arg, const struct sim_results *r, uint64_t clocks) {
  const struct watch *w = arg;
  w->observer.on_progress(w->observer.arg, r, clocks);
}

static void on_piece(void *arg) { sim_text_clear(&((struct watch *)arg)->terminal); }

static int run(struct sim_session *s, const struct sim_ranks *ranks, const struct sim_span *spans, int n,
               struct tetra_error *err) {
  struct watch watch;
  struct sim_text table;
  sim_text_begin(&watch.terminal, s->o);
  watch.observer = sim_text_observer(&watch.terminal);
  table = watch.terminal;
  table.tty = 0; /* a piece's lines are shown when it has ended: neither times nor progress of its own */
  table.names = &s->part.g;
  const struct sim_observer observer = sim_text_observer(&table);
  const struct sim_pieces p = {.whole = s,
                               .at_once = processes(s->o, n),
                               .rank = ranks->rank,
                               .size = ranks->size,
                               .observer = &observer,
                               .tick = on_tick,
                               .piece_ended = on_piece,
                               .arg = &watch};
  if (ranks->rank == 0) sim_text_header(&table, &s->r);
  const int code = sim_pieces_run(&p, spans, n, err);
  sim_text_clear(&watch.terminal);
  return code;
}

/* Of rank 0, or of the only process. */
static int report(struct sim_session *s, int code) {
  struct tetra_error err = {0, ""};
  if (code == SIM_EXIT_GOOD) sim_text_totals(&s->r);
  sim_pieces_print(&s->r);
  return sim_reports_write(&s->r, &err) == TETRA_OK ? code : sim_complain(&err);
}

/* Options that a rank cannot have a share of. */
static int check_options(const struct sim_options *o, const struct sim_ranks *ranks, struct tetra_error *err) {
  if (sim_wants_images(o))
    return tetra_fail(err, TETRA_EINVAL,
                      "--input '%.200s' has several images: %s takes one, or --batch as many as there are", o->image,
                      o->sample != 0 ? "--sample" : "--segments");
  if (ranks->size > 1 && o->jobs != 0)
    return tetra_fail(err, TETRA_EINVAL, "--jobs is not accepted under mpirun: each rank runs pieces");
  return ranks->rank == 0 ? sim_outputs_check(o, err) : TETRA_OK;
}

/* The pieces, and what they are cut from, of every rank. *is_open: sim_teardown is due. */
static int prepare(struct sim_session *s, const struct sim_options *o, const struct sim_ranks *ranks,
                   struct sim_span **spans, int *n, int *is_open, struct tetra_error *err) {
  struct sim_text text;
  sim_text_begin(&text, o);
  const struct sim_observer observer = sim_text_observer(&text);
  *is_open = 0;
  *spans = NULL;
  int rc = check_options(o, ranks, err);
  if (rc == TETRA_OK) rc = sim_setup_model(s, o, ranks->rank == 0 ? &observer : NULL, err);
  if (rc != TETRA_OK) return rc;
  *is_open = 1;
  *spans = calloc((size_t)s->part.g.n_ops, sizeof **spans);
  if (*spans == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the pieces");
  rc = choose(s, *spans, n, err);
  return rc == TETRA_OK ? sim_run_c_model(s, (*spans)[*n - 1].last, err) : rc;
}

int sim_pieces_command(const struct sim_options *o) {
  struct tetra_error err = {0, ""};
  struct sim_session s;
  struct sim_ranks ranks;
  struct sim_span *spans = NULL;
  int n = 0, is_open = 0, code = sim_ranks_begin(&ranks);
  if (code != SIM_EXIT_GOOD) return code;
  int rc = prepare(&s, o, &ranks, &spans, &n, &is_open, &err);
  rc = sim_ranks_agree(&ranks, rc, &err);
  if (rc == TETRA_OK) code = run(&s, &ranks, spans, n, &err);
  if (ranks.rank == 0) code = err.code != TETRA_OK ? sim_complain(&err) : report(&s, code);
  free(spans);
  if (is_open) sim_teardown(&s);
  sim_ranks_end(&ranks);
  return code;
}
