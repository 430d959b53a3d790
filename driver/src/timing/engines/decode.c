/* From a command of the plan to its engine's queue, as far as timing depends on it. */
#include "tetra/ceil_div.h"
#include "timing/engines/machine.h"

static uint32_t get(const struct tetra_cmd *c, struct tetra_field f) { return tetra_cmd_get(c, f); }

static struct waits get_waits(const struct tetra_cmd *c) {
  const uint64_t enable = get(c, TETRA_F_WAIT_EN);
  struct waits w;
  w.count = get(c, TETRA_F_WAIT_LOAD) | (uint64_t)get(c, TETRA_F_WAIT_COMPUTE) << 16 |
            (uint64_t)get(c, TETRA_F_WAIT_DRAIN) << 32 | (uint64_t)get(c, TETRA_F_WAIT_STORE) << 48;
  w.enable = (enable & 1) << 15 | (enable & 2) << 30 | (enable & 4) << 45 | (enable & 8) << 60;
  return w;
}

static int decode_pack(const struct tetra_cmd *c, uint32_t n, struct load_cmd *l) {
  const uint32_t pixels = get(c, TETRA_F_PACK_OY) * get(c, TETRA_F_PACK_OX);
  l->waits = get_waits(c);
  l->window = get(c, TETRA_F_PACK_KH) * (uint32_t)tetra_ceil_div((int)get(c, TETRA_F_PACK_SEG), (int)n);
  l->total = pixels * (l->window + 1) - 1;
  return l->window != 0 && pixels != 0;
}

static int decode_load(const struct tetra_cmd *c, uint32_t n, struct load_cmd *l, struct tetra_timing_layer *layer) {
  l->waits = get_waits(c);
  l->window = 0;
  l->addr = get(c, TETRA_F_LOAD_ADDR);
  l->beats = get(c, TETRA_F_LOAD_BEATS);
  l->rows = get(c, TETRA_F_LOAD_COUNT);
  l->stride = get(c, TETRA_F_LOAD_ADDR_STRIDE);
  l->total = l->beats * l->rows;
  layer->read_bytes += (uint64_t)l->total * n;
  return l->total != 0 && ((l->addr | l->stride) & (n - 1)) == 0;
}

static int decode_compute(const struct tetra_cmd *c, struct compute_cmd *d, struct tetra_timing_layer *layer) {
  d->waits = get_waits(c);
  d->steps = get(c, TETRA_F_COMP_KB) * get(c, TETRA_F_COMP_KH) * get(c, TETRA_F_COMP_KW);
  d->pixels = get(c, TETRA_F_COMP_OY) * get(c, TETRA_F_COMP_OX);
  d->hold = (uint8_t)get(c, TETRA_F_COMP_HOLD);
  d->mode =
      (uint8_t)(get(c, TETRA_F_COMP_ACT8) | get(c, TETRA_F_COMP_WGT8) << 1 | get(c, TETRA_F_COMP_ACT_SIGNED) << 2);
  layer->busy += (uint64_t)d->steps * d->pixels;
  return d->steps != 0 && d->pixels != 0;
}

static int decode_store(const struct tetra_cmd *c, uint32_t n, struct store_cmd *s, struct tetra_timing_layer *layer) {
  s->waits = get_waits(c);
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
  s->pool_beats = (uint16_t)get(c, TETRA_F_STORE_POOL_BEATS);
  s->pool_pad_x = (uint8_t)get(c, TETRA_F_STORE_POOL_PAD_X);
  s->pool_odd_y = (uint8_t)get(c, TETRA_F_STORE_POOL_ODD_Y);
  s->pool_top = (uint8_t)get(c, TETRA_F_STORE_POOL_TOP);
  s->pool_end = (uint8_t)get(c, TETRA_F_STORE_POOL_END);
  layer->write_bytes += (uint64_t)tetra_cmd_store_beats(c) * n;
  const uint32_t addr = s->addr[0] | (s->two_out ? s->addr[1] : 0);
  return s->pixels != 0 && s->seg != 0 && (addr & (n - 1)) == 0;
}

/* Where an engine's commands are kept for the owner; NULL for a SYNC. */
static struct tetra_timing_command *kept(struct machine *m, uint32_t op) {
  switch (op) {
    case TETRA_OP_COMPUTE:
      return &m->told->compute[m->c_pushed % kCountRing];
    case TETRA_OP_STORE:
      return &m->told->store[m->s_pushed % kStoreRing];
    case TETRA_OP_SYNC:
      return NULL;
    default:
      return &m->told->load[m->l_pushed % kLoadRing];
  }
}

/* Tells the owner, who may refuse the command. */
static int tell(struct machine *m, const struct tetra_cmd *c, uint32_t op) {
  const struct tetra_timing_hooks *hooks = &m->told->hooks;
  if (!hooks->dispatch(hooks->arg, c, m->dispatched)) {
    m->told->halted = 1;
    return 0;
  }
  struct tetra_timing_command *to = kept(m, op);
  if (to != NULL) *to = (struct tetra_timing_command){*c, m->dispatched};
  if (op == TETRA_OP_SYNC) hooks->sync(hooks->arg, get(c, TETRA_F_SYNC_TAG));
  return 1;
}

int model_dispatch(struct machine *m) {
  const struct tetra_cmd *c = command_at(m, m->dispatched);
  const uint32_t op = get(c, TETRA_F_OP), layer = get(c, TETRA_F_LAYER);
  const int last = m->dispatched == m->plan->n_cmds - 1;
  if (m->told != NULL && !tell(m, c, op)) return 0;
  if (op == TETRA_OP_SYNC) {
    m->finished = m->told == NULL;
    return last || m->told != NULL; /* there the model of a plan ends */
  }
  if ((last && m->told == NULL) || layer >= (uint32_t)m->plan->n_layers) return 0;
  struct tetra_timing_layer *l = &m->out->layers[layer];
  switch (op) {
    case TETRA_OP_LOAD:
      return decode_load(c, m->n, load_at(m, m->l_pushed++), l);
    case TETRA_OP_PACK:
      return decode_pack(c, m->n, load_at(m, m->l_pushed++));
    case TETRA_OP_COMPUTE:
      return decode_compute(c, compute_at(m, m->c_pushed++), l);
    case TETRA_OP_STORE:
      return decode_store(c, m->n, store_at(m, m->s_pushed++), l);
    default:
      return 0;
  }
}
