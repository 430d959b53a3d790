/* Mutations that keep an ONNX file well formed: names, attributes, shapes, types and nodes change, lengths stay right,
 * so that fuzzing gets past the parser. Half of the time libFuzzer's own mutations of bytes run instead. */
#include <onnx/onnx.pb-c.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

struct random {
  uint64_t state;
};

static uint64_t draw(struct random *r, uint64_t below) {
  r->state = r->state * 6364136223846793005u + 1442695040888963407u;
  return (r->state >> 33) % below;
}

static int64_t interesting(struct random *r) {
  static const int64_t v[] = {0,   1,    2,     3,  4,  5,    7,         8,         16,        127,      128,
                              255, 1024, 65536, -1, -2, -128, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
  return v[draw(r, sizeof v / sizeof *v)];
}

/* Strings that are there: lists must not get absent ones. */
static void swap(char **a, char **b) {
  if (!*a || !*b) return;
  char *const t = *a;
  *a = *b;
  *b = t;
}

static void mutate_attribute(struct random *r, Onnx__AttributeProto *a) {
  if (a->n_ints && draw(r, 2))
    a->ints[draw(r, a->n_ints)] = interesting(r);
  else if (a->has_i)
    a->i = interesting(r);
  else if (a->has_f)
    a->f = (float)interesting(r) / 8;
  else if (a->n_ints)
    a->n_ints--;
}

static void mutate_node(struct random *r, const Onnx__GraphProto *g, Onnx__NodeProto *n) {
  Onnx__NodeProto *o = g->node[draw(r, g->n_node)];
  switch (draw(r, 5)) {
    case 0: /* another operation over the same operands */
      swap(&n->op_type, &o->op_type);
      swap(&n->domain, &o->domain);
      break;
    case 1:
      if (n->n_input && o->n_input) swap(&n->input[draw(r, n->n_input)], &o->input[draw(r, o->n_input)]);
      break;
    case 2:
      if (n->n_input && o->n_output) swap(&n->input[draw(r, n->n_input)], &o->output[draw(r, o->n_output)]);
      break;
    case 3:
      if (n->n_attribute && o->n_attribute) {
        Onnx__AttributeProto **a = &n->attribute[draw(r, n->n_attribute)], **b = &o->attribute[draw(r, o->n_attribute)],
                             *t = *a;
        *a = *b;
        *b = t;
      }
      break;
    default:
      if (n->n_attribute) mutate_attribute(r, n->attribute[draw(r, n->n_attribute)]);
  }
}

static void mutate_tensor(struct random *r, Onnx__TensorProto *t) {
  static const int32_t types[] = {1, 2, 3, 6, 7, 11, 21, 22, 0, 99};
  switch (draw(r, 4)) {
    case 0:
      if (t->n_dims) t->dims[draw(r, t->n_dims)] = interesting(r);
      break;
    case 1:
      t->data_type = types[draw(r, sizeof types / sizeof *types)];
      break;
    case 2:
      if (t->n_dims > 1) { /* another shape of the same size */
        const int64_t d = t->dims[0];
        t->dims[0] = t->dims[t->n_dims - 1];
        t->dims[t->n_dims - 1] = d;
      }
      break;
    default:
      if (t->raw_data.len) t->raw_data.data[draw(r, t->raw_data.len)] = (uint8_t)interesting(r);
  }
}

static void mutate_input(struct random *r, Onnx__ValueInfoProto *v) {
  if (!v->type || v->type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !v->type->tensor_type) return;
  Onnx__TypeProto__Tensor *t = v->type->tensor_type;
  static const int32_t types[] = {1, 2, 3, 21, 22, 7};
  Onnx__TensorShapeProto__Dimension *d = t->shape && t->shape->n_dim ? t->shape->dim[draw(r, t->shape->n_dim)] : NULL;
  if (d && d->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE && draw(r, 3))
    d->dim_value = interesting(r);
  else
    t->elem_type = types[draw(r, 6)];
}

/* Of strings that may be absent. */
static int same(const char *a, const char *b) { return a && b && !strcmp(a, b); }

static Onnx__TensorProto *initializer(const Onnx__GraphProto *g, const char *name) {
  for (size_t i = 0; i < g->n_initializer; i++)
    if (same(g->initializer[i]->name, name)) return g->initializer[i];
  return NULL;
}

/* The initializer that is called `name` or, by a DequantizeLinear, becomes it; NULL where there is none. */
static Onnx__TensorProto *weights_of(const Onnx__GraphProto *g, const char *name) {
  for (size_t i = 0; i < g->n_node; i++) {
    const Onnx__NodeProto *n = g->node[i];
    if (n->n_output && n->n_input && same(n->output[0], name) && same(n->op_type, "DequantizeLinear"))
      return initializer(g, n->input[0]);
  }
  return initializer(g, name);
}

/* More groups of a convolution, and as many weights less: both must agree to get further. */
static void mutate_groups(struct random *r, const Onnx__GraphProto *g, Onnx__NodeProto *n) {
  const int64_t by = 2 + (int64_t)draw(r, 4);
  for (size_t k = 0; k < n->n_attribute; k++) {
    Onnx__AttributeProto *a = n->attribute[k];
    if (!same(a->name, "group") || !a->has_i || a->i < 1 || a->i > 1024) continue;
    const size_t at = same(n->op_type, "QLinearConv") ? 3 : 1;
    Onnx__TensorProto *t = n->n_input > at ? weights_of(g, n->input[at]) : NULL;
    if (!t || t->n_dims != 4 || t->dims[1] % by != 0) return;
    a->i *= by;
    t->dims[1] /= by;
    t->raw_data.len /= (size_t)by;
  }
}

static void mutate_graph(struct random *r, Onnx__GraphProto *g) {
  switch (draw(r, 9)) {
    case 0:
      if (g->n_initializer) mutate_tensor(r, g->initializer[draw(r, g->n_initializer)]);
      break;
    case 1:
      if (g->n_input) mutate_input(r, g->input[draw(r, g->n_input)]);
      break;
    case 2:
      if (g->n_output && g->n_node) {
        Onnx__NodeProto *n = g->node[draw(r, g->n_node)];
        if (n->n_output) swap(&g->output[0]->name, &n->output[0]);
      }
      break;
    case 3:
      if (g->n_initializer > 1)
        swap(&g->initializer[draw(r, g->n_initializer)]->name, &g->initializer[draw(r, g->n_initializer)]->name);
      break;
    case 4:
      if (g->n_node) mutate_groups(r, g, g->node[draw(r, g->n_node)]);
      break;
    default:
      if (g->n_node) mutate_node(r, g, g->node[draw(r, g->n_node)]);
  }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
  struct random r = {seed};
  Onnx__ModelProto *m = draw(&r, 2) ? onnx__model_proto__unpack(NULL, size, data) : NULL;
  if (!m) return LLVMFuzzerMutate(data, size, max_size);
  if (m->graph)
    for (uint64_t k = 1 + draw(&r, 3); k > 0; k--) mutate_graph(&r, m->graph);
  const size_t packed = onnx__model_proto__get_packed_size(m);
  if (packed <= max_size) size = onnx__model_proto__pack(m, data);
  onnx__model_proto__free_unpacked(m, NULL);
  return size;
}
