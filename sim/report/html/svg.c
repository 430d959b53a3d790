/* Draws charts: scales, axes, columns, dots. */
#include "report/html/svg.h"

#include <math.h>
#include <string.h>

#include "report/html/page.h"

enum { LEFT = 62, RIGHT = 14, TOP = 10, BOTTOM = 38 };

void svg_begin(struct svg *s, FILE *f, const char *id, const char *what, double width, double height) {
  *s = (struct svg){.f = f, .width = width, .height = height, .left = LEFT, .top = TOP};
  s->right = width - RIGHT;
  s->bottom = height - BOTTOM;
  fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" role=\"img\"", width, height);
  if (id != NULL) fprintf(f, " id=\"%s\"", id);
  fputs(" aria-label=\"", f);
  page_text(f, what);
  fputs("\">\n", f);
}

void svg_end(const struct svg *s) { fputs("</svg>\n", s->f); }

struct svg_scale svg_scale_of(double least, double most, int log) {
  struct svg_scale s = {0, most > 0 ? 1.05 * most : 1, log};
  if (!log) return s;
  s.most = most > 0 ? 1.3 * most : 10;
  s.least = (least > 0 && least < most ? least : s.most / 10) / 1.3;
  return s;
}

/* 0 to 1 along the scale. */
static double share(struct svg_scale s, double v) {
  const double at = !s.log ? (v - s.least) / (s.most - s.least) : v <= 0 ? 0 : log(v / s.least) / log(s.most / s.least);
  return at < 0 ? 0 : at > 1 ? 1 : at;
}

double svg_x(const struct svg *s, double v) { return s->left + share(s->x, v) * (s->right - s->left); }

double svg_y(const struct svg *s, double v) { return s->bottom - share(s->y, v) * (s->bottom - s->top); }

void svg_number(double v, char text[24]) {
  static const char *const units[] = {"", " k", " M", " G", " T"};
  int u = 0;
  while (fabs(v) >= 1000 && u < 4) {
    v /= 1000;
    u++;
  }
  snprintf(text, 24, "%.4g%s", v, units[u]);
}

/* The first tick at or above v on a logarithmic scale: 1, 2 or 5 times a power of ten where that are not too many, else
 * the powers, or every second one. */
static double log_tick(struct svg_scale s, double v) {
  const double decades = log10(s.most / s.least), power = pow(10, floor(log10(v) + 1e-9));
  if (decades > 8) return pow(100, ceil(log10(v) / 2 - 1e-9));
  const double digit = v / power * (1 - 1e-9);
  if (decades > 3) return digit <= 1 ? power : 10 * power;
  return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

/* The first tick, and on a linear scale the step from one to the next. */
static double first_tick(struct svg_scale s, double *next) {
  if (s.log) return log_tick(s, s.least);
  const double rough = (s.most - s.least) / 6, power = pow(10, floor(log10(rough))), digit = rough / power;
  *next = power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  return ceil(s.least / *next) * *next;
}

void svg_axis_x(struct svg *s, struct svg_scale x, const char *label) {
  double next = 0;
  char text[24];
  s->x = x;
  for (double v = first_tick(x, &next); v <= x.most * (1 + 1e-9); v = x.log ? log_tick(x, v * 1.01) : v + next) {
    svg_line(s, svg_x(s, v), s->top, svg_x(s, v), s->bottom, "grid");
    svg_number(v, text);
    svg_text(s, svg_x(s, v), s->bottom + 14, "middle", text);
  }
  svg_line(s, s->left, s->bottom, s->right, s->bottom, "axis");
  svg_text(s, (s->left + s->right) / 2, s->bottom + 31, "middle", label);
}

void svg_axis_y(struct svg *s, struct svg_scale y, const char *label) {
  double next = 0;
  char text[24];
  s->y = y;
  for (double v = first_tick(y, &next); v <= y.most * (1 + 1e-9); v = y.log ? log_tick(y, v * 1.01) : v + next) {
    svg_line(s, s->left, svg_y(s, v), s->right, svg_y(s, v), "grid");
    svg_number(v, text);
    svg_text(s, s->left - 5, svg_y(s, v) + 4, "end", text);
  }
  svg_line(s, s->left, s->top, s->left, s->bottom, "axis");
  fprintf(s->f, "<text transform=\"translate(12 %.1f) rotate(-90)\" text-anchor=\"middle\">", (s->top + s->bottom) / 2);
  page_text(s->f, label);
  fputs("</text>\n", s->f);
}

void svg_rect(const struct svg *s, double x, double y, double width, double height, const char *class_name) {
  fprintf(s->f, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" class=\"%s\"/>", x, y, width, height,
          class_name);
}

void svg_line(const struct svg *s, double x0, double y0, double x1, double y1, const char *class_name) {
  fprintf(s->f, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", x0, y0, x1, y1, class_name);
}

void svg_text(const struct svg *s, double x, double y, const char *anchor, const char *text) {
  fprintf(s->f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
  page_text(s->f, text);
  fputs("</text>\n", s->f);
}

void svg_hover(const struct svg *s, const char *text) {
  fputs("<g><title>", s->f);
  page_text(s->f, text);
  fputs("</title>", s->f);
}

void svg_hover_end(const struct svg *s) { fputs("</g>\n", s->f); }

void svg_dot(const struct svg *s, double x, double y, double radius, int colour) {
  fprintf(s->f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%g\" class=\"c%d\"/>", x, y, radius, colour % SVG_COLOURS);
}

static double height_of(const struct svg_columns *c, int column) {
  double sum = 0;
  for (int k = 0; k < c->parts; k++) sum += c->value(c->arg, column, k);
  return sum;
}

static void draw_column(const struct svg *s, const struct svg_columns *c, int i, double x, double width) {
  char text[600];
  double below = 0;
  c->hover(c->arg, i, text, sizeof text);
  svg_hover(s, text);
  for (int k = 0; k < c->parts; k++) {
    const double v = c->value(c->arg, i, k), y0 = svg_y(s, below), y1 = svg_y(s, below + v);
    char class_name[8];
    below += v;
    snprintf(class_name, sizeof class_name, "c%d", k % SVG_COLOURS);
    if (y0 - y1 >= 0.05) svg_rect(s, x + 0.1 * width, y1, 0.8 * width, y0 - y1, class_name);
  }
  svg_rect(s, x, s->top, width, s->bottom - s->top, "hit");
  svg_hover_end(s);
}

void svg_columns(FILE *f, const struct svg_columns *c) {
  struct svg s;
  double most = c->most;
  for (int i = 0; i < c->n && c->most == 0; i++) most = fmax(most, height_of(c, i));
  svg_begin(&s, f, NULL, c->what, 1120, 260);
  svg_axis_y(&s, c->most == 0 ? svg_scale_of(0, most, 0) : (struct svg_scale){0, most, 0}, c->y_label);
  const double width = (s.right - s.left) / (c->n > 0 ? c->n : 1);
  const int step = c->n <= 40 ? 1 : c->n <= 100 ? 5 : c->n <= 200 ? 10 : 50;
  for (int i = 0; i < c->n; i++) {
    const double x = s.left + i * width;
    char number[16];
    draw_column(&s, c, i, x, width);
    snprintf(number, sizeof number, "%d", c->first + i);
    if ((c->first + i) % step == 0) svg_text(&s, x + width / 2, s.bottom + 14, "middle", number);
  }
  svg_line(&s, s.left, s.bottom, s.right, s.bottom, "axis");
  svg_text(&s, (s.left + s.right) / 2, s.bottom + 31, "middle", "layer");
  svg_end(&s);
}
