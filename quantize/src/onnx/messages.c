/* ONNX's messages: memory for them, lists that grow, and their packing. */
#include "messages.h"

#include <stdlib.h>
#include <string.h>

#include "tetra/onnx_type.h"

static void *room(struct msg_graph *m, size_t count, size_t size) {
  void *p = m->failed ? NULL : tetra_arena_alloc(m->arena, count, size);
  if (p == NULL) m->failed = 1;
  return p;
}

static char *copy(struct msg_graph *m, const char *text) {
  const size_t size = strlen(text) + 1;
  char *p = room(m, size, 1);
  if (p != NULL) memcpy(p, text, size);
  return p;
}

/* Appends a pointer to a list of n pointers, `list` being where the list's address is kept; its room doubles where n is
 * a power of two. Without memory nothing happens; 0 then. */
static int append(struct msg_graph *m, void *list, size_t *n, const void *element) {
  void **at;
  memcpy(&at, list, sizeof at);
  if ((*n & (*n - 1)) == 0) {
    void **p = room(m, *n == 0 ? 1 : 2 * *n, sizeof *p);
    if (p != NULL && *n > 0) memcpy(p, at, *n * sizeof *p);
    at = p;
  }
  if (m->failed) return 0;
  memcpy(&at[(*n)++], &element, sizeof element);
  memcpy(list, &at, sizeof at);
  return 1;
}

void msg_begin(struct msg_graph *m, struct tetra_arena *arena) {
  m->arena = arena;
  m->failed = 0;
  onnx__model_proto__init(&m->model);
  onnx__graph_proto__init(&m->graph);
  m->model.graph = &m->graph;
}

int msg_pack(struct msg_graph *m, uint8_t **bytes, size_t *size) {
  if (m->failed) return m->arena->err->code;
  *size = onnx__model_proto__get_packed_size(&m->model);
  *bytes = malloc(*size);
  if (*bytes == NULL) return tetra_fail(m->arena->err, TETRA_ENOMEM, "no memory for a model file of %zu bytes", *size);
  onnx__model_proto__pack(&m->model, *bytes);
  return TETRA_OK;
}

/* An initializer without data. */
static Onnx__TensorProto *tensor(struct msg_graph *m, const char *name, int type, int rank, const int64_t *dims) {
  Onnx__TensorProto *t = room(m, 1, sizeof *t);
  int64_t *sides = rank == 0 ? NULL : room(m, (size_t)rank, sizeof *sides);
  char *text = copy(m, name);
  if (!append(m, &m->graph.initializer, &m->graph.n_initializer, t)) return NULL;
  onnx__tensor_proto__init(t);
  if (sides != NULL) memcpy(sides, dims, (size_t)rank * sizeof *sides);
  t->n_dims = (size_t)rank;
  t->dims = sides;
  t->has_data_type = 1;
  t->data_type = type;
  t->name = text;
  return t;
}

uint8_t *msg_tensor(struct msg_graph *m, const char *name, int type, int rank, const int64_t *dims, size_t bytes) {
  Onnx__TensorProto *t = tensor(m, name, type, rank, dims);
  uint8_t *data = room(m, bytes, 1);
  if (t == NULL) return NULL;
  t->has_raw_data = 1;
  t->raw_data = (ProtobufCBinaryData){bytes, data};
  return data;
}

void msg_absent(struct msg_graph *m, const char *name, int type, int rank, const int64_t *dims) {
  Onnx__TensorProto *t = tensor(m, name, type, rank, dims);
  if (t == NULL) return;
  t->has_data_location = 1;
  t->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
}

void msg_store(uint8_t *to, uint64_t v, int bytes) {
  for (int i = 0; i < bytes; i++) to[i] = (uint8_t)(v >> (8 * i));
}

void msg_store_float(uint8_t *to, float v) {
  uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  msg_store(to, bits, 4);
}

void msg_floats(struct msg_graph *m, const char *name, int rank, int n, const float *v) {
  const int64_t dims[] = {n};
  uint8_t *p = msg_tensor(m, name, ONNX_FLOAT, rank, dims, 4 * (size_t)n);
  for (int i = 0; p != NULL && i < n; i++) msg_store_float(p + 4 * (size_t)i, v[i]);
}

void msg_whole(struct msg_graph *m, const char *name, int type, int n, const int64_t *v) {
  const int bytes = type == ONNX_INT32 ? 4 : 8;
  const int64_t dims[] = {n};
  uint8_t *p = msg_tensor(m, name, type, 1, dims, (size_t)bytes * (size_t)n);
  for (int i = 0; p != NULL && i < n; i++) msg_store(p + (size_t)bytes * (size_t)i, (uint64_t)v[i], bytes);
}

