/* Numbers near an image's, and what both networks take them for. */
#include "commands/equiv/ball.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What makes codes of numbers. */
struct reading {
  const struct sim_data *s;
  const struct tetra_model *m;
  const struct sim_pixels *pixels;
};

struct pair {
  int code[2];
};

static struct pair codes_of(const struct reading *r, double x, int c) {
  return (struct pair){
      {sim_data_code(r->s, r->pixels, &r->m[0], x, c), sim_data_code(r->s, r->pixels, &r->m[1], x, c)}};
}

static int same_pair(struct pair a, struct pair b) { return a.code[0] == b.code[0] && a.code[1] == b.code[1]; }

static int add_choice(struct equiv_ball *b, struct pair p, double x, struct tetra_error *err) {
  if (b->n_choices == b->room) {
    const size_t room = 2 * (size_t)b->room + 4096;
    double *number = realloc(b->number, room * sizeof *number);
    if (number != NULL) b->number = number;
    int16_t *first = realloc(b->code[0], room * sizeof *first);
    if (first != NULL) b->code[0] = first;
    int16_t *second = realloc(b->code[1], room * sizeof *second);
    if (second != NULL) b->code[1] = second;
    if (number == NULL || first == NULL || second == NULL || room > INT32_MAX)
      return tetra_fail(err, TETRA_ENOMEM, "no memory for %d numbers near an image's", b->n_choices);
    b->room = (int)room;
  }
  for (int k = 0; k < 2; k++) b->code[k][b->n_choices] = (int16_t)p.code[k];
  b->number[b->n_choices++] = x;
  return TETRA_OK;
}

/* Floats in their order as whole numbers, and back. */
static int64_t order(float x) {
  int32_t i;
  memcpy(&i, &x, sizeof i);
  return i < 0 ? -(int64_t)(i & INT32_MAX) : i;
}
static float at_order(int64_t i) {
  const uint32_t bits = i < 0 ? (uint32_t)-i | 0x80000000u : (uint32_t)i;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* The last float up to `hi` with the codes of `lo`: codes change in one direction only. */
static float last_alike(const struct reading *r, float lo, float hi, int c) {
  const struct pair p = codes_of(r, (double)lo, c);
  int64_t in = order(lo), out = order(hi) + 1;
  while (out - in > 1) {
    const int64_t middle = in + (out - in) / 2;
    if (same_pair(codes_of(r, (double)at_order(middle), c), p))
      in = middle;
    else
      out = middle;
  }
  return at_order(in);
}

/* The image's own number stands for its codes. */
static int add_floats(struct equiv_ball *b, const struct reading *r, double x, double radius, int e, int c,
                      struct tetra_error *err) {
  float lo = (float)(x - radius), hi = (float)(x + radius);
  if ((double)lo < x - radius) lo = nextafterf(lo, INFINITY);
  if ((double)hi > x + radius) hi = nextafterf(hi, -INFINITY);
  if (!isfinite(x) || !isfinite(lo) || !isfinite(hi))
    return tetra_fail(err, TETRA_EINVAL, "input '%s' holds %g; finite numbers are accepted", r->s->path, x);
  for (int more = 1; more;) {
    const float last = last_alike(r, lo, hi, c);
    const int own = (double)lo <= x && x <= (double)last;
    if (own) b->centre[e] = b->n_choices;
    const int rc = add_choice(b, codes_of(r, (double)lo, c), own ? x : (double)lo, err);
    if (rc != TETRA_OK) return rc;
    more = last < hi;
    lo = nextafterf(last, INFINITY);
  }
  return TETRA_OK;
}

static int add_integers(struct equiv_ball *b, const struct reading *r, double x, double radius, int e, int c,
                        struct tetra_error *err) {
  const double least = r->s->a.type[0] == 'i' ? -128 : 0, most = least + 255;
  const double lo = fmax(x - radius, least), hi = fmin(x + radius, most);
  for (double v = lo; v <= hi; v++) {
    if (v == x) b->centre[e] = b->n_choices; /* whole numbers */
    const int rc = add_choice(b, codes_of(r, v, c), v, err);
    if (rc != TETRA_OK) return rc;
  }
  return TETRA_OK;
}

static int fill(struct equiv_ball *b, const struct reading *r, double radius, struct tetra_error *err) {
  const struct tetra_desc *d = &r->m[0].graph.values[r->m[0].graph.input].d;
  const int is_float = r->s->a.type[0] == 'f';
  int e = 0, rc = TETRA_OK;
  for (size_t p = 0; p < (size_t)d->h * (size_t)d->w; p++) {
    for (int c = 0; c < d->c && rc == TETRA_OK; c++, e++) {
      const double x = sim_data_number(r->s, sim_data_place(r->s, d, p, (size_t)c));
      b->first[e] = b->n_choices;
      rc = is_float ? add_floats(b, r, x, radius, e, c, err) : add_integers(b, r, x, radius, e, c, err);
    }
  }
  b->first[e] = b->n_choices;
  return rc;
}

int equiv_ball_open(struct equiv_ball *ball, const struct sim_data *s, const struct tetra_model m[2],
                    const struct equiv_options *o, struct tetra_error *err) {
  const struct tetra_desc *d = &m[0].graph.values[m[0].graph.input].d;
  const struct reading r = {s, m, &o->pixels};
  const int n = d->h * d->w * d->c;
  memset(ball, 0, sizeof *ball);
  if (s->a.type[0] != 'f' && o->radius != floor(o->radius)) {
    return tetra_fail(err, TETRA_EINVAL, "--radius %g: '%s' holds whole numbers, and a whole number is accepted",
                      o->radius, s->path);
  }
  ball->first = malloc(((size_t)n + 1) * sizeof *ball->first);
  ball->centre = malloc((size_t)n * sizeof *ball->centre);
  int rc = ball->first != NULL && ball->centre != NULL
               ? fill(ball, &r, o->radius, err)
               : tetra_fail(err, TETRA_ENOMEM, "no memory for an image of %d numbers", n);
  ball->b = (struct tetra_ball){n, ball->first, ball->centre, {ball->code[0], ball->code[1]}};
  if (rc != TETRA_OK) equiv_ball_close(ball);
  return rc;
}

void equiv_ball_close(struct equiv_ball *ball) {
  free(ball->first);
  free(ball->centre);
  free(ball->code[0]);
  free(ball->code[1]);
  free(ball->number);
  memset(ball, 0, sizeof *ball);
}
