/* Metadata of our own. "tetra.nested:LAYER": the biases of the 4-bit layer that LAYER's 8-bit weights hold, as whole
 * numbers in units of its accumulator, one an output channel; "tetra.residual": "separate". Other readers of ONNX see
 * the 8-bit network, with one rounding, alone. */
#include "onnx/file/metadata.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/report.h"
#include "tetra/separate.h"

static const char prefix[] = "tetra.nested:";

static const char *layer_of(const Onnx__StringStringEntryProto *e) {
  return e->key && strncmp(e->key, prefix, sizeof prefix - 1) == 0 ? e->key + sizeof prefix - 1 : NULL;
}

/* The convolution of that name; NULL: none. */
static const struct tetra_op *find_op(const struct tetra_graph *g, const char *name) {
  for (int i = 0; i < g->n_ops; i++)
    if (g->ops[i].kind == TETRA_CONV && strcmp(g->ops[i].name, name) == 0) return &g->ops[i];
  return NULL;
}

/* cout whole numbers of 32 bits, separated by spaces, and nothing else. */
static int parse_biases(const char *text, int n, int32_t *bias) {
  for (int c = 0; c < n; c++) {
    char *end;
    errno = 0;
    const long v = strtol(text, &end, 10);
    if (end == text || errno || v < INT32_MIN || v > INT32_MAX) return 0;
    bias[c] = (int32_t)v;
    text = end;
  }
  return *text == '\0';
}

static int read_layer(struct onnx_reader *x, const char *name, const char *text, struct tetra_nested_layer *l) {
  import_name(l->name, name);
  const struct tetra_op *op = find_op(&x->m->graph, l->name);
  if (!op)
    return tetra_fail(x->arena->err, TETRA_EINVAL, "metadata '%s%s' names no convolution of the network", prefix,
                      l->name);
  l->n = op->cout;
  l->bias = tetra_arena_alloc(x->arena, (size_t)l->n, sizeof *l->bias);
  if (!l->bias) return tetra_arena_failed(x->arena);
  if (text && parse_biases(text, l->n, l->bias)) return TETRA_OK;
  return tetra_fail(x->arena->err, TETRA_EINVAL, "metadata '%s%s' must be %d whole numbers of 32 bits", prefix, l->name,
                    l->n);
}

static int read_nested(struct onnx_reader *x, const Onnx__ModelProto *model) {
  struct tetra_model *m = x->m;
  int n = 0, rc = TETRA_OK;
  for (size_t i = 0; i < model->n_metadata_props; i++) n += layer_of(model->metadata_props[i]) != NULL;
  if (!n) return TETRA_OK;
  m->nested = tetra_arena_alloc(x->arena, (size_t)n, sizeof *m->nested);
  if (!m->nested) return tetra_arena_failed(x->arena);
  for (size_t i = 0; i < model->n_metadata_props && !rc; i++) {
    const Onnx__StringStringEntryProto *e = model->metadata_props[i];
    const char *name = layer_of(e);
    if (!name) continue;
    rc = read_layer(x, name, e->value, &m->nested[m->n_nested]);
    m->n_nested++;
  }
  return rc;
}

static int read_residual(struct onnx_reader *x, const char *value) {
  char safe[TETRA_NAME_MAX];
  struct tetra_graph *g = &x->m->graph;
  if (value && strcmp(value, "separate") == 0) {
    const int rc = tetra_separate(g, x->arena->err);
    return rc ? rc : tetra_graph_check(g, x->arena->err);
  }
  import_name(safe, value ? value : "");
  return tetra_fail(x->arena->err, TETRA_EINVAL, "metadata 'tetra.residual' is '%s', must be 'separate'", safe);
}

int onnx_read_metadata(struct onnx_reader *x, const Onnx__ModelProto *model) {
  for (size_t i = 0; i < model->n_metadata_props; i++) {
    const Onnx__StringStringEntryProto *e = model->metadata_props[i];
    if (!e->key || strcmp(e->key, "tetra.residual") != 0) continue;
    const int rc = read_residual(x, e->value);
    if (rc) return rc;
  }
  return read_nested(x, model);
}
