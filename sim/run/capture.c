/* Rows of .npy files, one for each image, at their places. */
#include "run/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/notes.h"
#include "cli/outputs.h"
#include "run/tensor_name.h"
#include "tetra/npy.h"

static void store_float(uint8_t *p, float real) {
  uint32_t bits;
  memcpy(&bits, &real, sizeof bits);
  for (int k = 0; k < 4; k++) p[k] = (uint8_t)(bits >> (8 * k));
}

static void store(uint8_t *p, const struct sim_capture_file *f, int codes, int code) {
  if (codes)
    *p = (uint8_t)code; /* int8 in two's complement */
  else
    store_float(p, (float)((code - f->zero_point) * f->scale));
}

/* The header, which says what the file holds. */
static int begin(struct sim_capture_file *f, const struct tetra_desc *d, int codes, int images,
                 struct tetra_error *err) {
  const uint64_t h = (uint64_t)d->h, w = (uint64_t)d->w, c = (uint64_t)d->c;
  struct tetra_npy a = {.rank = 4, .dims = {(uint64_t)images, h, w, c}};
  if (h == 1 && w == 1) {
    a.rank = 2;
    a.dims[1] = c;
  }
  memcpy(a.type, !codes ? "f4" : tetra_fmt_signed(d->fmt) ? "i1" : "u1", sizeof a.type);
  uint8_t header[TETRA_NPY_HEADER_MAX];
  f->offset = tetra_npy_header(&a, header);
  f->per_image = (size_t)(h * w * c) * (codes ? 1 : 4);
  return sim_scratch_write(&f->scratch, header, f->offset, 0, err);
}

static int length_of(const struct sim_tensor_file *t) { return t->name_length < 60 ? t->name_length : 60; }

/* A tensor of the file whose numbers are nowhere: which one there is instead. */
static int refuse_inside(const struct sim_tensor_file *t, const struct tetra_tensor_name *n, struct tetra_error *err) {
  return tetra_fail(err, TETRA_EINVAL,
                    "--output-layer: '%.*s' is not stored by itself; the nearest tensor that is stored is '%s'",
                    length_of(t), t->name, n->value);
}

/* The layer has the name of a tensor inside of it. */
static void note_layer(const struct sim_tensor_file *t, const struct tetra_tensor_name *n) {
  char text[4 * TETRA_NAME_MAX];
  snprintf(text, sizeof text,
           "--output-layer: the tensor '%.*s' is not stored by itself; this is '%s', what the layer of that name gives",
           length_of(t), t->name, n->value);
  sim_note(NULL, text);
}

/* The first value of that name: copies for readers that want another zero point have the same codes. -1: none. */
static int value_called(const struct tetra_graph *g, const char *name) {
  for (int v = 0; v < g->n_values; v++)
    if (strcmp(g->values[v].name, name) == 0) return v;
  return -1;
}

/* In f: the value, and how it becomes real numbers. */
static int find(const struct sim_capture *c, const struct sim_tensor_file *t, const struct sim_captured *of,
                struct sim_capture_file *f, struct tetra_error *err) {
  const struct tetra_graph *g = of->g;
  const struct tetra_tensor_name *n =
      t->name == NULL ? NULL : tetra_model_find(of->model, t->name, (size_t)t->name_length);
  const int own = t->name != NULL && sim_tensor_is_there(g, t->name, t->name_length);
  f->value = g->output;
  if (n != NULL && !n->exact && !own) return refuse_inside(t, n, err);
  if (n != NULL && !n->exact) note_layer(t, n);
  f->tail = c->tail != NULL && t->name == NULL;
  if (n != NULL && n->exact && n->in_tail && c->tail != NULL) {
    f->tail = 1;
    f->to = n->value;
    return TETRA_OK;
  }
  const int named = n != NULL && n->exact && !n->in_tail;
  if (named) f->value = value_called(g, n->value);
  if (t->name != NULL && (!named || f->value < 0)) {
    const int rc = sim_tensor_find(g, of->model, t->name, t->name_length, &f->value, err);
    if (rc != TETRA_OK) return rc;
  }
  const struct tetra_desc *d = &g->values[f->value].d;
  f->zero_point = named ? n->zero_point : d->zero_point;
  f->scale = named ? n->scale : d->scale;
  if (of->plan == NULL || of->plan->values[f->value].bytes != 0) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL,
                    "%s: the accelerator does not write '%s' to memory: a layer behind it is fused with the one that "
                    "makes it; --backend fast has it",
                    sim_tensor_option(t), g->values[f->value].name);
}

