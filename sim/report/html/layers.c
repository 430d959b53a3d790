/* The table of layers: a row each, a cell for every number of JSON. */
#include <inttypes.h>

#include "report/format.h"
#include "report/html/page.h"
#include "report/html/sections.h"
#include "run/traffic.h"
#include "tetra/device.h"

static void head(FILE *f, const char *name, int left) { fprintf(f, "<th%s>%s</th>", left ? " class=\"l\"" : "", name); }

static void number(FILE *f, uint64_t v) {
  char text[32];
  fprintf(f, "<td data-v=\"%" PRIu64 "\">%s</td>", v, sim_thousands(v, text));
}

static void text_cell(FILE *f, const char *text) {
  fputs("<td class=\"l\">", f);
  page_text(f, text);
  fputs("</td>", f);
}

static void print_heads(FILE *f, const struct sim_results *r, int causes) {
  static const char *const first[] = {"layer", "kind", "window", "shape", "bits"};
  static const char *const numbers[] = {"macs", "cycles", "busy_cycles", "bound_cycles", "bus_bound_cycles"};
  head(f, "#", 0);
  for (int i = 0; i < 5; i++) head(f, first[i], 1);
  for (int i = 0; i < 5; i++) head(f, numbers[i], 0);
  if (r->modelled != NULL) head(f, "model_cycles", 0);
  head(f, "utilization", 0);
  head(f, "dram_bytes", 0);
  for (int k = 0; k < SIM_TRAFFIC_KINDS; k++) head(f, sim_traffic_name((enum sim_traffic)k), 0);
  for (uint32_t c = SIM_FIRST_CLASS; causes && c <= SIM_LAST_CLASS; c++) head(f, tetra_counter_name(c), 0);
  head(f, "RTL&nbsp;=&nbsp;C", 0);
}

static void print_shape(FILE *f, const struct sim_results *r, int i) {
  const struct tetra_op *op = &r->g->ops[i];
  char window[24], shape[80], bits[40];
  sim_window_text(op, window);
  sim_shape_text(r->g, op, shape);
  sim_bits_text(r->g, op, bits);
  text_cell(f, op->name);
  text_cell(f, sim_kind_name(r->g, i));
  text_cell(f, window);
  text_cell(f, shape);
  text_cell(f, bits);
}

static void print_row(FILE *f, const struct sim_results *r, int i, int causes) {
  static const char *const match[] = {"-", "NO", "yes"};
  const struct sim_layer *l = &r->layers[i];
  fprintf(f, "<tr%s><td data-v=\"%d\">%d</td>", l->match == SIM_DIFFERENT ? " class=\"bad\"" : "", r->first + i,
          r->first + i);
  print_shape(f, r, i);
  number(f, (uint64_t)r->plan->layers[i].macs);
  number(f, l->cycles);
  number(f, l->busy);
  number(f, (uint64_t)r->plan->layers[i].compute_bound);
  number(f, sim_bounds(r, i).bus);
  if (r->modelled != NULL) number(f, r->modelled[i]);
  if (r->plan->layers[i].macs != 0) {
    fprintf(f, "<td data-v=\"%.15g\">%.1f&nbsp;%%</td>", sim_utilization(r, i), 100 * sim_utilization(r, i));
  } else {
    fputs("<td data-v=\"-1\">-</td>", f);
  }
  number(f, l->dram_bytes);
  for (int k = 0; k < SIM_TRAFFIC_KINDS; k++) number(f, r->traffic[i][k]);
  for (int k = 0; causes && k < TETRA_TIMING_CLASSES; k++) number(f, l->causes[k]);
  fprintf(f, "<td>%s</td></tr>\n", match[l->match + 1]);
}

void page_layers(FILE *f, const struct sim_results *r) {
  int causes = 0;
  for (int i = 0; i < r->g->n_ops; i++) causes = causes || r->layers[i].has_causes;
  page_section(f, "Layers", "A click on a heading sorts by its column.");
  fputs("<div class=\"wide\"><table class=\"sort\" id=\"layers\"><thead><tr>", f);
  print_heads(f, r, causes);
  fputs("</tr></thead><tbody>\n", f);
  for (int i = 0; i < r->g->n_ops; i++) {
    if (r->layers[i].done) print_row(f, r, i, causes);
  }
  fputs("</tbody></table></div>\n", f);
}
