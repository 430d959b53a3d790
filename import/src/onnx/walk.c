/* The walk over an ONNX graph: its opset and input, then node after node to the converter of its operation. */
#include <string.h>

#include "onnx/file/const.h"
#include "onnx/emit.h"
#include "onnx/fold.h"
#include "onnx/refused/guess.h"
#include "onnx/file/load.h"
#include "onnx/node.h"
#include "onnx/file/view.h"
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
    const int is_batch = i == 0 && *rank > 1;
    /* Some writers have 0 or -1 for a batch without a number. */
    const int open = dim->dim_value == 0 || (is_batch && dim->dim_value == -1);
    const int known = dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE && !open;
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

/* How nodes are converted. */
struct way {
  const struct onnx_operations *ops;
  const struct onnx_host *host; /* or NULL */
};

/* Why there is no converter. */
static const char *without_converter(const struct onnx_node *n, int on_host) {
  if (!strncmp(onnx_op_type(n), "Dynamic", 7))
    return "its scales are only known when it runs: ./sim quantize FILE --calibrate IMAGES -o FILE.tetra.onnx makes a "
           "network with known ones of the float one";
  return on_host ? "behind the last quantization, and the host has no such operation"
                 : "the accelerator has no such operation";
}

static int convert_node(struct onnx_reader *x, const struct onnx_node *n, const void *how) {
  const struct way *way = how;
  int folded = 0, rc;
  if (is_in_domain(n->p->domain, ONNX_STANDARD)) {
    if ((rc = onnx_fold(x, n, &folded)) || folded) return rc;
  }
  const int on_host = way->host && way->host->takes(x, n);
  const struct onnx_converter *c = find_converter(on_host ? way->host->operations : way->ops, n);
  if (!c) return onnx_refuse(x, n, "%s", without_converter(n, on_host));
  for (int i = 0; i < c->min_in; i++)
    if (!onnx_in(x, n, i)) return onnx_broken(x, n, "input %d is missing", i);
  if (on_host && (rc = way->host->enter(x, n))) return rc;
  return c->convert(x, n);
}

/* Is it what exporters calculate shapes with? Of one that is not known there is nothing to say. */
static int calculates_shape(const struct onnx_reader *x, const struct onnx_node *n) {
  static const char *const ops[] = {"Shape", "Gather", "Concat", "ConstantOfShape", "Range", "Floor", "Equal", "Where"};
  int unknown = !strcmp(onnx_op_type(n), "Shape");
  for (int i = 0; i < n->n_in; i++)
    unknown |= onnx_is_poison(onnx_in(x, n, i)) && onnx_in(x, n, i)->known == ONNX_NOTHING;
  for (size_t i = 0; unknown && i < sizeof ops / sizeof *ops; i++)
    if (!strcmp(onnx_op_type(n), ops[i])) return 1;
  return 0;
}

/* A constant of a type that is not read is refused where it is used: ONNX_REFUSED. */
static int refuse_constants(struct onnx_reader *x, const struct onnx_node *n) {
  int rc = TETRA_OK;
  for (int i = 0; i < n->n_in && (rc == TETRA_OK || rc == ONNX_REFUSED); i++) {
    const struct onnx_tensor *t = onnx_in(x, n, i);
    if (onnx_is_poison(t) && t->init)
      rc = onnx_refuse(x, n, "element type %s of '%s'; read are " ONNX_READ_TYPES, onnx_type_name(t->init->data_type),
                       import_name_end(t->name));
  }
  return rc;
}

/* A node that reads what a refused one gives. */
static int convert_poisoned(struct onnx_reader *x, const struct onnx_node *n, const struct way *way) {
  const int unread = onnx_is_other_half(x, n) ? TETRA_OK : refuse_constants(x, n);
  if (unread && unread != ONNX_REFUSED) return unread;
  const int known =
      find_converter(way->ops, n) || (way->host && n->in_tail && find_converter(way->host->operations, n));
  if (!known && !calculates_shape(x, n)) return onnx_refuse(x, n, "%s", without_converter(n, n->in_tail && x->floats));
  const int rc = onnx_guess(x, n, convert_node, way);
  return rc ? rc : unread;
}

/* ONNX_REFUSED where the file itself is wrong, too: what comes behind is looked at all the same. */
static int convert(struct onnx_reader *x, const struct onnx_node *n, const struct way *way) {
  int poisoned = 0, rc;
  for (int i = 0; i < n->n_in; i++) poisoned |= onnx_is_poison(onnx_in(x, n, i));
  if (!onnx_out(x, n, 0))
    rc = onnx_refuse(x, n, "without its first output");
  else
    rc = poisoned ? convert_poisoned(x, n, way) : convert_node(x, n, way);
  if (rc != TETRA_EINVAL) return rc;
  if (!x->broken.code) x->broken = *x->arena->err;
  return ONNX_REFUSED;
}

int onnx_convert_nodes(struct onnx_reader *x, const struct onnx_operations *ops, const struct onnx_host *host) {
  const struct way way = {ops, host};
  int rc = host ? host->mark(x) : TETRA_OK;
  for (int i = 0; !rc && i < x->n_nodes; i++) {
    if (!x->nodes[i].needed) continue;
    rc = convert(x, &x->nodes[i], &way);
    if (rc == ONNX_REFUSED) rc = onnx_guess_outputs(x, &x->nodes[i]);
  }
  if (rc || !x->broken.code) return rc;
  return tetra_fail(x->arena->err, x->broken.code, "%s", x->broken.msg);
}

int onnx_start(struct onnx_reader *x, const Onnx__ModelProto *model) {
  int rc;
  x->proto = model->graph;
  if (x->o->batch < 1) return tetra_fail(x->arena->err, TETRA_EINVAL, "batch %d, must be at least 1", x->o->batch);
  if ((rc = check_opsets(x, model)) || (rc = onnx_load(x))) return rc;
  rc = start_input(x);
  if (rc != TETRA_EINVAL) return rc;
  x->broken = *x->arena->err; /* what is wrong with the rest is said, too */
  struct onnx_tensor *t = &x->tensors[x->input];
  t->kind = ONNX_POISON;
  t->known = t->n > 0 && t->h > 0 && t->w > 0 && t->c_ > 0 ? ONNX_SHAPE : ONNX_NOTHING;
  return TETRA_OK;
}
