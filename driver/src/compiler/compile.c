/* Entry point of the compiler. */
#include <stdlib.h>
#include <string.h>

#include "program.h"

void tetra_compile_defaults(struct tetra_compile_options *o) {
  *o = (struct tetra_compile_options){.dram_base = 0x10000000u, .dram_size = 1u << 30, .reuse_memory = 1};
}

void tetra_plan_free(struct tetra_plan *plan) {
  if (plan == NULL) return;
  free(plan->cmds);
  free(plan->const_data);
  free(plan->values);
  free(plan->layers);
  memset(plan, 0, sizeof *plan);
}

static int check_caps(const struct tetra_caps *c, struct tetra_error *err) {
  if (!tetra_caps_good_n(c->n)) return tetra_fail(err, TETRA_EINVAL, "array size %u; accepted: 4, 8, 16, 32, 64", c->n);
  const uint32_t sizes[] = {c->act_words, c->wgt_words, c->res_words, c->acc_pixels, c->pool_words};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    if (!tetra_caps_good_words(sizes[i]))
      return tetra_fail(err, TETRA_EINVAL, "a buffer of %u words; accepted: powers of two up to %d", sizes[i],
                        TETRA_CAPS_MAX_WORDS);
  if (!tetra_caps_good_par_entries(c->par_entries))
    return tetra_fail(err, TETRA_EINVAL, "%u parameter entries; accepted: powers of two up to %d", c->par_entries,
                      TETRA_CAPS_MAX_PAR_ENTRIES);
  if (c->max_layers > TETRA_CAPS_MAX_LAYERS)
    return tetra_fail(err, TETRA_EINVAL, "counters for %u layers; accepted: at most %d, which a command can name",
                      c->max_layers, TETRA_CAPS_MAX_LAYERS);
  return TETRA_OK;
}

/* Memory that ends beyond 4 GiB is used up to there; a size that no such memory has is a mistake. */
static int check_memory(const struct tetra_compile_options *o, struct tetra_error *err) {
  if (o->dram_base % TETRA_PAGE_BYTES != 0)
    return tetra_fail(err, TETRA_EINVAL, "memory at 0x%08x; accepted: multiples of %d", o->dram_base, TETRA_PAGE_BYTES);
  if (o->dram_size > (uint64_t)1 << 32)
    return tetra_fail(err, TETRA_EINVAL, "%llu bytes of memory; accepted: up to 2^32, which 32-bit addresses reach",
                      (unsigned long long)o->dram_size);
  return TETRA_OK;
}

/* What graphs could exceed: the fields of a pool's window (a conv's is split); coordinates beyond a plane's edge are
 * signed numbers of 16 bits. */
enum { kSideMost = 16384 };

/* Strides of any length are none of a tile of one row or column. */
static int needs_other_fields(const struct tetra_op *op) {
  struct tetra_window w = op->win;
  w.stride_y = w.stride_x = 1;
  return op->kind != TETRA_CONV && !window_has_fields(&w);
}

static int check_ops(const struct tetra_graph *g, struct tetra_error *err) {
  for (int i = 0; i < g->n_ops; i++) {
    const struct tetra_op *op = &g->ops[i];
    const struct tetra_desc *in = &g->values[op->input].d, *out = &g->values[op->output[0]].d;
    if (needs_other_fields(op))
      return tetra_fail(err, TETRA_EINVAL,
                        "op '%s': a pool over %dx%d pixels with dilations %d, %d; each must be at most %d", op->name,
                        op->win.kh, op->win.kw, op->win.dilation_y, op->win.dilation_x, WINDOW_FIELD_MOST);
    if (in->h > kSideMost || in->w > kSideMost || out->h > kSideMost || out->w > kSideMost)
      return tetra_fail(err, TETRA_EINVAL, "layer '%s': planes of %dx%d and %dx%d; sides of at most %d would fit",
                        op->name, in->h, in->w, out->h, out->w, kSideMost);
    if (op->pool && !op_is_packed(g, i))
      return tetra_fail(err, TETRA_ERANGE, "op '%s': a max pool is fused into a conv over the image only", op->name);
  }
  return TETRA_OK;
}

