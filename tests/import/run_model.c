/* run_model MODEL INPUT FOLDER [--fast] [--batch N] [--tflite-rounding single|litert]: runs a model on the C model and
 * writes every tensor, for scripts that compare with other engines.
 *
 * INPUT holds any number of inputs one after another, in the file's layout: float32 where the model's input is float,
 * else one byte a code. FOLDER/I.bin receives tensor I as int16 codes, NHWC. Standard output describes the tensors: a
 * line "input NCHW-or-NHWC float-or-codes", then for each tensor "I n h w c format zero-point scale name", last
 * "output I float-or-codes". Where the host computes the network's end, a line "tail h w c" follows, and
 * FOLDER/tail.bin receives its results, float32. Exit codes: 0; 1 a failure; 2 the model cannot run, reasons on
 * standard error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tetra/import.h"

struct args {
  const char *model, *input, *folder;
  enum tetra_backend backend;
  struct tetra_import_options options;
};

static int rounding(const char *name, struct tetra_import_options *o) {
  o->tflite_rounding = !strcmp(name, "litert") ? TETRA_TFLITE_LITERT : TETRA_TFLITE_SINGLE;
  return !strcmp(name, "litert") || !strcmp(name, "single");
}

static int parse(int argc, char **argv, struct args *a) {
  if (argc < 4) return 0;
  *a = (struct args){argv[1], argv[2], argv[3], TETRA_REFERENCE, {TETRA_TFLITE_DOUBLE, 1}};
  for (int i = 4; i < argc; i++) {
    if (!strcmp(argv[i], "--fast")) {
      a->backend = TETRA_FAST;
    } else if (!strcmp(argv[i], "--batch") && i + 1 < argc) {
      a->options.batch = atoi(argv[++i]);
    } else if (!strcmp(argv[i], "--tflite-rounding") && i + 1 < argc && rounding(argv[i + 1], &a->options)) {
      i++;
    } else {
      return 0;
    }
  }
  return 1;
}

/* One batch from the file into t; 0 at its end. */
static int read_batch(FILE *f, const struct tetra_model *m, struct tetra_tensor *t) {
  const struct tetra_desc *d = &t->d;
  const size_t plane = (size_t)d->h * (size_t)d->w, image = plane * (size_t)d->c, count = image * (size_t)d->n;
  const size_t size = m->input_is_float ? sizeof(float) : 1;
  uint8_t *bytes = malloc(count * size);
  const int whole = bytes && fread(bytes, size, count, f) == count;
  for (size_t i = 0; whole && i < count; i++) {
    const size_t n = i / image, k = i % image;
    const size_t c = m->input_nchw ? k / plane : k % (size_t)d->c, p = m->input_nchw ? k % plane : k / (size_t)d->c;
    float x = 0;
    if (m->input_is_float) memcpy(&x, bytes + i * size, size);
    const int code = m->input_is_float          ? tetra_input_code(m, d, x, (int)c)
                     : tetra_fmt_signed(d->fmt) ? (int8_t)bytes[i]
                                                : bytes[i];
    tetra_tensor_set(t, (int)n, (int)(p / (size_t)d->w), (int)(p % (size_t)d->w), (int)c, code);
  }
  free(bytes);
  return whole;
}

static int append(const char *folder, int value, const struct tetra_tensor *t, int first) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%d.bin", folder, value);
  const size_t count = (size_t)t->d.n * (size_t)t->d.h * (size_t)t->d.w * (size_t)t->d.c;
  int16_t *codes = malloc(count * sizeof *codes);
  FILE *f = fopen(path, first ? "wb" : "ab");
  int ok = codes && f;
  if (ok) {
    tetra_tensor_unpack(t, codes);
    ok = fwrite(codes, sizeof *codes, count, f) == count;
  }
  if (f) ok &= fclose(f) == 0;
  free(codes);
  return ok;
}

