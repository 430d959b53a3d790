/* The output tensor, from simulated DRAM, and its largest logits. */
#include "run/output.h"

#include <stdlib.h>

int sim_read_value(struct sim_session *s, int v, struct tetra_tensor *t, struct tetra_error *err) {
  const uint8_t *dram = tetra_mem_map(&s->mem, s->plan.base, 1);
  const int rc = tetra_tensor_init(t, &s->part.g.values[v].d, err);
  if (rc != TETRA_OK) return rc;
  tetra_plan_read_value(&s->plan, v, t, dram + (s->plan.values[v].addr - s->plan.base));
  return TETRA_OK;
}

int sim_read_output(struct sim_session *s, struct tetra_tensor *t, struct tetra_error *err) {
  return sim_read_value(s, s->part.g.output, t, err);
}

const struct tetra_model *sim_session_tail(const struct sim_session *s) {
  const int whole_end = s->part.first + s->part.g.n_ops == s->net.n_ops;
  return whole_end && s->source.m.tail != NULL ? &s->source.m : NULL;
}

int sim_find_reals(const struct tetra_model *tail, const struct tetra_tensor *t, struct sim_reals *r,
                   struct tetra_error *err) {
  const int w = t->d.w, c = t->d.c;
  float *host = NULL;
  r->v = NULL;
  r->classes = tail == NULL ? t->d.h * w * c : (int)tetra_float_size(&tail->tail->values[tail->tail->output], 1);
  const int rc = tail == NULL ? TETRA_OK : tetra_tail_run(tail, t, &host, err);
  if (rc != TETRA_OK) return rc;
  const size_t count = (size_t)t->d.n * (size_t)r->classes;
  r->v = malloc(count * sizeof *r->v);
  for (size_t i = 0; r->v != NULL && i < count; i++) {
    const int e = (int)(i % (size_t)r->classes), n = (int)(i / (size_t)r->classes);
    r->v[i] = host != NULL ? (double)host[i]
                           : (tetra_tensor_get(t, n, e / c / w, e / c % w, e % c) - t->d.zero_point) * t->d.scale;
  }
  free(host);
  return r->v != NULL ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for %zu outputs", count);
}

void sim_find_top(const struct sim_reals *r, int image, struct sim_top *top) {
  const double *v = r->v + (size_t)image * (size_t)r->classes;
  *top = (struct sim_top){0};
  for (int k = 0; k < SIM_TOP; k++) top->cls[k] = -1;
  for (int e = 0; e < r->classes; e++) {
    int at = top->n;
    while (at > 0 && top->logit[at - 1] < v[e]) at--;
    if (at == SIM_TOP) continue;
    if (top->n < SIM_TOP) top->n++;
    for (int k = top->n - 1; k > at; k--) {
      top->logit[k] = top->logit[k - 1];
      top->cls[k] = top->cls[k - 1];
    }
    top->logit[at] = v[e];
    top->cls[at] = e;
  }
}
