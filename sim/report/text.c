/* The report on standard output: a header, a line as each layer completes, totals. */
#define _POSIX_C_SOURCE 200809L
#include "report/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mpi.h"
#include "cli/pieces.h"
#include "report/columns.h"
#include "report/energy.h"
#include "report/format.h"
#include "tetra/device.h"

#define PROGRESS_SECONDS 0.2
#define RED "\033[1;31m"
#define PLAIN "\033[0m"
#define NAME_WIDTH 16 /* built-in names are shorter */

/* The table of layers. */
enum { NUMBER, NAME, KIND, WINDOW, SHAPE, BITS, MACS, CYCLES, BUSY, BOUND, UTIL, BYTES, MATCH, TIME, COLUMNS };
static const struct sim_column kColumns[COLUMNS] = {
    {"#", 3, 0},      {"layer", 0, 0},       {"kind", -7, 8},   {"window", -8, 1}, {"shape", -25, 9},
    {"bits", -14, 5}, {"MACs", 14, 2},       {"cycles", 10, 0}, {"busy", 10, 3},   {"bound", 10, 7},
    {"util", 7, 0},   {"DRAM bytes", 11, 4}, {"RTL=C", 5, 0},   {" time", -20, 6}};

/* A file or a pipe has all columns but the time, so that two runs give the same text. */
static unsigned choose_columns(const struct sim_text *t, const struct tetra_graph *g,
                               struct sim_column columns[COLUMNS]) {
  memcpy(columns, kColumns, sizeof kColumns);
  columns[NAME].width = -sim_name_width(t->names != NULL ? t->names : g, NAME_WIDTH);
  return sim_columns_choose(columns, COLUMNS, t->columns) & ~(t->tty ? 0u : 1u << TIME);
}

void sim_text_begin(struct sim_text *t, const struct sim_options *o) {
  *t = (struct sim_text){.quiet = o->quiet, .tty = sim_mpi_terminal(), .columns = sim_terminal_width()};
  t->color = o->color == SIM_COLOR_ALWAYS || (o->color == SIM_COLOR_AUTO && t->tty && getenv("NO_COLOR") == NULL);
}

/* Expected seconds to go: what is left of the work, at the pace so far. */
static double seconds_left(const struct sim_results *r) {
  const double done = sim_share_done(r);
  return done > 0 ? r->seconds * (1 - done) / done : 0;
}

static const char *image_name(const struct sim_options *o) { return o->image != NULL ? o->image : "synthetic"; }

void sim_text_source(const struct sim_source *s) {
  const struct tetra_graph *g = &s->m.graph;
  const struct tetra_desc *d = &g->values[g->input].d;
  printf("network  %s, %s, %d operation%s, input %dx%dx%d %s%s", s->o->net.network, sim_source_format(s), g->n_ops,
         g->n_ops == 1 ? "" : "s", d->h, d->w, d->c, tetra_fmt_name(d->fmt),
         !s->m.input_is_float ? ""
         : s->m.n_steps       ? " normalized and quantized from float32 by the host"
                              : " quantized from float32 by the host");
  if (d->n > 1) printf(", batch %d", d->n);
  putchar('\n');
  if (s->m.tail != NULL) {
    char macs[32];
    printf("host     %d operation%s behind the last quantization, from '%s' on, in float32: %s MACs an image\n",
           s->m.tail->n_nodes, s->m.tail->n_nodes == 1 ? "" : "s", s->m.tail->nodes[0].name,
           sim_thousands(tetra_tail_macs(&s->m), macs));
  }
  if (s->m.host_softmax != TETRA_SOFTMAX_NONE) puts("host     softmax behind the last layer");
}

static void print_network(const struct sim_results *r) {
  const struct sim_options *o = r->o;
  if (o->from_file) {
    sim_text_source(r->source);
    printf("image    %s\n", o->image != NULL ? o->image : "random codes from --seed");
    return;
  }
  printf("network  %s, %s, width %g, %dx%d, batch %d, %s\n", o->net.network, tetra_precision_name(o->net.precision),
         o->net.width, o->net.image_size, o->net.image_size, o->net.batch,
         !o->net.fuse                          ? "every tensor written"
         : r->source->m.graph.ops[0].pool != 0 ? "residual adds and max pool fused"
                                               : "residual adds fused");
  printf("weights  untrained, random from seed %" PRIu64 ": classes mean nothing, cycles and bits do; image: %s\n",
         o->net.seed, image_name(o));
}

