/* Nodes that are not in order, of which ONNX says that they must be: sorting helps, but not where they are a cycle. */
#include <stdio.h>
#include <string.h>

#include "onnx/order.h"

/* The graph as it would be sorted. */
struct search {
  const Onnx__GraphProto *g;
  int *giver;  /* node of a tensor + 1, or 0 */
  int **reads; /* of a node: tensors */
  int *next;   /* of a node: the input that is followed next */
  int *path;   /* nodes, each of which reads the one behind it */
  char *state; /* of a node */
};
enum { fresh, open, closed };

static int prepare(struct onnx_reader *x, struct search *s,
                   int (*tensor)(struct onnx_reader *x, void *names, const char *name), void *names) {
  const Onnx__GraphProto *g = s->g = x->proto;
  size_t room = g->n_initializer + g->n_input + g->n_output + 1;
  for (size_t i = 0; i < g->n_node; i++) room += g->node[i]->n_input + g->node[i]->n_output;
  s->giver = tetra_arena_alloc(x->arena, room, sizeof *s->giver);
  s->reads = tetra_arena_alloc(x->arena, g->n_node, sizeof *s->reads);
  s->next = tetra_arena_alloc(x->arena, g->n_node, sizeof *s->next);
  s->path = tetra_arena_alloc(x->arena, g->n_node, sizeof *s->path);
  s->state = tetra_arena_alloc(x->arena, g->n_node, sizeof *s->state);
  if (!s->giver || !s->reads || !s->next || !s->path || !s->state) return tetra_arena_failed(x->arena);
  for (size_t i = 0; i < g->n_node; i++) {
    const Onnx__NodeProto *p = g->node[i];
    s->reads[i] = tetra_arena_alloc(x->arena, p->n_input + 1, sizeof **s->reads);
    if (!s->reads[i]) return tetra_arena_failed(x->arena);
    for (size_t k = 0; k < p->n_output; k++)
      if (*p->output[k]) s->giver[tensor(x, names, p->output[k])] = (int)i + 1;
    for (size_t k = 0; k < p->n_input; k++) s->reads[i][k] = *p->input[k] ? tensor(x, names, p->input[k]) : -1;
  }
  return TETRA_OK;
}

/* Follows what node `start` reads, depth first. The cycle's length, whose nodes are path[*first..]; 0: none. */
static int find_cycle(struct search *s, int start, int *first) {
  int depth = 0;
  s->path[depth++] = start;
  s->state[start] = open;
  while (depth) {
    const int i = s->path[depth - 1];
    if (s->next[i] == (int)s->g->node[i]->n_input) {
      s->state[i] = closed;
      depth--;
      continue;
    }
    const int t = s->reads[i][s->next[i]++], giver = t < 0 ? -1 : s->giver[t] - 1;
    if (giver < 0 || s->state[giver] == closed) continue;
    if (s->state[giver] == open) {
      for (*first = 0; s->path[*first] != giver;) ++*first;
      return depth - *first;
    }
    s->state[giver] = open;
    s->path[depth++] = giver;
  }
  return 0;
}

/* Name of node i, by its message alone. */
static void name_node(const struct search *s, int i, char safe[TETRA_NAME_MAX]) {
  const struct onnx_node n = {.p = s->g->node[i], .n_out = (int)s->g->node[i]->n_output};
  import_name(safe, onnx_node_name(&n));
}

static int say_cycle(struct onnx_reader *x, const struct search *s, int first, int n) {
  char text[5 * (TETRA_NAME_MAX + 16)], safe[TETRA_NAME_MAX];
  size_t used = 0;
  for (int i = 0; i < n && i < 3; i++) {
    name_node(s, s->path[first + i], safe);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s'%s'",
                             i == 0   ? ""
                             : i == 1 ? " reads "
                                      : ", which reads ",
                             import_name_end(safe));
  }
  name_node(s, s->path[first], safe);
  snprintf(text + used, sizeof text - used, "%s'%s'",
           n == 1  ? " reads "
           : n > 3 ? ", ..., which reads "
                   : ", which reads ",
           import_name_end(safe));
  return tetra_fail(x->arena->err, TETRA_EINVAL, "a cycle of %d node%s: %s", n, n == 1 ? "" : "s", text);
}

int onnx_missing(struct onnx_reader *x, const struct onnx_node *n, const char *name,
                 int (*tensor)(struct onnx_reader *x, void *names, const char *name), void *names) {
  char safe[TETRA_NAME_MAX];
  struct search s;
  int first = 0;
  import_name(safe, name);
  const int rc = prepare(x, &s, tensor, names);
  if (rc) return rc;
  for (size_t i = 0; i < s.g->n_node; i++) {
    const int length = s.state[i] == fresh ? find_cycle(&s, (int)i, &first) : 0;
    if (length) return say_cycle(x, &s, first, length);
  }
  const int giver = s.giver[tensor(x, names, name)] - 1;
  if (giver >= 0) return onnx_broken(x, n, "out of order: reads '%s' of node %d; sort the nodes", safe, giver);
  return onnx_broken(x, n, "reads '%s', which no initializer, input or node gives", safe);
}
