/* A run's page: summary, charts, layers, and the JSON document that has the same numbers. */
#include <inttypes.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/outfile.h"
#include "report/format.h"
#include "report/html/page.h"
#include "report/html/sections.h"
#include "report/html/timeline.h"
#include "report/json_text.h"
#include "report/writers.h"

static void count_fact(FILE *f, const char *name, uint64_t v) {
  char text[32];
  page_fact(f, name, sim_thousands(v, text));
}

static void verdict(FILE *f, const struct sim_results *r) {
  static const char *const words[] = {"nothing was compared", "RTL and C DIFFER", "RTL = C"};
  char text[80];
  if (r->from_model) {
    page_fact(f, "result", "modelled, not simulated");
    return;
  }
  snprintf(text, sizeof text, "%s: %d of %d layers ran", words[r->match + 1], r->n_done, r->g->n_ops);
  page_fact(f, "result", text);
}

static void print_speed(FILE *f, const struct sim_results *r) {
  char text[40];
  if (r->o->mhz <= 0 || r->cycles == 0 || r->n_done != r->g->n_ops || r->o->layers != NULL || r->n_pieces != 0) return;
  snprintf(text, sizeof text, "%.2f", r->o->mhz * 1e6 * sim_batch(r) / (double)r->cycles);
  page_fact(f, "frames/s", text);
  snprintf(text, sizeof text, "%g MHz", r->o->mhz);
  page_fact(f, "clock", text);
}

static void print_summary(FILE *f, const struct sim_results *r) {
  const struct sim_totals t = sim_totals(r);
  char text[64];
  fputs("<div class=\"facts\" id=\"summary\">\n", f);
  verdict(f, r);
  count_fact(f, r->from_model ? "cycles, modelled" : "cycles", t.cycles);
  if (r->n_pieces != 0) count_fact(f, "cycles of one run, modelled", sim_one_run_cycles(r, 0, r->g->n_ops - 1));
  count_fact(f, "compute bound", t.compute_bound);
  count_fact(f, "bound with DRAM traffic", t.memory_bound);
  snprintf(text, sizeof text, "%.1f %%", 100 * t.utilization);
  page_fact(f, "utilization", text);
  count_fact(f, "MACs", t.macs);
  count_fact(f, "DRAM bytes", t.dram_bytes);
  count_fact(f, "bytes of commands", r->counters[TETRA_CNT_FETCH_BYTES]);
  print_speed(f, r);
  fputs("</div>\n", f);
}

static void print_setting(FILE *f, const struct sim_results *r) {
  const struct sim_options *o = r->o;
  const struct tetra_caps *c = &r->plan->caps;
  fputs("<p>", f);
  page_text(f, o->net.network);
  if (!o->from_file) fprintf(f, ", %s, width %g", tetra_precision_name(o->net.precision), o->net.width);
  fprintf(f,
          ", batch %d; %ux%u array of %u 4x4-bit multipliers, %" PRIu64
          " KiB of SRAM; DRAM %u bytes/cycle, latency %u cycles",
          sim_batch(r), o->array, o->array, tetra_caps_multipliers(c), (tetra_caps_sram_bits(c) + 8191) / 8192,
          o->bytes_per_cycle, o->latency);
  if (o->stall > 0) fprintf(f, ", stall probability %g", o->stall);
  fputs(".</p>\n", f);
  if (!o->from_file) fputs("<p>The weights are untrained: cycles and bits mean something, classes do not.</p>\n", f);
}

static void print_pieces(FILE *f, const struct sim_results *r) {
  if (r->n_pieces == 0) return;
  page_section(
      f, "Pieces",
      "The network ran in pieces, each on an accelerator of its own; what is said of cycles are sums over them. "
      "Beside them what one run would have taken, by the cycle model.");
  fputs(
      "<table class=\"sort\" id=\"pieces\"><thead><tr><th>first</th><th>last</th><th>cycles</th><th>model_cycles</th>"
      "<th>one_run_cycles</th></tr></thead><tbody>\n",
      f);
  for (int i = 0; i < r->n_pieces; i++) {
    const struct sim_piece *p = &r->pieces[i];
    const uint64_t v[] = {(uint64_t)(r->first + p->first), (uint64_t)(r->first + p->last), p->cycles, p->model_cycles,
                          sim_one_run_cycles(r, p->first, p->last)};
    fputs("<tr>", f);
    for (int k = 0; k < 5; k++) {
      char text[32];
      fprintf(f, "<td data-v=\"%" PRIu64 "\">%s</td>", v[k], sim_thousands(v[k], text));
    }
    fputs("</tr>\n", f);
  }
  fputs("</tbody></table>\n", f);
}

static void print_origin(FILE *f, const struct sim_results *r) {
  page_section(f, "How this page was made", NULL);
  if (r->o->command != NULL) {
    fputs("<pre id=\"command\">", f);
    page_text(f, r->o->command);
    fputs("</pre>\n", f);
  }
  fprintf(f,
          "<p>Tetra %s, hardware interface %d. The same numbers as JSON are in this file&#39;s element "
          "<code>#data</code>.</p>\n",
          TETRA_VERSION, TETRA_HW_VERSION);
}

static void print_page(FILE *f, const struct sim_results *r, const char *json) {
  char title[200];
  snprintf(title, sizeof title, "Tetra: %s", r->o->net.network);
  page_begin(f, title);
  print_setting(f, r);
  print_summary(f, r);
  page_causes(f, r);
  page_roofline(f, r);
  page_traffic(f, r);
  page_utilization(f, r);
  if (r->timeline != NULL) {
    page_section(f, "A piece of the timeline",
                 "Around the layer that lost most cycles; <code>--timeline FILE.json</code> has all of it.");
    page_timeline(f, r, page_choose_excerpt(r));
  }
  print_pieces(f, r);
  page_layers(f, r);
  print_origin(f, r);
  page_data(f, "data", json);
  page_end(f, NULL);
}

int sim_html_write(const char *path, const struct sim_results *r, struct tetra_error *err) {
  char *json = NULL;
  struct sim_outfile f;
  int rc = sim_json_text_of(r, &json, err);
  if (rc != TETRA_OK) return rc;
  cJSON_Minify(json);
  rc = sim_outfile_open(&f, "--html", path, err);
  if (rc == TETRA_OK) {
    print_page(f.f, r, json);
    rc = sim_outfile_commit(&f, err);
  }
  free(json);
  return rc;
}