void sim_text_header(const struct sim_text *t, const struct sim_results *r) {
  const struct sim_options *o = r->o;
  const char *const checks[] = {"every layer", sim_wants_pieces(o) ? "each piece's last layer" : "the last layer",
                                "nothing"};
  char constants[32];
  print_network(r);
  sim_print_hardware(r);
  printf(", stall probability %g\n", o->stall);
  printf("plan     %d layers, %" PRIu32 " commands, %s bytes of weights and parameters\n", r->g->n_ops, r->plan->n_cmds,
         sim_thousands(r->plan->const_bytes, constants));
  printf("compare  %s with the C model (network built in %.2f s, C model run in %.2f s)\n", checks[o->check],
         r->build_s, r->c_model_s);
  if (o->layers != NULL) printf("layers   %s only; what they read comes from the C model\n", o->layers);
  if (t->quiet) return;
  struct sim_column columns[COLUMNS];
  const unsigned chosen = choose_columns(t, r->g, columns);
  putchar('\n');
  sim_columns_print(columns, COLUMNS, chosen, NULL);
  fflush(stdout);
}

void sim_text_clear(const struct sim_text *t) {
  if (t->tty && !t->quiet) fputs("\r\033[K", stdout);
}

static void fill_cells(const struct sim_results *r, int i, char cells[COLUMNS][SIM_CELL]) {
  static const char *const match[] = {"-", "NO", "yes"};
  const struct tetra_op *op = &r->g->ops[i];
  const struct sim_layer *l = &r->layers[i];
  snprintf(cells[NUMBER], SIM_CELL, "%d", i + r->first);
  snprintf(cells[NAME], SIM_CELL, "%s", op->name);
  snprintf(cells[KIND], SIM_CELL, "%s", sim_kind_name(r->g, i));
  sim_window_text(op, cells[WINDOW]);
  sim_shape_text(r->g, op, cells[SHAPE]);
  sim_bits_text(r->g, op, cells[BITS]);
  sim_thousands((uint64_t)r->plan->layers[i].macs, cells[MACS]);
  sim_thousands(l->cycles, cells[CYCLES]);
  sim_thousands(l->busy, cells[BUSY]);
  sim_thousands(sim_memory_bound(r, i), cells[BOUND]);
  sim_utilization_text(r, i, cells[UTIL]);
  sim_thousands(l->dram_bytes, cells[BYTES]);
  snprintf(cells[MATCH], SIM_CELL, "%s", match[l->match + 1]);
  const int n = snprintf(cells[TIME], SIM_CELL, " %.1f s", r->seconds);
  if (r->n_done < r->g->n_ops) snprintf(cells[TIME] + n, SIM_CELL - (size_t)n, ", %.1f s left", seconds_left(r));
}

static void on_layer(void *arg, const struct sim_results *r, int i) {
  const struct sim_text *t = arg;
  if (t->quiet) return;
  struct sim_column columns[COLUMNS];
  char cells[COLUMNS][SIM_CELL];
  const unsigned chosen = choose_columns(t, r->g, columns);
  const int mark = t->color && r->layers[i].match == SIM_DIFFERENT;
  sim_text_clear(t);
  fill_cells(r, i, cells);
  if (mark) fputs(RED, stdout);
  sim_columns_print(columns, COLUMNS, chosen, cells);
  if (mark) fputs(PLAIN, stdout);
  fflush(stdout);
}

/* With the C model's accumulators, a line for each element. Printed whatever `quiet`. */
static void on_difference(void *arg, const struct sim_results *r, const struct sim_mismatch *m) {
  (void)arg;
  const struct tetra_op *op = &r->g->ops[m->op];
  const struct tetra_desc *d = &r->g->values[m->value].d;
  printf("MISMATCH in layer %d %s, output %d (%s, %dx%dx%dx%d %s): %" PRId64 " of %" PRId64 " codes differ\n",
         m->op + r->first, op->name, m->output, r->g->values[m->value].name, d->n, d->h, d->w, d->c,
         tetra_fmt_name(d->fmt), m->count, m->total);
  for (int i = 0; i < m->n_shown; i++) {
    const struct sim_difference *e = &m->shown[i];
    printf("  image %d y %d x %d channel %d: RTL %d, C %d (accumulator %d, bias %d)\n", e->n, e->y, e->x, e->c, e->rtl,
           e->golden, e->accumulator, e->bias);
  }
  if (m->count > m->n_shown) printf("  and %" PRId64 " more\n", m->count - m->n_shown);
}

