#include "commands/model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/json.h"
#include "base/clock.h"
#include "base/outfile.h"
#include "base/status.h"
#include "report/text.h"
#include "tetra/timing.h"

/* Largest errors that the model may have, in per cent: of a layer, of a network. */
#define LAYER_BAR 0.5
#define NETWORK_BAR 0.1

static struct tetra_memory_params memory_of(const struct sim_options *o) {
  return (struct tetra_memory_params){o->bytes_per_cycle, o->latency};
}

static int name_width(const struct tetra_graph *g) {
  size_t width = 5;
  for (int i = 0; i < g->n_ops; i++) {
    if (strlen(g->ops[i].name) > width) width = strlen(g->ops[i].name);
  }
  return width > 40 ? 40 : (int)width;
}

/* Cycles that a layer takes at least in the array and on the bus. */
struct roof {
  uint64_t array, bus;
};

static struct roof roof_of(const struct tetra_plan *p, const struct tetra_timing *t, int i, uint32_t rate) {
  const struct tetra_timing_layer *l = &t->layers[i];
  const uint64_t k_steps = (uint64_t)p->layers[i].compute_bound;
  return (struct roof){k_steps != 0 ? k_steps : l->busy, (l->read_bytes + l->write_bytes + rate - 1) / rate};
}

/* "compute 2.13x": that bound is so many times the other one. */
static void roof_text(const struct roof *r, char out[32]) {
  const int memory = r->bus > r->array;
  const double more = (double)(memory ? r->bus : r->array), less = (double)(memory ? r->array : r->bus);
  if (less > 0) {
    snprintf(out, 32, "%s %.2fx", memory ? "memory" : "compute", more / less);
  } else {
    snprintf(out, 32, "%s", memory ? "memory" : "compute");
  }
}

static uint64_t roof_cycles(const struct roof *r) { return r->bus > r->array ? r->bus : r->array; }

static void print_model_layer(const struct sim_results *r, const struct tetra_timing *t, int i, int width) {
  const struct tetra_op *op = &r->g->ops[i];
  const struct tetra_timing_layer *l = &t->layers[i];
  const struct roof roof = roof_of(r->plan, t, i, r->o->bytes_per_cycle);
  char shape[80], bits[40], macs[32], cycles[32], array[32], bus[32], bound[32], bytes[32], util[16] = "-";
  sim_shape_text(r->g, op, shape);
  sim_bits_text(r->g, op, bits);
  roof_text(&roof, bound);
  if (r->plan->layers[i].macs != 0) snprintf(util, sizeof util, "%.1f%%", 100 * sim_utilization(r, i));
  printf("%3d %-*s %-7s %-25s %-14s %14s %10s %10s %10s %-14s %6s %11s\n", i + r->first, width, op->name,
         sim_kind_name(r->g, i), shape, bits, sim_grouped((uint64_t)r->plan->layers[i].macs, macs),
         sim_grouped(l->cycles, cycles), sim_grouped(roof.array, array), sim_grouped(roof.bus, bus), bound, util,
         sim_grouped(l->read_bytes + l->write_bytes, bytes));
}

static void print_classes(const struct tetra_timing *t) {
  char cycles[32];
  puts("where the cycles go, seen from the array");
  for (uint32_t c = 0; c < TETRA_TIMING_CLASSES; c++) {
    printf("  %-11s %14s  %5.1f%%\n", tetra_counter_name(TETRA_CNT_BUSY + c), sim_grouped(t->classes[c], cycles),
           100 * (double)t->classes[c] / (double)t->total);
  }
}