/* The array's bound (docs/compiler.md, "Bounds"): k-steps times max(pixels, n). */
static void set_bounds(const struct program *p) {
  const struct tetra_graph *g = p->g;
  const uint32_t n = p->caps.n;
  for (int i = 0; i < g->n_ops; i++) {
    const struct tetra_op *op = &g->ops[i];
    struct tetra_plan_layer *l = &p->plan->layers[i];
    l->macs = tetra_op_macs(g, i);
    if (op->kind != TETRA_CONV) continue;
    const struct tetra_desc *in = &g->values[op->input].d;
    const struct weight_shape s = weight_shape(g, n, i);
    const int64_t pixels = in->n * tetra_op_plane_pixels(op, in);
    const int64_t steps = weight_blocks_before(&s, weight_slices(&s)) * s.kh * s.kw + p->extra[i].steps;
    l->compute_bound = steps * (pixels > n ? pixels : n);
    l->macs_per_cycle = n * n * (s.act8 ? 1 : 2) * (s.wgt8 ? 1 : 2);
  }
}

static int lower_op(struct program *p, int i, const struct constants *consts, struct tetra_error *err) {
  p->layer = i;
  if (p->g->ops[i].kind != TETRA_CONV) return lower_window(p, i, &consts[i], err);
  return op_is_packed(p->g, i) ? lower_packed(p, i, &consts[i], err) : lower_conv(p, i, &consts[i], err);
}

static int lower_ops(struct program *p, const struct interleaves *interleaves, const struct constants *consts,
                     struct tetra_error *err) {
  for (int i = 0; i < p->g->n_ops; i = interleaves->last[i] + 1) {
    const int last = interleaves->last[i];
    const int rc = last > i ? lower_interleaved(p, i, last, consts, err) : lower_op(p, i, consts, err);
    if (rc != TETRA_OK) return rc;
    if (p->failed) return tetra_fail(err, TETRA_ENOMEM, "no memory to compile '%s'", p->g->ops[i].name);
    if (p->uncovered) return tetra_fail(err, TETRA_EINVAL, "op '%s' reads what is not written yet", p->g->ops[i].name);
    program_want_splits(p);
    for (int k = i; k <= last; k++) memcpy(p->loads_after_op[k], p->n_queue, sizeof p->n_queue);
  }
  return TETRA_OK;
}

/* Memory: constants, activations, command ring. *little_memory: more of it would have helped. */
static int build(struct program *p, const struct interleaves *interleaves, const struct tetra_compile_options *o,
                 int next_fit, int *little_memory, struct tetra_error *err) {
  struct tetra_plan *plan = p->plan;
  const struct tetra_graph *g = p->g;
  struct constants *consts = calloc((size_t)g->n_ops, sizeof *consts);
  if (!consts) return tetra_fail(err, TETRA_ENOMEM, "no memory to compile the network");
  uint64_t end = 0;
  plan->const_addr = o->dram_base;
  int rc = constants_place(p, consts, err);
  if (rc == TETRA_OK && !o->timing_only) rc = constants_build(p, err);
  if (rc == TETRA_OK && o->weights_of) rc = constants_share(p, o->weights_of, consts, err);
  const uint64_t start = whole_pages((uint64_t)plan->const_addr + plan->const_bytes);
  if (rc == TETRA_OK && start >= memory_end(o))
    rc = tetra_fail(err, TETRA_ERANGE, "%zu bytes of weights do not fit into the %llu bytes of memory",
                    plan->const_bytes, (unsigned long long)o->dram_size);
  if (rc == TETRA_OK) {
    rc = place_values(p, interleaves, o, next_fit, start, &end, err);
    *little_memory = rc == TETRA_ERANGE;
  }
  if (rc == TETRA_OK) rc = lower_ops(p, interleaves, consts, err);
  if (rc == TETRA_OK) rc = schedule(p, err);
  free(consts);
  if (rc != TETRA_OK) return rc;
  plan->ring_entries = plan->n_cmds + 1;
  const uint64_t ring = whole_pages(end), last = ring + (uint64_t)plan->ring_entries * TETRA_CMD_BYTES;
  if (last > memory_end(o)) {
    *little_memory = 1;
    return tetra_fail(err, TETRA_ERANGE, "%u commands do not fit into the %llu bytes of memory", plan->n_cmds,
                      (unsigned long long)o->dram_size);
  }
  plan->ring_addr = (uint32_t)ring;
  plan->base = o->dram_base;
  plan->limit = (uint32_t)whole_pages(last) - 1;
  if (o->weights_of) {
    const struct tetra_plan *w = o->weights_of;
    const uint32_t end_of_weights = (uint32_t)whole_pages((uint64_t)w->const_addr + w->const_bytes) - 1;
    if (w->const_addr < plan->base) plan->base = w->const_addr;
    if (end_of_weights > plan->limit) plan->limit = end_of_weights;
  }
  return TETRA_OK;
}

