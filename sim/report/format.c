/* Numbers, shapes and names as reports print them. */
#include "report/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *sim_thousands(uint64_t v, char out[32]) {
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

void sim_window_text(const struct tetra_op *op, char out[24]) {
  if (op->kind == TETRA_ADD) {
    snprintf(out, 24, "-");
  } else {
    const int n = snprintf(out, 24, "%dx%d/%d", op->win.kh, op->win.kw, op->win.stride_y);
    if (op->kind == TETRA_CONV && op->groups > 1 && op->groups < op->cout)
      snprintf(out + n, 24 - (size_t)n, "g%d", op->groups);
  }
}

void sim_shape_text(const struct tetra_graph *g, const struct tetra_op *op, char out[80]) {
  const struct tetra_desc *i = &g->values[op->input].d, *o = &g->values[op->output[0]].d;
  snprintf(out, 80, "%dx%dx%d>%dx%dx%d", i->h, i->w, i->c, o->h, o->w, o->c);
}

void sim_bits_text(const struct tetra_graph *g, const struct tetra_op *op, char out[40]) {
  char weights[8] = "";
  if (op->kind == TETRA_CONV) snprintf(weights, sizeof weights, "*s%d", op->wbits);
  const int two = op->n_outputs == 2;
  snprintf(out, 40, "%s%s>%s%s%s", tetra_fmt_name(g->values[op->input].d.fmt), weights,
           tetra_fmt_name(g->values[op->output[0]].d.fmt), two ? "," : "",
           two ? tetra_fmt_name(g->values[op->output[1]].d.fmt) : "");
}

void sim_utilization_text(const struct sim_results *r, int op, char out[16]) {
  if (r->plan->layers[op].macs != 0) {
    snprintf(out, 16, "%.1f%%", 100 * sim_utilization(r, op));
  } else {
    snprintf(out, 16, "-");
  }
}

int sim_name_width(const struct tetra_graph *g, int least) {
  int width = least;
  for (int i = 0; i < g->n_ops; i++) {
    const int n = (int)strlen(g->ops[i].name);
    if (n > width) width = n;
  }
  return width > 40 ? 40 : width;
}

/* The buffers, where they are not the usual ones. */
static void print_buffers(const struct tetra_caps *c) {
  const struct tetra_caps usual = tetra_caps_default(c->n);
  if (memcmp(c, &usual, sizeof usual) == 0) return;
  printf(" (activations %g, weights %g, residuals %g KiB; %" PRIu32 " parameter entries, %" PRIu32
         " accumulator pixels, %" PRIu32 " pool words)",
         c->act_words * c->n / 1024.0, c->wgt_words * c->n / 1024.0, c->res_words * c->n / 1024.0, c->par_entries,
         c->acc_pixels, c->pool_words);
}

void sim_print_hardware(const struct sim_results *r) {
  const struct sim_options *o = r->o;
  const struct tetra_caps *caps = &r->plan->caps;
  printf("hardware %ux%u array of %u 4x4-bit multipliers, %" PRIu64 " KiB of SRAM", o->array, o->array,
         tetra_caps_multipliers(caps), (tetra_caps_sram_bits(caps) + 8191) / 8192);
  print_buffers(caps);
  printf("; DRAM %u bytes/cycle, latency %u cycles", o->bytes_per_cycle, o->latency);
}

void sim_print_groups(const struct sim_totals *t) {
  if (t->grouped == 0) return;
  printf("         in groups: %d layer%s, which the array can do at %.1f%% of that peak at best (their bound)\n",
         t->grouped, t->grouped == 1 ? "" : "s", 100 * t->grouped_best);
}

/* Cycles that run from the completion before leave out what a layer did while others completed. */
void sim_print_above_peak(const struct sim_results *r) {
  int n = 0;
  for (int i = 0; i < r->g->n_ops; i++) n += r->layers[i].done && sim_utilization(r, i) > 1;
  if (n == 0) return;
  printf(
      "         %d layer%s above 100 %%: the compiler interleaves with other layers, whose cycles have a part of the "
      "work; their sum is right\n",
      n, n == 1 ? "" : "s");
}

void sim_print_causes(const struct sim_results *r) {
  char cycles[32];
  uint64_t sum = 0;
  puts(r->from_model ? "where the cycles go" : "where the cycles went");
  for (uint32_t c = SIM_FIRST_CLASS; c <= SIM_LAST_CLASS; c++) {
    sum += r->counters[c];
    printf("  %-11s %14s  %5.1f%%  %s\n", tetra_counter_name(c), sim_thousands(r->counters[c], cycles),
           r->cycles == 0 ? 0.0 : 100 * (double)r->counters[c] / (double)r->cycles, tetra_counter_text(c));
  }
  printf("  %-11s %14s  %s\n", "sum", sim_thousands(sum, cycles),
         sum == r->cycles ? "= total" : "is NOT the total: the counters are wrong");
}

void sim_print_quoted(const char *text, char mark, FILE *out) {
  fputc(mark, out);
  for (; *text != '\0'; text++) fputs(*text == mark ? (char[]){mark, mark, '\0'} : (char[]){*text, '\0'}, out);
  fputc(mark, out);
}
