/* Weights and parameters in the order in which the engines stream them (docs/commands.md, "Data layouts"). */
#include <stdlib.h>
#include <string.h>

#include "program.h"

struct weight_shape weight_shape(const struct tetra_graph *g, uint32_t n, int i) {
  const struct tetra_op *op = &g->ops[i];
  const struct tetra_desc *in = &g->values[op->input].d;
  struct weight_shape s = {.act8 = tetra_fmt_bits(in->fmt) == 8, .wgt8 = op->wbits == 8, .packed = op_is_packed(g, i)};
  s.lanes = block_channels(n, in->fmt);
  s.cin = s.packed ? (int)tetra_window_elements(&op->win, in->c) : in->c;
  s.kh = s.packed ? 1 : op->win.kh;
  s.kw = s.packed ? 1 : op->win.kw;
  s.kb = tetra_ceil_div(s.cin, s.lanes);
  s.outs = (int)n * (s.wgt8 ? 1 : 2);
  s.cout = op->cout;
  const int groups = op->kind != TETRA_CONV || s.packed ? 1 : op->groups;
  s.group_cin = s.cin / groups;
  s.group_cout = s.cout / groups;
  return s;
}

int weight_narrows(const struct tetra_graph *g, int i) {
  const struct tetra_op *op = &g->ops[i];
  return op->wide && op->groups == 1 && tetra_fmt_bits(g->values[op->input].d.fmt) == 8;
}

struct weight_shape weight_stored(const struct tetra_graph *g, uint32_t n, int i) {
  struct weight_shape s = weight_shape(g, n, i);
  if (!weight_narrows(g, i)) return s;
  s.wgt8 = 1;
  s.outs = (int)n;
  return s;
}

int weight_slices(const struct weight_shape *s) { return tetra_ceil_div(s->cout, s->outs); }

struct blocks weight_blocks(const struct weight_shape *s, int i) {
  const int first = i * s->outs / s->group_cout, last = (min_int(s->cout, (i + 1) * s->outs) - 1) / s->group_cout;
  return (struct blocks){first * s->group_cin / s->lanes, tetra_ceil_div((last + 1) * s->group_cin, s->lanes)};
}

int64_t weight_blocks_before(const struct weight_shape *s, int i) {
  if (s->group_cin == s->cin) return (int64_t)i * s->kb;
  int64_t sum = 0;
  for (int k = 0; k < i; k++) sum += weight_blocks(s, k).end - weight_blocks(s, k).first;
  return sum;
}

/* Where a weight lies; NULL where there is none and 0 is meant. */
static const int8_t *weight_address(const struct tetra_op *op, const struct weight_shape *s, int cin, int array, int co,
                                    int ky, int kx, int ci) {
  if (co >= op->cout || ci >= s->cin) return NULL;
  if (s->packed) {
    ky = ci / cin / op->win.kw;
    kx = ci / cin % op->win.kw;
    ci %= cin;
  }
  const int8_t *weights = s->wgt8 && op->wide ? op->wide : op->weights;
  const int count = op->groups == 1 ? cin : tetra_op_group_cin(op, cin);
  const int i = op->groups == 1 ? ci : ci - tetra_op_first_cin(op, cin, co);
  if (i < 0 || i >= count) return NULL;
  const size_t tap = ((size_t)co * (size_t)op->win.kh + (size_t)ky) * (size_t)op->win.kw + (size_t)kx;
  return &weights[(size_t)array * tetra_op_array(op, cin) + tap * (size_t)count + (size_t)i];
}

int weight_at(const struct tetra_op *op, const struct weight_shape *s, int cin, int array, int co, int ky, int kx,
              int ci) {
  const int8_t *w = weight_address(op, s, cin, array, co, ky, kx, ci);
  return w ? *w : 0;
}

/* What an array's row holds for input channel ci: n weights, of output channels from co on, ORed into the bytes' bits
 * of `mask` from `shift` up. */
static void pack_row(uint8_t *out, int n, int mask, int shift, const struct tetra_op *op, const struct weight_shape *s,
                     int cin, int array, int co, int ky, int kx, int ci) {
  const int8_t *w = op->groups == 1 ? weight_address(op, s, cin, array, co, ky, kx, ci) : NULL;
  if (w) { /* the other output channels' lie at equal distances */
    const size_t stride = (size_t)op->win.kh * (size_t)op->win.kw * (size_t)cin;
    const int count = min_int(n, op->cout - co);
    for (int c = 0; c < count; c++) out[c] |= (uint8_t)((w[(size_t)c * stride] & mask) << shift);
    return;
  }
  for (int c = 0; c < n; c++) out[c] |= (uint8_t)((weight_at(op, s, cin, array, co + c, ky, kx, ci) & mask) << shift);
}

