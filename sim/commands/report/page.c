/* Lays out a study's page; what is not chosen by its script is there without one, and on paper. */
#include "commands/report/page.h"

#include <math.h>
#include <string.h>

#include "report/html/assets.h"
#include "report/html/page.h"
#include "report/html/svg.h"

#define FRONT_ROWS 300 /* of its table */
#define REASONS 20

static void count_fact(FILE *f, const char *name, int n) {
  char text[16];
  snprintf(text, sizeof text, "%d", n);
  page_fact(f, name, text);
}

static int count_status(const struct study *s, const char *status) {
  const struct study_column *c = study_column(s, "status");
  char number[32];
  int n = 0;
  for (int row = 0; row < s->n_rows; row++) n += strcmp(study_text(c, row, number), status) == 0;
  return n;
}

/* Points that the RTL ran, too; its cycles are the model's or the point has failed. */
static int count_rtl(const struct study *s) {
  const struct study_column *c = study_column(s, "rtl_cycles");
  int n = 0;
  for (int row = 0; row < s->n_rows; row++) n += !isnan(study_number(c, row));
  return n;
}

static void print_summary(FILE *f, const struct study *s, const struct front *front) {
  static const char *const states[] = {"done", "refused", "failed", "todo"};
  fputs("<div class=\"facts\" id=\"summary\">\n", f);
  count_fact(f, "points", s->n_rows);
  for (int i = 0; i < 4; i++) count_fact(f, states[i], count_status(s, states[i]));
  count_fact(f, "run on the RTL, too", count_rtl(s));
  count_fact(f, "kinds of work", front->n_works);
  fputs("</div>\n", f);
}

/* The axes' limits over the points that are drawn; 0: there are none. */
static int find_limits(const struct study *s, const struct front *front, double x[2], double y[2]) {
  int n = 0;
  for (int row = 0; row < s->n_rows; row++) {
    if (front->work[row] < 0) continue;
    const double a = front->x->v[row], b = front->y->v[row];
    x[0] = n == 0 ? a : fmin(x[0], a);
    x[1] = n == 0 ? a : fmax(x[1], a);
    y[0] = n == 0 ? b : fmin(y[0], b);
    y[1] = n == 0 ? b : fmax(y[1], b);
    n++;
  }
  return n;
}

/* Logarithmic where values span more than ten times. */
static struct svg_scale scale_for(const double limits[2]) {
  return svg_scale_of(limits[0], limits[1], limits[0] > 0 && limits[1] > 10 * limits[0]);
}

/* All points of a kind of work in one path: thousands of them stay small. */
static void draw_cloud(const struct svg *p, const struct study *s, const struct front *front, int work) {
  fprintf(p->f, "<path class=\"dots s%d\" d=\"", work % SVG_COLOURS);
  for (int row = 0; row < s->n_rows; row++) {
    if (front->work[row] != work) continue;
    fprintf(p->f, "M%.1f %.1fh0", svg_x(p, front->x->v[row]), svg_y(p, front->y->v[row]));
  }
  fputs("\"/>\n", p->f);
}

static void draw_front(const struct svg *p, const struct study *s, const struct front *front) {
  for (int row = 0; row < s->n_rows; row++) {
    char text[300], work[160], a[32], b[32];
    if (front->work[row] < 0 || !front->on_front[row]) continue;
    front_work_name(s, row, work, sizeof work);
    snprintf(text, sizeof text, "%s\n%s %s\n%s %s", work, front->x->name, study_text(front->x, row, a), front->y->name,
             study_text(front->y, row, b));
    svg_hover(p, text);
    svg_dot(p, svg_x(p, front->x->v[row]), svg_y(p, front->y->v[row]), 4.5, front->work[row]);
    svg_hover_end(p);
  }
}

static void print_works(FILE *f, const struct study *s, const struct front *front) {
  fputs("<p class=\"legend\">", f);
  for (int k = 0; k < front->n_works && k < 3 * SVG_COLOURS; k++) {
    int row = 0;
    char name[160];
    while (front->work[row] != k) row++;
    front_work_name(s, row, name, sizeof name);
    fprintf(f, "<span><i class=\"b%d\"></i>", k % SVG_COLOURS);
    page_text(f, name);
    fputs("</span> ", f);
  }
  fputs("</p>\n", f);
}

static void print_chart(FILE *f, const struct study *s, const struct front *front) {
  double x[2] = {0, 0}, y[2] = {0, 0};
  struct svg p;
  page_section(f, "Pareto front",
               "Large dots: no point that does the same work is at least as good on both axes and better on one. A "
               "colour for each work.");
  if (find_limits(s, front, x, y) == 0) {
    fputs("<p>No point has been answered yet.</p>\n", f);
    return;
  }
  print_works(f, s, front);
  fputs("<div class=\"controls\" id=\"controls\" hidden></div><p id=\"tip\"></p>\n", f);
  svg_begin(&p, f, "chart", "points of the study", 1120, 460);
  svg_axis_x(&p, scale_for(x), front->x->name);
  svg_axis_y(&p, scale_for(y), front->y->name);
  for (int k = 0; k < front->n_works; k++) draw_cloud(&p, s, front, k);
  draw_front(&p, s, front);
  svg_end(&p);
  fputs("<div id=\"best\"></div>\n", f);
}

