/* Local search with the exact costs. */
#include "commands/allocate/local.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN 0.02 /* additive costs may exceed a limit by so much, and the exact ones still keep it */

/* Layer a to choice ca, and b (-1: none) to cb. */
struct move {
  int a, ca, b, cb;
  double gain; /* of the objective; positive */
};

static double sensitivity(const struct allocate_costs *s, int l, int c) {
  return s->a.sensitivity[(size_t)l * (size_t)s->a.p.n_choices + (size_t)c];
}

/* What the objective loses where layer l, and those tied to it, choose c. */
static double gain_of(const struct allocate_costs *s, const int *choice, int l, int c) {
  double gain = 0;
  for (int e = 0; e < s->a.p.n_layers; e++) {
    if (s->a.tie[e] == s->a.tie[l]) gain += sensitivity(s, e, choice[e]) - sensitivity(s, e, c);
  }
  return gain;
}

static void apply(const struct allocate_costs *s, int *choice, int l, int c) {
  for (int e = 0; e < s->a.p.n_layers; e++) {
    if (s->a.tie[e] == s->a.tie[l]) choice[e] = c;
  }
}

/* Tied layers move with their first one. */
static int is_first(const struct allocate_costs *s, int l) {
  for (int e = 0; e < l; e++) {
    if (s->a.tie[e] == s->a.tie[l]) return 0;
  }
  return 1;
}

static int by_gain(const void *a, const void *b) {
  const double x = ((const struct move *)a)->gain, y = ((const struct move *)b)->gain;
  return x < y ? 1 : x > y ? -1 : 0;
}

/* Moves that lower the objective, the best first. */
static size_t list_moves(const struct allocate_costs *s, const int *choice, struct move *moves) {
  const int n = s->a.p.n_layers, k = s->a.p.n_choices;
  size_t count = 0;
  for (int a = 0; a < n; a++) {
    if (!is_first(s, a)) continue;
    for (int ca = 0; ca < k; ca++) {
      if (ca == choice[a]) continue;
      const double gain = gain_of(s, choice, a, ca);
      if (gain > 0) moves[count++] = (struct move){a, ca, -1, 0, gain};
      for (int b = a + 1; b < n; b++) {
        if (s->a.tie[a] == s->a.tie[b] || !is_first(s, b)) continue;
        for (int cb = 0; cb < k; cb++) {
          const double both = cb == choice[b] ? 0 : gain + gain_of(s, choice, b, cb);
          if (both > 0) moves[count++] = (struct move){a, ca, b, cb, both};
        }
      }
    }
  }
  qsort(moves, count, sizeof *moves, by_gain);
  return count;
}

/* Could it fit, by additive costs corrected by what they are wrong by now? */
static int is_promising(const struct allocate_costs *s, const double *limit, const struct allocate_point *now,
                        const int *choice) {
  if (!allocate_costs_keeps(s, choice)) return 0;
  for (int k = 0; k < ALLOCATE_ADDITIVE; k++) {
    static const enum allocate_resource rows[] = {ALLOCATE_CYCLES, ALLOCATE_BYTES, ALLOCATE_FLASH};
    const enum allocate_resource r = rows[k];
    if (limit[r] <= 0) continue;
    const double sum = allocate_problem_used(&s->a, k, choice) + now->exact[r] - now->predicted[r];
    if (sum > limit[r] * (1 + MARGIN)) return 0;
  }
  return 1;
}

/* The first move that is better and fits; *found says whether there was one. */
static int improve(struct allocate_costs *s, const double *limit, struct allocate_point *p,
                   struct allocate_point *trial, struct move *moves, long until, int *found, struct tetra_error *err) {
  const size_t count = list_moves(s, p->choice, moves), bytes = (size_t)s->a.p.n_layers * sizeof *p->choice;
  *found = 0;
  for (size_t i = 0; i < count && s->machine->evaluations < until; i++) {
    memcpy(trial->choice, p->choice, bytes);
    apply(s, trial->choice, moves[i].a, moves[i].ca);
    if (moves[i].b >= 0) apply(s, trial->choice, moves[i].b, moves[i].cb);
    if (!is_promising(s, limit, p, trial->choice)) continue;
    const int rc = allocate_costs_judge(s, trial, err);
    if (rc != TETRA_OK) return rc;
    if (!allocate_point_fits(trial, limit) || trial->objective >= p->objective) continue;
    memcpy(p->choice, trial->choice, bytes);
    p->objective = trial->objective;
    memcpy(p->predicted, trial->predicted, sizeof p->predicted);
    memcpy(p->exact, trial->exact, sizeof p->exact);
    *found = 1;
    return TETRA_OK;
  }
  return TETRA_OK;
}

int allocate_local(struct allocate_costs *s, const double limit[ALLOCATE_RESOURCES], struct allocate_point *p,
                   struct tetra_error *err) {
  const size_t n = (size_t)s->a.p.n_layers * (size_t)s->a.p.n_choices;
  struct move *moves = malloc((n * n + n) * sizeof *moves);
  struct allocate_point trial = {.choice = malloc(n * sizeof *trial.choice)};
  const long until = s->machine->evaluations + s->most_evaluations;
  int rc = TETRA_OK;
  if (moves == NULL || trial.choice == NULL) {
    rc = tetra_fail(err, TETRA_ENOMEM, "no memory for the moves of %zu choices", n);
  } else {
    for (int found = 1; rc == TETRA_OK && found;) rc = improve(s, limit, p, &trial, moves, until, &found, err);
  }
  free(moves);
  free(trial.choice);
  return rc;
}
