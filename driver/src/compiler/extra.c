/* Weights beyond int8 are sums of int8 arrays (tetra_op.extra), of which all but the first are nearly everywhere 0: an
 * int8 weight less a zero point leaves int8 only near one end of its range. The array runs through those k-steps of
 * theirs that have a weight other than 0, after all k-steps of the first one. */
#include <stdlib.h>
#include <string.h>

#include "program.h"

enum { kFewRuns = 16, kPieces = 24 /* of the weight buffer, as in lower/weights.c */ };

/* What is being looked for. */
struct search {
  const struct tetra_op *op;
  struct weight_shape s;
  int cin, array, slice;
  int most_kb;    /* channel blocks of a run */
  int most_steps; /* of a piece */
  struct extra *x;
  int failed;
};

/* Has one of the slice's output channels a weight at input channels c0..c1-1 of the kernel position? */
static int any_weight(const struct search *f, int ky, int kx, int c0, int c1) {
  const int end = min_int(f->op->cout, (f->slice + 1) * f->s.outs);
  for (int co = f->slice * f->s.outs; co < end; co++)
    for (int ci = c0; ci < c1; ci++)
      if (weight_at(f->op, &f->s, f->cin, f->array, co, ky, kx, ci) != 0) return 1;
  return 0;
}

static void add_run(struct search *f, const struct extra_run *run) {
  struct extra *x = f->x;
  struct extra_run *last = x->n_runs > 0 ? &x->runs[x->n_runs - 1] : NULL;
  const int whole = run->kh == f->s.kh && run->kw == f->s.kw;
  if (last && last->slice == run->slice && last->array == run->array && whole && last->kh == f->s.kh &&
      last->kw == f->s.kw && last->blocks.end == run->blocks.first &&
      run->blocks.end - last->blocks.first <= f->most_kb) {
    last->blocks.end = run->blocks.end;
    return;
  }
  if (x->n_runs >= kFewRuns ? !(x->n_runs & (x->n_runs - 1)) : x->n_runs == 0) {
    void *more = realloc(x->runs, (x->n_runs == 0 ? kFewRuns : 2 * (size_t)x->n_runs) * sizeof *x->runs);
    f->failed |= more == NULL;
    if (!more) return;
    x->runs = more;
  }
  x->runs[x->n_runs++] = *run;
}

/* Runs of one channel block: all kernel positions, or neighbours in a row of the kernel. */
static void find_in_block(struct search *f, int kb) {
  const int c0 = kb * f->s.lanes, c1 = c0 + f->s.lanes;
  struct extra_run run = {.slice = f->slice, .array = f->array, .blocks = {kb, kb + 1}, .kh = 1};
  int hits = 0;
  for (int ky = 0; ky < f->s.kh; ky++)
    for (int kx = 0; kx < f->s.kw; kx++) hits += any_weight(f, ky, kx, c0, c1);
  if (hits == f->s.kh * f->s.kw) {
    run.kh = f->s.kh;
    run.kw = f->s.kw;
    add_run(f, &run);
    return;
  }
  for (run.ky = 0; run.ky < f->s.kh && hits > 0; run.ky++)
    for (int kx = 0; kx < f->s.kw; kx++) {
      if (!any_weight(f, run.ky, kx, c0, c1)) continue;
      if (run.kw == 0) run.kx = kx;
      run.kw++;
      if (kx + 1 < f->s.kw && any_weight(f, run.ky, kx + 1, c0, c1)) continue;
      add_run(f, &run);
      run.kw = 0;
    }
}

static int steps_of(const struct extra_run *r) { return (r->blocks.end - r->blocks.first) * r->kh * r->kw; }

/* Neighbouring runs of a slice share a piece while it is not too large. */
static int cut_pieces(struct search *f) {
  struct extra *x = f->x;
  x->pieces = calloc((size_t)x->n_runs + 1, sizeof *x->pieces);
  if (!x->pieces) return TETRA_ENOMEM;
  for (int i = 0; i < x->n_runs; i++) {
    struct extra_run *r = &x->runs[i];
    const int steps = steps_of(r);
    struct extra_piece *p = x->n_pieces > 0 ? &x->pieces[x->n_pieces - 1] : NULL;
    if (!p || x->runs[i - 1].slice != r->slice || p->steps + steps > f->most_steps) {
      p = &x->pieces[x->n_pieces++];
      *p = (struct extra_piece){.before = x->steps};
    }
    r->piece = x->n_pieces - 1;
    r->before = p->steps;
    p->steps += steps;
    x->steps += steps;
  }
  return TETRA_OK;
}

/* The first run of each slice, and the most steps that the slices of one channel tile have. */
static int index_slices(struct extra *x, int slices, int parts) {
  x->slice_run = calloc((size_t)slices + 1, sizeof *x->slice_run);
  if (!x->slice_run) return TETRA_ENOMEM;
  for (int i = 0; i < x->n_runs; i++) x->slice_run[x->runs[i].slice + 1] = i + 1;
  for (int k = 0; k < slices; k++) x->slice_run[k + 1] = max_int(x->slice_run[k + 1], x->slice_run[k]);
  for (int k = 0; k < slices; k += parts) {
    int steps = 0;
    for (int i = x->slice_run[k]; i < x->slice_run[min_int(slices, k + parts)]; i++) steps += steps_of(&x->runs[i]);
    x->tile_steps = max_int(x->tile_steps, steps);
  }
  return TETRA_OK;
}

static int find_of(struct extra *x, const struct tetra_graph *g, const struct tetra_caps *caps, int op) {
  *x = (struct extra){0};
  if (g->ops[op].kind != TETRA_CONV || g->ops[op].extra == 0) return TETRA_OK;
  struct search f = {.op = &g->ops[op], .s = weight_shape(g, caps->n, op), .x = x};
  f.cin = g->values[f.op->input].d.c;
  x->step_halfwords = caps->n * (f.s.act8 ? 1u : 2u);
  f.most_steps = max_int(f.s.kh * f.s.kw, (int)(caps->wgt_words / kPieces / x->step_halfwords));
  f.most_kb = f.most_steps / (f.s.kh * f.s.kw);
  const int slices = weight_slices(&f.s);
  for (f.slice = 0; f.slice < slices; f.slice++)
    for (f.array = 1; f.array <= f.op->extra; f.array++) {
      const struct blocks b = weight_blocks(&f.s, f.slice);
      for (int kb = b.first; kb < b.end && !f.failed; kb++) find_in_block(&f, kb);
    }
  if (f.failed || cut_pieces(&f) != TETRA_OK) return TETRA_ENOMEM;
  return index_slices(x, slices, 2);
}

int extras_find(struct program *p) {
  p->extra = calloc((size_t)p->g->n_ops, sizeof *p->extra);
  int rc = p->extra ? TETRA_OK : TETRA_ENOMEM;
  for (int i = 0; rc == TETRA_OK && i < p->g->n_ops; i++) rc = find_of(&p->extra[i], p->g, &p->caps, i);
  return rc;
}

void extras_free(struct program *p) {
  for (int i = 0; p->extra && i < p->g->n_ops; i++) {
    free(p->extra[i].runs);
    free(p->extra[i].pieces);
    free(p->extra[i].slice_run);
  }
  free(p->extra);
  p->extra = NULL;
}
