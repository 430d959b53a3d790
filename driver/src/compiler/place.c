/* Memory plan: a region of DRAM for every value. Regions are whole pages, so that the bursts of layers that are alike
 * are, too. */
#include <stdlib.h>
#include <string.h>

#include "program.h"

/* PACK counts the elements of an image row in 15 bits. */
enum { kMostRowElements = 32767 };

static int can_pack(const struct tetra_graph *g, const struct tetra_op *op) {
  return op->kind == TETRA_CONV && op->input == g->input && op->residual < 0 && op->dilation_y == 1 &&
         op->dilation_x == 1;
}

int op_is_packed(const struct tetra_graph *g, int i) {
  const struct tetra_desc *image = &g->values[g->input].d;
  if (g->ops[i].input != g->input || image->c > 4 || image->w * image->c > kMostRowElements) return 0;
  /* The image has one layout: rows if every reader packs it. */
  for (int k = 0; k < g->n_ops; k++)
    if ((g->ops[k].input == g->input || g->ops[k].residual == g->input) && !can_pack(g, &g->ops[k])) return 0;
  return 1;
}

/* Size and layout of a value. The network's input lies in rows where its readers pack it. */
static uint64_t region_of(const struct tetra_graph *g, const struct tetra_caps *caps, int v,
                          struct tetra_placement *r) {
  const struct tetra_desc *d = &g->values[v].d;
  int packed = 0;
  for (int i = 0; i < g->n_ops; i++) packed |= g->ops[i].input == v && op_is_packed(g, i);
  memset(r, 0, sizeof *r);
  const uint64_t n = caps->n;
  if (packed) {
    const uint64_t row = ((uint64_t)d->w * (uint64_t)d->c * (uint64_t)tetra_fmt_bits(d->fmt) + 7) / 8;
    r->layout = TETRA_LAYOUT_ROWS;
    r->pitch = (uint32_t)((row + n - 1) / n * n);
    return (uint64_t)r->pitch * (uint64_t)d->h * (uint64_t)d->n;
  }
  return (uint64_t)d->n * (uint64_t)blocks_of(caps->n, d) * (uint64_t)d->h * (uint64_t)d->w * n;
}

struct live {
  int value;
  uint64_t addr, bytes;
  int last_reader; /* last op of the group that reads it last; n_ops where it must stay (input, output) */
};

static int last_reader(const struct tetra_graph *g, const struct groups *groups, int v) {
  if (v == g->output || g->values[v].producer < 0) return g->n_ops;
  int last = g->values[v].producer;
  for (int i = 0; i < g->n_ops; i++)
    if (g->ops[i].input == v || g->ops[i].residual == v) last = i;
  return groups->last[last];
}

/* First fit among the regions that are live at op `now`; `placed` is sorted by nothing, so every gap is tried. */
static uint64_t first_fit(const struct live *placed, int n, uint64_t start, uint64_t bytes, int now, int reuse) {
  uint64_t best = start;
  for (int again = 1; again;) {
    again = 0;
    for (int i = 0; i < n; i++) {
      const struct live *l = &placed[i];
      if (reuse && l->last_reader < now) continue;
      if (best < l->addr + l->bytes && l->addr < best + bytes) {
        best = l->addr + l->bytes;
        again = 1;
      }
    }
  }
  return best;
}

int place_values(const struct tetra_graph *g, const struct tetra_caps *caps, const struct tetra_compile_options *o,
                 const struct groups *groups, uint32_t start, struct tetra_plan *plan, int32_t *reuse_after_op,
                 uint64_t *end, struct tetra_error *err) {
  struct live *placed = calloc((size_t)g->n_values, sizeof *placed);
  if (!placed) return tetra_fail(err, TETRA_ENOMEM, "no memory for the memory plan");
  int n = 0, rc = TETRA_OK;
  *end = start;
  /* In order of production: the inputs first (a part of a network may have several), then each op's outputs. */
  for (int i = -1; i < g->n_ops && rc == TETRA_OK; i++) {
    const int count = i < 0 ? g->n_values : g->ops[i].n_outputs;
    for (int k = 0; k < count && rc == TETRA_OK; k++) {
      const int v = i < 0 ? k : g->ops[i].output[k];
      if (i < 0 && g->values[v].producer >= 0) continue;
      if (plan->values[v].bytes > 0) continue; /* an earlier part of it was placed */
      const uint64_t bytes = region_of(g, caps, v, &plan->values[v]);
      const uint64_t pages = whole_pages(bytes);
      const uint64_t addr = first_fit(placed, n, start, pages, i < 0 ? i : groups->first[i], o->reuse_memory);
      if (addr + bytes > (uint64_t)o->dram_base + o->dram_size || addr + bytes > 0xffffffffu) {
        rc = tetra_fail(err, TETRA_ERANGE, "tensor '%s' (%llu bytes) does not fit into the %llu bytes of memory",
                        g->values[v].name, (unsigned long long)bytes, (unsigned long long)o->dram_size);
        break;
      }
      plan->values[v].addr = (uint32_t)addr;
      plan->values[v].bytes = (uint32_t)bytes;
      for (int j = 0; j < n; j++)
        if (placed[j].addr < addr + pages && addr < placed[j].addr + placed[j].bytes &&
            placed[j].last_reader > reuse_after_op[v])
          reuse_after_op[v] = placed[j].last_reader;
      placed[n++] = (struct live){.value = v, .addr = addr, .bytes = pages, .last_reader = last_reader(g, groups, v)};
      if (addr + bytes > *end) *end = addr + bytes;
    }
  }
  free(placed);
  return rc;
}
