/* A graph's nodes with names resolved to tensors: every name has one origin, nodes read only what came before them (so
 * there are no cycles), and what does not lead to the output is left out. */
#include <string.h>

#include "onnx/file/const.h"
#include "onnx/refused/guess.h"
#include "onnx/file/load.h"
#include "onnx/node.h"
#include "onnx/order.h"

struct names {
  int *slot; /* tensor + 1, or 0 */
  size_t mask;
};

static uint32_t hash(const char *s) {
  uint32_t h = 2166136261u; /* FNV-1a */
  for (; *s; s++) h = (h ^ (uint8_t)*s) * 16777619u;
  return h;
}

/* The tensor of that name, added where it is new. */
static int find(struct onnx_reader *x, struct names *t, const char *name) {
  size_t i = hash(name) & t->mask;
  for (; t->slot[i]; i = (i + 1) & t->mask)
    if (!strcmp(x->tensors[t->slot[i] - 1].name, name)) return t->slot[i] - 1;
  struct onnx_tensor *n = &x->tensors[x->n_tensors];
  n->name = name;
  n->producer = -2; /* unknown */
  t->slot[i] = ++x->n_tensors;
  return x->n_tensors - 1;
}

static int allocate(struct onnx_reader *x, struct names *t) {
  const Onnx__GraphProto *g = x->proto;
  size_t names = g->n_initializer + g->n_input + g->n_output;
  for (size_t i = 0; i < g->n_node; i++) names += g->node[i]->n_input + g->node[i]->n_output;
  if (names > INT32_MAX / 4 || g->n_node > INT32_MAX / 4)
    return tetra_fail(x->arena->err, TETRA_EINVAL, "%zu nodes with %zu names are too many", g->n_node, names);
  size_t slots = 16;
  while (slots < 2 * names) slots *= 2;
  t->mask = slots - 1;
  t->slot = tetra_arena_alloc(x->arena, slots, sizeof *t->slot);
  x->tensors = tetra_arena_alloc(x->arena, names + 1, sizeof *x->tensors);
  x->nodes = tetra_arena_alloc(x->arena, g->n_node + 1, sizeof *x->nodes);
  x->n_nodes = (int)g->n_node;
  return t->slot && x->tensors && x->nodes ? TETRA_OK : tetra_arena_failed(x->arena);
}

static int broken_name(struct onnx_reader *x, const char *what, const char *name) {
  char safe[TETRA_NAME_MAX];
  import_name(safe, name);
  return tetra_fail(x->arena->err, TETRA_EINVAL, "tensor '%s' %s", safe, what);
}

static const char *text(const char *s) { return s ? s : ""; }

/* Initializers, then inputs that no initializer gives a value. */
static int load_origins(struct onnx_reader *x, struct names *t) {
  const Onnx__GraphProto *g = x->proto;
  for (size_t i = 0; i < g->n_initializer; i++) {
    struct onnx_tensor *c = &x->tensors[find(x, t, text(g->initializer[i]->name))];
    if (c->producer != -2) return broken_name(x, "has two initializers", c->name);
    c->producer = -1;
    c->kind = ONNX_CONSTANT;
    c->init = g->initializer[i];
  }
  x->input = -1;
  for (size_t i = 0; i < g->n_input; i++) {
    const int id = find(x, t, text(g->input[i]->name));
    struct onnx_tensor *in = &x->tensors[id];
    if (in->kind == ONNX_CONSTANT) continue; /* a default value */
    if (in->producer != -2) return broken_name(x, "is declared as input twice", in->name);
    in->producer = -1;
    if (x->input >= 0) {
      const int rc = import_refuse(x->report, in->name, "input", x->arena->err,
                                   "a network has one input, the others need initializers");
      if (rc) return rc;
      continue; /* nothing is known of it, its readers are refused */
    }
    x->input = id;
    x->input_info = g->input[i];
  }
  return TETRA_OK;
}

static int tensor_of(struct onnx_reader *x, void *names, const char *name) { return find(x, names, name); }