/* What the file holds of each image. */
static int describe(const struct sim_capture *c, const struct tetra_graph *g, struct sim_capture_file *f,
                    struct tetra_desc *d, struct tetra_error *err) {
  *d = g->values[f->value].d;
  if (!f->tail) return TETRA_OK;
  const struct tetra_float_graph *tail = c->tail->tail;
  const struct tetra_float_value *v = f->to == NULL ? &tail->values[tail->output] : tetra_tail_value(c->tail, f->to);
  d->h = v->h;
  d->w = v->w;
  d->c = v->c;
  if (!c->codes) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL,
                    "--output-codes: the host calculates the output in float32; --output-layer '%s'=FILE has the codes "
                    "that it calculates from",
                    g->values[f->value].name);
}

/* Opens the next file, of a value that is known. */
static int add_file(struct sim_capture *c, const char *option, const char *path, const struct tetra_desc *d, int images,
                    struct tetra_error *err) {
  struct sim_capture_file *f = &c->files[c->n];
  const int rc = sim_scratch_open(&f->scratch, option, path, err);
  if (rc != TETRA_OK) return rc;
  c->n++;
  return begin(f, d, c->codes, images, err);
}

/* FOLDER/NUMBER-NAME.npy: a name may be there twice, and hold what no file's name does. */
static char *dump_path(const char *folder, int value, const char *name) {
  const size_t size = strlen(folder) + strlen(name) + 24;
  char *path = malloc(size);
  if (path == NULL) return NULL;
  const int start = snprintf(path, size, "%s/%03d-", folder, value);
  snprintf(path + start, size - (size_t)start, "%s.npy", name);
  for (char *p = path + start; *p != '\0'; p++) {
    if (*p == '/' || (unsigned char)*p < ' ') *p = '_';
  }
  return path;
}