/* Rewrites the progress line of a terminal, at most five times a second; nothing elsewhere. */
static void on_progress(void *arg, const struct sim_results *r, uint64_t clocks) {
  struct sim_text *t = arg;
  const double now = sim_now();
  if (!t->tty || t->quiet || now - t->last_progress < PROGRESS_SECONDS) return;
  t->last_progress = now;
  char clock[32];
  sim_text_clear(t);
  printf("    %d of %d layers, cycle %s, %.1f s, %.1f s left", r->n_done, r->g->n_ops, sim_thousands(clocks, clock),
         r->seconds, seconds_left(r));
  fflush(stdout);
}

struct sim_observer sim_text_observer(struct sim_text *t) {
  return (struct sim_observer){.arg = t,
                               .on_refusal = sim_note,
                               .on_layer = on_layer,
                               .on_difference = on_difference,
                               .on_progress = on_progress};
}

/* One of the leading classes and a number of it. */
static void print_class(const struct sim_results *r, int i, int digits, double v) {
  char text[80];
  sim_class_text(&r->source->classes, r->top.cls[i], text, sizeof text);
  printf("%s %s: %.*f", i == 0 ? "" : ",", text, digits, v);
}

static void print_top(const struct sim_results *r) {
  if (r->top.n == 0) return;
  fputs("top classes (class: logit)", stdout);
  for (int i = 0; i < r->top.n; i++) print_class(r, i, 3, r->top.logit[i]);
  puts(sim_batch(r) > 1 ? "  (first image)" : "");
}

static void print_softmax(const struct sim_results *r) {
  fputs("softmax on the host (class: probability)", stdout);
  for (int i = 0; i < r->top.n; i++) print_class(r, i, 5, r->probability[i]);
  puts("");
}

static void print_work(const struct sim_results *r) {
  const struct sim_totals t = sim_totals(r);
  char a[32], b[32], c[32];
  printf("\ntotal    %s cycles; bounds: compute %s, with each layer's DRAM traffic %s\n", sim_thousands(r->cycles, a),
         sim_thousands(t.compute_bound, b), sim_thousands(t.memory_bound, c));
  printf("         %s MACs, utilization %.1f%% of each layer's peak; DRAM %s bytes, commands %s bytes\n",
         sim_thousands(t.macs, a), 100 * t.utilization, sim_thousands(t.dram_bytes, b),
         sim_thousands(r->counters[TETRA_CNT_FETCH_BYTES], c));
  sim_print_groups(&t);
  printf("         saturated codes: %s of first outputs, %s of second ones\n",
         sim_thousands(r->counters[TETRA_CNT_SAT0], a), sim_thousands(r->counters[TETRA_CNT_SAT1], b));
}

void sim_text_totals(const struct sim_results *r) {
  const struct sim_options *o = r->o;
  print_work(r);
  if (!o->quiet) {
    puts(
        "         a layer's cycles run from the completion before its own, so they add up; where the compiler "
        "interleaves");
    puts("         layers, its share of the work shows in \"busy\", the cycles in which the array took a pixel of it");
  }
  sim_print_above_peak(r);
  sim_print_causes(r);
  if (o->mhz > 0 && r->n_pieces == 0 && r->cycles != 0 && r->n_done == r->g->n_ops && o->layers == NULL) {
    printf("speed    %.2f frames/s at %g MHz (%.3f ms for %d)\n", o->mhz * 1e6 * sim_batch(r) / (double)r->cycles,
           o->mhz, (double)r->cycles / o->mhz / 1e3, sim_batch(r));
  }
  sim_energy_print(r);
  print_top(r);
  char clocks[32];
  printf("simulation %s clocks in %.2f s, %.0f kHz\n", sim_thousands(r->clocks, clocks), r->seconds,
         r->seconds > 0 ? (double)r->clocks / r->seconds / 1e3 : 0.0);
  const char *const verdict[] = {"nothing was compared", "RTL and C DIFFER", "RTL = C in everything compared"};
  printf("result   %s: %d of %d layers ran\n", verdict[r->match + 1], r->n_done, r->g->n_ops);
  if (r->has_softmax && r->top.n != 0) print_softmax(r);
}
