/* Charts as SVG: a frame with two scales, and what is drawn into it. Lengths are pixels; y grows upwards in values,
 * downwards in pixels. Colours are the classes c0..c9 (areas) and s0..s9 (lines) of page.css. */
#ifndef TETRA_SIM_SVG_H
#define TETRA_SIM_SVG_H

#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SVG_COLOURS 10

struct svg_scale {
  double least, most; /* of the values; least < most, above 0 where `log` */
  int log;
};

struct svg {
  FILE *f;
  double width, height, left, right, top, bottom; /* the picture; the frame's edges */
  struct svg_scale x, y;
};

/* Begins a picture with a frame for axes; `what` describes it to those who cannot see it, `id` NULL: none. */
void svg_begin(struct svg *s, FILE *f, const char *id, const char *what, double width, double height);
void svg_end(const struct svg *s);
/* A scale to a little above `most`, from 0, or where `log` from a little below `least`. */
struct svg_scale svg_scale_of(double least, double most, int log);
/* Set a scale and draw its axis: ticks, lines across the frame, label. */
void svg_axis_x(struct svg *s, struct svg_scale x, const char *label);
void svg_axis_y(struct svg *s, struct svg_scale y, const char *label);
/* Pixels of a value, inside the frame whatever it is. */
double svg_x(const struct svg *s, double v);
double svg_y(const struct svg *s, double v);
/* A number for an axis: "250", "1.2 M". */
void svg_number(double v, char text[24]);
void svg_rect(const struct svg *s, double x, double y, double width, double height, const char *class_name);
void svg_line(const struct svg *s, double x0, double y0, double x1, double y1, const char *class_name);
/* anchor: "start", "middle" or "end". */
void svg_text(const struct svg *s, double x, double y, const char *anchor, const char *text);
/* Something to point at: what is drawn until svg_hover_end shows `text`, also without a script. */
void svg_hover(const struct svg *s, const char *text);
void svg_hover_end(const struct svg *s);
void svg_dot(const struct svg *s, double x, double y, double radius, int colour);

/* Columns of stacked parts. */
struct svg_columns {
  const char *what, *y_label;
  int n, parts;
  double most; /* of the y axis; 0: the highest column */
  const void *arg;
  double (*value)(const void *arg, int column, int part);
  void (*hover)(const void *arg, int column, char *text, size_t size);
  int first; /* number of column 0 */
};
void svg_columns(FILE *f, const struct svg_columns *c);

#ifdef __cplusplus
}
#endif
#endif
