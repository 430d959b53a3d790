/* Counterexamples as constraints. */
#include "commands/allocate/ceg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/allocate/solve.h"
#include "commands/equiv/ball.h"
#include "files/source_data.h"
#include "tetra/exec.h"
#include "tetra/quantize_model.h"

enum { ROUNDS = 12 };

struct loop {
  const struct allocate_ceg *c;
  struct tetra_model m[2]; /* the dearest bits, and the ones in question */
  struct sim_data data;
  struct equiv_options how;
  size_t item;     /* numbers of an image */
  double *numbers; /* [n][item], as in the file; owned */
  int n;           /* counterexamples */
  int proved, unknown;
  double *plain; /* the calibration's sensitivities; owned */
};

/* Quantizes with these choices and reads the result. */
static int quantize(const struct loop *l, const int *choice, struct tetra_model *m, struct tetra_error *err) {
  const struct allocate_costs *s = l->c->costs;
  struct tetra_quantize_options how;
  struct tetra_quantize_report report;
  struct tetra_import_options io;
  struct tetra_import_report refused;
  struct tetra_layer_bits *bits = calloc((size_t)s->a.p.n_layers, sizeof *bits);
  uint8_t *out = NULL;
  size_t size = 0;
  if (bits == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the bits of %d layers", s->a.p.n_layers);
  for (int i = 0; i < s->a.p.n_layers; i++) {
    bits[i] = s->o->choices[choice[i]];
    memcpy(bits[i].name, s->machine->layers[i].name, sizeof bits[i].name);
  }
  tetra_quantize_defaults(&how);
  how.bits = bits;
  how.n_bits = s->a.p.n_layers;
  int rc = tetra_quantize_model(l->c->real->bytes, l->c->real->size, l->c->images->x, l->c->images->n, &how, &out,
                                &size, &report, &refused, err);
  tetra_quantize_report_free(&report);
  tetra_import_report_free(&refused);
  free(bits);
  if (rc != TETRA_OK) return rc;
  tetra_model_free(m);
  tetra_import_defaults(&io);
  rc = tetra_import_onnx(out, size, &io, m, &refused, err);
  tetra_import_report_free(&refused);
  free(out);
  return rc;
}

/* The class of the largest output, the first among equals, of an image in the file's numbers. */
static int best_class(const struct loop *l, const struct tetra_model *m, const double *numbers, int *best,
                      struct tetra_error *err) {
  const struct tetra_graph *g = &m->graph;
  const struct tetra_desc *d = &g->values[g->input].d, *out = &g->values[g->output].d;
  struct tetra_tensor *t = calloc((size_t)g->n_values, sizeof *t);
  int rc = t == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for %d tensors", g->n_values)
                     : tetra_tensor_init(&t[g->input], d, err);
  for (int e = 0; rc == TETRA_OK && e < d->h * d->w * d->c; e++) {
    const int c = e % d->c, p = e / d->c;
    tetra_tensor_set(&t[g->input], 0, p / d->w, p % d->w, c, sim_data_code(&l->data, &l->how.pixels, m, numbers[e], c));
  }
  if (rc == TETRA_OK) rc = tetra_run_graph(g, t, TETRA_FAST, err);
  int most = 0;
  for (int e = 0; rc == TETRA_OK && e < out->h * out->w * out->c; e++) {
    const int code = tetra_tensor_get(&t[g->output], 0, e / out->c / out->w, e / out->c % out->w, e % out->c);
    if (e == 0 || code > most) {
      most = code;
      *best = e;
    }
  }
  for (int v = 0; t != NULL && v < g->n_values; v++) tetra_tensor_free(&t[v]);
  free(t);
  return rc;
}

/* Of the counterexamples so far, how many show a difference again? */
static int count_broken(const struct loop *l, int *broken, struct tetra_error *err) {
  int rc = TETRA_OK;
  *broken = 0;
  for (int i = 0; rc == TETRA_OK && i < l->n; i++) {
    int want = 0, got = 0;
    rc = best_class(l, &l->m[0], l->numbers + (size_t)i * l->item, &want, err);
    if (rc == TETRA_OK) rc = best_class(l, &l->m[1], l->numbers + (size_t)i * l->item, &got, err);
    *broken += want != got;
  }
  return rc;
}

static int keep(struct loop *l, const struct equiv_ball *ball, const int *choice, struct tetra_error *err) {
  double *grown = realloc(l->numbers, (size_t)(l->n + 1) * l->item * sizeof *grown);
  if (grown == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d images", l->n + 1);
  l->numbers = grown;
  for (size_t e = 0; e < l->item; e++) grown[(size_t)l->n * l->item + e] = ball->number[choice[e]];
  l->n++;
  return TETRA_OK;
}

/* Asks of every image; *found: new counterexamples. */
static int verify(struct loop *l, int *found, struct tetra_error *err) {
  const int n = l->c->o->ceg < l->data.n ? l->c->o->ceg : l->data.n;
  int rc = TETRA_OK;
  *found = l->proved = l->unknown = 0;
  for (int i = 0; rc == TETRA_OK && i < n; i++) {
    struct equiv_ball ball;
    struct tetra_equiv_result r;
    rc = sim_data_read(&l->data, i, err);
    if (rc == TETRA_OK) rc = equiv_ball_open(&ball, &l->data, l->m, &l->how, err);
    if (rc != TETRA_OK) return rc;
    rc = tetra_equiv(&l->m[0].graph, &l->m[1].graph, &ball.b, &l->how.how, &r, err);
    l->proved += rc == TETRA_OK && r.verdict == TETRA_PROVED;
    l->unknown += rc == TETRA_OK && r.verdict == TETRA_UNKNOWN;
    if (rc == TETRA_OK && r.verdict == TETRA_COUNTEREXAMPLE) {
      ++*found;
      rc = keep(l, &ball, r.choice, err);
    }
    tetra_equiv_result_free(&r);
    equiv_ball_close(&ball);
  }
  return rc;
}

/* The counterexamples as the float network reads them. */
static float *as_floats(const struct loop *l) {
  const struct sim_pixels *p = &l->c->o->pixels;
  const int is_pixels = l->data.a.type[0] == 'u', c = l->c->images->c;
  float *x = malloc((size_t)l->n * l->item * sizeof *x);
  for (size_t i = 0; x != NULL && i < (size_t)l->n * l->item; i++) {
    const size_t channel = i % (size_t)c % 3;
    x[i] = is_pixels ? ((float)l->numbers[i] / 255 - p->mean[channel]) / p->std[channel] : (float)l->numbers[i];
  }
  return x;
}

/* Sensitivities are the calibration's and `weight` times those on the counterexamples. */
static int weigh(struct loop *l, double weight, struct tetra_error *err) {
  struct allocate_costs *s = l->c->costs;
  const size_t size = (size_t)s->a.p.n_layers * (size_t)s->a.p.n_choices;
  struct tetra_import_report refused;
  struct tetra_study *study = NULL;
  double *here = malloc(size * sizeof *here);
  float *x = as_floats(l);
  int rc = here == NULL || x == NULL
               ? tetra_fail(err, TETRA_ENOMEM, "no memory for %d counterexamples", l->n)
               : tetra_study_open(&study, l->c->real->bytes, l->c->real->size, x, l->n, (size_t)1 << 30, &refused, err);
  if (rc == TETRA_OK) {
    tetra_import_report_free(&refused);
    rc = tetra_study_sensitivity(study, TETRA_STUDY_KL, s->o->choices, s->o->n_choices, 1, 1, NULL, here, err);
  }
  for (size_t i = 0; rc == TETRA_OK && i < size; i++) s->a.sensitivity[i] = l->plain[i] + weight * here[i];
  tetra_study_close(study);
  free(here);
  free(x);
  return rc;
}

static int dearest_choice(const struct allocate_options *o) {
  int best = 0;
  for (int c = 1; c < o->n_choices; c++) {
    if (o->choices[c].weights + o->choices[c].acts > o->choices[best].weights + o->choices[best].acts) best = c;
  }
  return best;
}

/* New bits under the weighted sensitivities. */
static int solve_again(struct loop *l, double weight, struct allocate_point *best, struct tetra_error *err) {
  struct allocate_point p;
  int rc = weigh(l, weight, err);
  if (rc == TETRA_OK) rc = allocate_solve(l->c->costs, l->c->o->limit, 1, NULL, &p, err);
  if (rc != TETRA_OK) return rc;
  allocate_point_free(best);
  *best = p;
  return TETRA_OK;
}

static int run(struct loop *l, struct allocate_point *best, struct tetra_error *err) {
  double weight = 1;
  int broken = 0, found = 0;
  for (int round = 1; round <= ROUNDS; round++) {
    int rc = quantize(l, best->choice, &l->m[1], err);
    if (rc == TETRA_OK) rc = count_broken(l, &broken, err);
    if (rc == TETRA_OK && broken == 0) rc = verify(l, &found, err);
    if (rc != TETRA_OK) return rc;
    if (broken > 0) {
      printf("ceg round %d: %d of %d counterexamples still show a difference\n", round, broken, l->n);
    } else {
      printf("ceg round %d: %d proved, %d unknown, %d new counterexamples\n", round, l->proved, l->unknown, found);
    }
    fflush(stdout);
    if (broken == 0 && found == 0) return TETRA_OK;
    if (round < ROUNDS) rc = solve_again(l, weight, best, err);
    if (rc != TETRA_OK) return rc;
    weight *= 2;
  }
  return tetra_fail(err, TETRA_ERANGE,
                    "--ceg: after %d rounds %d of %d counterexamples are left; a larger budget or a smaller --radius "
                    "leaves fewer",
                    ROUNDS, broken > 0 ? broken : found, l->n);
}

static int open_loop(struct loop *l, struct tetra_error *err) {
  const struct allocate_options *o = l->c->o;
  struct allocate_costs *s = l->c->costs;
  const size_t size = (size_t)s->a.p.n_layers * (size_t)s->a.p.n_choices;
  const struct quantize_images *images = l->c->images;
  const struct tetra_desc d = {.n = 1, .h = images->h, .w = images->w, .c = images->c};
  const struct tetra_model channels_first = {.input_nchw = 1};
  int *all = calloc((size_t)s->a.p.n_layers, sizeof *all);
  l->item = (size_t)images->h * (size_t)images->w * (size_t)images->c;
  l->how.radius = o->radius;
  l->how.pixels = o->pixels;
  tetra_equiv_defaults(&l->how.how);
  l->how.how.top1 = 1;
  l->how.how.seed = o->seed;
  l->how.how.work = (long long)ceil(1e9 * o->work);
  l->plain = malloc(size * sizeof *l->plain);
  int rc = all == NULL || l->plain == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for %d layers", s->a.p.n_layers)
                                           : TETRA_OK;
  if (rc == TETRA_OK) {
    memcpy(l->plain, s->a.sensitivity, size * sizeof *l->plain);
    for (int i = 0; i < s->a.p.n_layers; i++) all[i] = dearest_choice(o);
    rc = quantize(l, all, &l->m[0], err);
  }
  free(all);
  return rc == TETRA_OK ? sim_data_open(&l->data, o->calibrate, &d, &channels_first, err) : rc;
}

int allocate_ceg(const struct allocate_ceg *c, struct allocate_point *best, struct tetra_error *err) {
  struct allocate_costs *s = c->costs;
  const size_t size = (size_t)s->a.p.n_layers * (size_t)s->a.p.n_choices;
  struct loop l = {.c = c};
  int rc = open_loop(&l, err);
  if (rc == TETRA_OK) {
    rc = run(&l, best, err);
    sim_data_close(&l.data);
  }
  if (l.plain != NULL) memcpy(s->a.sensitivity, l.plain, size * sizeof *l.plain);
  if (rc == TETRA_OK) rc = allocate_costs_judge(s, best, err);
  tetra_model_free(&l.m[0]);
  tetra_model_free(&l.m[1]);
  free(l.numbers);
  free(l.plain);
  return rc;
}
