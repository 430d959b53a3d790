/* The cycle model's tables. */
#include "report/cycle_model.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/columns.h"
#include "report/energy.h"
#include "report/format.h"
#include "tetra/device.h"

/* Largest errors that the model may have, in per cent: of a layer, of a network. */
#define LAYER_BAR 0.5
#define NETWORK_BAR 0.1
#define NAME_WIDTH 5 /* "layer" */

/* "compute 2.13x": that bound is so many times the other one. */
static void bound_text(struct sim_bounds b, char out[32]) {
  const int memory = b.bus > b.array;
  const double more = (double)(memory ? b.bus : b.array), less = (double)(memory ? b.array : b.bus);
  if (less > 0) {
    snprintf(out, 32, "%s %.2fx", memory ? "memory" : "compute", more / less);
  } else {
    snprintf(out, 32, "%s", memory ? "memory" : "compute");
  }
}

enum { NUMBER, NAME, KIND, SHAPE, BITS, MACS, CYCLES, ARRAY, BUS, BOUND, UTIL, BYTES, COLUMNS };
static const struct sim_column kColumns[COLUMNS] = {{"#", 3, 0},       {"layer", 0, 0},    {"kind", -7, 6},
                                                    {"shape", -25, 7}, {"bits", -14, 3},   {"MACs", 14, 1},
                                                    {"cycles", 10, 0}, {"compute", 10, 4}, {"memory", 10, 5},
                                                    {"bound", -14, 0}, {"util", 6, 0},     {"DRAM bytes", 11, 2}};

static void fill_cells(const struct sim_results *r, int i, char cells[COLUMNS][SIM_CELL]) {
  const struct tetra_op *op = &r->g->ops[i];
  const struct sim_bounds bounds = sim_bounds(r, i);
  snprintf(cells[NUMBER], SIM_CELL, "%d", i + r->first);
  snprintf(cells[NAME], SIM_CELL, "%s", op->name);
  snprintf(cells[KIND], SIM_CELL, "%s", sim_kind_name(r->g, i));
  sim_shape_text(r->g, op, cells[SHAPE]);
  sim_bits_text(r->g, op, cells[BITS]);
  sim_thousands((uint64_t)r->plan->layers[i].macs, cells[MACS]);
  sim_thousands(r->layers[i].cycles, cells[CYCLES]);
  sim_thousands(bounds.array, cells[ARRAY]);
  sim_thousands(bounds.bus, cells[BUS]);
  bound_text(bounds, cells[BOUND]);
  sim_utilization_text(r, i, cells[UTIL]);
  sim_thousands(r->layers[i].dram_bytes, cells[BYTES]);
}

static void print_layers(const struct sim_results *r) {
  struct sim_column columns[COLUMNS];
  char cells[COLUMNS][SIM_CELL];
  memcpy(columns, kColumns, sizeof kColumns);
  columns[NAME].width = -sim_name_width(r->g, NAME_WIDTH);
  const unsigned chosen = sim_columns_choose(columns, COLUMNS, sim_terminal_width());
  putchar('\n');
  sim_columns_print(columns, COLUMNS, chosen, NULL);
  for (int i = 0; i < r->g->n_ops; i++) {
    fill_cells(r, i, cells);
    sim_columns_print(columns, COLUMNS, chosen, cells);
  }
}

void sim_cycle_model_print(const struct sim_results *r, double seconds) {
  const struct sim_options *o = r->o;
  const struct sim_totals t = sim_totals(r);
  char cycles[32], bound[32], bytes[32];
  if (o->from_file) {
    printf("network  %s, batch %d; modelled, not simulated\n", o->net.network, sim_batch(r));
  } else {
    printf("network  %s, %s, width %g, batch %d; modelled, not simulated\n", r->g->name,
           tetra_precision_name(o->net.precision), o->net.width, sim_batch(r));
  }
  sim_print_hardware(r);
  putchar('\n');
  if (!o->quiet) print_layers(r);
  printf("\ntotal    %s cycles modelled; each layer's larger bound, added: %s; DRAM %s bytes\n",
         sim_thousands(r->cycles, cycles), sim_thousands(t.bound, bound), sim_thousands(t.dram_bytes, bytes));
  printf("         utilization %.1f%% of each layer's peak\n", 100 * t.utilization);
  sim_print_groups(&t);
  sim_print_above_peak(r);
  sim_print_causes(r);
  if (o->mhz > 0 && o->layers == NULL) {
    printf("speed    %.2f frames/s at %g MHz, modelled\n", o->mhz * 1e6 * sim_batch(r) / (double)r->cycles, o->mhz);
  }
  sim_energy_print(r);
  printf("model    %u commands in %.1f ms\n", r->plan->n_cmds, 1e3 * seconds);
}