static void print_model(const struct sim_results *r, const struct tetra_timing *t, double seconds) {
  const struct sim_options *o = r->o;
  const int width = name_width(r->g);
  char cycles[32], bound[32], bytes[32];
  uint64_t bounds = 0, moved = 0;
  printf("network  %s, %s, width %g, batch %d; modelled, not simulated\n", r->g->name,
         o->model ? "formats of the file" : tetra_precision_name(o->net.precision), o->net.width, o->net.batch);
  sim_report_hardware(o, &r->plan->caps);
  putchar('\n');
  if (!o->quiet) {
    printf("\n%3s %-*s %-7s %-25s %-14s %14s %10s %10s %10s %-14s %6s %11s\n", "#", width, "layer", "kind", "shape",
           "bits", "MACs", "cycles", "compute", "memory", "bound", "util", "DRAM bytes");
  }
  for (int i = 0; i < r->g->n_ops; i++) {
    const struct roof roof = roof_of(r->plan, t, i, o->bytes_per_cycle);
    if (!o->quiet) print_model_layer(r, t, i, width);
    bounds += roof_cycles(&roof);
    moved += t->layers[i].read_bytes + t->layers[i].write_bytes;
  }
  printf("\ntotal    %s cycles modelled; each layer's larger bound, added: %s; DRAM %s bytes\n",
         sim_grouped(t->cycles, cycles), sim_grouped(bounds, bound), sim_grouped(moved, bytes));
  printf("         utilization %.1f%% of each layer's peak\n", 100 * sim_total_utilization(r));
  print_classes(t);
  if (o->mhz > 0 && o->layers == NULL) {
    printf("speed    %.2f frames/s at %g MHz, modelled\n", o->mhz * 1e6 * o->net.batch / (double)t->cycles, o->mhz);
  }
  printf("model    %u commands in %.1f ms\n", r->plan->n_cmds, 1e3 * seconds);
}

