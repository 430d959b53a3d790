/* The paper's figure, drawn by gnuplot: top-1 over cost, a line a precision, points labelled with m. */
#include "commands/pareto/plot.h"

#include <math.h>
#include <string.h>

#include "report/gnuplot.h"

/* Millions of cycles, or millijoules. */
static double cost(const struct pareto_point *p, const struct pareto_options *o) {
  const double v = o->by == PARETO_OVER_ENERGY ? p->axis[PARETO_ENERGY] : p->axis[PARETO_CYCLES] / 1e6;
  return isnan(v) ? 0 : v;
}

static void data(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o, FILE *out) {
  for (int s = 0; s < PARETO_SERIES; s++) {
    fprintf(out, "$s%d << EOD\n", s);
    for (int i = s * PARETO_WIDTHS; i < (s + 1) * PARETO_WIDTHS; i++) {
      const struct pareto_point *p = &points[i];
      fprintf(out, "%.7f %.6f %.2f %g\n", p->axis[PARETO_LINEAR], cost(p, o), p->top1, p->m);
    }
    fputs("EOD\n", out);
  }
}

static void panel(int column, int n_series, const char *title, const char *xlabel, FILE *out) {
  static const char *const colours[PARETO_SERIES] = {"#d62728", "#ff9f1c", "#1f77b4", "#7f7f7f"};
  static const char *const offsets[PARETO_SERIES] = {"-1.5,0.6", "1.6,-0.6", "1.7,-0.5", "1.7,-0.5"};
  static const int marks[PARETO_SERIES] = {7, 9, 5, 11};
  fprintf(out, "set title '%s'\nset xlabel '%s'\nplot ", title, xlabel);
  for (int s = 0; s < n_series; s++) {
    fprintf(out, "%s$s%d using %d:3 with linespoints lc rgb '%s' lw 2 pt %d ps 0.8 title '%s'", s == 0 ? "" : ", ", s,
            column, colours[s], marks[s], pareto_series_name((enum pareto_series)s));
    fprintf(out, ", $s%d using %d:3:4 with labels font ',9' textcolor rgb '%s' offset %s notitle", s, column,
            colours[s], offsets[s]);
  }
  fputs("\n", out);
}

void pareto_plot_program(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o,
                         const char *image, FILE *out) {
  char xlabel[160];
  sim_gnuplot_begin(image, 1400, 600, "", out);
  const int energy = o->by == PARETO_OVER_ENERGY;
  data(points, o, out);
  fputs(
      "set multiplot layout 1,2\nset logscale x 2\nset grid lc rgb '#dddddd'\nset key bottom right\n"
      "set ylabel 'ImageNet top-1, % (published)'\nset yrange [72:78.5]\nset format x '%g'\n",
      out);
  panel(1, PARETO_SERIES, "ResNet-50 by width: the paper''s cost", "linear cost, relative to bf16 at m = 1", out);
  snprintf(xlabel, sizeof xlabel, "%s an image, %ux%u array, DRAM %u bytes/cycle", energy ? "mJ" : "million cycles",
           o->array, o->array, o->mem.bytes_per_cycle);
  panel(2, PARETO_BF16,
        energy ? "The same networks: energy of the accelerator" : "The same networks: cycles of the accelerator",
        xlabel, out);
  fputs("unset multiplot\n", out);
}

struct figure {
  const struct pareto_point *points;
  const struct pareto_options *o;
};

static void draw(const void *arg, const char *image, FILE *out) {
  const struct figure *f = arg;
  pareto_plot_program(f->points, f->o, image, out);
}

int pareto_plot(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o,
                struct tetra_error *err) {
  const struct figure f = {points, o};
  return sim_gnuplot("--plot", o->plot, draw, &f, err);
}