Onnx__NodeProto *msg_node(struct msg_graph *m, const char *op, const char *name) {
  Onnx__NodeProto *node = room(m, 1, sizeof *node);
  char *const kind = copy(m, op), *const text = copy(m, name);
  if (!append(m, &m->graph.node, &m->graph.n_node, node)) return NULL;
  onnx__node_proto__init(node);
  node->op_type = kind;
  node->name = text;
  return node;
}

void msg_input(struct msg_graph *m, Onnx__NodeProto *node, const char *name) {
  if (node != NULL) (void)append(m, &node->input, &node->n_input, copy(m, name));
}

void msg_output(struct msg_graph *m, Onnx__NodeProto *node, const char *name) {
  if (node != NULL) (void)append(m, &node->output, &node->n_output, copy(m, name));
}

static Onnx__AttributeProto *attribute(struct msg_graph *m, Onnx__NodeProto *node, const char *name,
                                       Onnx__AttributeProto__AttributeType type) {
  Onnx__AttributeProto *a = node == NULL ? NULL : room(m, 1, sizeof *a);
  if (a == NULL) return NULL;
  char *const text = copy(m, name);
  if (!append(m, &node->attribute, &node->n_attribute, a)) return NULL;
  onnx__attribute_proto__init(a);
  a->name = text;
  a->has_type = 1;
  a->type = type;
  return a;
}

void msg_int(struct msg_graph *m, Onnx__NodeProto *node, const char *name, int64_t v) {
  Onnx__AttributeProto *a = attribute(m, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
  if (a == NULL) return;
  a->has_i = 1;
  a->i = v;
}

void msg_ints(struct msg_graph *m, Onnx__NodeProto *node, const char *name, int n, const int *v) {
  Onnx__AttributeProto *a = attribute(m, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
  int64_t *numbers = a == NULL ? NULL : room(m, (size_t)n, sizeof *numbers);
  if (numbers == NULL) return;
  for (int i = 0; i < n; i++) numbers[i] = v[i];
  a->n_ints = (size_t)n;
  a->ints = numbers;
}

/* A side of a tensor; 0: the batch. */
static Onnx__TensorShapeProto__Dimension *side(struct msg_graph *m, int size) {
  Onnx__TensorShapeProto__Dimension *d = room(m, 1, sizeof *d);
  char *const batch = size == 0 ? copy(m, "batch") : NULL;
  if (d == NULL) return NULL;
  onnx__tensor_shape_proto__dimension__init(d);
  if (size == 0) {
    d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    d->dim_param = batch;
  } else {
    d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    d->dim_value = size;
  }
  return d;
}

static Onnx__TypeProto *float_type(struct msg_graph *m, int n_dims, const int *dims) {
  Onnx__TypeProto *type = room(m, 1, sizeof *type);
  Onnx__TypeProto__Tensor *tensor = room(m, 1, sizeof *tensor);
  Onnx__TensorShapeProto *shape = room(m, 1, sizeof *shape);
  Onnx__TensorShapeProto__Dimension **sides = room(m, (size_t)n_dims + 1, sizeof(Onnx__TensorShapeProto__Dimension *));
  if (sides == NULL) return NULL;
  for (int i = 0; i <= n_dims; i++) sides[i] = side(m, i == 0 ? 0 : dims[i - 1]);
  onnx__tensor_shape_proto__init(shape);
  shape->n_dim = (size_t)n_dims + 1;
  shape->dim = sides;
  onnx__type_proto__tensor__init(tensor);
  tensor->has_elem_type = 1;
  tensor->elem_type = ONNX_FLOAT;
  tensor->shape = shape;
  onnx__type_proto__init(type);
  type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
  type->tensor_type = tensor;
  return type;
}

void msg_value(struct msg_graph *m, int is_output, const char *name, int n_dims, const int *dims) {
  Onnx__ValueInfoProto *value = room(m, 1, sizeof *value);
  char *const text = copy(m, name);
  Onnx__TypeProto *const type = float_type(m, n_dims, dims);
  if (!(is_output ? append(m, &m->graph.output, &m->graph.n_output, value)
                  : append(m, &m->graph.input, &m->graph.n_input, value)))
    return;
  onnx__value_info_proto__init(value);
  value->name = text;
  value->type = type;
}

void msg_entry(struct msg_graph *m, const char *key, const char *value) {
  Onnx__StringStringEntryProto *e = room(m, 1, sizeof *e);
  char *const left = copy(m, key), *const right = copy(m, value);
  if (!append(m, &m->model.metadata_props, &m->model.n_metadata_props, e)) return;
  onnx__string_string_entry_proto__init(e);
  e->key = left;
  e->value = right;
}

void msg_opset(struct msg_graph *m, int version) {
  Onnx__OperatorSetIdProto *o = room(m, 1, sizeof *o);
  if (!append(m, &m->model.opset_import, &m->model.n_opset_import, o)) return;
  onnx__operator_set_id_proto__init(o);
  o->has_version = 1;
  o->version = version;
}
