/* Counterexamples as constraints. */
#include "commands/allocate/ceg.h"

#include <limits.h>
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
  /* Of each counterexample: the class that both networks must give, and by how much its logit leads, in real values,
   * with the bits in question; owned. */
  int *cls, *broken, *times; /* broken: do the bits in question give another class? times: how often bits did */
  double *lead, *best_lead;  /* best_lead: with the dearest bits */
  /* Constraints of the allocation: what quantizing a layer takes off the lead may add up to so much; owned. */
  double *drop, *limit;
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

/* The class of the largest output, the first among equals, of an image in the file's numbers; and the lead of class
 * `of` over the largest other one, in real values. */
static int best_class(const struct loop *l, const struct tetra_model *m, const double *numbers, int of, int *best,
                      double *lead, struct tetra_error *err) {
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
  int most = 0, own = 0, other = INT_MIN;
  for (int e = 0; rc == TETRA_OK && e < out->h * out->w * out->c; e++) {
    const int code = tetra_tensor_get(&t[g->output], 0, e / out->c / out->w, e / out->c % out->w, e % out->c);
    if (e == 0 || code > most) {
      most = code;
      *best = e;
    }
    if (e == of) own = code;
    if (e != of && code > other) other = code;
  }
  *lead = (own - (double)other) * out->scale;
  for (int v = 0; t != NULL && v < g->n_values; v++) tetra_tensor_free(&t[v]);
  free(t);
  return rc;
}

/* Of the counterexamples so far, how many show a difference again? */
static int count_broken(struct loop *l, int *broken, struct tetra_error *err) {
  int rc = TETRA_OK;
  *broken = 0;
  for (int i = 0; rc == TETRA_OK && i < l->n; i++) {
    int got = 0;
    rc = best_class(l, &l->m[1], l->numbers + (size_t)i * l->item, l->cls[i], &got, &l->lead[i], err);
    l->broken[i] = got != l->cls[i];
    *broken += l->broken[i];
  }
  return rc;
}

