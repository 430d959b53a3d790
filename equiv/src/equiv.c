/* The verdict: search, then boxes of inputs, each proven by bounds, enumerated or divided. */
#include "tetra/equiv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "property.h"
#include "runs.h"
#include "search.h"

enum { enumerate_at_most = 64 }; /* inputs of a box that are run rather than bounded */

void tetra_equiv_defaults(struct tetra_equiv_options *o) { *o = (struct tetra_equiv_options){.seed = 1}; }

void tetra_equiv_result_free(struct tetra_equiv_result *r) {
  free(r->choice);
  memset(r, 0, sizeof *r);
}

/* What a verdict works with. */
struct work {
  const struct tetra_ball *ball;
  const struct tetra_equiv_options *o;
  struct tetra_equiv_result *result;
  struct runs runs;
  struct tetra_equiv_bounds *bounds;
  const struct tetra_graph *g[2];
  int **stack;   /* boxes: [2][elements] choices, the first and the last of each element */
  double *outer; /* of each: the bound of the box that it was part of */
  int n, room;
  int *input; /* [batch][elements] */
};

static double box_size(const struct work *w, const int *box) {
  double n = 1;
  for (int e = 0; e < w->ball->elements; e++) n *= box[w->ball->elements + e] - box[e] + 1;
  return n;
}

/* The stack takes the box over, also where there is no memory. */
static int push(struct work *w, int *box, double outer, struct tetra_error *err) {
  if (box && w->n == w->room) {
    const int room = 2 * w->room + 16;
    int **stack = realloc(w->stack, (size_t)room * sizeof *stack);
    if (stack) w->stack = stack;
    double *bounds = realloc(w->outer, (size_t)room * sizeof *bounds);
    if (bounds) w->outer = bounds;
    if (stack && bounds) w->room = room;
  }
  if (!box || w->n == w->room) {
    free(box);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for boxes of %d elements", w->ball->elements);
  }
  w->outer[w->n] = outer;
  w->stack[w->n++] = box;
  return TETRA_OK;
}

static int *new_box(const struct work *w) { return malloc(2 * (size_t)w->ball->elements * sizeof(int)); }

static void smaller(int16_t *lo, int16_t *hi, int x) {
  if (x < *lo) *lo = (int16_t)x;
  if (x > *hi) *hi = (int16_t)x;
}

/* Codes only rise, or only fall, along an element's choices, so the ends are enough for them, not for differences. */
static void set_bounds(struct work *w, const int *box) {
  const struct tetra_ball *b = w->ball;
  struct tetra_equiv_bounds *p = w->bounds;
  for (int e = 0; e < b->elements; e++) {
    const int from = box[e], to = box[b->elements + e];
    for (int k = 0; k < 2; k++) {
      int16_t *lo = &p->lo[k][w->g[k]->input][e], *hi = &p->hi[k][w->g[k]->input][e];
      *lo = *hi = b->code[k][from];
      smaller(lo, hi, b->code[k][to]);
    }
    if (!p->dlo) continue;
    int16_t *lo = &p->dlo[w->g[0]->input][e], *hi = &p->dhi[w->g[0]->input][e];
    *lo = *hi = (int16_t)(b->code[0][from] - b->code[1][from]);
    for (int i = from + 1; i <= to; i++) smaller(lo, hi, b->code[0][i] - b->code[1][i]);
  }
}

static void see(struct work *w, const struct score *s) {
  const double seen = w->o->top1 ? -s->main : s->main;
  struct tetra_equiv_result *r = w->result;
  r->seen = w->o->top1 ? fmin(r->seen, seen) : fmax(r->seen, seen);
}

/* An input that the fast path has found; the plain loops decide. */
static int found(struct work *w, const int *choice, struct tetra_error *err) {
  struct tetra_equiv_result *r = w->result;
  const size_t bytes = (size_t)w->ball->elements * sizeof *r->choice;
  int broken = 0;
  const int rc = runs_confirm(&w->runs, choice, w->o, &broken, err);
  if (rc) return rc;
  if (!broken) return tetra_fail(err, TETRA_EDIFF, "the fast path and the plain loops differ on a counterexample");
  if (!(r->choice = malloc(bytes))) return tetra_fail(err, TETRA_ENOMEM, "no memory for a counterexample");
  memcpy(r->choice, choice, bytes);
  r->verdict = TETRA_COUNTEREXAMPLE;
  return TETRA_OK;
}

