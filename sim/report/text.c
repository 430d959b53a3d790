#include "report/text.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PROGRESS_SECONDS 0.2

/* 1234567 -> "1,234,567". */
const char *sim_grouped(uint64_t v, char out[32]) {
  char digits[24];
  const int n = snprintf(digits, sizeof digits, "%" PRIu64, v);
  int o = 0;
  for (int i = 0; i < n; i++) {
    if (i != 0 && (n - i) % 3 == 0) out[o++] = ',';
    out[o++] = digits[i];
  }
  out[o] = '\0';
  return out;
}

/* Expected seconds to go: what is left of the bounds, at the pace so far. */
static double seconds_left(const struct sim_session *s, double elapsed) {
  double done = 0, left = 0;
  for (int i = 0; i < s->r.g->n_ops; i++) {
    const struct tetra_plan_layer *p = &s->plan.layers[i];
    const double memory = (double)p->dram_bytes / s->o->bytes_per_cycle;
    const double bound = (double)p->compute_bound > memory ? (double)p->compute_bound : memory;
    *(s->r.layers[i].done ? &done : &left) += bound;
  }
  return done > 0 ? elapsed * left / done : 0;
}

static const char *image_name(const struct sim_options *o) { return o->image != NULL ? o->image : "synthetic"; }

/* Of the column: built-in names are short, those from files need not be. */
static int name_width(const struct sim_session *s) {
  size_t width = 16;
  for (int i = 0; i < s->part.g.n_ops; i++) {
    const size_t n = strlen(s->part.g.ops[i].name);
    if (n > width) width = n;
  }
  return width > 40 ? 40 : (int)width;
}

void sim_report_hardware(const struct sim_options *o, const struct tetra_caps *caps) {
  printf("hardware %ux%u array of %u 4x4-bit multipliers, %" PRIu64
         " KiB of SRAM; DRAM %u bytes/cycle, latency %u cycles",
         o->array, o->array, tetra_caps_multipliers(caps), (tetra_caps_sram_bits(caps) + 8191) / 8192,
         o->bytes_per_cycle, o->latency);
}

void sim_report_header(const struct sim_session *s) {
  const struct sim_options *o = s->o;
  static const char *const checks[] = {"every layer", "the last layer", "nothing"};
  char constants[32];
  if (o->model) {
    sim_source_header(&s->source);
    printf("image    %s\n", o->image != NULL ? o->image : "random codes from --seed");
  } else {
    printf("network  %s, %s, width %g, %dx%d, batch %d, %s\n", o->net.network, tetra_precision_name(o->net.precision),
           o->net.width, o->net.image_size, o->net.image_size, o->net.batch,
           !o->net.fuse              ? "every tensor written"
           : s->net.ops[0].pool != 0 ? "residual adds and max pool fused"
                                     : "residual adds fused");
    printf("weights  untrained, random from seed %" PRIu64 ": classes mean nothing, cycles and bits do; image: %s\n",
           o->net.seed, image_name(o));
  }
  sim_report_hardware(o, &s->plan.caps);
  printf(", stall probability %g\n", o->stall);
  printf("plan     %d layers, %" PRIu32 " commands, %s bytes of weights and parameters\n", s->part.g.n_ops,
         s->plan.n_cmds, sim_grouped(s->plan.const_bytes, constants));
  printf("compare  %s with the C model (network built in %.2f s, C model run in %.2f s)\n", checks[o->check],
         s->build_s, s->model_s);
  if (s->o->layers != NULL) printf("layers   %s only; what they read comes from the C model\n", s->o->layers);
  if (o->quiet) return;
  printf("\n%3s %-*s %-7s %-8s %-25s %-14s %14s %10s %10s %10s %7s %11s %5s  %s\n", "#", name_width(s), "layer", "kind",
         "window", "shape", "bits", "MACs", "cycles", "busy", "bound", "util", "DRAM bytes", "RTL=C", "time");
  fflush(stdout);
}

static void window_text(const struct tetra_op *op, char out[24]) {
  if (op->kind == TETRA_ADD) {
    snprintf(out, 24, "-");
  } else {
    snprintf(out, 24, "%dx%d/%d", op->kh, op->kw, op->stride_y);
  }
}

void sim_shape_text(const struct tetra_graph *g, const struct tetra_op *op, char out[80]) {
  const struct tetra_desc *i = &g->values[op->input].d, *o = &g->values[op->output[0]].d;
  snprintf(out, 80, "%dx%dx%d>%dx%dx%d", i->h, i->w, i->c, o->h, o->w, o->c);
}

/* Input and weight formats, then the outputs': "u4*s4>u4,u8". */
void sim_bits_text(const struct tetra_graph *g, const struct tetra_op *op, char out[40]) {
  char weights[8] = "";
  if (op->kind == TETRA_CONV) snprintf(weights, sizeof weights, "*s%d", op->wbits);
  const int two = op->n_outputs == 2;
  snprintf(out, 40, "%s%s>%s%s%s", tetra_fmt_name(g->values[op->input].d.fmt), weights,
           tetra_fmt_name(g->values[op->output[0]].d.fmt), two ? "," : "",
           two ? tetra_fmt_name(g->values[op->output[1]].d.fmt) : "");
}

