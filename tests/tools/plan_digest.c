/* Digests of plans and of what the cycle model makes of them: one line a configuration, so that two builds can be
 * compared byte for byte (scripts/same-output.sh compiles this file against each).
 *
 *   plan_digest [--weights] [PART_OF_A_LINE]
 *
 * The 120 configurations: five networks, four precisions, arrays of 8, 16 and 32, one beat and half a beat a cycle.
 * --weights builds the networks with their weights, which takes minutes; without, all weights are 0. With an argument
 * only the configurations whose name ("resnet18 w8a8 8x8") contains it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tetra/network.h"
#include "tetra/plan.h"
#include "tetra/timing.h"

/* FNV-1a, 64 bits. */
static uint64_t add_bytes(uint64_t h, const void *p, size_t n) {
  const uint8_t *byte = p;
  for (size_t i = 0; i < n; i++) h = (h ^ byte[i]) * 0x100000001b3u;
  return h;
}

static uint64_t add_number(uint64_t h, uint64_t v) { return add_bytes(h, &v, sizeof v); }

enum { kLatency = 64 };
static const uint64_t kStart = 0xcbf29ce484222325u;

/* Member by member: padding has no value. */
static uint64_t digest_plan(const struct tetra_plan *p) {
  uint64_t h = add_bytes(kStart, &p->caps, sizeof p->caps); /* all uint32_t */
  h = add_number(add_number(h, p->base), p->limit);
  h = add_number(add_number(h, p->ring_addr), p->ring_entries);
  h = add_number(add_number(h, p->n_cmds), p->sync_tag);
  h = add_number(add_number(h, p->const_addr), p->const_bytes);
  h = add_bytes(h, p->cmds, p->n_cmds * sizeof *p->cmds);
  h = add_bytes(h, p->const_data, p->const_bytes);
  for (int i = 0; i < p->n_values; i++) {
    const struct tetra_placement *v = &p->values[i];
    h = add_number(add_number(add_number(add_number(h, v->addr), v->bytes), v->layout), v->pitch);
  }
  for (int i = 0; i < p->n_layers; i++) {
    const struct tetra_plan_layer *l = &p->layers[i];
    h = add_number(add_number(add_number(h, (uint64_t)l->macs), l->macs_per_cycle), (uint64_t)l->compute_bound);
    h = add_number(add_number(add_number(h, (uint64_t)l->dram_bytes), l->first_cmd), l->n_cmds);
  }
  return h;
}

static uint64_t digest_timing(const struct tetra_timing *t) {
  uint64_t h = add_number(add_number(kStart, t->cycles), t->total);
  for (int i = 0; i < TETRA_TIMING_CLASSES; i++) h = add_number(h, t->classes[i]);
  for (int i = 0; i < t->n_layers; i++) {
    const struct tetra_timing_layer *l = &t->layers[i];
    h = add_number(add_number(add_number(h, l->completion), l->cycles), l->busy);
    h = add_number(add_number(h, l->read_bytes), l->write_bytes);
  }
  return add_number(h, t->repeated);
}

static int print_timing(const char *name, const struct tetra_plan *plan, uint32_t rate, struct tetra_error *err) {
  const struct tetra_memory_params mem = {rate, kLatency};
  struct tetra_timing t;
  const int rc = tetra_timing_run(plan, &mem, TETRA_TIMING_FAST, &t, err);
  if (rc == TETRA_OK) {
    printf("%s %" PRIu32 " bytes/cycle: plan %016" PRIx64 " timing %016" PRIx64 " cycles %" PRIu64 "\n", name, rate,
           digest_plan(plan), digest_timing(&t), t.cycles);
  }
  tetra_timing_free(&t);
  return rc;
}

static int print_plan(const char *name, const struct tetra_graph *g, uint32_t n, struct tetra_error *err) {
  const struct tetra_caps caps = tetra_caps_default(n);
  struct tetra_compile_options o;
  struct tetra_plan plan;
  tetra_compile_defaults(&o);
  int rc = tetra_compile(g, &caps, &o, &plan, err);
  if (rc == TETRA_OK) rc = print_timing(name, &plan, n, err);
  if (rc == TETRA_OK) rc = print_timing(name, &plan, n / 2, err);
  tetra_plan_free(&plan);
  return rc;
}

/* All array sizes of one network and precision. */
static int print_network(const char *network, enum tetra_precision precision, int weights, const char *only,
                         struct tetra_error *err) {
  struct tetra_network_options o;
  struct tetra_graph g = {0};
  int built = 0, rc = TETRA_OK;
  tetra_network_defaults(&o);
  o.network = network;
  o.precision = precision;
  for (uint32_t n = 8; n <= 32 && rc == TETRA_OK; n *= 2) {
    char name[80];
    snprintf(name, sizeof name, "%s %s %" PRIu32 "x%" PRIu32, network, tetra_precision_name(precision), n, n);
    if (strstr(name, only) == NULL) continue;
    if (!built) rc = weights ? tetra_network_build(&o, &g, err) : tetra_network_build_shapes(&o, &g, err);
    built = 1;
    if (rc == TETRA_OK) rc = print_plan(name, &g, n, err);
    fflush(stdout);
  }
  tetra_graph_free(&g);
  return rc;
}

int main(int argc, char **argv) {
  const int weights = argc > 1 && strcmp(argv[1], "--weights") == 0;
  const char *only = argc > 1 + weights ? argv[1 + weights] : "";
  struct tetra_error err = {0};
  int rc = TETRA_OK;
  for (int i = 0; tetra_network_name(i) != NULL; i++) {
    for (int p = TETRA_W8A8; p <= TETRA_W4A4_INIT8_DENSE8 && rc == TETRA_OK; p++) {
      rc = print_network(tetra_network_name(i), (enum tetra_precision)p, weights, only, &err);
    }
  }
  if (rc != TETRA_OK) fprintf(stderr, "plan_digest: %s\n", err.msg);
  return rc == TETRA_OK ? 0 : 2;
}