static int load_operands(struct onnx_reader *x, struct names *t, int i) {
  const Onnx__NodeProto *p = x->proto->node[i];
  struct onnx_node *n = &x->nodes[i];
  int *in = tetra_arena_alloc(x->arena, p->n_input + p->n_output + 1, sizeof *in);
  if (!in) return tetra_arena_failed(x->arena);
  int *out = in + p->n_input;
  *n = (struct onnx_node){p, in, out, (int)p->n_input, (int)p->n_output, 0, 0};
  for (int k = 0; k < n->n_in; k++) {
    in[k] = *p->input[k] ? find(x, t, p->input[k]) : -1;
    if (in[k] >= 0 && x->tensors[in[k]].producer == -2) return onnx_missing(x, n, p->input[k], tensor_of, t);
  }
  for (int k = 0; k < n->n_out; k++) {
    out[k] = *p->output[k] ? find(x, t, p->output[k]) : -1;
    if (out[k] < 0) continue;
    if (x->tensors[out[k]].producer != -2) return onnx_broken(x, n, "output %d has a name that is taken", k);
    x->tensors[out[k]].producer = i;
  }
  return TETRA_OK;
}

/* Marks what the output depends on, backwards, and counts readers. */
static void mark_needed(struct onnx_reader *x, struct names *t) {
  for (size_t i = 1; i < x->proto->n_output; i++) /* refused, but what leads there may have to be, too */
    x->tensors[find(x, t, text(x->proto->output[i]->name))].n_uses++;
  x->tensors[x->output].n_uses++;
  x->tensors[x->output].reader = -1;
  for (int i = x->n_nodes - 1; i >= 0; i--) {
    struct onnx_node *n = &x->nodes[i];
    for (int k = 0; k < n->n_out; k++)
      if (n->out[k] >= 0 && x->tensors[n->out[k]].n_uses) n->needed = 1;
    for (int k = 0; n->needed && k < n->n_in; k++)
      if (n->in[k] >= 0) {
        x->tensors[n->in[k]].n_uses++;
        x->tensors[n->in[k]].reader = i;
      }
  }
}

static int load_consts(struct onnx_reader *x) {
  for (int i = 0; i < x->n_tensors; i++) {
    struct onnx_tensor *t = &x->tensors[i];
    if (!t->init || !t->n_uses) continue;
    if (!onnx_is_read_type(t->init->data_type) && t->init->n_dims <= ONNX_RANK_MAX) { /* its readers are refused */
      struct onnx_shape s = {.rank = (int)t->init->n_dims};
      for (int k = 0; k < s.rank; k++) s.dim[k] = t->init->dims[k];
      t->kind = ONNX_POISON;
      t->c = onnx_ones(x, &s, ONNX_FLOAT);
      t->known = t->c ? ONNX_SHAPE : ONNX_NOTHING;
      continue;
    }
    struct onnx_const *c = tetra_arena_alloc(x->arena, 1, sizeof *c);
    if (!c) return tetra_arena_failed(x->arena);
    const int rc = onnx_const_init(c, t->init, t->name, x->outline, x->arena->err);
    if (rc) return rc;
    t->c = c;
  }
  return TETRA_OK;
}

int onnx_load(struct onnx_reader *x) {
  const Onnx__GraphProto *g = x->proto;
  struct names t = {0};
  int rc = allocate(x, &t);
  if (rc) return rc;
  if (g->n_sparse_initializer) return tetra_fail(x->arena->err, TETRA_EINVAL, "sparse initializers are not read");
  if ((rc = load_origins(x, &t))) return rc;
  for (int i = 0; i < x->n_nodes; i++)
    if ((rc = load_operands(x, &t, i))) return rc;
  if (!g->n_output) return tetra_fail(x->arena->err, TETRA_EINVAL, "the graph has no output");
  for (size_t i = 1; i < g->n_output; i++)
    if ((rc = import_refuse(x->report, text(g->output[i]->name), "output", x->arena->err, "a network has one output")))
      return rc;
  x->output = find(x, &t, text(g->output[0]->name));
  if (x->tensors[x->output].producer == -2)
    return broken_name(x, "is the output, but nothing gives it", x->tensors[x->output].name);
  mark_needed(x, &t);
  if (x->input < 0 || !x->tensors[x->input].n_uses)
    return tetra_fail(x->arena->err, TETRA_EINVAL, "the output does not depend on any input");
  return load_consts(x);
}