/* next_fit: values share memory by next fit, else by first fit. */
static int compile_into(const struct tetra_graph *g, const struct tetra_caps *caps,
                        const struct tetra_compile_options *o, int next_fit, int *little_memory,
                        struct tetra_plan *plan, struct tetra_error *err) {
  plan->caps = *caps;
  plan->n_values = g->n_values;
  plan->n_layers = g->n_ops;
  plan->values = calloc((size_t)g->n_values, sizeof *plan->values);
  plan->layers = calloc((size_t)g->n_ops, sizeof *plan->layers);
  struct program p;
  int rc = program_init(&p, g, caps, plan);
  if (rc == TETRA_OK) rc = extras_find(&p);
  if (!plan->values || !plan->layers) rc = TETRA_ENOMEM;
  if (rc != TETRA_OK) tetra_fail(err, rc, "no memory to compile the network");
  struct interleaves interleaves = {0};
  if (rc == TETRA_OK) {
    set_bounds(&p);
    rc = interleaves_choose(&interleaves, &p, err);
  }
  if (rc == TETRA_OK) rc = build(&p, &interleaves, o, next_fit, little_memory, err);
  interleaves_free(&interleaves);
  extras_free(&p);
  program_free(&p);
  return rc;
}

/* What is given to tetra_compile, before anything of it is used. */
static int check_request(const struct tetra_graph *g, const struct tetra_caps *caps,
                         const struct tetra_compile_options *o, struct tetra_error *err) {
  if (g == NULL || caps == NULL || o == NULL)
    return tetra_fail(err, TETRA_EINVAL, "tetra_compile needs a graph, capabilities and options; one is NULL");
  if (o->timing_only && o->weights_of != NULL)
    return tetra_fail(err, TETRA_EINVAL, "tetra_compile: a plan that is timed only has no weights of another");
  int rc = check_caps(caps, err);
  if (rc == TETRA_OK) rc = check_memory(o, err);
  if (rc == TETRA_OK && !o->timing_only) rc = tetra_graph_check_cut(g, err);
  if (rc != TETRA_OK) return rc;
  if ((uint32_t)g->n_ops > caps->max_layers)
    return tetra_fail(err, TETRA_ERANGE, "%d layers; the hardware counts %u", g->n_ops, caps->max_layers);
  return check_ops(g, err);
}

int tetra_compile(const struct tetra_graph *g, const struct tetra_caps *caps, const struct tetra_compile_options *o,
                  struct tetra_plan *plan, struct tetra_error *err) {
  if (plan == NULL) return tetra_fail(err, TETRA_EINVAL, "tetra_compile needs a plan to fill; it is NULL");
  memset(plan, 0, sizeof *plan);
  int rc = check_request(g, caps, o, err);
  if (rc != TETRA_OK) return rc;
  struct tetra_error said = {0};
  int little_memory = 0;
  rc = compile_into(g, caps, o, 1, &little_memory, plan, &said);
  if (little_memory && o->reuse_memory) { /* by first fit, into as little as there is */
    tetra_plan_free(plan);
    return compile_into(g, caps, o, 0, &little_memory, plan, err);
  }
  if (rc != TETRA_OK && err != NULL) *err = said;
  return rc;
}