/* One k-step: the weights that channel block kb and kernel position meet, for the output channels of a slice. */
static uint8_t *pack_step(uint8_t *out, const struct tetra_graph *g, int i, const struct weight_shape *s, int array,
                          int slice, int kb, int ky, int kx) {
  const struct tetra_op *op = &g->ops[i];
  const int cin = g->values[op->input].d.c, n = s->wgt8 ? s->outs : s->outs / 2, n0 = slice * s->outs;
  for (int r = 0; r < s->lanes; r++, out += n) {
    const int ci = kb * s->lanes + r;
    memset(out, 0, (size_t)n);
    pack_row(out, n, s->wgt8 ? 255 : 15, 0, op, s, cin, array, n0, ky, kx, ci);
    if (!s->wgt8) pack_row(out, n, 15, 4, op, s, cin, array, n0 + n, ky, kx, ci);
  }
  return out;
}

/* The first array, slice by slice, then the k-steps of the others. */
static uint8_t *pack_weights(uint8_t *out, const struct program *p, int i) {
  const struct tetra_graph *g = p->g;
  const struct weight_shape s = weight_stored(g, p->caps.n, i);
  const struct extra *x = &p->extra[i];
  for (int k = 0; k < weight_slices(&s); k++)
    for (int kb = weight_blocks(&s, k).first; kb < weight_blocks(&s, k).end; kb++)
      for (int ky = 0; ky < s.kh; ky++)
        for (int kx = 0; kx < s.kw; kx++) out = pack_step(out, g, i, &s, 0, k, kb, ky, kx);
  for (const struct extra_run *r = x->runs; r < x->runs + x->n_runs; r++)
    for (int kb = r->blocks.first; kb < r->blocks.end; kb++)
      for (int ky = r->ky; ky < r->ky + r->kh; ky++)
        for (int kx = r->kx; kx < r->kx + r->kw; kx++) out = pack_step(out, g, i, &s, r->array, r->slice, kb, ky, kx);
  return out;
}

/* The identity matrix for pools and additions: output channel = input channel of the block (4 bits: both halves). */
static uint8_t *pack_identity(uint8_t *out, uint32_t n, int act8) {
  const int per_row = act8 ? 1 : 2;
  for (int r = 0; r < (int)n; r++)
    for (int k = 0; k < per_row; k++)
      for (int c = 0; c < (int)n; c++) {
        const int ci = r * per_row + k;
        *out++ = (uint8_t)((ci == c ? 1 : 0) | (!act8 && ci == (int)n + c ? 16 : 0));
      }
  return out;
}

_Static_assert((int)TETRA_PARAM_FRAC_SHIFT == (int)TETRA_FRAC_SHIFT, "the C model's fraction is the hardware's");

static void put32(uint8_t *out, uint32_t v) {
  for (int i = 0; i < 4; i++) out[i] = (uint8_t)(v >> (8 * i));
}

/* One entry: the parameters of output o for the n channels from c0 on. */
static uint8_t *pack_entry(uint8_t *out, const struct tetra_op *op, int o, int c0, uint32_t n) {
  for (int c = c0; c < c0 + (int)n; c++, out += TETRA_PARAM_BYTES) {
    memset(out, 0, TETRA_PARAM_BYTES);
    if (c >= op->cout) continue;
    const struct tetra_requant_channel *q = &op->rq[o].ch[c];
    const uint32_t frac = (uint16_t)q->frac;
    put32(out, (uint32_t)q->bias);
    put32(out + 4, (uint32_t)q->m | frac << 31);
    put32(out + 8, (uint32_t)q->mr | frac >> 1 << 31);
    put32(out + 12, (uint32_t)q->s << TETRA_PARAM_S_LSB | (uint32_t)q->sr << TETRA_PARAM_SR_LSB |
                        (uint32_t)q->lr << TETRA_PARAM_LR_LSB | frac >> 2 << TETRA_PARAM_FRAC_LSB);
  }
  return out;
}

/* A tile's entries lie together, those of its first output first: one LOAD brings them all. */
static uint8_t *pack_params(uint8_t *out, const struct tetra_op *op, uint32_t n) {
  for (int c0 = 0; c0 < op->cout; c0 += 2 * (int)n)
    for (int o = 0; o < op->n_outputs; o++)
      for (int c = c0; c < min_int(op->cout, c0 + 2 * (int)n); c += (int)n) out = pack_entry(out, op, o, c, n);
  return out;
}

