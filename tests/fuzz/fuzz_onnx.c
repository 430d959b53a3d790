/* Fuzzes the ONNX reader and the reader of float networks (ONNX, .npz): any bytes give a graph that is proven to run,
 * or a float network, or an error with a message. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "tetra/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The host's part of a network, where it is small, gives as many numbers as it says. */
static void run_tail(const struct tetra_model *m) {
  const struct tetra_desc *d = &m->graph.values[m->graph.output].d;
  const struct tetra_float_graph *g = m->tail;
  struct tetra_tensor t;
  struct tetra_error err = {0};
  float *out, sum = 0;
  for (int v = 0; v < g->n_values; v++)
    if (tetra_float_size(&g->values[v], d->n) > 1 << 16) return;
  if (tetra_tail_macs(m) > 1 << 20 || tetra_tensor_init(&t, d, &err)) return;
  if (tetra_tail_run(m, &t, &out, &err)) abort();
  const size_t count = tetra_float_size(&g->values[g->output], d->n);
  for (size_t i = 0; i < count; i++) sum += out[i];
  free(out);
  tetra_tensor_free(&t);
  (void)sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct tetra_import_options o;
  struct tetra_model m;
  struct tetra_import_report report;
  struct tetra_error err = {0};
  tetra_import_defaults(&o);
  if (size > 0) o.batch = 1 + (data[size - 1] & 1);
  const int rc = tetra_import_onnx(data, size, &o, &m, &report, &err);
  if (rc == TETRA_OK ? report.n_refusals != 0 : err.msg[0] == 0) abort();
  if (rc == TETRA_OK && m.tail) run_tail(&m);
  for (int c = 0; rc == TETRA_OK && c < m.graph.values[m.graph.input].d.c; c++) (void)tetra_input_real(&m, 1, c);
  tetra_model_free(&m);
  tetra_import_report_free(&report);
  struct tetra_arena arena = {.err = &err};
  struct tetra_float_graph g;
  err.msg[0] = 0;
  const int float_rc = tetra_import_float(data, size, &arena, &g, &report);
  const struct tetra_float_value *in = g.values ? &g.values[g.input] : NULL;
  if (float_rc == TETRA_OK ? report.n_refusals != 0 || in->h < 1 || in->w < 1 || in->c < 1 : err.msg[0] == 0) abort();
  tetra_arena_free(&arena);
  tetra_import_report_free(&report);
  return 0;
}
