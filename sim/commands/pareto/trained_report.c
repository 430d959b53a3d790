/* What is said of trained networks. */
#include "commands/pareto/trained_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "commands/pareto/files.h"
#include "report/format.h"
#include "report/gnuplot.h"
#include "tetra/precision.h"

static const char *const kCosts[PARETO_COSTS] = {"cycles", "linear", "quadratic", "bytes", "mJ"};

struct figure {
  const struct pareto_trained *t;
  int n;
  const struct pareto_options *o;
};

/* Energy is the last cost, and there only with a table. */
static int costs(const struct figure *f) { return f->o->energy != NULL ? PARETO_COSTS : PARETO_BY_ENERGY; }

static int by(const struct figure *f) { return f->o->by == PARETO_OVER_ENERGY ? PARETO_BY_ENERGY : PARETO_BY_CYCLES; }

static void print_number(double v, int width, FILE *out) {
  if (isnan(v))
    fprintf(out, " %*s", width, "-");
  else
    fprintf(out, " %*.0f", width, v);
}

/* "yes", "near" or "no" for each cost. */
static const char *verdict_of(const struct pareto_trained *t, int c) {
  if (isnan(t->cost[c])) return "-";
  return t->front >> c & 1 ? "yes" : t->near >> c & 1 ? "near" : "no";
}

static void print_energy(const struct pareto_trained *t, FILE *out) {
  if (isnan(t->cost[PARETO_BY_ENERGY]))
    fprintf(out, "%9s  %-6s ", "-", "-");
  else
    fprintf(out, "%9.5f  %-6s ", t->cost[PARETO_BY_ENERGY], verdict_of(t, PARETO_BY_ENERGY));
}

static void print_table(const struct figure *f, FILE *out) {
  fprintf(out, "%-18s %5s %16s %7s %7s %11s %14s %16s %9s  %-6s %-6s %-9s %-6s %s\n", "precision", "width", "top-1",
          "train", "gap", kCosts[0], kCosts[1], kCosts[2], kCosts[3], kCosts[0], kCosts[1], kCosts[2], kCosts[3],
          f->o->energy != NULL ? "       mJ  mJ     network" : "network");
  for (int i = 0; i < f->n; i++) {
    const struct pareto_trained *t = &f->t[i];
    char width[16] = "-";
    if (!isnan(t->width)) snprintf(width, sizeof width, "%g", t->width);
    fprintf(out, "%-18s %5s %7.2f +- %.2f %% %6.2f%% %7.2f", t->series, width, 100 * t->top1, 100 * t->error,
            100 * t->train, 100 * (t->train - t->top1));
    print_number(t->cost[PARETO_BY_CYCLES], 11, out);
    print_number(t->cost[PARETO_BY_LINEAR], 14, out);
    print_number(t->cost[PARETO_BY_QUADRATIC], 16, out);
    print_number(t->cost[PARETO_BY_BYTES], 9, out);
    fprintf(out, "  %-6s %-6s %-9s %-6s ", verdict_of(t, 0), verdict_of(t, 1), verdict_of(t, 2), verdict_of(t, 3));
    if (f->o->energy != NULL) print_energy(t, out);
    fprintf(out, "%s\n", t->name);
  }
}

struct tally {
  int all, front, near;
};

static struct tally count(const struct figure *f, const char *series, int c) {
  struct tally k = {0, 0, 0};
  for (int i = 0; i < f->n; i++) {
    const struct pareto_trained *t = &f->t[i];
    if (strcmp(t->series, series) != 0 || isnan(t->cost[c])) continue;
    k.all++;
    k.front += t->front >> c & 1;
    k.near += t->near >> c & 1;
  }
  return k;
}

/* Is this the first network of its series? */
static int begins(const struct figure *f, int i) {
  for (int k = 0; k < i; k++)
    if (strcmp(f->t[k].series, f->t[i].series) == 0) return 0;
  return 1;
}

static void print_verdict(const struct figure *f, FILE *out) {
  const char *mostly = tetra_precision_name(TETRA_W4A4_INIT8_DENSE8);
  const int n = costs(f);
  for (int c = 0; c < n; c++) {
    const struct tally m = count(f, mostly, c);
    fprintf(out, "by %-10s", kCosts[c]);
    if (m.all > 0)
      fprintf(out, "mostly 4-bit is %s:",
              m.front == m.all            ? "Pareto-optimal"
              : m.front + m.near == m.all ? "Pareto-optimal within the error"
              : m.front > 0               ? "Pareto-optimal in part"
                                          : "not Pareto-optimal");
    for (int i = 0; i < f->n; i++) {
      if (!begins(f, i)) continue;
      const struct tally k = count(f, f->t[i].series, c);
      if (k.all == 0) continue;
      fprintf(out, " %s %d of %d", f->t[i].series, k.front, k.all);
      if (k.near > 0) fprintf(out, " (and %d near)", k.near);
      fputc(';', out);
    }
    fputc('\n', out);
  }
}

