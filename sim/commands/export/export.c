/* Writes a network's stored plan and test vectors. */
#include "commands/export/export.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/notes.h"
#include "base/outfile.h"
#include "base/status.h"
#include "cli/hardware.h"
#include "cli/outputs.h"
#include "commands/export/forms.h"
#include "files/source.h"
#include "run/unmappable.h"
#include "tetra/exec.h"
#include "tetra/plan_store.h"
#include "tetra/stored.h"

static const struct sim_notes kNotes = {sim_note, NULL};

static void describe(const char *what, const struct tetra_desc *d) {
  printf("%s: %d x %d x %d x %d (images, height, width, channels), %s, scale %.9g, zero point %d\n", what, d->n, d->h,
         d->w, d->c, tetra_fmt_name(d->fmt), d->scale, d->zero_point);
}

static int export_plan(const struct sim_options *o, const struct tetra_graph *g, const struct tetra_plan *plan,
                       struct tetra_error *err) {
  uint8_t *bytes;
  size_t size;
  int rc = tetra_plan_store(plan, g, &bytes, &size, err);
  if (rc == TETRA_OK) rc = sim_export_plan(o->export_plan, bytes, size, err);
  free(bytes);
  if (rc != TETRA_OK) return rc;
  printf("%s: %zu bytes: %u commands, %zu bytes of constants, for an array of %u x %u\n", o->export_plan, size,
         (unsigned)plan->n_cmds, plan->const_bytes, (unsigned)plan->caps.n, (unsigned)plan->caps.n);
  printf("memory: %08x..%08x, command ring %08x, constants %08x\n", (unsigned)plan->base, (unsigned)plan->limit,
         (unsigned)plan->ring_addr, (unsigned)plan->const_addr);
  describe("input", &g->values[g->input].d);
  describe("output", &g->values[g->output].d);
  return TETRA_OK;
}

/* The classes that firmware should find: the first largest code of each image. */
static void print_tops(const struct tetra_tensor *output) {
  const struct tetra_stored s = {.output = {.d = output->d}};
  for (int i = 0; i < output->d.n; i++)
    printf("image %d: top class %u\n", i, (unsigned)tetra_stored_top(&s, output->data, (uint32_t)i));
}

static int run_c_model(const struct sim_options *o, const struct tetra_graph *g, struct tetra_tensor *tensors,
                       struct tetra_error *err) {
  const struct tetra_exec_options how = {.threads = o->net.threads};
  struct tetra_exec *exec;
  int rc = tetra_exec_open(&exec, g, &how, err);
  if (rc != TETRA_OK) return rc;
  rc = tetra_exec_run(exec, tensors, err);
  tetra_exec_close(exec);
  return rc;
}

static int export_vectors(const struct sim_options *o, struct sim_source *source, struct tetra_error *err) {
  const struct tetra_graph *g = &source->m.graph;
  struct tetra_tensor *tensors = calloc((size_t)g->n_values, sizeof *tensors);
  if (tensors == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d tensors", g->n_values);
  struct tetra_tensor *input = &tensors[g->input], *output = &tensors[g->output];
  int rc = tetra_tensor_init(input, &g->values[g->input].d, err);
  if (rc == TETRA_OK) rc = sim_source_first(source, input, err);
  if (rc == TETRA_OK) rc = run_c_model(o, g, tensors, err);
  if (rc == TETRA_OK) rc = sim_outfile_folder("--vectors", o->vectors, err);
  if (rc == TETRA_OK) rc = sim_export_tensor(o->vectors, SIM_EXPORT_INPUT, input, err);
  if (rc == TETRA_OK) rc = sim_export_tensor(o->vectors, SIM_EXPORT_OUTPUT, output, err);
  if (rc == TETRA_OK) {
    print_tops(output);
    if (source->m.tail != NULL) printf("what the host calculates from the output is not part of the plan\n");
  }
  for (int v = 0; v < g->n_values; v++) tetra_tensor_free(&tensors[v]);
  free(tensors);
  return rc;
}

static int export_network(const struct sim_options *o, struct sim_source *source, struct tetra_error *err) {
  const struct tetra_caps caps = sim_hardware_caps(o);
  struct tetra_compile_options c;
  struct tetra_plan plan;
  tetra_compile_defaults(&c);
  int rc = tetra_compile(&source->m.graph, &caps, &c, &plan, err);
  if (rc != TETRA_OK && o->from_file) sim_list_unmappable(&source->m.graph, &caps, o->net.network, &kNotes, err);
  if (rc == TETRA_OK) rc = export_plan(o, &source->m.graph, &plan, err);
  if (rc == TETRA_OK && o->vectors != NULL) rc = export_vectors(o, source, err);
  tetra_plan_free(&plan);
  return rc;
}

/* Beside FILE.c there is FILE.h. */
static int check_header(const struct sim_options *o, struct tetra_error *err) {
  if (!sim_export_is_c(o->export_plan)) return TETRA_OK;
  char *header = sim_export_header(o->export_plan);
  if (header == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the name of a file");
  int rc = sim_outputs_check_beside(o, "--export-plan", header, err);
  if (rc == TETRA_OK) rc = sim_outfile_probe("--export-plan", header, err);
  free(header);
  return rc;
}

static int check_vectors(const struct sim_options *o, struct tetra_error *err) {
  int rc = TETRA_OK;
  for (int i = 0; i < SIM_EXPORT_VECTORS && rc == TETRA_OK; i++) {
    char *path = sim_export_vector(o->vectors, i);
    rc = path == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for the name of a file")
                      : sim_outputs_check_beside(o, "--vectors", path, err);
    free(path);
  }
  return rc == TETRA_OK ? sim_outfile_folder("--vectors", o->vectors, err) : rc;
}

static int check_outputs(const struct sim_options *o, struct tetra_error *err) {
  int rc = sim_outputs_check(o, err);
  if (rc == TETRA_OK) rc = sim_outfile_probe("--export-plan", o->export_plan, err);
  if (rc == TETRA_OK) rc = check_header(o, err);
  return rc == TETRA_OK && o->vectors != NULL ? check_vectors(o, err) : rc;
}

int sim_export_run(const struct sim_options *o) {
  struct tetra_error err = {0, ""};
  struct sim_source source;
  int rc = check_outputs(o, &err);
  if (rc == TETRA_OK) rc = sim_source_open(&source, o, o->net.batch, &kNotes, &err);
  if (rc != TETRA_OK) return sim_complain(&err);
  rc = export_network(o, &source, &err);
  sim_source_close(&source);
  return rc == TETRA_OK ? SIM_EXIT_GOOD : sim_complain(&err);
}
