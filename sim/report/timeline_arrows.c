/* Arrows of a trace: what each command waited for. */
#include <inttypes.h>
#include <stdlib.h>

#include "report/timeline_counters.h"

/* A command's spans; NULL where it has none. */
struct spans {
  const struct timeline_event *first; /* LOAD, PACK, COMPUTE, or a STORE's drain */
  const struct timeline_event *store;
};

struct arrows {
  const struct timeline *t;
  struct spans *spans; /* by command */
  FILE *out;
  uint32_t id;
};

static void end_of_arrow(const struct arrows *a, const char *ph, const struct timeline_event *e, uint64_t cycle) {
  fprintf(a->out,
          ",\n{\"ph\":\"%s\",\"pid\":1,\"tid\":%d,\"ts\":%" PRIu64 ",\"id\":%" PRIu32
          ",\"cat\":\"token\",\"name\":\"token\"%s}",
          ph, e->track + 1, cycle, a->id, ph[0] == 'f' ? ",\"bp\":\"e\"" : "");
}

/* From a span's last cycle, or where the other begins before it ends, its first, to the beginning of the other. */
static void arrow(struct arrows *a, const struct timeline_event *from, const struct timeline_event *to) {
  if (from == NULL || to == NULL) return;
  end_of_arrow(a, "s", from, from->end <= to->begin ? from->end - 1 : from->begin);
  end_of_arrow(a, "f", to, to->begin);
  a->id++;
}

/* The span of the command that lets a token through: number `wait`, of 16 bits, of the `n` commands of `list` that come
 * before it in the plan. */
static const struct timeline_event *awaited(const struct arrows *a, const struct timeline_list *list, uint32_t n,
                                            uint32_t wait) {
  const uint32_t behind = (n - wait) & 0xffff;
  return behind < n ? a->spans[list->cmds[n - behind - 1]].first : NULL;
}

static void draw(struct arrows *a) {
  const struct tetra_plan *plan = a->t->plan;
  const struct timeline_labels *l = &a->t->labels;
  uint32_t loads = 0, computes = 0;
  for (uint32_t i = 0; i < plan->n_cmds; i++) {
    const struct tetra_cmd *c = &plan->cmds[i];
    const uint32_t op = tetra_cmd_get(c, TETRA_F_OP), waits = tetra_cmd_get(c, TETRA_F_WAIT_EN);
    const int reads = op == TETRA_OP_COMPUTE || op == TETRA_OP_STORE;
    if (reads && (waits & 1))
      arrow(a, awaited(a, &l->load, loads, tetra_cmd_get(c, TETRA_F_WAIT_LOAD)), a->spans[i].first);
    if (op == TETRA_OP_STORE) {
      if (waits & 2)
        arrow(a, awaited(a, &l->compute, computes, tetra_cmd_get(c, TETRA_F_WAIT_COMPUTE)), a->spans[i].first);
      arrow(a, a->spans[i].first, a->spans[i].store);
    }
    loads += op == TETRA_OP_LOAD || op == TETRA_OP_PACK;
    computes += op == TETRA_OP_COMPUTE;
  }
}

int sim_timeline_arrows(const struct timeline *t, FILE *out, struct tetra_error *err) {
  struct arrows a = {t, calloc((size_t)t->plan->n_cmds + 1, sizeof *a.spans), out, 1};
  if (a.spans == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the arrows of %u commands", t->plan->n_cmds);
  for (size_t i = 0; i < t->n_events; i++) {
    const struct timeline_event *e = &t->events[i];
    if (e->track == TIMELINE_LOAD || e->track == TIMELINE_COMPUTE || e->track == TIMELINE_DRAIN)
      a.spans[e->what].first = e;
    if (e->track == TIMELINE_STORE) a.spans[e->what].store = e;
  }
  draw(&a);
  free(a.spans);
  return TETRA_OK;
}