/* The model's cycles in the place of the RTL's, for what computes with them. */
static int fill_results(struct sim_results *r, const struct tetra_timing *t, struct tetra_error *err) {
  r->layers = calloc((size_t)r->g->n_ops, sizeof *r->layers);
  if (r->layers == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the results");
  for (int i = 0; i < r->g->n_ops; i++) {
    const struct tetra_timing_layer *l = &t->layers[i];
    r->layers[i] = (struct sim_layer){1, l->cycles, l->read_bytes + l->write_bytes, l->busy, SIM_UNCHECKED};
  }
  r->n_done = r->g->n_ops;
  r->cycles = t->cycles;
  r->after_end = t->total - t->cycles;
  r->match = SIM_UNCHECKED;
  memcpy(&r->counters[TETRA_CNT_BUSY], t->classes, sizeof t->classes);
  r->counters[TETRA_CNT_CYCLES] = t->total;
  r->counters[TETRA_CNT_TAIL] -= r->after_end;
  return TETRA_OK;
}

/* Models the part and prints. */
static int model_part(const struct sim_options *o, const struct sim_part *part, const struct tetra_caps *caps,
                      struct tetra_error *err) {
  struct tetra_compile_options c;
  struct tetra_plan plan;
  struct tetra_timing t = {0};
  tetra_compile_defaults(&c);
  const struct tetra_memory_params mem = memory_of(o);
  struct sim_results r = {.o = o, .g = &part->g, .plan = &plan, .first = part->first};
  int rc = tetra_compile(&part->g, caps, &c, &plan, err);
  if (rc != TETRA_OK && o->model) sim_source_list_unmappable(&part->g, caps);
  const double start = sim_now();
  if (rc == TETRA_OK) rc = tetra_timing_run(&plan, &mem, TETRA_TIMING_FAST, &t, err);
  const double seconds = sim_now() - start;
  if (rc == TETRA_OK) rc = fill_results(&r, &t, err);
  if (rc == TETRA_OK) print_model(&r, &t, seconds);
  if (rc == TETRA_OK && o->json != NULL) rc = sim_json_write(o->json, &r, err);
  free(r.layers);
  tetra_timing_free(&t);
  tetra_plan_free(&plan);
  return rc;
}

static int model_layers(const struct sim_options *o, const struct tetra_graph *g, const struct tetra_caps *caps,
                        struct tetra_error *err) {
  struct sim_part part;
  int first = 0, last = g->n_ops - 1;
  int rc = o->layers == NULL ? TETRA_OK : sim_part_parse(g, o->layers, &first, &last, err);
  if (rc == TETRA_OK) rc = sim_part_init(&part, g, first, last, err);
  if (rc != TETRA_OK) return rc;
  rc = model_part(o, &part, caps, err);
  sim_part_free(&part);
  return rc;
}

/* A built-in network needs no weights to be timed. */
static int model_network(const struct sim_options *o, const struct tetra_caps *caps, struct tetra_error *err) {
  if (o->model) {
    struct sim_source source;
    int rc = sim_source_open(&source, o, o->net.batch, err);
    if (rc != TETRA_OK) return rc;
    rc = model_layers(o, &source.m.graph, caps, err);
    sim_source_close(&source);
    return rc;
  }
  struct tetra_graph g;
  int rc = tetra_network_build_shapes(&o->net, &g, err);
  if (rc != TETRA_OK) return rc;
  rc = model_layers(o, &g, caps, err);
  tetra_graph_free(&g);
  return rc;
}

int sim_model_run(const struct sim_options *o) {
  struct tetra_error err = {0, ""};
  const struct tetra_caps caps = tetra_caps_default(o->array);
  int rc = o->json == NULL ? TETRA_OK : sim_outfile_probe("--json", o->json, &err);
  if (rc == TETRA_OK) rc = model_network(o, &caps, &err);
  return rc == TETRA_OK ? SIM_EXIT_GOOD : sim_complain(&err);
}

static double error_of(uint64_t model, uint64_t rtl) {
  return rtl == 0 ? 0 : 100 * ((double)model - (double)rtl) / (double)rtl;
}

/* SCALE-Sim's formula for a conv as a matrix product; two 4-bit operands count as the one that a row or column of the
 * array takes in their place. 0 for what does no multiplications. */
static uint64_t scale_sim(const struct tetra_graph *g, const struct tetra_op *op, uint32_t n) {
  if (op->kind != TETRA_CONV) return 0;
  const struct tetra_desc *in = &g->values[op->input].d;
  const uint64_t k = (uint64_t)op->kh * (uint64_t)op->kw * (uint64_t)in->c, c = (uint64_t)op->cout;
  return tetra_scale_sim_ws(n, (uint64_t)in->n * (uint64_t)tetra_op_plane_pixels(op, in),
                            tetra_fmt_bits(in->fmt) == 4 ? (k + 1) / 2 : k, op->wbits == 4 ? (c + 1) / 2 : c);
}

static void print_compared(const char *number, const char *name, int width, uint64_t rtl, uint64_t model,
                           uint64_t formula, const char *bound) {
  char a[32], b[32], c[32] = "-", d[32] = "-";
  if (formula != 0) {
    sim_grouped(formula, c);
    snprintf(d, sizeof d, "%+.1f%%", error_of(formula, rtl));
  }
  printf("%3s %-*s %12s %12s %+9.4f%% %12s %8s  %s\n", number, width, name, sim_grouped(rtl, a), sim_grouped(model, b),
         error_of(model, rtl), c, d, bound);
}

int sim_model_compare(const struct sim_session *s, struct tetra_error *err) {
  const struct sim_results *r = &s->r;
  const struct tetra_memory_params mem = memory_of(r->o);
  const int width = name_width(r->g);
  struct tetra_timing t;
  double worst = 0;
  uint64_t formula = 0, convs = 0;
  const int rc = tetra_timing_run(r->plan, &mem, TETRA_TIMING_FAST, &t, err);
  if (rc != TETRA_OK) {
    tetra_timing_free(&t);
    return rc;
  }
  printf("\n%3s %-*s %12s %12s %10s %12s %8s  %s\n", "#", width, "layer", "RTL", "model", "error", "SCALE-Sim", "error",
         "bound");
  for (int i = 0; i < r->g->n_ops; i++) {
    const struct roof roof = roof_of(r->plan, &t, i, r->o->bytes_per_cycle);
    const uint64_t f = scale_sim(r->g, &r->g->ops[i], r->o->array), cycles = r->layers[i].cycles;
    const double e = error_of(t.layers[i].cycles, cycles);
    char number[8], bound[32];
    snprintf(number, sizeof number, "%d", i + r->first);
    roof_text(&roof, bound);
    print_compared(number, r->g->ops[i].name, width, cycles, t.layers[i].cycles, f, bound);
    if (e > worst || -e > worst) worst = e < 0 ? -e : e;
    if (f != 0) convs += cycles;
    formula += f;
  }
  const double total = error_of(t.cycles, r->cycles), scale = error_of(formula, convs);
  print_compared("", "total", width, r->cycles, t.cycles, 0, "");
  printf("model    largest error of a layer %.4f%%, of the network %+.4f%%: %s %g%% and %g%%\n", worst, total,
         worst <= LAYER_BAR && total <= NETWORK_BAR && -total <= NETWORK_BAR ? "within" : "NOT within", LAYER_BAR,
         NETWORK_BAR);
  printf("         SCALE-Sim's weight-stationary formula over all convs: %+.1f%%\n", scale);
  tetra_timing_free(&t);
  return TETRA_OK;
}
