/* Memory plan: a region of DRAM for every value. Regions are whole pages, so that the bursts of layers that are alike
 * are, too. */
#include <stdlib.h>
#include <string.h>

#include "program.h"

/* PACK counts the elements of an image row in 15 bits. */
enum { kMostRowElements = 32767 };
/* Memory for values that share it, as a multiple of what is live at once. */
enum { kArena = 2 };

static int can_pack(const struct tetra_graph *g, const struct tetra_op *op) {
  return op->kind == TETRA_CONV && op->input == g->input && op->residual < 0 && op->win.dilation_y == 1 &&
         op->win.dilation_x == 1 && window_has_fields(&op->win);
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
    const int64_t bytes = tetra_ceil_div64((int64_t)d->w * d->c * tetra_fmt_bits(d->fmt), 8);
    r->layout = TETRA_LAYOUT_ROWS;
    r->pitch = (uint32_t)tetra_ceil_div64(bytes, (int64_t)n) * (uint32_t)n;
    return (uint64_t)r->pitch * (uint64_t)d->h * (uint64_t)d->n;
  }
  return (uint64_t)d->n * (uint64_t)blocks_of(caps->n, d) * (uint64_t)d->h * (uint64_t)d->w * n;
}

struct live {
  uint64_t addr, bytes;
  int last_reader;
};

/* Where values go. */
struct arena {
  const struct tetra_graph *g;
  const struct tetra_caps *caps;
  const struct interleaves *interleaves;
  struct tetra_plan *plan;
  int32_t *reuse_after_op;
  int *last_reader; /* by value: last op of the interleave that reads it last; n_ops: it must stay (input, output) */
  struct live *placed;
  int n, reuse;
  uint64_t bytes;                   /* of memory, for the message */
  uint64_t start, end, next, limit; /* `next` runs from start to end and begins again; nothing fits beyond the limit */
};

static int last_reader(const struct tetra_graph *g, const struct interleaves *interleaves, int v) {
  if (v == g->output || g->values[v].producer < 0) return g->n_ops;
  int last = g->values[v].producer;
  for (int i = 0; i < g->n_ops; i++)
    if (g->ops[i].input == v || g->ops[i].residual == v) last = i;
  return interleaves->last[last];
}

/* The most bytes that are live at once. */
static uint64_t most_live(const struct arena *a) {
  uint64_t most = 0;
  for (int i = 0; i < a->g->n_ops; i = a->interleaves->last[i] + 1) {
    uint64_t bytes = 0;
    for (int v = 0; v < a->g->n_values; v++) {
      struct tetra_placement unused;
      if (a->g->values[v].producer > a->interleaves->last[i] || a->last_reader[v] < i) continue;
      bytes += whole_pages(region_of(a->g, a->caps, v, &unused));
    }
    if (bytes > most) most = bytes;
  }
  return most;
}

/* First fit from an address on among the regions that are live at op `now`; `placed` is sorted by nothing, so every gap
 * is tried. */
static uint64_t first_fit(const struct arena *a, uint64_t from, uint64_t bytes, int now) {
  uint64_t best = from;
  for (int again = 1; again;) {
    again = 0;
    for (int i = 0; i < a->n; i++) {
      const struct live *l = &a->placed[i];
      if (a->reuse && l->last_reader < now) continue;
      if (best < l->addr + l->bytes && l->addr < best + bytes) {
        best = l->addr + l->bytes;
        again = 1;
      }
    }
  }
  return best;
}

/* Next fit, or first fit where the arena is empty. With next fit what is overwritten was read long ago, so nothing
 * waits for that, and layers that are alike wait alike. */
static uint64_t find_place(struct arena *a, uint64_t bytes, int now) {
  uint64_t addr = first_fit(a, a->next, bytes, now);
  if (a->reuse && addr + bytes > a->end) addr = first_fit(a, a->start, bytes, now);
  a->next = addr + bytes;
  return addr;
}

static int place_value(struct arena *a, int v, int now, struct tetra_error *err) {
  struct tetra_placement *r = &a->plan->values[v];
  const uint64_t bytes = region_of(a->g, a->caps, v, r), pages = whole_pages(bytes);
  const uint64_t addr = find_place(a, pages, now);
  if (addr + bytes > a->limit) {
    return tetra_fail(err, TETRA_ERANGE, "tensor '%s' (%llu bytes) does not fit into the %llu bytes of memory",
                      a->g->values[v].name, (unsigned long long)bytes, (unsigned long long)a->bytes);
  }
  r->addr = (uint32_t)addr;
  r->bytes = (uint32_t)bytes;
  for (int j = 0; j < a->n; j++) {
    const struct live *l = &a->placed[j];
    if (l->addr < addr + pages && addr < l->addr + l->bytes && l->last_reader > a->reuse_after_op[v])
      a->reuse_after_op[v] = l->last_reader;
  }
  a->placed[a->n++] = (struct live){.addr = addr, .bytes = pages, .last_reader = a->last_reader[v]};
  return TETRA_OK;
}

/* In order of production: the inputs first (a part of a network may have several), then each op's outputs. */
static int place_all(struct arena *a, struct tetra_error *err) {
  const struct tetra_graph *g = a->g;
  for (int i = -1; i < g->n_ops; i++) {
    const int count = i < 0 ? g->n_values : g->ops[i].n_outputs;
    for (int k = 0; k < count; k++) {
      const int v = i < 0 ? k : g->ops[i].output[k];
      if (i < 0 && g->values[v].producer >= 0) continue;
      if (a->plan->values[v].bytes > 0) continue; /* an earlier part of it was placed */
      const int rc = place_value(a, v, i < 0 ? i : a->interleaves->first[i], err);
      if (rc != TETRA_OK) return rc;
    }
  }
  return TETRA_OK;
}

int place_values(struct program *p, const struct interleaves *interleaves, const struct tetra_compile_options *o,
                 int next_fit, uint64_t start, uint64_t *end, struct tetra_error *err) {
  const struct tetra_graph *g = p->g;
  struct arena a = {
      .g = g, .caps = &p->caps, .interleaves = interleaves, .plan = p->plan, .reuse_after_op = p->reuse_after_op};
  a.reuse = o->reuse_memory;
  a.start = a.next = start;
  a.limit = memory_end(o);
  a.bytes = o->dram_size;
  a.placed = calloc((size_t)g->n_values, sizeof *a.placed);
  a.last_reader = calloc((size_t)g->n_values, sizeof *a.last_reader);
  int rc = a.placed && a.last_reader ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for the memory plan");
  if (rc == TETRA_OK) {
    for (int v = 0; v < g->n_values; v++) a.last_reader[v] = last_reader(g, interleaves, v);
    a.end = start + (next_fit ? kArena * most_live(&a) : 0);
    rc = place_all(&a, err);
  }
  *end = start;
  for (int i = 0; i < a.n; i++)
    if (a.placed[i].addr + a.placed[i].bytes > *end) *end = a.placed[i].addr + a.placed[i].bytes;
  free(a.placed);
  free(a.last_reader);
  return rc;
}
