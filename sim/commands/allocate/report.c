/* What `./sim allocate` prints of a network. */
#include "commands/allocate/report.h"

#include <string.h>

#include "report/gnuplot.h"

static const char *choice_name(const struct allocate_result *r, int c) { return r->costs->a.choice_names[c]; }

static void print_layers(const struct allocate_result *r, FILE *out) {
  const struct allocate_problem *a = &r->costs->a;
  fprintf(out, "\n  %-40s %-5s", "layer", "bits");
  for (int c = 0; c < a->p.n_choices; c++) fprintf(out, " %11s", choice_name(r, c));
  fprintf(out, "   (%s)\n", allocate_sensitivity_name((int)r->o->sensitivity));
  for (int l = 0; l < a->p.n_layers; l++) {
    fprintf(out, "  %-40s %-5s", r->costs->machine->layers[l].name, choice_name(r, r->best.choice[l]));
    for (int c = 0; c < a->p.n_choices; c++) {
      fprintf(out, " %11.4g", a->sensitivity[(size_t)l * (size_t)a->p.n_choices + (size_t)c]);
    }
    fputs("\n", out);
  }
}

static void print_costs(const struct allocate_result *r, FILE *out) {
  fprintf(out, "\n  %-8s %14s %14s %9s %14s\n", "", "predicted", "exact", "error", "budget");
  for (int k = 0; k < ALLOCATE_RESOURCES; k++) {
    fprintf(out, "  %-8s %14.0f %14.0f %+8.2f%%", allocate_resource_name(k), r->best.predicted[k], r->best.exact[k],
            100 * (r->best.predicted[k] / r->best.exact[k] - 1));
    if (r->o->limit[k] > 0) fprintf(out, " %14.0f", r->o->limit[k]);
    fputs("\n", out);
  }
  fprintf(out, "  objective %.6g: the sum of the layers' sensitivities\n", r->best.objective);
  if (r->costs->unproved > 0) {
    fprintf(out, "  %d of the problems solved were not proved optimal before the search was cut off\n",
            r->costs->unproved);
  }
}

static void print_greedy(const struct allocate_result *r, FILE *out) {
  if (!r->has_greedy) return;
  if (r->greedy.choice == NULL) {
    fputs("  the published rule for microcontrollers finds no bits among the choices that keep these budgets\n", out);
    return;
  }
  fprintf(out, "  the published rule for microcontrollers: objective %.6g, ram %.0f, flash %.0f%s\n",
          r->greedy.objective, r->greedy.exact[ALLOCATE_RAM], r->greedy.exact[ALLOCATE_FLASH],
          allocate_point_fits(&r->greedy, r->o->limit) ? "" : ", which exceeds a budget: it sees chains only");
}

static void print_front(const struct allocate_result *r, FILE *out) {
  const enum allocate_resource axis = r->front.axis;
  fprintf(out, "\n  front: %14s %14s %12s %12s  layers in", allocate_resource_name((int)axis), "predicted", "bytes",
          "objective");
  for (int c = 0; c < r->costs->a.p.n_choices; c++) fprintf(out, " %s", choice_name(r, c));
  fputs("\n", out);
  for (int i = 0; i < r->front.n; i++) {
    const struct allocate_point *p = &r->front.points[i];
    const size_t bytes = (size_t)r->costs->a.p.n_layers * sizeof *p->choice;
    fprintf(out, "         %14.0f %14.0f %12.0f %12.5g          ", p->exact[axis], p->predicted[axis],
            p->exact[ALLOCATE_BYTES], p->objective);
    for (int c = 0; c < r->costs->a.p.n_choices; c++) {
      int n = 0;
      for (int l = 0; l < r->costs->a.p.n_layers; l++) n += p->choice[l] == c;
      fprintf(out, " %4d", n);
    }
    fprintf(out, "%s\n", memcmp(p->choice, r->best.choice, bytes) == 0 ? "  <- chosen" : "");
  }
}

void allocate_print(const struct allocate_result *r, FILE *out) {
  print_layers(r, out);
  print_costs(r, out);
  print_greedy(r, out);
  if (r->front.n > 1) print_front(r, out);
}

void allocate_csv(const struct allocate_result *r, FILE *out) {
  fputs("objective", out);
  for (int k = 0; k < ALLOCATE_RESOURCES; k++) {
    fprintf(out, ",%s,%s_predicted", allocate_resource_name(k), allocate_resource_name(k));
  }
  fputs(",chosen,bits\n", out);
  for (int i = 0; i < r->front.n; i++) {
    const struct allocate_point *p = &r->front.points[i];
    const size_t bytes = (size_t)r->costs->a.p.n_layers * sizeof *p->choice;
    fprintf(out, "%.12g", p->objective);
    for (int k = 0; k < ALLOCATE_RESOURCES; k++) fprintf(out, ",%.0f,%.0f", p->exact[k], p->predicted[k]);
    fprintf(out, ",%d,", memcmp(p->choice, r->best.choice, bytes) == 0);
    for (int l = 0; l < r->costs->a.p.n_layers; l++)
      fprintf(out, "%s%s", l == 0 ? "" : " ", choice_name(r, p->choice[l]));
    fputs("\n", out);
  }
}

void allocate_plot_program(const struct allocate_result *r, const char *image, FILE *out) {
  sim_gnuplot_begin(image, 800, 600, "", out);
  fputs("$front << EOD\n", out);
  for (int i = 0; i < r->front.n; i++) {
    fprintf(out, "%.0f %.9g\n", r->front.points[i].exact[r->front.axis], r->front.points[i].objective);
  }
  fprintf(out, "EOD\n$chosen << EOD\n%.0f %.9g\nEOD\n", r->best.exact[r->front.axis], r->best.objective);
  fprintf(out,
          "set grid lc rgb '#dddddd'\nset key top right\nset format x '%%.3s%%c'\nset xlabel '%s, exact'\n"
          "set ylabel 'sum of sensitivities (%s)'\n"
          "plot $front using 1:2 with linespoints lc rgb '#1f77b4' lw 2 pt 7 ps 0.8 title 'optimal', $chosen using 1:2 "
          "with points lc rgb '#d62728' pt 6 ps 2 lw 2 title 'chosen'\n",
          allocate_resource_name((int)r->front.axis), allocate_sensitivity_name((int)r->o->sensitivity));
}
