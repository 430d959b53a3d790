/* The output tensor, from simulated DRAM, and its largest logits. */
#include "run/output.h"

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

void sim_find_top(const struct tetra_tensor *t, int image, struct sim_top *top) {
  int codes[SIM_TOP] = {0};
  const int w = t->d.w, c = t->d.c, elements = t->d.h * w * c;
  top->n = 0;
  for (int k = 0; k < SIM_TOP; k++) top->cls[k] = -1;
  for (int e = 0; e < elements; e++) {
    const int code = tetra_tensor_get(t, image, e / c / w, e / c % w, e % c);
    int at = top->n;
    while (at > 0 && codes[at - 1] < code) at--;
    if (at == SIM_TOP) continue;
    if (top->n < SIM_TOP) top->n++;
    for (int k = top->n - 1; k > at; k--) {
      codes[k] = codes[k - 1];
      top->cls[k] = top->cls[k - 1];
    }
    codes[at] = code;
    top->cls[at] = e;
  }
  for (int k = 0; k < SIM_TOP; k++) top->logit[k] = (codes[k] - t->d.zero_point) * t->d.scale;
}