static uint64_t weight_bytes(const struct program *p, int i) {
  const uint32_t n = p->caps.n;
  const struct weight_shape s = weight_stored(p->g, n, i);
  const uint64_t blocks = (uint64_t)weight_blocks_before(&s, weight_slices(&s));
  const uint64_t steps = blocks * (uint64_t)s.kh * (uint64_t)s.kw + (uint64_t)p->extra[i].steps;
  return steps * n * n * (s.act8 ? 1u : 2u);
}

static uint64_t param_bytes(const struct tetra_op *op, uint32_t n) {
  return (uint64_t)tetra_ceil_div(op->cout, (int)n) * n * TETRA_PARAM_BYTES * (uint64_t)op->n_outputs;
}

/* Identity matrices: 8-bit, 4-bit. */
static uint64_t identity_bytes(uint32_t n) { return (uint64_t)n * n * 3; }

int constants_place(const struct program *p, struct constants *where, struct tetra_error *err) {
  const struct tetra_graph *g = p->g;
  const uint32_t n = p->caps.n, addr = p->plan->const_addr;
  uint64_t total = identity_bytes(n);
  for (int i = 0; i < g->n_ops; i++) {
    const struct tetra_op *op = &g->ops[i];
    const int act8 = tetra_fmt_bits(g->values[op->input].d.fmt) == 8;
    where[i].weights = addr + (op->kind == TETRA_CONV ? (uint32_t)total : act8 ? 0 : n * n);
    if (op->kind == TETRA_CONV) total += weight_bytes(p, i);
    where[i].params = addr + (uint32_t)total;
    total += param_bytes(op, n);
  }
  if (total > 0xffffffffu - addr)
    return tetra_fail(err, TETRA_ERANGE, "%llu bytes of weights do not fit into a 32-bit address space",
                      (unsigned long long)total);
  p->plan->const_bytes = (size_t)total;
  return TETRA_OK;
}

int constants_build(const struct program *p, struct tetra_error *err) {
  const struct tetra_graph *g = p->g;
  struct tetra_plan *plan = p->plan;
  const uint32_t n = p->caps.n;
  plan->const_data = malloc(plan->const_bytes);
  if (!plan->const_data) return tetra_fail(err, TETRA_ENOMEM, "no memory for %zu bytes of weights", plan->const_bytes);
  uint8_t *out = plan->const_data;
  out = pack_identity(out, n, 1);
  out = pack_identity(out, n, 0);
  for (int i = 0; i < g->n_ops; i++) {
    if (g->ops[i].kind == TETRA_CONV) out = pack_weights(out, p, i);
    out = pack_params(out, &g->ops[i], n);
  }
  return TETRA_OK;
}

/* `bytes` bytes at `at` of both plans' constants. */
static int same_bytes(const struct tetra_plan *a, const struct tetra_plan *b, size_t at, size_t bytes) {
  return at + bytes <= b->const_bytes && memcmp(a->const_data + at, b->const_data + at, bytes) == 0;
}

int constants_share(const struct program *p, const struct tetra_plan *other, struct constants *where,
                    struct tetra_error *err) {
  struct tetra_plan *plan = p->plan;
  const size_t identity = (size_t)identity_bytes(p->caps.n);
  if (plan->const_bytes != other->const_bytes || !same_bytes(plan, other, 0, identity))
    return tetra_fail(err, TETRA_EINVAL, "the plan whose weights are to be used is another network's or array's");
  uint8_t *to = plan->const_data;
  for (int i = 0; i < p->g->n_ops; i++) {
    const struct tetra_op *op = &p->g->ops[i];
    const uint32_t weights = where[i].weights - plan->const_addr, params = where[i].params - plan->const_addr;
    const size_t bytes = (size_t)param_bytes(op, p->caps.n);
    if (op->kind == TETRA_CONV && !same_bytes(plan, other, weights, (size_t)weight_bytes(p, i)))
      return tetra_fail(err, TETRA_EINVAL, "op '%s' has other weights than the plan whose weights are to be used",
                        op->name);
    memmove(to, plan->const_data + params, bytes);
    where[i].weights = other->const_addr + weights;
    where[i].params = plan->const_addr + (uint32_t)(to - plan->const_data);
    to += bytes;
  }
  plan->const_bytes = (size_t)(to - plan->const_data);
  return TETRA_OK;
}