static int keep(struct loop *l, const struct equiv_ball *ball, const int *choice, struct tetra_error *err) {
  if (l->n == ALLOCATE_EXTRA) return TETRA_OK; /* another round finds it again, if it is not gone by then */
  double *grown = realloc(l->numbers, (size_t)(l->n + 1) * l->item * sizeof *grown);
  if (grown == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d images", l->n + 1);
  l->numbers = grown;
  double *at = grown + (size_t)l->n * l->item, *of_best = &l->best_lead[l->n];
  for (size_t e = 0; e < l->item; e++) at[e] = ball->number[choice[e]];
  int got = 0;
  int rc = best_class(l, &l->m[0], at, 0, &l->cls[l->n], of_best, err);
  if (rc == TETRA_OK) rc = best_class(l, &l->m[0], at, l->cls[l->n], &l->cls[l->n], of_best, err);
  if (rc == TETRA_OK) rc = best_class(l, &l->m[1], at, l->cls[l->n], &got, &l->lead[l->n], err);
  l->broken[l->n] = got != l->cls[l->n];
  l->n++;
  return rc;
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

static int dearest_choice(const struct allocate_options *o) {
  int best = 0;
  for (int c = 1; c < o->n_choices; c++) {
    if (o->choices[c].weights + o->choices[c].acts > o->choices[best].weights + o->choices[best].acts) best = c;
  }
  return best;
}

/* The sum of a counterexample's drops over the layers; choice NULL: of the dearest ones. */
static double sum_of(const struct loop *l, const double *drop, const int *choice) {
  const struct allocate_costs *s = l->c->costs;
  double sum = 0;
  for (int j = 0; j < s->a.p.n_layers; j++) {
    sum += drop[(size_t)j * (size_t)s->a.p.n_choices + (size_t)(choice == NULL ? dearest_choice(s->o) : choice[j])];
  }
  return sum;
}

/* The constraint of one counterexample. The sum of its drops tells the lead as far as layers' errors add up; a line
 * through the two leads that are known, of the dearest bits and of those in question, corrects that. Where the sum goes
 * the other way, magnitudes of drops take its place. */
static double limit_of(const struct loop *l, double *drop, const int *choice, double best_lead, double lead,
                       double share) {
  const struct allocate_costs *s = l->c->costs;
  const size_t k = (size_t)s->a.p.n_choices, size = (size_t)s->a.p.n_layers * k;
  if (sum_of(l, drop, choice) <= sum_of(l, drop, NULL)) {
    for (size_t j = 0; j < size; j++) drop[j] = fabs(drop[j] - drop[j / k * k + (size_t)dearest_choice(s->o)]);
    for (size_t j = 0; j < size; j += k) drop[j + (size_t)dearest_choice(s->o)] = 0;
  }
  const double best = sum_of(l, drop, NULL), now = sum_of(l, drop, choice);
  return best + (1 - share) * best_lead * (now - best) / fmax(best_lead - lead, 1e-9);
}

/* A constraint for each counterexample: of the lead that its class has with the dearest bits so large a share is left.
 * What a layer takes off the lead is measured on the float network. */
static int constrain(struct loop *l, const int *choice, double share, struct tetra_error *err) {
  struct allocate_costs *s = l->c->costs;
  const size_t size = (size_t)s->a.p.n_layers * (size_t)s->a.p.n_choices;
  struct tetra_import_report refused;
  struct tetra_study *study = NULL;
  double *lead = malloc((size_t)l->n * sizeof *lead);
  float *x = as_floats(l);
  int rc = lead == NULL || x == NULL
               ? tetra_fail(err, TETRA_ENOMEM, "no memory for %d counterexamples", l->n)
               : tetra_study_open(&study, l->c->real->bytes, l->c->real->size, x, l->n, (size_t)1 << 30, &refused, err);
  if (rc == TETRA_OK) {
    tetra_import_report_free(&refused);
    rc = tetra_study_leads(study, s->o->choices, s->o->n_choices, l->cls, lead, l->drop, err);
  }
  for (int i = 0; rc == TETRA_OK && i < l->n; i++) {
    /* Codes tie where real values hardly do. */
    const double best_lead = fmax(l->best_lead[i], l->m[0].graph.values[l->m[0].graph.output].d.scale / 2);
    l->limit[i] = limit_of(l, l->drop + (size_t)i * size, choice, best_lead, l->lead[i], share);
  }
  s->extra = l->drop;
  s->extra_limit = l->limit;
  s->n_extra = rc == TETRA_OK ? l->n : 0;
  tetra_study_close(study);
  free(lead);
  free(x);
  return rc;
}

/* Why the loop ends without bits: counterexamples where the dearest bits are hardly sure themselves bind most. */
static int give_up(const struct loop *l, const char *what, struct tetra_error *err) {
  double least = INFINITY, most = 0;
  for (int i = 0; i < l->n; i++) {
    least = fmin(least, l->best_lead[i]);
    if (l->broken[i]) most = fmax(most, l->best_lead[i]);
  }
  return tetra_fail(err, TETRA_ERANGE,
                    "--ceg: %s; the dearest bits' own class leads by %.3g at the closest of them, and by up to %.3g "
                    "where the last bits tried differ: --sure %.2g leaves those out, a larger budget or a smaller "
                    "--radius leaves fewer",
                    what, least, most, ceil(most * 22) / 20);
}

/* What every layer and choice takes off the counterexamples' leads, as a share of these, once for each time that bits
 * broke it; together as much as the sensitivities of the choice are. */
static void add_penalties(const struct loop *l, const int *choice, double weight, double *sensitivity) {
  const struct allocate_costs *s = l->c->costs;
  const size_t n = (size_t)s->a.p.n_layers, k = (size_t)s->a.p.n_choices;
  double own = 0, all = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t j = 0; j < n * k; j++) {
      double penalty = 0;
      for (int i = 0; i < l->n; i++)
        penalty += l->times[i] * fmax(0, l->drop[(size_t)i * n * k + j]) / fmax(l->best_lead[i], 1e-9);
      if (pass == 0 && (size_t)choice[j / k] == j % k) {
        own += sensitivity[j];
        all += penalty;
      }
      if (pass == 1) sensitivity[j] += weight * penalty * (all > 0 ? own / all : 0);
    }
  }
}

