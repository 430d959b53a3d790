/* Networks are made once for all points that share them: built-in ones by their options, those of files by the
 * accelerator that ops are fused for, from a file that is read once. */
#include "commands/sweep/shapes.h"

#include <stdlib.h>
#include <string.h>

#include "cli/hardware.h"
#include "tetra/fuse.h"
#include "tetra/network.h"

static void drop(struct sweep_shape *x) {
  if (x->used == 0) return;
  if (x->from_source)
    sim_source_close(&x->source);
  else
    tetra_graph_free(&x->g);
  sweep_line_free(&x->line);
  memset(x, 0, sizeof *x);
}

static void drop_import(struct sweep_import *m) {
  if (m->is_there && m->rc == TETRA_OK) sim_source_close(&m->source);
  if (m->is_there) sweep_line_free(&m->line);
  memset(m, 0, sizeof *m);
}

void sweep_shapes_free(struct sweep_shapes *all) {
  drop_import(&all->import);
  for (int i = 0; i < SWEEP_SHAPES_KEPT; i++) drop(&all->kept[i]);
}

/* The point without the axes from `first` on. */
static struct sim_point key_of(const struct sim_point *p, int first) {
  struct sim_point key = *p;
  for (int a = first; a < SIM_AXES; a++) key.v[a] = 0;
  return key;
}

/* The file of the point, read now unless it is the one that was read last. Why it was refused is kept, too; that there
 * was no memory, or no file, may be over the next time. */
static int find_import(struct sweep_shapes *all, const struct sim_point *p, struct sweep_import **out,
                       struct tetra_error *err) {
  const struct sim_notes quiet = {NULL, NULL};
  const struct sim_point key = key_of(p, SIM_AXIS_ARRAY);
  struct sweep_import *m = *out = &all->import;
  if (!m->is_there || !sim_point_is(&m->key, &key)) {
    drop_import(m);
    m->key = key;
    m->is_there = 1;
    m->rc = sweep_line_read(all->s, p, SWEEP_LINE_MODEL, &m->line, &m->o, &m->err);
    m->o.net.fuse = 0;
    if (m->rc == TETRA_OK) m->rc = sim_source_open(&m->source, &m->o, m->o.net.batch, &quiet, &m->err);
  }
  const int rc = m->rc;
  if (rc != TETRA_OK) *err = m->err;
  if (rc == TETRA_ENOMEM || rc == TETRA_EIO) drop_import(m);
  return rc;
}

static int copy_requant(struct tetra_requant *rq, int channels) {
  const struct tetra_requant_channel *ch = rq->ch;
  const size_t bytes = (size_t)channels * sizeof *ch;
  rq->ch = ch == NULL ? NULL : malloc(bytes);
  if (ch == NULL) return 1;
  if (rq->ch != NULL) memcpy(rq->ch, ch, bytes);
  return rq->ch != NULL;
}

/* The op without weights, but still with the word that it holds wide ones, which a plan depends on. */
static int copy_op(const struct tetra_op *from, struct tetra_graph *g) {
  struct tetra_op op = *from;
  int ok = 1;
  op.weights = NULL;
  op.wide = from->wide == NULL ? NULL : calloc(1, 1);
  if (from->wide != NULL && op.wide == NULL) ok = 0;
  for (int o = 0; o < TETRA_MAX_OUTPUTS; o++) ok &= copy_requant(&op.rq[o], op.cout);
  if (ok && tetra_graph_add_op(g, &op) >= 0) return 1;
  for (int o = 0; o < TETRA_MAX_OUTPUTS; o++) free(op.rq[o].ch);
  free(op.wide);
  return 0;
}

static int copy_shapes(const struct tetra_graph *from, struct tetra_graph *g, struct tetra_error *err) {
  int ok = 1;
  memset(g, 0, sizeof *g);
  memcpy(g->name, from->name, sizeof g->name);
  for (int v = 0; v < from->n_values && ok; v++)
    ok = tetra_graph_add_value(g, from->values[v].name, &from->values[v].d) >= 0;
  for (int i = 0; i < from->n_ops && ok; i++) ok = copy_op(&from->ops[i], g);
  if (!ok) {
    tetra_graph_free(g);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for the shapes of '%s'", from->name);
  }
  for (int v = 0; v < from->n_values; v++) g->values[v].producer = from->values[v].producer;
  g->input = from->input;
  g->output = from->output;
  return TETRA_OK;
}

/* Ops of a file are fused where the hardware has room for that. */
static int make_of_file(struct sweep_shapes *all, const struct sim_point *p, struct sweep_shape *x,
                        struct tetra_error *err) {
  const struct tetra_caps caps = sim_study_caps(p);
  struct tetra_fused gone = {NULL, 0};
  struct sweep_import *m = NULL;
  int rc = find_import(all, p, &m, err);
  if (rc == TETRA_OK) rc = copy_shapes(&m->source.m.graph, &x->g, err);
  if (rc != TETRA_OK) return rc;
  rc = tetra_fuse(&x->g, &caps, &gone, err);
  tetra_fused_free(&gone);
  if (rc != TETRA_OK) tetra_graph_free(&x->g);
  return rc;
}

static int make_builtin(const struct sweep_shapes *all, const struct sim_point *p, struct sweep_shape *x,
                        struct tetra_error *err) {
  const struct sim_notes quiet = {NULL, NULL};
  int rc = sweep_line_read(all->s, p, SWEEP_LINE_MODEL, &x->line, &x->o, err);
  if (rc == TETRA_OK && x->from_source) {
    rc = sim_source_open(&x->source, &x->o, x->o.net.batch, &quiet, err);
  } else if (rc == TETRA_OK) {
    struct tetra_network_options net = x->o.net;
    net.pool_cols = x->pool_cols;
    rc = tetra_network_build_shapes(&net, &x->g, err);
  }
  if (rc != TETRA_OK) sweep_line_free(&x->line);
  return rc;
}

static const struct tetra_graph *graph_of(const struct sweep_shape *x) {
  return x->from_source ? &x->source.m.graph : &x->g;
}

int sweep_shapes_find(struct sweep_shapes *all, const struct sim_point *p, int pool_cols, const struct tetra_graph **g,
                      struct tetra_error *err) {
  /* A built-in network's weights, which bits narrow, follow from its options. */
  const int of_file = sim_study_is_file(all->s, p), from_source = !of_file && p->v[SIM_AXIS_BITS] >= 0;
  const struct sim_point key = key_of(p, of_file || from_source ? SIM_AXIS_RATE : SIM_AXIS_ARRAY);
  struct sweep_shape *oldest = &all->kept[0];
  for (struct sweep_shape *x = all->kept; x < all->kept + SWEEP_SHAPES_KEPT; x++) {
    if (x->used != 0 && x->pool_cols == pool_cols && sim_point_is(&x->key, &key)) {
      x->used = ++all->now;
      *g = graph_of(x);
      return TETRA_OK;
    }
    if (x->used < oldest->used) oldest = x;
  }
  drop(oldest);
  oldest->key = key;
  oldest->pool_cols = pool_cols;
  oldest->from_source = from_source;
  const int rc = of_file ? make_of_file(all, p, oldest, err) : make_builtin(all, p, oldest, err);
  if (rc == TETRA_OK) {
    oldest->used = ++all->now;
    *g = graph_of(oldest);
  } else {
    memset(oldest, 0, sizeof *oldest);
  }
  return rc;
}
