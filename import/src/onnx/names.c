/* Where the numbers of each of the file's tensors are, so that they can be asked for by their names. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/names.h"
#include "onnx/names.h"
#include "onnx/file/view.h"

static int only_renames(const char *op) {
  return !strcmp(op, "Identity") || !strcmp(op, "Dropout") || !strcmp(op, "Cast") || !strcmp(op, "Reshape") ||
         !strcmp(op, "Squeeze") || !strcmp(op, "Unsqueeze") || !strcmp(op, "Flatten");
}

static void set_value(const struct onnx_reader *x, int exact, int value, double scale, int zp,
                      struct tetra_tensor_name *out) {
  *out = (struct tetra_tensor_name){.exact = exact, .scale = scale, .zero_point = zp};
  snprintf(out->value, sizeof out->value, "%s", x->m->graph.values[value].name);
}

/* The tensor that t is another name of, in the host's part. */
static const struct onnx_tensor *renamed(const struct onnx_reader *x, const struct onnx_tensor *t) {
  while (t->producer >= 0 && only_renames(onnx_op_type(&x->nodes[t->producer]))) {
    const struct onnx_tensor *in = onnx_in(x, &x->nodes[t->producer], 0);
    if (!in || in->kind != ONNX_PLAIN || in->view.value != t->view.value) break;
    t = in;
  }
  return t;
}

/* Of the host's part. A node that has taken over a factor behind it has the later tensor's name. */
static int in_tail(const struct onnx_reader *x, const struct onnx_tensor *t, struct tetra_tensor_name *out) {
  char safe[TETRA_NAME_MAX];
  const int v = t->view.value;
  if (v == x->floats->input) {
    const struct onnx_view *from = &x->tail->from;
    set_value(x, 1, x->tail->value, from->scale, from->zp, out);
    return 1;
  }
  import_name(safe, renamed(x, t)->name);
  if (v >= x->floats->n_values || strcmp(x->floats->values[v].name, safe)) return 0;
  *out = (struct tetra_tensor_name){.exact = 1, .in_tail = 1};
  snprintf(out->value, sizeof out->value, "%s", safe);
  return 1;
}

/* 1 where t's numbers are somewhere, or the value is known that its op ends in. */
static int find_own(const struct onnx_reader *x, const struct onnx_tensor *t, struct tetra_tensor_name *out) {
  if (t->kind == ONNX_PLAIN) return in_tail(x, t, out);
  if (t->kind == ONNX_REAL && t->deferred && t->deferred->n_out) {
    set_value(x, 0, t->deferred->value[0], 0, 0, out);
    return 1;
  }
  if (t->kind != ONNX_CODES && (t->kind != ONNX_REAL || t->deferred)) return 0;
  if (!onnx_view_is_whole(x, &t->view) || !isinf(t->lo) || !isinf(t->hi)) return 0;
  set_value(x, 1, t->view.value, t->view.scale, t->view.zp, out);
  return 1;
}

/* What the node that reads a tensor gives, known already. */
static int find_behind(const struct onnx_reader *x, const struct onnx_tensor *t, const struct tetra_tensor_name *of,
                       const char *found, struct tetra_tensor_name *out) {
  const int reader = t->reader, behind = reader < 0 || !x->nodes[reader].n_out ? -1 : x->nodes[reader].out[0];
  if (t->kind == ONNX_CONSTANT || t->kind == ONNX_POISON || behind < 0 || !found[behind]) return 0;
  *out = of[behind];
  out->exact = 0;
  return 1;
}

/* The host's softmax, and what else nothing is behind of: what it reads. */
static int find_before(const struct onnx_reader *x, const struct onnx_tensor *t, const struct tetra_tensor_name *of,
                       const char *found, struct tetra_tensor_name *out) {
  const struct onnx_node *n = t->producer < 0 ? NULL : &x->nodes[t->producer];
  if (!n || t->kind == ONNX_CONSTANT || t->kind == ONNX_POISON || !n->n_in || n->in[0] < 0 || !found[n->in[0]])
    return 0;
  *out = of[n->in[0]];
  out->exact = 0;
  return 1;
}

static int add_names(struct onnx_reader *x, const struct tetra_tensor_name *of, const char *found) {
  int rc = TETRA_OK;
  for (int i = 0; rc == TETRA_OK && i < x->n_tensors; i++)
    if (found[i]) rc = import_add_name(x->m, x->tensors[i].name, &of[i], x->arena->err);
  for (int i = 0; rc == TETRA_OK && i < x->n_nodes; i++) {
    const struct onnx_node *n = &x->nodes[i];
    const int out = n->n_out ? n->out[0] : -1;
    if (n->needed && n->p->name && *n->p->name && out >= 0 && found[out])
      rc = import_add_name(x->m, n->p->name, &of[out], x->arena->err);
  }
  return rc;
}

int onnx_name_tensors(struct onnx_reader *x) {
  struct tetra_tensor_name *of = tetra_arena_alloc(x->arena, (size_t)x->n_tensors, sizeof *of);
  char *found = tetra_arena_alloc(x->arena, (size_t)x->n_tensors, 1);
  if (!of || !found) return tetra_arena_failed(x->arena);
  for (int i = x->n_nodes; i >= 0; i--) /* those behind come first; the input last */
    for (int k = 0; k < (i ? x->nodes[i - 1].n_out : 1); k++) {
      const int t = i ? x->nodes[i - 1].out[k] : x->input;
      if (t < 0 || !x->tensors[t].n_uses) continue;
      const struct onnx_tensor *tensor = &x->tensors[t];
      found[t] = (char)(find_own(x, tensor, &of[t]) || find_behind(x, tensor, of, found, &of[t]));
    }
  for (int i = 0; i < x->n_nodes; i++)
    for (int k = 0; k < x->nodes[i].n_out; k++) {
      const int t = x->nodes[i].out[k];
      if (t >= 0 && x->tensors[t].n_uses && !found[t])
        found[t] = (char)find_before(x, &x->tensors[t], of, found, &of[t]);
    }
  return add_names(x, of, found);
}
