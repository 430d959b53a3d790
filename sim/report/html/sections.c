/* Charts of a run, layer by layer. */
#include "report/html/sections.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/html/page.h"
#include "report/html/svg.h"
#include "run/traffic.h"
#include "tetra/device.h"

static void begin_hover(const struct sim_results *r, int i, char *text, size_t size) {
  snprintf(text, size, "%d %s", r->first + i, r->g->ops[i].name);
}

static int has_causes(const struct sim_results *r) {
  for (int i = 0; i < r->g->n_ops; i++) {
    if (r->layers[i].has_causes) return 1;
  }
  return 0;
}

static double cause_of(const void *arg, int i, int k) {
  const struct sim_results *r = arg;
  return (double)r->layers[i].causes[k];
}

/* Adds ", NAME 1,234" where there is any of it. */
static size_t add_part(char *text, size_t size, size_t n, const char *name, uint64_t v) {
  char number[32];
  if (v == 0 || n >= size) return n;
  return n + (size_t)snprintf(text + n, size - n, "\n%s %s", name, sim_thousands(v, number));
}

static void hover_causes(const void *arg, int i, char *text, size_t size) {
  const struct sim_results *r = arg;
  char number[32];
  size_t n = (size_t)snprintf(text, size, "%d %s: %s cycles", r->first + i, r->g->ops[i].name,
                              sim_thousands(r->layers[i].cycles, number));
  for (int k = 0; k < TETRA_TIMING_CLASSES; k++)
    n = add_part(text, size, n, tetra_counter_name(SIM_FIRST_CLASS + (uint32_t)k), r->layers[i].causes[k]);
}

/* Without a timeline: the array's cycles of the layer's own work, as far as they are in its cycles, and the others. */
static double busy_of(const void *arg, int i, int k) {
  const struct sim_layer *l = &((const struct sim_results *)arg)->layers[i];
  const double busy = (double)(l->busy < l->cycles ? l->busy : l->cycles);
  return k == 0 ? busy : (double)l->cycles - busy;
}

static void hover_busy(const void *arg, int i, char *text, size_t size) {
  const struct sim_results *r = arg;
  char a[32], b[32];
  snprintf(text, size, "%d %s: %s cycles\nits own pixels in the array %s", r->first + i, r->g->ops[i].name,
           sim_thousands(r->layers[i].cycles, a), sim_thousands(r->layers[i].busy, b));
}

static void draw_layers(FILE *f, const struct sim_results *r) {
  static const char *const simple[] = {"the array takes the layer's pixels", "the rest"};
  const char *names[TETRA_TIMING_CLASSES];
  const int causes = has_causes(r);
  for (int k = 0; k < TETRA_TIMING_CLASSES; k++) names[k] = tetra_counter_name(SIM_FIRST_CLASS + (uint32_t)k);
  page_legend(f, causes ? names : simple, causes ? TETRA_TIMING_CLASSES : 2);
  const struct svg_columns c = {.what = "cycles of each layer",
                                .y_label = "cycles",
                                .n = r->g->n_ops,
                                .parts = causes ? TETRA_TIMING_CLASSES : 2,
                                .arg = r,
                                .value = causes ? cause_of : busy_of,
                                .hover = causes ? hover_causes : hover_busy,
                                .first = r->first};
  svg_columns(f, &c);
}

static void print_cause(FILE *f, const struct sim_results *r, uint32_t c) {
  char text[32];
  const uint64_t cycles = r->counters[c];
  fprintf(f, "<tr><td class=\"l\"><span class=\"legend\"><i class=\"b%u\"></i></span>%s</td>", c - SIM_FIRST_CLASS,
          tetra_counter_name(c));
  fprintf(f, "<td data-v=\"%" PRIu64 "\">%s</td><td>%.1f&nbsp;%%</td><td class=\"l\">%s</td></tr>\n", cycles,
          sim_thousands(cycles, text), r->cycles == 0 ? 0.0 : 100 * (double)cycles / (double)r->cycles,
          tetra_counter_text(c));
}