/* Runs the inputs in w->input and forgets them; true in *hit where one is a counterexample. */
static int run_inputs(struct work *w, int count, int *hit, struct tetra_error *err) {
  const size_t n = (size_t)w->ball->elements;
  for (int i = 0; i < count; i++) runs_set(&w->runs, i, w->input + (size_t)i * n);
  int rc = runs_go(&w->runs, count, err);
  for (int i = 0; i < count && !rc && !*hit; i++) {
    const struct score s = runs_score(&w->runs, i, w->o);
    see(w, &s);
    if (!s.broken) continue;
    *hit = 1;
    rc = found(w, w->input + (size_t)i * n, err);
  }
  return rc;
}

/* The next input of a box in the order of an odometer; 0 behind the last. */
static int advance(const struct work *w, const int *box, int *choice) {
  const int n = w->ball->elements;
  for (int e = 0; e < n; e++) {
    if (choice[e] < box[n + e]) {
      choice[e]++;
      return 1;
    }
    choice[e] = box[e];
  }
  return 0;
}

static int enumerate(struct work *w, const int *box, int *hit, struct tetra_error *err) {
  const size_t n = (size_t)w->ball->elements;
  int *choice = malloc(n * sizeof *choice), rc = TETRA_OK, more = 1;
  if (!choice) return tetra_fail(err, TETRA_ENOMEM, "no memory for inputs of %zu elements", n);
  memcpy(choice, box, n * sizeof *choice);
  while (more && !rc && !*hit) {
    int count = 0;
    for (; more && count < w->runs.batch; count++) {
      memcpy(w->input + (size_t)count * n, choice, n * sizeof *choice);
      more = advance(w, box, choice);
    }
    rc = run_inputs(w, count, hit, err);
  }
  free(choice);
  return rc;
}

/* Halves the box where it is widest. Takes it over. */
static int divide(struct work *w, int *box, double bound, struct tetra_error *err) {
  const int n = w->ball->elements;
  int widest = 0, *half = new_box(w);
  for (int e = 1; e < n; e++)
    if (box[n + e] - box[e] > box[n + widest] - box[widest]) widest = e;
  const int middle = box[widest] + (box[n + widest] - box[widest]) / 2;
  if (half) {
    memcpy(half, box, 2 * (size_t)n * sizeof *half);
    half[widest] = middle + 1;
  }
  box[n + widest] = middle;
  const int rc = push(w, half, bound, err);
  if (!rc) return push(w, box, bound, err);
  free(box);
  return rc;
}

/* The weaker of two bounds. */
static double worse(const struct work *w, double a, double b) { return w->o->top1 ? fmin(a, b) : fmax(a, b); }

/* Proves, enumerates or divides the box on top of the stack. */
static int one_box(struct work *w, double *bound, int *hit, struct tetra_error *err) {
  int *box = w->stack[--w->n];
  double own = 0;
  int rc = TETRA_OK;
  if (box_size(w, box) <= enumerate_at_most) {
    rc = enumerate(w, box, hit, err); /* what was seen is the bound */
    free(box);
    return rc;
  }
  set_bounds(w, box);
  tetra_equiv_bounds_run(w->bounds);
  w->result->boxes++;
  if (!property_proved(w->o, w->bounds, w->runs.g, &own)) return divide(w, box, own, err);
  *bound = worse(w, *bound, own);
  free(box);
  return rc;
}

static int whole_ball(struct work *w, struct tetra_error *err) {
  const struct tetra_ball *b = w->ball;
  int *box = new_box(w);
  for (int e = 0; box && e < b->elements; e++) {
    box[e] = b->first[e];
    box[b->elements + e] = b->first[e + 1] - 1;
  }
  return push(w, box, 0, err);
}

/* Until nothing is left, or the work is done. */
static int all_boxes(struct work *w, long long most_boxes, struct tetra_error *err) {
  struct tetra_equiv_result *r = w->result;
  double bound = w->o->top1 ? INFINITY : 0;
  int hit = 0, rc = whole_ball(w, err);
  while (!rc && w->n > 0 && !hit && r->boxes < most_boxes) rc = one_box(w, &bound, &hit, err);
  if (rc || hit) return rc;
  for (int i = 0; i < w->n; i++) bound = worse(w, bound, w->outer[i]);
  r->bound = worse(w, bound, r->seen);
  r->verdict = w->n == 0 ? TETRA_PROVED : TETRA_UNKNOWN;
  return TETRA_OK;
}

