/* Commands of a plan, by engine, as far as timing depends on them. */
#include <stdlib.h>
#include <string.h>

#include "machine.h"

static uint32_t get(const struct tetra_cmd *c, struct tetra_field f) { return tetra_cmd_get(c, f); }

static struct waits get_waits(const struct tetra_cmd *c) {
  const uint32_t enable = get(c, TETRA_F_WAIT_EN);
  struct waits w;
  w.count[kLoad] = (uint16_t)get(c, TETRA_F_WAIT_LOAD);
  w.count[kCompute] = (uint16_t)get(c, TETRA_F_WAIT_COMPUTE);
  w.count[kDrain] = (uint16_t)get(c, TETRA_F_WAIT_DRAIN);
  w.count[kStore] = (uint16_t)get(c, TETRA_F_WAIT_STORE);
  for (int e = 0; e < kEngines; e++) w.enable[e] = enable >> e & 1 ? 0xffff : 0;
  return w;
}

static uint32_t ceil_div(uint32_t a, uint32_t b) { return (a + b - 1) / b; }

static int decode_load(const struct tetra_cmd *c, uint32_t n, struct load_cmd *l, struct tetra_timing_layer *layer) {
  *l = (struct load_cmd){.waits = get_waits(c)};
  if (get(c, TETRA_F_OP) == TETRA_OP_PACK) {
    const uint32_t pixels = get(c, TETRA_F_PACK_OY) * get(c, TETRA_F_PACK_OX);
    l->window = get(c, TETRA_F_PACK_KH) * ceil_div(get(c, TETRA_F_PACK_SEG), n);
    l->total = pixels * (l->window + 1) - 1;
    return l->window != 0 && pixels != 0;
  }
  l->addr = get(c, TETRA_F_LOAD_ADDR);
  l->beats = get(c, TETRA_F_LOAD_BEATS);
  l->rows = get(c, TETRA_F_LOAD_COUNT);
  l->stride = get(c, TETRA_F_LOAD_ADDR_STRIDE);
  l->total = l->beats * l->rows;
  layer->read_bytes += (uint64_t)l->total * n;
  return l->total != 0 && l->addr % n == 0 && l->stride % n == 0;
}

static int decode_compute(const struct tetra_cmd *c, struct compute_cmd *d, struct tetra_timing_layer *layer) {
  *d = (struct compute_cmd){.waits = get_waits(c)};
  d->steps = get(c, TETRA_F_COMP_KB) * get(c, TETRA_F_COMP_KH) * get(c, TETRA_F_COMP_KW);
  d->pixels = get(c, TETRA_F_COMP_OY) * get(c, TETRA_F_COMP_OX);
  d->hold = (uint8_t)get(c, TETRA_F_COMP_HOLD);
  d->mode =
      (uint8_t)(get(c, TETRA_F_COMP_ACT8) | get(c, TETRA_F_COMP_WGT8) << 1 | get(c, TETRA_F_COMP_ACT_SIGNED) << 2);
  d->layer = (uint16_t)get(c, TETRA_F_LAYER);
  layer->busy += (uint64_t)d->steps * d->pixels;
  return d->steps != 0 && d->pixels != 0;
}

