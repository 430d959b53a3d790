/* --segments: a network's pieces side by side. --sample: some of them. */
#include "commands/pieces.h"

#include <stdlib.h>

#include "base/status.h"
#include "cli/outputs.h"
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

static int run(struct sim_session *s, const struct sim_span *spans, int n, struct tetra_error *err) {
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
                               .observer = &observer,
                               .tick = on_tick,
                               .piece_ended = on_piece,
                               .arg = &watch};
  sim_text_header(&table, &s->r);
  const int code = sim_pieces_run(&p, spans, n, err);
  sim_text_clear(&watch.terminal);
  return code;
}

static int run_and_report(struct sim_session *s, const struct sim_span *spans, int n) {
  struct tetra_error err = {0, ""};
  int code = SIM_EXIT_BAD_INPUT;
  if (sim_run_c_model(s, spans[n - 1].last, &err) == TETRA_OK) code = run(s, spans, n, &err);
  if (err.code != TETRA_OK) return sim_complain(&err);
  if (code == SIM_EXIT_GOOD) sim_text_totals(&s->r);
  sim_pieces_print(&s->r);
  if (sim_reports_write(&s->r, &err) != TETRA_OK) code = sim_complain(&err);
  return code;
}

int sim_pieces_command(const struct sim_options *o) {
  struct tetra_error err = {0, ""};
  struct sim_session s;
  struct sim_text text;
  sim_text_begin(&text, o);
  const struct sim_observer observer = sim_text_observer(&text);
  if (sim_wants_images(o)) {
    tetra_fail(&err, TETRA_EINVAL, "--input '%.200s' has several images: %s takes one, or --batch as many as there are",
               o->image, o->sample != 0 ? "--sample" : "--segments");
    return sim_complain(&err);
  }
  if (sim_outputs_check(o, &err) != TETRA_OK || sim_setup_model(&s, o, &observer, &err) != TETRA_OK)
    return sim_complain(&err);
  struct sim_span *spans = calloc((size_t)s.part.g.n_ops, sizeof *spans);
  int n = 0, code;
  if (spans == NULL) {
    tetra_fail(&err, TETRA_ENOMEM, "no memory for the pieces");
    code = sim_complain(&err);
  } else {
    code = choose(&s, spans, &n, &err) == TETRA_OK ? run_and_report(&s, spans, n) : sim_complain(&err);
  }
  free(spans);
  sim_teardown(&s);
  return code;
}