void page_causes(FILE *f, const struct sim_results *r) {
  page_section(f, "Where the cycles went",
               has_causes(r) ? "A layer&#39;s cycles run from the completion before its own to its own, so they add up."
                             : "Causes are counted for the run as a whole; of a layer the chart shows its busy cycles. "
                               "Where the compiler interleaves layers, a layer&#39;s pixels are also in its "
                               "neighbours&#39; cycles.");
  if (!sim_is_complete(r)) { /* the counters are read at the end */
    fputs("<p>The run did not come to its end, so that there are no causes of all its cycles.</p>\n", f);
    draw_layers(f, r);
    return;
  }
  fputs(
      "<table id=\"causes\"><thead><tr><th class=\"l\">cause</th><th>cycles</th><th>share</th><th class=\"l\"></th>"
      "</tr></thead><tbody>\n",
      f);
  for (uint32_t c = SIM_FIRST_CLASS; c <= SIM_LAST_CLASS; c++) print_cause(f, r, c);
  fputs("</tbody></table>\n", f);
  draw_layers(f, r);
}

/* A layer as a point; 0: it has no place there. */
static int roof_point(const struct sim_results *r, int i, double *x, double *y) {
  const struct sim_layer *l = &r->layers[i];
  const double macs = (double)r->plan->layers[i].macs;
  if (!l->done || macs == 0 || l->dram_bytes == 0 || l->cycles == 0) return 0;
  *x = macs / (double)l->dram_bytes;
  *y = macs / (double)l->cycles;
  return 1;
}

/* The modes' peaks, each once; returns how many. */
static int list_peaks(const struct sim_results *r, uint32_t peaks[4]) {
  int n = 0;
  for (int i = 0; i < r->g->n_ops; i++) {
    const uint32_t p = r->plan->layers[i].macs_per_cycle;
    int known = p == 0;
    for (int k = 0; k < n; k++) known = known || peaks[k] == p;
    if (!known && n < 4) peaks[n++] = p;
  }
  return n;
}

static void draw_roofs(const struct svg *s, const struct sim_results *r, const uint32_t *peaks, int n) {
  double highest = 0;
  for (int k = 0; k < n; k++) {
    char text[40];
    snprintf(text, sizeof text, "%u MACs a cycle", peaks[k]);
    svg_line(s, svg_x(s, (double)peaks[k] / r->o->bytes_per_cycle), svg_y(s, peaks[k]), s->right, svg_y(s, peaks[k]),
             "roof");
    svg_text(s, s->right - 4, svg_y(s, peaks[k]) - 4, "end", text);
    highest = fmax(highest, peaks[k]);
  }
  const double x0 = fmax(s->x.least, s->y.least / r->o->bytes_per_cycle), x1 = highest / r->o->bytes_per_cycle;
  svg_line(s, svg_x(s, x0), svg_y(s, x0 * r->o->bytes_per_cycle), svg_x(s, x1), svg_y(s, highest), "roof");
}

static void draw_points(const struct svg *s, const struct sim_results *r, const uint32_t *peaks, int n) {
  for (int i = 0; i < r->g->n_ops; i++) {
    double x, y;
    char text[TETRA_NAME_MAX + 120];
    int colour = 0;
    if (!roof_point(r, i, &x, &y)) continue;
    while (colour < n && peaks[colour] != r->plan->layers[i].macs_per_cycle) colour++;
    begin_hover(r, i, text, TETRA_NAME_MAX + 20);
    const size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "\n%.1f MACs a cycle, %.1f MACs a byte", y, x);
    svg_hover(s, text);
    svg_dot(s, svg_x(s, x), svg_y(s, y), 4, colour);
    svg_hover_end(s);
  }
}

