/* The table on the terminal, and CSV. */
#include "commands/pareto/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "commands/pareto/front.h"

static void number(double v, int width, int digits, FILE *out) {
  if (isnan(v)) {
    fprintf(out, " %*s", width, "-");
  } else {
    fprintf(out, " %*.*f", width, digits, v);
  }
}

/* Energy is the last axis, and there only with a table. */
static int axes(const struct pareto_options *o) { return o->energy != NULL ? PARETO_AXES : PARETO_ENERGY; }

static enum pareto_axis axis_of(const struct pareto_options *o) {
  return o->by == PARETO_OVER_ENERGY ? PARETO_ENERGY : PARETO_CYCLES;
}

static void run_columns(const struct pareto_run *r, double mhz, FILE *out) {
  if (r->cycles == 0) {
    fprintf(out, " %11s %12s %9s", "-", "-", "-");
  } else {
    fprintf(out, " %11" PRIu64 " %12" PRIu64 " %9.1f", r->cycles, r->dram_bytes, mhz * 1e6 / (double)r->cycles);
  }
}

/* L Q M C E where the point is in the set of linear, quadratic, memory cost, cycles, energy. */
static void marks(unsigned front, int n, char text[PARETO_AXES + 1]) {
  for (int a = 0; a < n; a++) text[a] = (front >> a & 1) ? "LQMCE"[a] : '.';
  text[n] = '\0';
}

static void header(const struct pareto_options *o, FILE *out) {
  fprintf(out, "network  resnet50 of width m, 224x224, batch 1; %ux%u array, DRAM %u bytes/cycle, latency %u cycles\n",
          o->array, o->array, o->mem.bytes_per_cycle, o->mem.latency);
  fputs(
      "top-1    ImageNet, %, as published, not measured here: m = 1 from arXiv 2105.03536's configuration README, the\n"
      "         others from its figures as kept in the public history of google/aqt (commit 613bdeb)\n"
      "cost     the paper's model; linear, quadratic and memory are ratios to the 16-bit ResNet-50 of m = 1\n"
      "cycles   from the cycle model, as are DRAM bytes and frames/s; bf16 does not run on the array\n"
      "optimal  in the Pareto set under (L)inear, (Q)uadratic, (M)emory cost, (C)ycles",
      out);
  if (o->energy != NULL)
    fprintf(out, ", (E)nergy\nenergy   millijoules an image, from %s, at %g MHz", o->energy, o->mhz);
  fprintf(out, "\n\n%-18s %5s %6s %8s %9s %8s %11s %12s %9s%s  %s\n", "precision", "m", "top-1", "linear", "quadratic",
          "memory", "cycles", "DRAM bytes", "frames/s", o->energy != NULL ? "        mJ" : "", "optimal");
}

static void rtl_lines(const struct pareto_point points[PARETO_POINTS], FILE *out) {
  int any = 0;
  for (int i = 0; i < PARETO_POINTS; i++) {
    const struct pareto_point *p = &points[i];
    if (p->rtl.cycles == 0) continue;
    if (!any) {
      fprintf(out, "\n%-18s %5s %13s %13s %8s %13s %13s  (every layer RTL = C)\n", "on the RTL", "m", "cycles",
              "modelled", "error", "DRAM bytes", "modelled");
    }
    any = 1;
    const double error = (double)p->modelled.cycles / (double)p->rtl.cycles - 1;
    fprintf(out, "%-18s %5.2f %13" PRIu64 " %13" PRIu64 " %+7.3f%% %13" PRIu64 " %13" PRIu64 "\n",
            pareto_series_name(p->series), p->m, p->rtl.cycles, p->modelled.cycles, 100 * error, p->rtl.dram_bytes,
            p->modelled.dram_bytes);
  }
}

void pareto_print(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o, FILE *out) {
  char text[640];
  const int n_axes = axes(o);
  header(o, out);
  for (int i = 0; i < PARETO_POINTS; i++) {
    const struct pareto_point *p = &points[i];
    char front[PARETO_AXES + 1];
    if (i != 0 && i % PARETO_WIDTHS == 0) fputs("\n", out);
    fprintf(out, "%-18s %5.2f %6.2f", pareto_series_name(p->series), p->m, p->top1);
    number(p->axis[PARETO_LINEAR], 8, 4, out);
    number(p->axis[PARETO_QUADRATIC], 9, 4, out);
    number(p->axis[PARETO_MEMORY], 8, 4, out);
    run_columns(&p->modelled, o->mhz, out);
    if (o->energy != NULL) number(p->axis[PARETO_ENERGY], 9, 3, out);
    marks(p->front, n_axes, front);
    fprintf(out, "  %s\n", front);
  }
  fprintf(out, "frames/s at %g MHz\n", o->mhz);
  rtl_lines(points, out);
  pareto_verdict(points, axis_of(o), text, sizeof text);
  fprintf(out, "\n%s\n", text);
}

static void csv_ratio(double v, FILE *out) {
  if (isnan(v)) {
    fputs(",", out);
  } else {
    fprintf(out, ",%.7f", v);
  }
}

/* 0 stands for "does not apply". */
static void csv_count(uint64_t v, FILE *out) {
  if (v == 0) {
    fputs(",", out);
  } else {
    fprintf(out, ",%" PRIu64, v);
  }
}

void pareto_csv(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o, FILE *out) {
  fputs("precision,m,top1,macs,weights,linear_cost,quadratic_cost,memory_cost,linear,quadratic,memory", out);
  fputs(",cycles,dram_bytes,mhz,frames_per_s,rtl_cycles,rtl_dram_bytes", out);
  const int n_axes = axes(o);
  if (o->energy != NULL) fputs(",energy_mj,rtl_energy_mj", out);
  for (int a = 0; a < n_axes; a++) fprintf(out, ",pareto_%s", pareto_axis_name((enum pareto_axis)a));
  fputs("\n", out);
  for (int i = 0; i < PARETO_POINTS; i++) {
    const struct pareto_point *p = &points[i];
    fprintf(out, "%s,%g,%.2f", pareto_series_name(p->series), p->m, p->top1);
    csv_count((uint64_t)p->cost.macs, out);
    csv_count((uint64_t)p->cost.weights, out);
    csv_count((uint64_t)p->cost.linear, out);
    csv_count((uint64_t)p->cost.quadratic, out);
    csv_count((uint64_t)p->cost.memory, out);
    for (int a = PARETO_LINEAR; a <= PARETO_MEMORY; a++) csv_ratio(p->axis[a], out);
    csv_count(p->modelled.cycles, out);
    csv_count(p->modelled.dram_bytes, out);
    fprintf(out, ",%g", o->mhz);
    csv_ratio(p->modelled.cycles == 0 ? NAN : o->mhz * 1e6 / (double)p->modelled.cycles, out);
    csv_count(p->rtl.cycles, out);
    csv_count(p->rtl.dram_bytes, out);
    if (o->energy != NULL) {
      csv_ratio(p->axis[PARETO_ENERGY], out);
      csv_ratio(p->rtl.mj > 0 ? p->rtl.mj : NAN, out);
    }
    for (int a = 0; a < n_axes; a++) fprintf(out, ",%u", p->front >> a & 1);
    fputs("\n", out);
  }
}