static void print_heads(FILE *f, const struct study *s, const char *id) {
  fprintf(f, "<div class=\"wide\"><table class=\"sort\" id=\"%s\"><thead><tr>", id);
  for (int c = 0; c < s->n_columns; c++) {
    if (!s->columns[c].is_used) continue;
    fputs(s->columns[c].is_text ? "<th class=\"l\">" : "<th>", f);
    page_text(f, s->columns[c].name);
    fputs("</th>", f);
  }
  fputs("</tr></thead><tbody>\n", f);
}

static void print_row(FILE *f, const struct study *s, int row) {
  fputs("<tr>", f);
  for (int c = 0; c < s->n_columns; c++) {
    const struct study_column *column = &s->columns[c];
    char number[32];
    if (!column->is_used) continue;
    if (column->is_text) {
      fputs("<td class=\"l\">", f);
    } else if (isnan(column->v[row])) {
      fputs("<td data-v=\"-1\">", f);
    } else {
      fprintf(f, "<td data-v=\"%.15g\">", column->v[row]);
    }
    page_text(f, study_text(column, row, number));
    fputs("</td>", f);
  }
  fputs("</tr>\n", f);
}

/* The answered point of each work with the fewest cycles. */
static void print_fastest(FILE *f, const struct study *s, const struct front *front) {
  const struct study_column *cycles = study_column(s, "cycles");
  if (front->n_works == 0) return;
  page_section(f, "Fewest cycles of each work", NULL);
  print_heads(f, s, "fastest");
  for (int k = 0; k < front->n_works; k++) {
    int best = -1;
    for (int row = 0; row < s->n_rows; row++) {
      if (front->work[row] != k || isnan(study_number(cycles, row))) continue;
      if (best < 0 || cycles->v[row] < cycles->v[best]) best = row;
    }
    if (best >= 0) print_row(f, s, best);
  }
  fputs("</tbody></table></div>\n", f);
}

static void print_front(FILE *f, const struct study *s, const struct front *front) {
  int n = 0;
  if (front->n_works == 0) return;
  page_section(f, "Points on the front", "A click on a heading sorts by its column.");
  print_heads(f, s, "front");
  for (int row = 0; row < s->n_rows && n < FRONT_ROWS; row++) {
    if (front->work[row] < 0 || !front->on_front[row]) continue;
    print_row(f, s, row);
    n++;
  }
  fputs("</tbody></table></div>\n", f);
  if (n == FRONT_ROWS) fprintf(f, "<p>The first %d of them.</p>\n", n);
}

/* Why points were not answered, and how many, in the order in which the reasons come. */
static void print_reasons(FILE *f, const struct study *s) {
  const struct study_column *c = study_column(s, "reason");
  if (c == NULL || !c->is_text || c->n_words == 0) return;
  page_section(f, "Points without an answer", NULL);
  fputs(
      "<table class=\"sort\" id=\"reasons\"><thead><tr><th>points</th><th "
      "class=\"l\">reason</th></tr></thead><tbody>\n",
      f);
  for (int w = 0; w < c->n_words && w < REASONS; w++) {
    int n = 0;
    for (int row = 0; row < s->n_rows; row++) n += c->word[row] == w;
    fprintf(f, "<tr><td data-v=\"%d\">%d</td><td class=\"l\">", n, n);
    page_text(f, c->words[w]);
    fputs("</td></tr>\n", f);
  }
  fputs("</tbody></table>\n", f);
  if (c->n_words > REASONS) fprintf(f, "<p>And %d reasons more.</p>\n", c->n_words - REASONS);
}

static void print_origin(FILE *f, const struct study *s) {
  page_section(f, "How the answers were made", NULL);
  if (s->command != NULL) {
    fputs("<pre id=\"command\">", f);
    page_text(f, s->command);
    fputs("</pre>\n", f);
  }
  fputs("<p>Tetra ", f);
  page_text(f, s->version == NULL ? "?" : s->version);
  fputs("; the page by Tetra " TETRA_VERSION ".</p>\n", f);
  if (s->text == NULL) return;
  fputs("<details><summary>The study</summary><pre>", f);
  page_text(f, s->text);
  fputs("</pre></details>\n", f);
}

void study_page(FILE *f, const struct study *s, const struct front *front, const char *json) {
  char title[64];
  snprintf(title, sizeof title, "Tetra: a study of %d points", s->n_rows);
  page_begin(f, title);
  print_summary(f, s, front);
  print_chart(f, s, front);
  fputs("<div id=\"parallel\"></div>\n", f);
  print_fastest(f, s, front);
  print_front(f, s, front);
  fputs("<div id=\"points\"></div>\n", f);
  print_reasons(f, s);
  print_origin(f, s);
  page_data(f, "data", json);
  page_end(f, front->n_works == 0 ? NULL : study_script);
}