void page_roofline(FILE *f, const struct sim_results *r) {
  uint32_t peaks[4];
  const int n = list_peaks(r, peaks);
  double x_least = HUGE_VAL, x_most = 0, y_least = HUGE_VAL, y_most = 0; /* the highest roof */
  for (int i = 0; i < r->g->n_ops; i++) {
    double x, y;
    if (!roof_point(r, i, &x, &y)) continue;
    x_least = fmin(x_least, x);
    x_most = fmax(x_most, x);
    y_least = fmin(y_least, y);
  }
  if (x_most == 0) return;
  for (int k = 0; k < n; k++) {
    y_most = fmax(y_most, peaks[k]);
    x_most = fmax(x_most, (double)peaks[k] / r->o->bytes_per_cycle);
  }
  page_section(f, "Roofline",
               "A dot is a layer, its colour the array&#39;s mode. Dots above a roof, drawn no higher than the chart, "
               "are interleaved layers: "
               "part of their work is in their neighbours&#39; cycles.");
  struct svg s;
  svg_begin(&s, f, NULL, "MACs a cycle over MACs a byte of DRAM traffic", 1120, 380);
  svg_axis_x(&s, svg_scale_of(x_least, x_most, 1), "MACs per byte of DRAM traffic");
  svg_axis_y(&s, svg_scale_of(y_least, y_most, 1), "MACs per cycle");
  draw_roofs(&s, r, peaks, n);
  draw_points(&s, r, peaks, n);
  svg_end(&s);
}

static double bytes_of(const void *arg, int i, int k) {
  const struct sim_results *r = arg;
  return r->layers[i].done ? (double)r->traffic[i][k] : 0;
}

static void hover_bytes(const void *arg, int i, char *text, size_t size) {
  const struct sim_results *r = arg;
  char number[32];
  size_t n = (size_t)snprintf(text, size, "%d %s: %s bytes", r->first + i, r->g->ops[i].name,
                              sim_thousands(r->layers[i].dram_bytes, number));
  for (int k = 0; k < SIM_TRAFFIC_KINDS; k++)
    n = add_part(text, size, n, sim_traffic_name((enum sim_traffic)k), r->traffic[i][k]);
}

void page_traffic(FILE *f, const struct sim_results *r) {
  const char *names[SIM_TRAFFIC_KINDS];
  for (int k = 0; k < SIM_TRAFFIC_KINDS; k++) names[k] = sim_traffic_name((enum sim_traffic)k);
  page_section(f, "DRAM traffic by kind", NULL);
  page_legend(f, names, SIM_TRAFFIC_KINDS);
  const struct svg_columns c = {.what = "bytes of each layer",
                                .y_label = "bytes",
                                .n = r->g->n_ops,
                                .parts = SIM_TRAFFIC_KINDS,
                                .arg = r,
                                .value = bytes_of,
                                .hover = hover_bytes,
                                .first = r->first};
  svg_columns(f, &c);
}

static double percent_of(const void *arg, int i, int k) {
  const double u = 100 * sim_utilization(arg, i);
  (void)k;
  return u > 100 ? 100 : u;
}

static void hover_utilization(const void *arg, int i, char *text, size_t size) {
  const struct sim_results *r = arg;
  snprintf(text, size, "%d %s: %.1f %%", r->first + i, r->g->ops[i].name, 100 * sim_utilization(r, i));
}

void page_utilization(FILE *f, const struct sim_results *r) {
  page_section(f, "Utilization",
               "MACs / (cycles &times; the mode&#39;s peak); more than 100 % where layers are interleaved is drawn as "
               "100 %.");
  const struct svg_columns c = {.what = "utilization of each layer",
                                .y_label = "%",
                                .n = r->g->n_ops,
                                .parts = 1,
                                .most = 100,
                                .arg = r,
                                .value = percent_of,
                                .hover = hover_utilization,
                                .first = r->first};
  svg_columns(f, &c);
}
