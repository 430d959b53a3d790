/* What is said of the user's own networks. */
#include "commands/pareto/models_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands/pareto/files.h"
#include "report/format.h"
#include "report/gnuplot.h"

struct figure {
  const struct pareto_model *m;
  int n;
  const struct pareto_options *o;
};

static double top1(const struct pareto_model *m) { return 100.0 * m->right / m->images; }

double pareto_model_cost(const struct pareto_options *o, const struct pareto_model *m) {
  return o->by == PARETO_OVER_ENERGY ? m->modelled.mj : (double)m->modelled.cycles;
}

static void print(const struct figure *f, FILE *out) {
  const struct pareto_options *o = f->o;
  fprintf(out, "networks %d of '%s'; %ux%u array, DRAM %u bytes/cycle, latency %u cycles\n", f->n, o->models, o->array,
          o->array, o->mem.bytes_per_cycle, o->mem.latency);
  fprintf(out, "images   %d of %s; results are the hardware's, cycles the cycle model's, an image\n\n", f->m[0].images,
          o->input);
  fprintf(out, "%8s %12s %14s %9s %s %-7s %s\n", "top-1", "cycles", "DRAM bytes", "frames/s",
          o->energy != NULL ? "       mJ " : "", "optimal", "network");
  for (int i = 0; i < f->n; i++) {
    const struct pareto_model *m = &f->m[i];
    fprintf(out, "%7.2f%% %12" PRIu64 " %14" PRIu64 " %9.1f ", top1(m), m->modelled.cycles, m->modelled.dram_bytes,
            o->mhz * 1e6 / (double)m->modelled.cycles);
    if (o->energy != NULL) fprintf(out, "%9.3f ", m->modelled.mj);
    fprintf(out, " %-7s %s\n", m->front ? "yes" : "-", m->path);
  }
  fprintf(out, "frames/s at %g MHz; optimal: none is as cheap in %s and as accurate, and better in one\n", o->mhz,
          o->by == PARETO_OVER_ENERGY ? "energy" : "cycles");
  if (o->energy != NULL) fprintf(out, "energy of an image from %s\n", o->energy);
}

static void csv(const void *arg, FILE *out) {
  const struct figure *f = arg;
  const int energy = f->o->energy != NULL;
  fprintf(out, "network,top1,right,images,cycles,dram_bytes,mhz,frames_per_s%s,pareto\n", energy ? ",energy_mj" : "");
  for (int i = 0; i < f->n; i++) {
    const struct pareto_model *m = &f->m[i];
    sim_print_quoted(m->path, '"', out);
    fprintf(out, ",%.4f,%d,%d,%" PRIu64 ",%" PRIu64 ",%g,%.7f", top1(m), m->right, m->images, m->modelled.cycles,
            m->modelled.dram_bytes, f->o->mhz, f->o->mhz * 1e6 / (double)m->modelled.cycles);
    if (energy) fprintf(out, ",%.7f", m->modelled.mj);
    fprintf(out, ",%d\n", m->front);
  }
}

static const char *short_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

static void points(const struct figure *f, const char *name, int front, FILE *out) {
  fprintf(out, "$%s << EOD\n", name);
  for (int i = 0; i < f->n; i++) {
    if (f->m[i].front != front) continue;
    const double cost = pareto_model_cost(f->o, &f->m[i]);
    fprintf(out, "%.6f %.4f ", f->o->by == PARETO_OVER_ENERGY ? cost : cost / 1e6, top1(&f->m[i]));
    sim_print_quoted(short_name(f->m[i].path), '"', out);
    fputs("\n", out);
  }
  fputs("EOD\n", out);
}

static void draw(const void *arg, const char *image, FILE *out) {
  const struct figure *f = arg;
  sim_gnuplot_begin(image, 900, 600, " noenhanced", out);
  points(f, "front", 1, out);
  points(f, "others", 0, out);
  fprintf(out,
          "set grid lc rgb '#dddddd'\nset key bottom right\nset ylabel 'top-1, %%'\n"
          "set xlabel '%s an image, %ux%u array, DRAM %u bytes/cycle'\nset offsets graph 0.1, graph 0.1, "
          "graph 0.05, graph 0.05\n",
          f->o->by == PARETO_OVER_ENERGY ? "mJ" : "million cycles", f->o->array, f->o->array,
          f->o->mem.bytes_per_cycle);
  fputs("plot $front using 1:2 smooth unique with lines lc rgb '#1f77b4' lw 1 notitle, ", out);
  fputs("$front using 1:2 with points lc rgb '#1f77b4' pt 7 title 'optimal', ", out);
  fputs("$front using 1:2:3 with labels font ',9' offset 0,0.8 notitle", out);
  int others = 0;
  for (int i = 0; i < f->n; i++) others |= !f->m[i].front;
  if (others) {
    fputs(
        ", $others using 1:2 with points lc rgb '#7f7f7f' pt 7 title 'others', "
        "$others using 1:2:3 with labels font ',9' textcolor rgb '#7f7f7f' offset 0,0.8 notitle",
        out);
  }
  fputs("\n", out);
}

int pareto_models_report(const struct pareto_model *m, int n, const struct pareto_options *o, struct tetra_error *err) {
  const struct figure f = {m, n, o};
  print(&f, stdout);
  return pareto_write_files(o, csv, draw, &f, err);
}
