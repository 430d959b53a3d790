/* A line per layer as comma-separated values, for spreadsheets. docs/simulator.md lists the columns. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/outfile.h"
#include "report/format.h"
#include "report/writers.h"
#include "run/energy/energy.h"

/* Quoted where it has to be: names from files may hold anything. */
static void print_text(const char *text, FILE *out) {
  if (strpbrk(text, ",\"\r\n") == NULL) {
    fputs(text, out);
    return;
  }
  sim_print_quoted(text, '"', out);
}

static void print_shape(const struct tetra_desc *d, FILE *out) {
  fprintf(out, ",%d,%d,%d,%s", d->h, d->w, d->c, tetra_fmt_name(d->fmt));
}

/* pJ by source, and all of it. */
static void print_energy(const struct sim_energy *e, int i, FILE *out) {
  for (int s = 0; s <= TETRA_SOURCES; s++) fprintf(out, ",%.6g", sim_energy_pj(e, i, s));
}

static void print_layer(const struct sim_results *r, int i, FILE *out) {
  static const char *const match[] = {"", "0", "1"};
  const struct tetra_op *op = &r->g->ops[i];
  const struct sim_layer *l = &r->layers[i];
  const struct sim_bounds bounds = sim_bounds(r, i);
  fprintf(out, "%d,", i + r->first);
  print_text(op->name, out);
  fprintf(out, ",%s", sim_kind_name(r->g, i));
  print_shape(&r->g->values[op->input].d, out);
  print_shape(&r->g->values[op->output[0]].d, out);
  if (op->kind == TETRA_CONV) {
    fprintf(out, ",%d,%d", op->wbits, op->groups);
  } else {
    fputs(",,", out);
  }
  fprintf(out, ",%" PRId64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, r->plan->layers[i].macs, l->cycles, l->busy,
          bounds.array, bounds.bus);
  if (r->plan->layers[i].macs != 0) {
    fprintf(out, ",%.6f", sim_utilization(r, i));
  } else {
    fputc(',', out);
  }
  fprintf(out, ",%" PRIu64 ",%s", l->dram_bytes, match[l->match + 1]);
  if (r->energy != NULL) print_energy(r->energy, i, out);
  fputc('\n', out);
}

int sim_csv_write(const char *path, const struct sim_results *r, struct tetra_error *err) {
  struct sim_outfile f;
  const int rc = sim_outfile_open(&f, "--csv", path, err);
  if (rc != TETRA_OK) return rc;
  fputs(
      "layer,name,kind,in_h,in_w,in_c,in_format,out_h,out_w,out_c,out_format,weight_bits,groups,macs,cycles,"
      "busy_cycles,array_bound,bus_bound,utilization,dram_bytes,match",
      f.f);
  if (r->energy != NULL) {
    for (int s = 0; s < TETRA_SOURCES; s++) fprintf(f.f, ",pj_%s", tetra_source_key(s));
    fputs(",pj", f.f);
  }
  fputc('\n', f.f);
  for (int i = 0; i < r->g->n_ops; i++) {
    if (r->layers[i].done) print_layer(r, i, f.f);
  }
  return sim_outfile_commit(&f, err);
}
