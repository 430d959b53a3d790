/* A table of the pieces that ran, and the cycle model's word on one run of them all. */
#include "report/pieces.h"

#include <inttypes.h>
#include <stdio.h>

#include "report/format.h"

#define CHANGED_SHOWN 8 /* layers whose cycles a cut changed */

static void print_piece(const struct sim_results *r, int i) {
  static const char *const match[] = {"-", "NO", "yes"};
  const struct sim_piece *p = &r->pieces[i];
  char span[32], a[32] = "-", b[32] = "-", c[32];
  snprintf(span, sizeof span, "%d..%d", r->first + p->first, r->first + p->last);
  if (p->done) {
    sim_thousands(p->cycles, a);
    sim_thousands(p->model_cycles, b);
  }
  printf("%5d %-10s %14s %14s %14s %5s\n", i, span, a, b, sim_thousands(sim_one_run_cycles(r, p->first, p->last), c),
         match[sim_piece_match(r, p) + 1]);
}

/* Of the pieces that ran to their ends. */
struct sums {
  uint64_t cycles, modelled, one_run;
  int done, exact, layers;
};

static struct sums add_up(const struct sim_results *r) {
  struct sums s = {0};
  for (int i = 0; i < r->n_pieces; i++) {
    const struct sim_piece *p = &r->pieces[i];
    s.layers += p->last - p->first + 1;
    if (!p->done) continue;
    s.done++;
    s.exact += p->cycles == p->model_cycles;
    s.cycles += p->cycles;
    s.modelled += p->model_cycles;
    s.one_run += sim_one_run_cycles(r, p->first, p->last);
  }
  return s;
}

/* Layers that took another time than in one run of the whole: their piece began from rest, or ended in it. */
static void print_changed(const struct sim_results *r) {
  int n = 0;
  for (int i = 0; i < r->g->n_ops; i++) n += r->layers[i].done && r->layers[i].cycles != r->modelled[i];
  if (n == 0) {
    puts("         no layer's cycles were changed by a cut");
    return;
  }
  printf("         %d layer%s took another time than in one run, because of the cuts (cycles here, there):", n,
         n == 1 ? "" : "s");
  int shown = 0;
  for (int i = 0; i < r->g->n_ops && shown < CHANGED_SHOWN; i++) {
    if (!r->layers[i].done || r->layers[i].cycles == r->modelled[i]) continue;
    printf("%s %d %s (%" PRIu64 ", %" PRIu64 ")", shown++ == 0 ? "" : ",", r->first + i, r->g->ops[i].name,
           r->layers[i].cycles, r->modelled[i]);
  }
  puts(n > shown ? ", ..." : "");
}

static void print_prediction(const struct sim_results *r, const struct sums *s) {
  char a[32];
  static const char *const words[] = {"was NOT exact for every piece", "gave each piece its cycles exactly",
                                      "not all pieces are there to confirm"};
  printf("one run  of all these layers would have taken %s cycles, says the cycle model, which %s\n",
         sim_thousands(sim_one_run_cycles(r, 0, r->g->n_ops - 1), a),
         words[s->exact < s->done       ? 0
               : s->done == r->n_pieces ? 1
                                        : 2]);
  if (r->o->mhz > 0 && r->o->layers == NULL) {
    const double cycles = (double)sim_one_run_cycles(r, 0, r->g->n_ops - 1);
    printf("speed    %.2f frames/s at %g MHz, modelled\n", r->o->mhz * 1e6 * sim_batch(r) / cycles, r->o->mhz);
  }
}

/* Numbers of the layers that belong to no piece, as ranges. */
static void print_unchecked(const struct sim_results *r, const struct sums *s) {
  const uint64_t all = sim_one_run_cycles(r, 0, r->g->n_ops - 1);
  printf("sample   %d piece%s drawn by seed %" PRIu64 ": %d of %d layers, %.1f%% of the modelled cycles\n", r->n_pieces,
         r->n_pieces == 1 ? "" : "s", r->o->net.seed, s->layers, r->g->n_ops,
         all == 0 ? 0.0 : 100 * (double)s->one_run / (double)all);
  if (s->layers == r->g->n_ops) return;
  printf("         NOT checked: layers");
  int next = 0, printed = 0;
  for (int i = 0; i <= r->n_pieces; i++) {
    const int end = i < r->n_pieces ? r->pieces[i].first : r->g->n_ops;
    if (end > next) {
      printf("%s %d", printed++ == 0 ? "" : ",", r->first + next);
      if (end - 1 > next) printf("..%d", r->first + end - 1);
    }
    if (i < r->n_pieces) next = r->pieces[i].last + 1;
  }
  putchar('\n');
}

void sim_pieces_print(const struct sim_results *r) {
  const struct sums s = add_up(r);
  char a[32], b[32], c[32];
  printf("\n%5s %-10s %14s %14s %14s %5s\n", "piece", "layers", "cycles", "model", "in one run", "RTL=C");
  for (int i = 0; i < r->n_pieces; i++) print_piece(r, i);
  printf("%5s %-10s %14s %14s %14s\n", "sum", "", sim_thousands(s.cycles, a), sim_thousands(s.modelled, b),
         sim_thousands(s.one_run, c));
  printf("user CPU seconds of each piece:");
  for (int i = 0; i < r->n_pieces; i++) printf(" %.2f", r->pieces[i].user_seconds);
  puts("");
  if (s.done < r->n_pieces) printf("pieces   %d of %d ran to their ends: INCOMPLETE\n", s.done, r->n_pieces);
  if (r->o->sample != 0) {
    print_unchecked(r, &s);
  } else {
    print_prediction(r, &s);
  }
  if (s.done == r->n_pieces) print_changed(r);
}
