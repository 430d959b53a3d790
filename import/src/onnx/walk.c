/* The walk over an ONNX graph: its opset and input, then node after node to the converter of its operation. */
#include <string.h>

#include "onnx/const.h"
#include "onnx/emit.h"
#include "onnx/fold.h"
#include "onnx/load.h"
#include "onnx/node.h"
#include "onnx/view.h"
#include "onnx/walk.h"

/* Opsets of the default domain whose operators were read. */
enum { oldest_opset = 7, newest_opset = 25 };

static const char *const domain_names[][3] = {{"", "ai.onnx", ""},
                                              {"com.microsoft", "", ""},
                                              {"qonnx.custom_op.general", "finn.custom_op.general", "onnx.brevitas"}};

static int is_in_domain(const char *name, enum onnx_domain d) {
  for (int i = 0; i < 3; i++)
    if (!strcmp(name ? name : "", domain_names[d][i]) && (*domain_names[d][i] || d == ONNX_STANDARD)) return 1;
  return 0;
}

static int check_opsets(struct onnx_reader *x, const Onnx__ModelProto *model) {
  for (size_t i = 0; i < model->n_opset_import; i++)
    if (is_in_domain(model->opset_import[i]->domain, ONNX_STANDARD)) x->opset = model->opset_import[i]->version;
  if (x->opset >= oldest_opset && x->opset <= newest_opset) return TETRA_OK;
  return tetra_fail(x->arena->err, TETRA_EINVAL, "opset %lld; those from %d to %d are read", (long long)x->opset,
                    oldest_opset, newest_opset);
}

/* The input's dimensions; a batch of 1 or without a number becomes o->batch. */
static int input_dims(struct onnx_reader *x, const Onnx__TypeProto__Tensor *type, int64_t d[4], int *rank) {
  const Onnx__TensorShapeProto *s = type->shape;
  char name[TETRA_NAME_MAX];
  import_name(name, x->tensors[x->input].name);
  if (!s || (s->n_dim != 4 && s->n_dim != 2 && s->n_dim != 1))
    return tetra_fail(x->arena->err, TETRA_EINVAL, "input '%s' has rank %zu, must be 4, 2 or 1", name,
                      s ? s->n_dim : 0);
  *rank = (int)s->n_dim;
  for (int i = 0; i < *rank; i++) {
    const Onnx__TensorShapeProto__Dimension *dim = s->dim[i];
    const int known = dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE && dim->dim_value != 0;
    const int is_batch = i == 0 && *rank > 1;
    d[i] = known ? dim->dim_value : is_batch ? 1 : 0;
    if (is_batch && d[i] == 1) {
      x->batch_replaced = x->o->batch != 1;
      d[i] = x->o->batch;
    }
    if (d[i] < 1 || d[i] > ONNX_DIM_MAX)
      return tetra_fail(x->arena->err, TETRA_EINVAL, "input '%s': dimension %d is %lld, must be known and 1..%d", name,
                        i, (long long)d[i], ONNX_DIM_MAX);
  }
  return TETRA_OK;
}

static int start_input(struct onnx_reader *x) {
  struct onnx_tensor *t = &x->tensors[x->input];
  const Onnx__TypeProto *type = x->input_info->type;
  char name[TETRA_NAME_MAX];
  import_name(name, t->name);
  if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type)
    return tetra_fail(x->arena->err, TETRA_EINVAL, "input '%s' is not a tensor", name);
  int64_t d[4];
  int rc = input_dims(x, type->tensor_type, d, &t->rank);
  if (rc) return rc;
  t->n = t->rank > 1 ? (int)d[0] : 1;
  t->c_ = (int)d[t->rank > 1 ? 1 : 0];
  t->h = t->rank == 4 ? (int)d[2] : 1;
  t->w = t->rank == 4 ? (int)d[3] : 1;
  t->linear = 1;
  x->m->input_nchw = 1;
  x->m->graph.input = -1;
  const int elem = type->tensor_type->elem_type;
  t->kind = ONNX_INPUT;
  if (elem == ONNX_FLOAT || elem == ONNX_FLOAT16) return TETRA_OK;
  if (!onnx_is_code_type(elem))
    return tetra_fail(x->arena->err, TETRA_EINVAL, "input '%s' has element type %s, must be float, (u)int8 or (u)int4",
                      name, onnx_type_name(elem));
  const struct tetra_desc desc = {t->n, t->h, t->w, t->c_, onnx_fmt(elem), 0, 1.0};
  struct onnx_view v;
  if ((rc = onnx_add_value(x, t->name, &desc, &x->m->graph.input))) return rc;
  onnx_view_whole(x, &v, x->m->graph.input);
  onnx_set_view(t, ONNX_CODES, &v, t);
  t->linear = 1;
  return TETRA_OK;
}

static const struct onnx_converter *find_converter(const struct onnx_operations *ops, const struct onnx_node *n) {
  for (size_t k = 0; k < ops->n; k++)
    if (!strcmp(onnx_op_type(n), ops->list[k].op) && is_in_domain(n->p->domain, ops->list[k].domain))
      return &ops->list[k];
  return NULL;
}

static int convert_node(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_operations *ops,
                        const struct onnx_host *host) {
  int poisoned = 0, folded = 0, rc;
  if (!onnx_out(x, n, 0)) return onnx_refuse(x, n, "without its first output");
  for (int i = 0; i < n->n_in; i++) poisoned |= onnx_in(x, n, i) && onnx_in(x, n, i)->kind == ONNX_POISON;
  if (!poisoned && is_in_domain(n->p->domain, ONNX_STANDARD)) {
    if ((rc = onnx_fold(x, n, &folded)) || folded) return rc;
  }
  const int on_host = host && !poisoned && host->takes(x, n);
  const struct onnx_converter *c = find_converter(on_host ? host->operations : ops, n);
  if (!c && on_host) return onnx_refuse(x, n, "behind the last quantization, and the host has no such operation");
  if (!c) return onnx_refuse(x, n, "the accelerator has no such operation");
  if (poisoned) return ONNX_REFUSED;
  for (int i = 0; i < c->min_in; i++)
    if (!onnx_in(x, n, i)) return onnx_broken(x, n, "input %d is missing", i);
  if (on_host && (rc = host->enter(x, n))) return rc;
  return c->convert(x, n);
}

int onnx_convert_nodes(struct onnx_reader *x, const struct onnx_operations *ops, const struct onnx_host *host) {
  const int marked = host ? host->mark(x) : TETRA_OK;
  if (marked) return marked;
  for (int i = 0; i < x->n_nodes; i++) {
    if (!x->nodes[i].needed) continue;
    const int rc = convert_node(x, &x->nodes[i], ops, host);
    if (rc == ONNX_REFUSED)
      for (int k = 0; k < x->nodes[i].n_out; k++) {
        struct onnx_tensor *t = onnx_out(x, &x->nodes[i], k);
        if (t) t->kind = ONNX_POISON;
      }
    else if (rc)
      return rc;
  }
  return TETRA_OK;
}

int onnx_start(struct onnx_reader *x, const Onnx__ModelProto *model) {
  int rc;
  x->proto = model->graph;
  if (x->o->batch < 1) return tetra_fail(x->arena->err, TETRA_EINVAL, "batch %d, must be at least 1", x->o->batch);
  if ((rc = check_opsets(x, model)) || (rc = onnx_load(x))) return rc;
  return start_input(x);
}