/* What the host makes of the graph's output, behind what is in the file. */
static int append_tail(const char *folder, const struct tetra_model *m, const struct tetra_tensor *t, int first,
                       struct tetra_error *err) {
  char path[4096];
  float *v;
  const int rc = tetra_tail_run(m, t, &v, err);
  if (rc) return rc;
  snprintf(path, sizeof path, "%s/tail.bin", folder);
  const size_t count = tetra_float_size(&m->tail->values[m->tail->output], t->d.n);
  FILE *f = fopen(path, first ? "wb" : "ab");
  int ok = f && fwrite(v, sizeof *v, count, f) == count;
  if (f) ok &= fclose(f) == 0;
  free(v);
  return ok ? TETRA_OK : tetra_fail(err, TETRA_EIO, "cannot write %s", path);
}

static void describe(const struct tetra_model *m) {
  const struct tetra_graph *g = &m->graph;
  printf("input %s %s\n", m->input_nchw ? "NCHW" : "NHWC", m->input_is_float ? "float" : "codes");
  for (int i = 0; i < g->n_values; i++) {
    const struct tetra_desc *d = &g->values[i].d;
    printf("%d %d %d %d %d %s %d %.17g %s\n", i, d->n, d->h, d->w, d->c, tetra_fmt_name(d->fmt), d->zero_point,
           d->scale, g->values[i].name);
  }
  printf("output %d %s\n", g->output, m->output_is_float ? "float" : "codes");
  if (!m->tail) return;
  const struct tetra_float_value *v = &m->tail->values[m->tail->output];
  printf("tail %d %d %d\n", v->h, v->w, v->c);
}

static int run_batch(const struct args *a, const struct tetra_model *m, FILE *f, int first, int *more,
                     struct tetra_error *err) {
  const struct tetra_graph *g = &m->graph;
  struct tetra_tensor *t = calloc((size_t)g->n_values, sizeof *t);
  if (!t) return tetra_fail(err, TETRA_ENOMEM, "no memory");
  int rc = tetra_tensor_init(&t[g->input], &g->values[g->input].d, err);
  *more = !rc && read_batch(f, m, &t[g->input]);
  if (*more) rc = tetra_run_graph(g, t, a->backend, err);
  if (*more && !rc && m->tail) rc = append_tail(a->folder, m, &t[g->output], first, err);
  for (int i = 0; i < g->n_values; i++) {
    if (*more && !rc && !append(a->folder, i, &t[i], first))
      rc = tetra_fail(err, TETRA_EIO, "cannot write %s", a->folder);
    tetra_tensor_free(&t[i]);
  }
  free(t);
  return rc;
}

static int run(const struct args *a, const struct tetra_model *m, struct tetra_error *err) {
  FILE *f = fopen(a->input, "rb");
  if (!f) return tetra_fail(err, TETRA_EIO, "cannot open %s", a->input);
  int rc = TETRA_OK, more = 1;
  for (int batch = 0; !rc && more; batch++) rc = run_batch(a, m, f, batch == 0, &more, err);
  fclose(f);
  return rc;
}

int main(int argc, char **argv) {
  struct args a;
  if (!parse(argc, argv, &a)) {
    fprintf(stderr, "usage: run_model MODEL INPUT FOLDER [--fast] [--batch N] [--tflite-rounding single|litert]\n");
    return 1;
  }
  struct tetra_model m;
  struct tetra_import_report report;
  struct tetra_error err = {0};
  int rc = tetra_import_file(a.model, &a.options, &m, &report, &err);
  for (int i = 0; i < report.n_refusals; i++)
    fprintf(stderr, "refused: %s '%s': %s\n", report.refusals[i].op, report.refusals[i].name,
            report.refusals[i].reason);
  const int refused = rc != TETRA_OK;
  if (!rc) {
    describe(&m);
    rc = run(&a, &m, &err);
  }
  if (rc) fprintf(stderr, "run_model: %s\n", err.msg);
  tetra_model_free(&m);
  tetra_import_report_free(&report);
  return refused ? 2 : rc ? 1 : 0;
}