static int decide(struct work *w, struct tetra_error *err) {
  enum { run_speed = 16, bounds_cost = 8, most_tries = 4096 }; /* a multiply-accumulate's costs are about 1/16 and 8 */
  const long long work = w->o->work > 0 ? w->o->work : 4000000000, macs = w->runs.macs + 1;
  const long long by_work = work / macs * run_speed;
  const long long by_default = by_work < 16 ? 16 : by_work < most_tries ? by_work : most_tries;
  const long long tries = w->o->tries > 0 ? w->o->tries : by_default;
  const long long boxes = work / (bounds_cost * macs) < 1 ? 1 : work / (bounds_cost * macs);
  struct score score = {0, -INFINITY, 0};
  int rc = whole_ball(w, err), hit = 0;
  if (rc) return rc;
  if (box_size(w, w->stack[0]) <= (double)tries) {
    rc = enumerate(w, w->stack[0], &hit, err);
    w->result->bound = hit ? 0 : w->result->seen;
    return rc;
  }
  free(w->stack[--w->n]);
  int *best = malloc((size_t)w->ball->elements * sizeof *best);
  if (!best) return tetra_fail(err, TETRA_ENOMEM, "no memory for an input");
  rc = equiv_search(&w->runs, w->o, tries, best, &score, err);
  if (!rc) see(w, &score);
  if (!rc && score.broken) rc = found(w, best, err);
  free(best);
  if (!rc && !score.broken) rc = all_boxes(w, boxes < 100000 ? boxes : 100000, err);
  return rc;
}

static int check(const struct tetra_graph *a, const struct tetra_graph *b, const struct tetra_ball *ball,
                 struct tetra_error *err) {
  const struct tetra_desc *x = &a->values[a->input].d, *y = &b->values[b->input].d;
  const struct tetra_desc *p = &a->values[a->output].d, *q = &b->values[b->output].d;
  if (x->h != y->h || x->w != y->w || x->c != y->c)
    return tetra_fail(err, TETRA_EINVAL,
                      "the first network reads %dx%dx%d, the second %dx%dx%d; both must read the same", x->h, x->w,
                      x->c, y->h, y->w, y->c);
  if (p->h != q->h || p->w != q->w || p->c != q->c)
    return tetra_fail(err, TETRA_EINVAL,
                      "the first network gives %dx%dx%d outputs, the second %dx%dx%d; both must give the same", p->h,
                      p->w, p->c, q->h, q->w, q->c);
  if (ball->elements != x->h * x->w * x->c)
    return tetra_fail(err, TETRA_EINVAL, "inputs of %d elements, the networks read %d", ball->elements,
                      x->h * x->w * x->c);
  for (int e = 0; e < ball->elements; e++)
    if (ball->first[e + 1] <= ball->first[e] || ball->centre[e] < ball->first[e] ||
        ball->centre[e] >= ball->first[e + 1])
      return tetra_fail(err, TETRA_EINVAL, "element %d of the inputs has no choice that is the centre's", e);
  return TETRA_OK;
}

int tetra_equiv(const struct tetra_graph *a, const struct tetra_graph *b, const struct tetra_ball *ball,
                const struct tetra_equiv_options *o, struct tetra_equiv_result *r, struct tetra_error *err) {
  struct work w = {.ball = ball, .o = o, .result = r, .g = {a, b}};
  memset(r, 0, sizeof *r);
  int rc = check(a, b, ball, err);
  if (!rc) rc = runs_open(&w.runs, a, b, ball, err);
  if (rc) return rc;
  r->seen = o->top1 ? INFINITY : 0;
  w.input = malloc((size_t)w.runs.batch * (size_t)ball->elements * sizeof *w.input);
  rc = w.input ? tetra_equiv_bounds_open(&w.bounds, a, b, err) : tetra_fail(err, TETRA_ENOMEM, "no memory for inputs");
  if (!rc) rc = decide(&w, err);
  r->tried = w.runs.tried;
  r->shared = w.runs.same;
  for (int i = 0; i < w.n; i++) free(w.stack[i]);
  free(w.stack);
  free(w.outer);
  free(w.input);
  tetra_equiv_bounds_close(w.bounds);
  runs_close(&w.runs);
  if (rc) tetra_equiv_result_free(r);
  return rc;
}