/* Where errors of layers do not add up to a constraint that can be kept: bits that take little off the leads. */
static int solve_softly(struct loop *l, int round, struct allocate_point *best, struct tetra_error *err) {
  struct allocate_costs *s = l->c->costs;
  const size_t bytes = (size_t)s->a.p.n_layers * (size_t)s->a.p.n_choices * sizeof *s->a.sensitivity;
  struct allocate_point p = {0};
  double *own = malloc(bytes);
  if (own == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d sensitivities", s->a.p.n_layers);
  memcpy(own, s->a.sensitivity, bytes);
  add_penalties(l, best->choice, round, s->a.sensitivity);
  s->n_extra = 0;
  int rc = allocate_solve(s, l->c->o->limit, 1, NULL, &p, err);
  memcpy(s->a.sensitivity, own, bytes);
  free(own);
  if (rc == TETRA_OK) rc = allocate_costs_judge(s, &p, err);
  if (rc != TETRA_OK) {
    allocate_point_free(&p);
    return rc;
  }
  allocate_point_free(best);
  *best = p;
  return TETRA_OK;
}

/* New bits under the constraints. */
static int solve_again(struct loop *l, int round, struct allocate_point *best, struct tetra_error *err) {
  struct allocate_point p;
  struct tetra_error why = {0, ""};
  for (int i = 0; i < l->n; i++) l->times[i] += l->broken[i];
  int rc = constrain(l, best->choice, 0.08 * round, err);
  if (rc != TETRA_OK) return rc;
  rc = allocate_solve(l->c->costs, l->c->o->limit, 1, NULL, &p, &why);
  if (rc == TETRA_ERANGE) return solve_softly(l, round, best, err);
  if (rc != TETRA_OK) return tetra_fail(err, rc, "%s", why.msg);
  allocate_point_free(best);
  *best = p;
  return TETRA_OK;
}

static void print_round(const struct loop *l, int round, int broken, int found) {
  if (broken > 0) {
    printf("ceg round %d: %d of %d counterexamples still show a difference\n", round, broken, l->n);
  } else {
    printf("ceg round %d: %d proved, %d unknown, %d new counterexamples\n", round, l->proved, l->unknown, found);
  }
  fflush(stdout);
}

static int run(struct loop *l, struct allocate_point *best, struct tetra_error *err) {
  int broken = 0, found = 0;
  char what[96];
  for (int round = 1; round <= ROUNDS; round++) {
    int rc = quantize(l, best->choice, &l->m[1], err);
    if (rc == TETRA_OK) rc = count_broken(l, &broken, err);
    if (rc == TETRA_OK && broken == 0) rc = verify(l, &found, err);
    if (rc != TETRA_OK) return rc;
    print_round(l, round, broken, found);
    if (broken == 0 && found == 0) return TETRA_OK;
    if (round < ROUNDS) rc = solve_again(l, round, best, err);
    if (rc != TETRA_OK) return rc;
  }
  snprintf(what, sizeof what, "after %d rounds %d of %d counterexamples are left", ROUNDS, broken > 0 ? broken : found,
           l->n);
  return give_up(l, what, err);
}

static int open_loop(struct loop *l, struct tetra_error *err) {
  const struct allocate_options *o = l->c->o;
  struct allocate_costs *s = l->c->costs;
  const size_t size = (size_t)s->a.p.n_layers * (size_t)s->a.p.n_choices;
  const struct quantize_images *images = l->c->images;
  const struct tetra_desc d = {.n = 1, .h = images->h, .w = images->w, .c = images->c};
  int *all = calloc((size_t)s->a.p.n_layers, sizeof *all);
  l->item = (size_t)images->h * (size_t)images->w * (size_t)images->c;
  l->how.radius = o->radius;
  l->how.pixels = o->pixels;
  tetra_equiv_defaults(&l->how.how);
  l->how.how.top1 = 1;
  l->how.how.sure = o->sure;
  l->how.how.seed = o->seed;
  l->how.how.work = (long long)ceil(1e9 * o->work);
  l->cls = calloc((size_t)3 * ALLOCATE_EXTRA, sizeof *l->cls);
  l->lead = calloc((size_t)3 * ALLOCATE_EXTRA, sizeof *l->lead);
  l->drop = calloc(ALLOCATE_EXTRA * size, sizeof *l->drop);
  int rc = all == NULL || l->cls == NULL || l->lead == NULL || l->drop == NULL
               ? tetra_fail(err, TETRA_ENOMEM, "no memory for %d layers", s->a.p.n_layers)
               : TETRA_OK;
  if (rc == TETRA_OK) {
    l->broken = l->cls + ALLOCATE_EXTRA;
    l->times = l->broken + ALLOCATE_EXTRA;
    l->best_lead = l->lead + ALLOCATE_EXTRA;
    l->limit = l->best_lead + ALLOCATE_EXTRA;
    for (int i = 0; i < s->a.p.n_layers; i++) all[i] = dearest_choice(o);
    rc = quantize(l, all, &l->m[0], err);
  }
  free(all);
  return rc == TETRA_OK
             ? sim_data_open(&l->data, o->calibrate, &d, o->pixels.layout, &(struct sim_notes){NULL, NULL}, err)
             : rc;
}

int allocate_ceg(const struct allocate_ceg *c, struct allocate_point *best, struct tetra_error *err) {
  struct allocate_costs *s = c->costs;
  struct loop l = {.c = c};
  int rc = open_loop(&l, err);
  if (rc == TETRA_OK) {
    rc = run(&l, best, err);
    sim_data_close(&l.data);
  }
  s->n_extra = 0;
  tetra_model_free(&l.m[0]);
  tetra_model_free(&l.m[1]);
  free(l.numbers);
  free(l.cls);
  free(l.lead);
  free(l.drop);
  return rc;
}