/* Every tensor that is in memory at some time; the others are parts of a layer. */
static int add_dump(struct sim_capture *c, const struct sim_options *o, const struct tetra_graph *g,
                    const struct tetra_plan *plan, int images, struct tetra_error *err) {
  for (int v = 0; v < g->n_values; v++) {
    if (plan != NULL && plan->values[v].bytes == 0) continue;
    struct sim_capture_file *f = &c->files[c->n];
    f->value = v;
    f->zero_point = g->values[v].d.zero_point;
    f->scale = g->values[v].d.scale;
    f->path = dump_path(o->dump_tensors, v, g->values[v].name);
    if (f->path == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the name of a file");
    int rc = sim_outputs_check_beside(o, "--dump-tensors", f->path, err);
    if (rc == TETRA_OK) rc = add_file(c, "--dump-tensors", f->path, &g->values[v].d, images, err);
    if (rc != TETRA_OK) {
      if (f == &c->files[c->n]) free(f->path);
      return rc;
    }
  }
  return TETRA_OK;
}

int sim_capture_open(struct sim_capture *c, const struct sim_options *o, const struct sim_captured *of, int images,
                     struct tetra_error *err) {
  const struct tetra_graph *g = of->g;
  *c = (struct sim_capture){.codes = o->output_codes};
  c->tail = of->tail;
  const int most = o->n_tensors + (o->dump_tensors == NULL ? 0 : g->n_values);
  if (most == 0) return TETRA_OK;
  c->files = calloc((size_t)most, sizeof *c->files);
  if (c->files == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d files of tensors", most);
  int rc = TETRA_OK;
  for (int i = 0; i < o->n_tensors && rc == TETRA_OK; i++) {
    const struct sim_tensor_file *t = &o->tensors[i];
    struct sim_capture_file *f = &c->files[c->n];
    rc = find(c, t, of, f, err);
    struct tetra_desc d = {0};
    if (rc == TETRA_OK) rc = describe(c, g, f, &d, err);
    if (rc == TETRA_OK) rc = add_file(c, sim_tensor_option(t), t->path, &d, images, err);
  }
  if (rc == TETRA_OK && o->dump_tensors != NULL) rc = add_dump(c, o, g, of->plan, images, err);
  if (rc != TETRA_OK) sim_capture_close(c);
  return rc;
}

int sim_capture_wants(const struct sim_capture *c, int value) {
  int wanted = 0;
  for (int i = 0; i < c->n; i++) wanted |= c->files[i].value == value;
  return wanted;
}

static int write_tensor(const struct sim_capture_file *f, const struct tetra_tensor *t, int codes, int first, int count,
                        struct tetra_error *err) {
  const struct tetra_desc *d = &t->d;
  const int bytes = codes ? 1 : 4;
  uint8_t *row = malloc(f->per_image);
  if (row == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for a tensor of '%s'", f->scratch.path);
  int rc = TETRA_OK;
  for (int n = 0; n < count && rc == TETRA_OK; n++) {
    uint8_t *p = row;
    for (int y = 0; y < d->h; y++) {
      for (int x = 0; x < d->w; x++) {
        for (int k = 0; k < d->c; k++, p += bytes) store(p, f, codes, tetra_tensor_get(t, n, y, x, k));
      }
    }
    const uint64_t image = (uint64_t)first + (uint64_t)n;
    rc = sim_scratch_write(&f->scratch, row, f->per_image, f->offset + image * f->per_image, err);
  }
  free(row);
  return rc;
}

/* The same of what the host makes of t. */
static int write_tail(const struct sim_capture *c, const struct sim_capture_file *f, const struct tetra_tensor *t,
                      int first, int count, struct tetra_error *err) {
  float *v;
  int rc = f->to == NULL ? tetra_tail_run(c->tail, t, &v, err) : tetra_tail_run_to(c->tail, f->to, t, &v, err);
  if (rc != TETRA_OK) return rc;
  const size_t bytes = (size_t)count * f->per_image;
  uint8_t *rows = malloc(bytes);
  if (rows == NULL) {
    free(v);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for a tensor of '%s'", f->scratch.path);
  }
  for (size_t i = 0; i < bytes / 4; i++) store_float(rows + 4 * i, v[i]);
  rc = sim_scratch_write(&f->scratch, rows, bytes, f->offset + (uint64_t)first * f->per_image, err);
  free(rows);
  free(v);
  return rc;
}

int sim_capture_write(const struct sim_capture *c, int value, const struct tetra_tensor *t, int first, int count,
                      struct tetra_error *err) {
  int rc = TETRA_OK;
  for (int i = 0; i < c->n && rc == TETRA_OK; i++) {
    const struct sim_capture_file *f = &c->files[i];
    if (f->value != value) continue;
    rc = f->tail ? write_tail(c, f, t, first, count, err) : write_tensor(f, t, c->codes, first, count, err);
  }
  return rc;
}

int sim_capture_deliver(const struct sim_capture *c, struct tetra_error *err) {
  int rc = TETRA_OK;
  for (int i = 0; i < c->n && rc == TETRA_OK; i++) rc = sim_scratch_deliver(&c->files[i].scratch, err);
  return rc;
}

void sim_capture_close(struct sim_capture *c) {
  for (int i = 0; i < c->n; i++) {
    sim_scratch_close(&c->files[i].scratch);
    free(c->files[i].path);
  }
  free(c->files);
  c->files = NULL;
  c->n = 0;
}