void sim_report_layer(const struct sim_session *s, int i) {
  if (s->o->quiet) return;
  sim_report_clear(s);
  const struct tetra_op *op = &s->r.g->ops[i];
  const struct sim_layer *l = &s->r.layers[i];
  const char *const match[] = {"-", "NO", "yes"};
  char window[24], shape[80], bits[40], macs[32], cycles[32], busy[32], bound[32], bytes[32];
  char util[16] = "-";
  window_text(op, window);
  sim_shape_text(s->r.g, op, shape);
  sim_bits_text(s->r.g, op, bits);
  if (s->plan.layers[i].macs != 0) snprintf(util, sizeof util, "%.1f%%", 100 * sim_utilization(&s->r, i));
  const double elapsed = sim_now() - s->t0;
  printf("%3d %-*s %-7s %-8s %-25s %-14s %14s %10s %10s %10s %7s %11s %5s  %.1f s", i + s->r.first, name_width(s),
         op->name, sim_kind_name(s->r.g, i), window, shape, bits, sim_grouped((uint64_t)s->plan.layers[i].macs, macs),
         sim_grouped(l->cycles, cycles), sim_grouped(l->busy, busy), sim_grouped(sim_memory_bound(&s->r, i), bound),
         util, sim_grouped(l->dram_bytes, bytes), match[l->match + 1], elapsed);
  if (s->r.n_done < s->r.g->n_ops) printf(", %.1f s left", seconds_left(s, elapsed));
  putchar('\n');
  fflush(stdout);
}

void sim_report_clear(const struct sim_session *s) {
  if (s->tty && !s->o->quiet) fputs("\r\033[K", stdout);
}

void sim_report_progress(struct sim_session *s) {
  const double now = sim_now();
  if (!s->tty || s->o->quiet || now - s->last_progress < PROGRESS_SECONDS) return;
  s->last_progress = now;
  char clock[32];
  sim_report_clear(s);
  printf("    %d of %d layers, cycle %s, %.1f s, %.1f s left", s->r.n_done, s->r.g->n_ops,
         sim_grouped(s->model.cycles(s->model.self), clock), now - s->t0, seconds_left(s, now - s->t0));
  fflush(stdout);
}

static void report_stalls(const struct sim_results *r) {
  static const char *const what[] = {"the array took a pixel",
                                     "weights moving into the array",
                                     "array draining before a change of mode",
                                     "operands on their way from DRAM",
                                     "loads waiting for an earlier layer's stores",
                                     "accumulators not read out yet",
                                     "no compute command yet",
                                     "after the last compute: drain and stores"};
  char cycles[32];
  uint64_t sum = 0;
  puts("where the cycles went");
  for (uint32_t c = SIM_FIRST_CLASS; c <= SIM_LAST_CLASS; c++) {
    sum += r->counters[c];
    printf("  %-11s %14s  %5.1f%%  %s\n", tetra_counter_name(c), sim_grouped(r->counters[c], cycles),
           r->cycles == 0 ? 0.0 : 100 * (double)r->counters[c] / (double)r->cycles, what[c - SIM_FIRST_CLASS]);
  }
  printf("  %-11s %14s  %s\n", "sum", sim_grouped(sum, cycles),
         sum == r->cycles ? "= total" : "is NOT the total: the counters are wrong");
}

static void report_top(const struct sim_results *r) {
  if (r->n_top == 0) return;
  fputs("top classes (class: logit)", stdout);
  for (int i = 0; i < r->n_top; i++) printf("%s %d: %.3f", i == 0 ? "" : ",", r->top_class[i], r->top_logit[i]);
  puts(r->o->net.batch > 1 ? "  (first image)" : "");
}

void sim_report_totals(const struct sim_session *s) {
  const struct sim_results *r = &s->r;
  uint64_t compute = 0, memory = 0, macs = 0, bytes = 0;
  for (int i = 0; i < r->g->n_ops; i++) {
    if (!r->layers[i].done) continue;
    compute += (uint64_t)s->plan.layers[i].compute_bound;
    memory += sim_memory_bound(r, i);
    macs += (uint64_t)s->plan.layers[i].macs;
    bytes += r->layers[i].dram_bytes;
  }
  char a[32], b[32], c[32], d[32];
  printf("\ntotal    %s cycles; bounds: compute %s, with each layer's DRAM traffic %s\n", sim_grouped(r->cycles, a),
         sim_grouped(compute, b), sim_grouped(memory, c));
  printf("         %s MACs, utilization %.1f%% of each layer's peak; DRAM %s bytes, commands %s bytes\n",
         sim_grouped(macs, a), 100 * sim_total_utilization(r), sim_grouped(bytes, b),
         sim_grouped(r->counters[TETRA_CNT_FETCH_BYTES], c));
  printf("         saturated codes: %s of first outputs, %s of second ones\n",
         sim_grouped(r->counters[TETRA_CNT_SAT0], c), sim_grouped(r->counters[TETRA_CNT_SAT1], d));
  if (!s->o->quiet) {
    puts(
        "         a layer's cycles run from the completion before its own, so they add up; where the compiler "
        "interleaves");
    puts("         layers, its share of the work shows in \"busy\", the cycles in which the array took a pixel of it");
  }
  report_stalls(r);
  if (s->o->mhz > 0 && r->cycles != 0 && r->n_done == r->g->n_ops && s->o->layers == NULL) {
    printf("speed    %.2f frames/s at %g MHz (%.3f ms for %d)\n", s->o->mhz * 1e6 * s->o->net.batch / (double)r->cycles,
           s->o->mhz, (double)r->cycles / s->o->mhz / 1e3, s->o->net.batch);
  }
  report_top(r);
  printf("simulation %s clocks in %.2f s, %.0f kHz\n", sim_grouped(r->clocks, a), r->seconds,
         r->seconds > 0 ? (double)r->clocks / r->seconds / 1e3 : 0.0);
  const char *const verdict[] = {"nothing was compared", "RTL and C DIFFER", "RTL = C in everything compared"};
  printf("result   %s: %d of %d layers ran\n", verdict[r->match + 1], r->n_done, r->g->n_ops);
}