static void print(const struct figure *f, FILE *out) {
  const struct pareto_options *o = f->o;
  fprintf(out, "networks %d of '%s'; %ux%u array, DRAM %u bytes/cycle, latency %u cycles\n", f->n,
          o->supernet != NULL ? o->supernet : o->trained, o->array, o->array, o->mem.bytes_per_cycle, o->mem.latency);
  fputs(o->supernet != NULL
            ? "slices of one supernet; accuracy and its standard error of the --test images; train: of the --data "
              "images,\n"
              "of which the slices' batch norms have their statistics;"
            : "accuracy and its standard error as their training measured them, of the last epoch; train: of training\n"
              "images as they were changed;",
        out);
  fputs(
      " cycles exact, by the cycle model; linear, quadratic: the paper's\n"
      "cost; bytes of weights; float is counted as 16 bits, as the paper does\n",
      out);
  if (o->energy != NULL) fprintf(out, "mJ of an image from %s, at %g MHz\n", o->energy, o->mhz);
  fputs("\n", out);
  print_table(f, out);
  fputs(
      "\nyes: no other network costs as little and is as accurate; near: one is, by less than a standard error of the\n"
      "difference\n",
      out);
  print_verdict(f, out);
}

static void csv_number(double v, FILE *out) {
  if (isnan(v))
    fputc(',', out);
  else
    fprintf(out, ",%.10g", v);
}

static void csv(const void *arg, FILE *out) {
  const struct figure *f = arg;
  fputs("network,precision,width,top1,error,train,images", out);
  const int n = costs(f);
  for (int c = 0; c < n; c++) fprintf(out, ",%s,pareto_%s", kCosts[c], kCosts[c]);
  fputs("\n", out);
  for (int i = 0; i < f->n; i++) {
    const struct pareto_trained *t = &f->t[i];
    sim_print_quoted(t->name, '"', out);
    fprintf(out, ",%s", t->series);
    csv_number(t->width, out);
    fprintf(out, ",%.4f,%.4f,%.4f,%d", 100 * t->top1, 100 * t->error, 100 * t->train, t->images);
    for (int c = 0; c < n; c++) {
      csv_number(t->cost[c], out);
      fprintf(out, ",%s", isnan(t->cost[c]) ? "" : verdict_of(t, c));
    }
    fputs("\n", out);
  }
}

/* Series s as a block of data, cheapest first: cycles in thousands or mJ, top-1, its error. */
static void block(const struct figure *f, const char *series, int number, FILE *out) {
  double after = 0;
  fprintf(out, "$s%d << EOD\n", number);
  for (;;) {
    const struct pareto_trained *next = NULL;
    for (int i = 0; i < f->n; i++) {
      const struct pareto_trained *t = &f->t[i];
      const double c = t->cost[by(f)];
      if (strcmp(t->series, series) == 0 && c > after && (next == NULL || c < next->cost[by(f)])) next = t;
    }
    if (next == NULL) break;
    after = next->cost[by(f)];
    fprintf(out, "%.4f %.4f %.4f\n", by(f) == PARETO_BY_CYCLES ? after / 1e3 : after, 100 * next->top1,
            100 * next->error);
  }
  fputs("EOD\n", out);
}

static int has_cost(const struct figure *f, const char *series) {
  for (int i = 0; i < f->n; i++) {
    if (strcmp(f->t[i].series, series) == 0 && f->t[i].cost[by(f)] > 0) return 1;
  }
  return 0;
}

static void draw(const void *arg, const char *image, FILE *out) {
  const struct figure *f = arg;
  int blocks = 0, drawn = 0;
  sim_gnuplot_begin(image, 900, 600, " noenhanced", out);
  for (int i = 0; i < f->n; i++) {
    if (begins(f, i) && has_cost(f, f->t[i].series)) block(f, f->t[i].series, blocks++, out);
  }
  fprintf(out,
          "set grid lc rgb '#dddddd'\nset key bottom right\nset ylabel 'top-1, %% (bars: a standard error)'\n"
          "set xlabel '%s an image, %ux%u array, DRAM %u bytes/cycle'\nset offsets graph 0.1, graph 0.1, "
          "graph 0.05, graph 0.05\n",
          by(f) == PARETO_BY_CYCLES ? "thousand cycles" : "mJ", f->o->array, f->o->array, f->o->mem.bytes_per_cycle);
  for (int i = 0; i < f->n; i++) {
    if (!begins(f, i) || !has_cost(f, f->t[i].series)) continue;
    fprintf(out, "%s$s%d using 1:2:3 with yerrorlines pt 7 title ", drawn == 0 ? "plot " : ", ", drawn);
    sim_gnuplot_string(f->t[i].series, out);
    drawn++;
  }
  if (blocks == 0) fputs("set xrange [0:1]\nset yrange [0:100]\nplot NaN title 'nothing that has cycles'", out);
  fputs("\n", out);
}

int pareto_trained_report(const struct pareto_trained *t, int n, const struct pareto_options *o,
                          struct tetra_error *err) {
  const struct figure f = {t, n, o};
  print(&f, stdout);
  return pareto_write_files(o, csv, draw, &f, err);
}