static double error_of(uint64_t modelled, uint64_t rtl) {
  return rtl == 0 ? 0 : 100 * ((double)modelled - (double)rtl) / (double)rtl;
}

/* SCALE-Sim's formula for a conv as a matrix product, or one a group; two 4-bit operands count as the one that a row or
 * column of the array takes in their place. 0 for what does no multiplications. */
static uint64_t scale_sim(const struct tetra_graph *g, const struct tetra_op *op, uint32_t n) {
  if (op->kind != TETRA_CONV) return 0;
  const struct tetra_desc *in = &g->values[op->input].d;
  const uint64_t k = tetra_op_kernel(op, in->c), groups = (uint64_t)op->groups, c = (uint64_t)op->cout / groups;
  return groups * tetra_scale_sim_ws(n, (uint64_t)in->n * (uint64_t)tetra_op_plane_pixels(op, in),
                                     tetra_fmt_bits(in->fmt) == 4 ? (k + 1) / 2 : k, op->wbits == 4 ? (c + 1) / 2 : c);
}

static void print_compared(const char *number, const char *name, int width, uint64_t rtl, uint64_t modelled,
                           uint64_t formula, const char *bound) {
  char a[32], b[32], c[32] = "-", d[32] = "-";
  if (formula != 0) {
    sim_thousands(formula, c);
    snprintf(d, sizeof d, "%+.1f%%", error_of(formula, rtl));
  }
  printf("%3s %-*s %12s %12s %+9.4f%% %12s %8s  %s\n", number, width, name, sim_thousands(rtl, a),
         sim_thousands(modelled, b), error_of(modelled, rtl), c, d, bound);
}

void sim_cycle_model_print_compared(const struct sim_results *r, const struct tetra_timing *t) {
  const int width = sim_name_width(r->g, NAME_WIDTH);
  double worst = 0;
  uint64_t formula = 0, convs = 0;
  printf("\n%3s %-*s %12s %12s %10s %12s %8s  %s\n", "#", width, "layer", "RTL", "model", "error", "SCALE-Sim", "error",
         "bound");
  for (int i = 0; i < r->g->n_ops; i++) {
    const uint64_t f = scale_sim(r->g, &r->g->ops[i], r->o->array), cycles = r->layers[i].cycles;
    const double e = error_of(t->layers[i].cycles, cycles);
    char number[8], bound[32];
    snprintf(number, sizeof number, "%d", i + r->first);
    bound_text(sim_bounds(r, i), bound);
    print_compared(number, r->g->ops[i].name, width, cycles, t->layers[i].cycles, f, bound);
    if (e > worst || -e > worst) worst = e < 0 ? -e : e;
    if (f != 0) convs += cycles;
    formula += f;
  }
  const double total = error_of(t->cycles, r->cycles), scale = error_of(formula, convs);
  print_compared("", "total", width, r->cycles, t->cycles, 0, "");
  printf("model    largest error of a layer %.4f%%, of the network %+.4f%%: %s %g%% and %g%%\n", worst, total,
         worst <= LAYER_BAR && total <= NETWORK_BAR && -total <= NETWORK_BAR ? "within" : "NOT within", LAYER_BAR,
         NETWORK_BAR);
  printf("         SCALE-Sim's weight-stationary formula over all convs: %+.1f%%\n", scale);
}
