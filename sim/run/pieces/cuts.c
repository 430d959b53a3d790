/* Cuts a network where its compiler does not interleave layers: into pieces of nearly equal cycles, or for a random
 * sample. */
#include "run/pieces/cuts.h"

#include <stdlib.h>

#include "tetra/random.h"

/* Does op b write a tensor that op a writes, too? */
static int share_output(const struct tetra_op *a, const struct tetra_op *b) {
  for (int i = 0; i < a->n_outputs; i++) {
    for (int k = 0; k < b->n_outputs; k++) {
      if (a->output[i] == b->output[k]) return 1;
    }
  }
  return 0;
}

/* spans[i].last becomes the last op that must stay with op i: tiles of interleaved ops are stored in turns, so op i's
 * last STORE comes behind other ops' first ones. */
static void find_reach(const struct tetra_graph *g, const struct tetra_plan *plan, struct sim_span *spans) {
  int highest = 0;
  for (int i = 0; i < g->n_ops; i++) spans[i] = (struct sim_span){i, i};
  for (uint32_t c = 0; c < plan->n_cmds; c++) {
    const struct tetra_cmd *cmd = &plan->cmds[c];
    const int layer = (int)tetra_cmd_get(cmd, TETRA_F_LAYER);
    if (tetra_cmd_get(cmd, TETRA_F_OP) != TETRA_OP_STORE || layer >= g->n_ops) continue;
    if (layer > highest) highest = layer;
    spans[layer].last = highest;
  }
  for (int i = 0; i + 1 < g->n_ops; i++) {
    if (spans[i].last == i && share_output(&g->ops[i], &g->ops[i + 1])) spans[i].last = i + 1;
  }
}

int sim_cuts_finest(const struct tetra_graph *g, const struct tetra_plan *plan, struct sim_span *spans) {
  int n = 0;
  find_reach(g, plan, spans);
  for (int i = 0; i < g->n_ops; n++) {
    int last = i;
    for (int k = i; k <= last; k++) {
      if (spans[k].last > last) last = spans[k].last;
    }
    spans[n] = (struct sim_span){i, last}; /* n <= i: what is still to be read is not overwritten */
    i = last + 1;
  }
  return n;
}

/* Best division of the first spans: `worst` is its largest piece, `squares` the sum of all pieces' squares, which
 * among equally good ones says which is the more even, `begin` the first span of its last piece. */
struct division {
  uint64_t worst;
  double squares;
  int begin;
};

static double square(uint64_t v) { return (double)v * (double)v; }

/* The division of `before` with one piece more, of so many cycles, that begins at span b. */
static struct division extend(const struct division *before, uint64_t cycles, int b) {
  return (struct division){before->worst > cycles ? before->worst : cycles, before->squares + square(cycles), b};
}

static int is_better(const struct division *a, const struct division *b) {
  return a->worst != b->worst ? a->worst < b->worst : a->squares < b->squares;
}

/* table[p * (n_finest + 1) + k]: spans 0..k-1 in p + 1 pieces; sums[k]: cycles of spans 0..k-1. */
static void divide(struct division *table, const uint64_t *sums, int n_finest, int n) {
  for (int k = 0; k <= n_finest; k++) table[k] = (struct division){sums[k], square(sums[k]), 0};
  for (int p = 1; p < n; p++) {
    struct division *now = table + (size_t)p * (size_t)(n_finest + 1);
    const struct division *before = now - (n_finest + 1);
    for (int k = p + 1; k <= n_finest; k++) {
      now[k] = extend(&before[p], sums[k] - sums[p], p);
      for (int b = p + 1; b < k; b++) {
        const struct division d = extend(&before[b], sums[k] - sums[b], b);
        if (is_better(&d, &now[k])) now[k] = d;
      }
    }
  }
}

int sim_cuts_balance(struct sim_span *spans, int n_finest, const uint64_t *cycles, int n, struct tetra_error *err) {
  const size_t row = (size_t)n_finest + 1;
  struct division *table = calloc(row * (size_t)n, sizeof *table);
  uint64_t *sums = calloc(row, sizeof *sums);
  int *begin = calloc((size_t)n + 1, sizeof *begin);
  const int ok = table != NULL && sums != NULL && begin != NULL;
  if (ok) {
    for (int k = 0; k < n_finest; k++) {
      sums[k + 1] = sums[k];
      for (int i = spans[k].first; i <= spans[k].last; i++) sums[k + 1] += cycles[i];
    }
    divide(table, sums, n_finest, n);
    begin[n] = n_finest;
    for (int p = n - 1; p >= 0; p--) begin[p] = table[(size_t)p * row + (size_t)begin[p + 1]].begin;
    /* begin[p] >= p: what is read here has not been overwritten. */
    for (int p = 0; p < n; p++) spans[p] = (struct sim_span){spans[begin[p]].first, spans[begin[p + 1] - 1].last};
  }
  free(table);
  free(sums);
  free(begin);
  return ok ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory to cut the network into %d pieces", n);
}

/* Selection sampling: a span is kept with the probability of (still wanted) / (still there). */
void sim_cuts_draw(struct sim_span *spans, int n_finest, int n, uint64_t seed) {
  int kept = 0;
  for (int k = 0; k < n_finest && kept < n; k++) {
    if (tetra_random(&seed) % (uint64_t)(n_finest - k) >= (uint64_t)(n - kept)) continue;
    spans[kept++] = spans[k];
  }
}