static int decode_store(const struct tetra_cmd *c, uint32_t n, struct store_cmd *s, struct tetra_timing_layer *layer) {
  *s = (struct store_cmd){.waits = get_waits(c)};
  s->pixels = get(c, TETRA_F_STORE_PIXELS);
  s->seg = get(c, TETRA_F_STORE_SEG_BEATS);
  s->seg_stride = get(c, TETRA_F_STORE_SEG_STRIDE);
  s->addr[0] = get(c, TETRA_F_STORE_OUT0_ADDR);
  s->addr[1] = get(c, TETRA_F_STORE_OUT1_ADDR);
  s->half_stride[0] = get(c, TETRA_F_STORE_OUT0_HALF_STRIDE);
  s->half_stride[1] = get(c, TETRA_F_STORE_OUT1_HALF_STRIDE);
  s->bits4[0] = (uint8_t)get(c, TETRA_F_STORE_OUT0_BITS4);
  s->bits4[1] = (uint8_t)get(c, TETRA_F_STORE_OUT1_BITS4);
  s->two_out = (uint8_t)get(c, TETRA_F_STORE_TWO_OUT);
  s->halves2 = (uint8_t)get(c, TETRA_F_STORE_HALVES2);
  s->residual = get(c, TETRA_F_STORE_RES_FORM) != 0;
  s->layer_last = (uint8_t)get(c, TETRA_F_STORE_LAST);
  s->layer = (uint16_t)get(c, TETRA_F_LAYER);
  for (int o = 0; o <= s->two_out; o++) {
    layer->write_bytes += (uint64_t)s->pixels * (s->halves2 && !s->bits4[o] ? 2 : 1) * n;
  }
  return s->pixels != 0 && s->seg != 0 && s->addr[0] % n == 0 && (!s->two_out || s->addr[1] % n == 0);
}

/* SYNC is the last command only: there the model ends. */
static int decode_one(const struct tetra_plan *plan, uint32_t i, struct model_code *p, struct tetra_timing *out) {
  const struct tetra_cmd *c = &plan->cmds[i];
  p->op[i] = (uint8_t)get(c, TETRA_F_OP);
  if (p->op[i] == TETRA_OP_SYNC) return i == plan->n_cmds - 1;
  const uint32_t layer = get(c, TETRA_F_LAYER);
  if (i == plan->n_cmds - 1 || layer >= (uint32_t)plan->n_layers) return 0;
  struct tetra_timing_layer *l = &out->layers[layer];
  switch (p->op[i]) {
    case TETRA_OP_LOAD:
    case TETRA_OP_PACK:
      return decode_load(c, plan->caps.n, &p->loads[p->n_loads++], l);
    case TETRA_OP_COMPUTE:
      return decode_compute(c, &p->computes[p->n_computes++], l);
    case TETRA_OP_STORE:
      return decode_store(c, plan->caps.n, &p->stores[p->n_stores++], l);
    default:
      return 0;
  }
}

static void count_ops(const struct tetra_plan *plan, size_t count[16]) {
  memset(count, 0, 16 * sizeof *count);
  for (uint32_t i = 0; i < plan->n_cmds; i++) count[get(&plan->cmds[i], TETRA_F_OP)]++;
}

int model_decode(const struct tetra_plan *plan, struct model_code *p, struct tetra_timing *out,
                 struct tetra_error *err) {
  size_t count[16];
  memset(p, 0, sizeof *p);
  count_ops(plan, count);
  p->n_cmds = plan->n_cmds;
  p->op = malloc((size_t)plan->n_cmds + 1);
  p->loads = malloc((count[TETRA_OP_LOAD] + count[TETRA_OP_PACK] + 1) * sizeof *p->loads);
  p->computes = malloc((count[TETRA_OP_COMPUTE] + 1) * sizeof *p->computes);
  p->stores = malloc((count[TETRA_OP_STORE] + 1) * sizeof *p->stores);
  if (p->op == NULL || p->loads == NULL || p->computes == NULL || p->stores == NULL) {
    return tetra_fail(err, TETRA_ENOMEM, "no memory to model %u commands", plan->n_cmds);
  }
  for (uint32_t i = 0; i < plan->n_cmds; i++) {
    if (!decode_one(plan, i, p, out)) {
      return tetra_fail(err, TETRA_EINVAL, "command %u (operation %u) is not one that the hardware completes", i,
                        get(&plan->cmds[i], TETRA_F_OP));
    }
  }
  return TETRA_OK;
}

void model_code_free(struct model_code *p) {
  free(p->op);
  free(p->loads);
  free(p->computes);
  free(p->stores);
  memset(p, 0, sizeof *p);
}
