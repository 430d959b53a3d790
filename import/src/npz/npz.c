/* The ResNets for CIFAR-10 (20, 32, 44, 56, 110, or any of three stages of blocks) from their trained weights in
 * NumPy's .npz, under PyTorch's names: conv1.weight, layer1.0.bn1.running_mean, ..., linear.bias. A .npz is a zip of
 * .npy arrays, as they are (numpy.savez) or deflated (numpy.savez_compressed). Every array must have its place: a
 * network with more is another network. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include "common/report.h"
#include "npz/npz.h"
#include "tetra/npy.h"
#include "tetra/quantize.h"

enum { max_arrays = 1024, stages = 3, nodes_per_block = 6, nodes_outside = 5 };
enum { max_entry = (1 << 30) + TETRA_NPY_OFFSET_MAX }; /* the largest array with its header */

struct array {
  char name[TETRA_NAME_MAX];
  int rank;
  size_t dim[TETRA_NPY_RANK], count;
  const uint8_t *data; /* float32, little-endian, unaligned */
  int used;
};
struct npz {
  struct array *arrays;
  int n;
};

static uint32_t le(const uint8_t *p, int bytes) {
  uint32_t v = 0;
  for (int i = 0; i < bytes; i++) v |= (uint32_t)p[i] << (8 * i);
  return v;
}

/* An array of an .npz: float32, and as long as its shape says. */
static int parse_array(const uint8_t *p, size_t size, struct array *a, struct tetra_error *err) {
  struct tetra_npy npy;
  const char *what = tetra_npy_parse(p, size, &npy);
  if (what) return tetra_fail(err, TETRA_EINVAL, "array '%s' %s", a->name, what);
  if (strcmp(npy.type, "f4")) return tetra_fail(err, TETRA_EINVAL, "array '%s' must be float32 in C order", a->name);
  a->rank = npy.rank;
  a->count = 1;
  for (int i = 0; i < npy.rank; i++) {
    if (npy.dims[i] < 1 || npy.dims[i] > 100000 || a->count * npy.dims[i] > (size_t)1 << 28)
      return tetra_fail(err, TETRA_EINVAL, "array '%s': its shape is too large", a->name);
    a->dim[i] = (size_t)npy.dims[i];
    a->count *= a->dim[i];
  }
  a->data = p + npy.offset;
  return a->count * 4 == size - npy.offset
             ? TETRA_OK
             : tetra_fail(err, TETRA_EINVAL, "array '%s' is not as long as its shape", a->name);
}

/* Training's count of batches, which nothing reads when a network runs. */
static int is_bookkeeping(const char *name) {
  static const char suffix[] = ".num_batches_tracked";
  const size_t n = strlen(name), k = sizeof suffix - 1;
  return n > k && !strcmp(name + n - k, suffix);
}

static int failed(struct tetra_arena *arena, zip_error_t *e) {
  const int memory = zip_error_code_zip(e) == ZIP_ER_MEMORY;
  return tetra_fail(arena->err, memory ? TETRA_ENOMEM : TETRA_EINVAL, "the .npz cannot be read: %s",
                    zip_error_strerror(e));
}

/* The bytes of one entry, in the arena; libzip compares their checksum. Nothing is deflated to less than a thousandth:
 * a directory that says more lies, and is not given the memory. */
static int read_entry(struct tetra_arena *arena, zip_t *zip, const struct zip_stat *s, const uint8_t **bytes) {
  if (s->size > max_entry || s->size / 1100 > s->comp_size)
    return tetra_fail(arena->err, TETRA_EINVAL, "an array of %" PRIu64 " bytes from %" PRIu64, s->size, s->comp_size);
  uint8_t *to = tetra_arena_alloc(arena, s->size + 1, 1);
  if (to == NULL) return tetra_arena_failed(arena);
  *bytes = to;
  zip_file_t *f = zip_fopen_index(zip, s->index, 0);
  if (f == NULL) return failed(arena, zip_get_error(zip));
  const zip_int64_t n = zip_fread(f, to, s->size), rest = n < 0 ? n : zip_fread(f, to + s->size, 1);
  int rc = TETRA_OK;
  if (rest < 0) rc = failed(arena, zip_file_get_error(f));
  zip_fclose(f);
  if (rc != TETRA_OK || (rest == 0 && (zip_uint64_t)n == s->size)) return rc;
  return tetra_fail(arena->err, TETRA_EINVAL, "an array is longer or shorter than the .npz says");
}

static int add_entry(struct tetra_arena *arena, zip_t *zip, zip_uint64_t index, struct npz *z) {
  static const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_INDEX | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
  struct zip_stat s;
  if (zip_stat_index(zip, index, ZIP_FL_ENC_RAW, &s) != 0) return failed(arena, zip_get_error(zip));
  if ((s.valid & needed) != needed) return tetra_fail(arena->err, TETRA_EINVAL, "an .npz without sizes");
  struct array *a = &z->arrays[z->n];
  const size_t name = strlen(s.name), stem = name > 4 && !strcmp(s.name + name - 4, ".npy") ? name - 4 : name;
  import_name_n(a->name, s.name, stem);
  if (is_bookkeeping(a->name)) return TETRA_OK;
  const uint8_t *bytes = NULL;
  int rc = read_entry(arena, zip, &s, &bytes);
  if (rc == TETRA_OK) rc = parse_array(bytes, s.size, a, arena->err);
  if (rc == TETRA_OK) z->n++;
  return rc;
}

static zip_t *open_zip(const uint8_t *bytes, size_t size, zip_error_t *e) {
  zip_source_t *source = zip_source_buffer_create(bytes, size, 0, e);
  zip_t *zip = source == NULL ? NULL : zip_open_from_source(source, ZIP_RDONLY, e);
  if (zip == NULL && source != NULL) zip_source_free(source);
  return zip;
}

static int parse_zip(struct tetra_arena *arena, const uint8_t *bytes, size_t size, struct npz *z) {
  if (size < 4 || le(bytes, 4) != 0x04034b50)
    return tetra_fail(arena->err, TETRA_EINVAL, "neither an ONNX model nor an .npz");
  z->arrays = tetra_arena_alloc(arena, max_arrays, sizeof *z->arrays);
  if (!z->arrays) return tetra_arena_failed(arena);
  zip_error_t e;
  zip_error_init(&e);
  zip_t *zip = open_zip(bytes, size, &e);
  int rc = zip == NULL ? failed(arena, &e) : TETRA_OK;
  zip_error_fini(&e);
  if (rc) return rc;
  const zip_int64_t n = zip_get_num_entries(zip, 0);
  if (n > max_arrays) rc = tetra_fail(arena->err, TETRA_EINVAL, "an .npz of more than %d arrays", max_arrays);
  for (zip_int64_t i = 0; rc == TETRA_OK && i < n; i++) rc = add_entry(arena, zip, (zip_uint64_t)i, z);
  zip_discard(zip);
  return rc;
}

static float element(const struct array *a, size_t i) {
  const uint32_t bits = le(a->data + 4 * i, 4);
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

/* The array of that name with `rank` dimensions; 0 in dims: any. It is then used. */
static int need(struct tetra_arena *arena, struct npz *z, const char *name, int rank, const size_t *dims,
                const struct array **a) {
  for (int i = 0; i < z->n; i++) {
    if (strcmp(z->arrays[i].name, name)) continue;
    *a = &z->arrays[i];
    z->arrays[i].used = 1;
    int fits = (*a)->rank == rank;
    for (int k = 0; fits && k < rank; k++) fits = !dims[k] || dims[k] == (*a)->dim[k];
    return fits ? TETRA_OK
                : tetra_fail(arena->err, TETRA_EINVAL, "array '%s' has another shape than in a ResNet for CIFAR-10",
                             name);
  }
  return tetra_fail(arena->err, TETRA_EINVAL,
                    "no array '%s'; an .npz must hold the weights of a ResNet for CIFAR-10 (20, 32, 44, 56, 110)",
                    name);
}

static int has(const struct npz *z, const char *name) {
  int i = 0;
  while (i < z->n && strcmp(z->arrays[i].name, name)) i++;
  return i < z->n;
}

/* How many blocks of a stage are there, counted from 0. */
static int count_blocks(const struct npz *z, int stage) {
  char name[TETRA_NAME_MAX];
  int n = 0;
  do snprintf(name, sizeof name, "layer%d.%d.conv1.weight", stage, n);
  while (has(z, name) && ++n < max_arrays);
  return n;
}

static int all_used(struct tetra_arena *arena, const struct npz *z) {
  for (int i = 0; i < z->n; i++)
    if (!z->arrays[i].used)
      return tetra_fail(arena->err, TETRA_EINVAL,
                        "array '%s' has no place in a ResNet for CIFAR-10 of these layers, so this is another network",
                        z->arrays[i].name);
  return TETRA_OK;
}

/* No variance may be negative: its root would make the weights NaN. */
static int check_variance(struct tetra_arena *arena, const struct array *a) {
  for (size_t i = 0; i < a->count; i++)
    if (element(a, i) < 0)
      return tetra_fail(arena->err, TETRA_EINVAL, "array '%s': element %zu is %g, a variance must not be negative",
                        a->name, i, (double)element(a, i));
  return TETRA_OK;
}

/* 3x3 convolution `prefix`conv`i` with its batch norm. */
static int conv_bn(struct tetra_arena *arena, struct npz *z, struct tetra_float_graph *g, const char *prefix, int index,
                   int in, int stride, int cout, int *out) {
  static const char *const parts[] = {"weight", "bias", "running_mean", "running_var"};
  char name[TETRA_NAME_MAX];
  const struct array *w, *bn[4];
  snprintf(name, sizeof name, "%sconv%d.weight", prefix, index);
  const size_t cin = (size_t)g->values[in].c, shape[] = {(size_t)cout, cin, 3, 3};
  int rc = need(arena, z, name, 4, shape, &w);
  for (int i = 0; !rc && i < 4; i++) {
    snprintf(name, sizeof name, "%sbn%d.%s", prefix, index, parts[i]);
    rc = need(arena, z, name, 1, shape, &bn[i]);
  }
  if (rc || (rc = check_variance(arena, bn[3]))) return rc;
  snprintf(name, sizeof name, "%sconv%d", prefix, index);
  struct tetra_float_node *f = tetra_float_graph_add(g, TETRA_FLOAT_CONV, name, name, in, -1);
  f->win = (struct tetra_window){3, 3, stride, stride, 1, 1, {1, 1, 1, 1}};
  f->cin = (int)cin;
  f->cout = cout;
  f->w = tetra_arena_alloc(arena, 9 * cin * (size_t)cout, sizeof *f->w);
  f->bias = tetra_arena_alloc(arena, (size_t)cout, sizeof *f->bias);
  struct tetra_float_value *v = &g->values[f->out];
  v->mean = tetra_arena_alloc(arena, (size_t)cout, sizeof *v->mean);
  v->sd = tetra_arena_alloc(arena, (size_t)cout, sizeof *v->sd);
  if (!f->w || !f->bias || !v->mean || !v->sd) return tetra_arena_failed(arena);
  for (size_t co = 0; co < (size_t)cout; co++) {
    v->mean[co] = (double)element(bn[1], co);
    v->sd[co] = fabs((double)element(bn[0], co));
    const struct tetra_bn b = {element(bn[0], co), element(bn[1], co), element(bn[2], co), element(bn[3], co)};
    double mult;
    tetra_bn_fold(&b, &mult, &f->bias[co]);
    for (size_t t = 0; t < 9; t++)
      for (size_t ci = 0; ci < cin; ci++)
        f->w[(co * 9 + t) * cin + ci] = (float)(mult * (double)element(w, (co * cin + ci) * 9 + t));
  }
  tetra_float_shape(g, f);
  *out = f->out;
  return TETRA_OK;
}

static int relu(struct tetra_float_graph *g, const char *name, int in) {
  struct tetra_float_node *f = tetra_float_graph_add(g, TETRA_FLOAT_CLAMP, name, name, in, -1);
  f->lo = 0;
  tetra_float_shape(g, f);
  return f->out;
}

static int block(struct tetra_arena *arena, struct npz *z, struct tetra_float_graph *g, int stage, int index, int *v) {
  char prefix[32], name[TETRA_NAME_MAX];
  const int cout = 16 << (stage - 1), stride = stage > 1 && index == 0 ? 2 : 1;
  int y = 0, s = *v, rc;
  snprintf(prefix, sizeof prefix, "layer%d.%d.", stage, index);
  if ((rc = conv_bn(arena, z, g, prefix, 1, *v, stride, cout, &y))) return rc;
  snprintf(name, sizeof name, "%srelu1", prefix);
  y = relu(g, name, y);
  if ((rc = conv_bn(arena, z, g, prefix, 2, y, 1, cout, &y))) return rc;
  if (stride == 2) {
    snprintf(name, sizeof name, "%sshortcut", prefix);
    struct tetra_float_node *f = tetra_float_graph_add(g, TETRA_FLOAT_PICK, name, name, *v, -1);
    f->picks.y.step = f->picks.x.step = 2;
    f->c_before = f->c_after = cout / 4;
    tetra_float_shape(g, f);
    s = f->out;
  }
  snprintf(name, sizeof name, "%sadd", prefix);
  struct tetra_float_node *f = tetra_float_graph_add(g, TETRA_FLOAT_ADD, name, name, y, s);
  tetra_float_shape(g, f);
  snprintf(name, sizeof name, "%srelu2", prefix);
  *v = relu(g, name, f->out);
  return TETRA_OK;
}

static int head(struct tetra_arena *arena, struct npz *z, struct tetra_float_graph *g, int v) {
  const size_t shape[] = {0, 64};
  const struct array *w, *b;
  int rc = need(arena, z, "linear.weight", 2, shape, &w);
  if (rc || (rc = need(arena, z, "linear.bias", 1, w->dim, &b))) return rc;
  struct tetra_float_node *f = tetra_float_graph_add(g, TETRA_FLOAT_AVGPOOL, "avgpool", "avgpool", v, -1);
  f->win.kh = g->values[v].h;
  f->win.kw = g->values[v].w;
  tetra_float_shape(g, f);
  f = tetra_float_graph_add(g, TETRA_FLOAT_FLATTEN, "flatten", "flatten", f->out, -1);
  tetra_float_shape(g, f);
  f = tetra_float_graph_add(g, TETRA_FLOAT_CONV, "linear", "logits", f->out, -1);
  f->dense = 1;
  f->cin = 64;
  f->cout = (int)w->dim[0];
  f->w = tetra_arena_alloc(arena, w->count, sizeof *f->w);
  f->bias = tetra_arena_alloc(arena, w->dim[0], sizeof *f->bias);
  if (!f->w || !f->bias) return tetra_arena_failed(arena);
  for (size_t i = 0; i < w->count; i++) f->w[i] = element(w, i);
  for (size_t i = 0; i < w->dim[0]; i++) f->bias[i] = (double)element(b, i);
  tetra_float_shape(g, f);
  g->output = f->out;
  g->values[g->output].n_uses++;
  return TETRA_OK;
}

int npz_float_net(struct tetra_arena *arena, const uint8_t *bytes, size_t size, struct tetra_float_graph *g) {
  struct npz z = {NULL, 0};
  int rc = parse_zip(arena, bytes, size, &z);
  if (rc) return rc;
  for (int i = 0; i < z.n; i++)
    for (size_t k = 0; k < z.arrays[i].count; k++)
      if (!isfinite(element(&z.arrays[i], k)))
        return tetra_fail(arena->err, TETRA_EINVAL, "array '%s': element %zu is not finite", z.arrays[i].name, k);
  int blocks[stages], all = 0;
  for (int i = 0; i < stages; i++) all += blocks[i] = count_blocks(&z, i + 1);
  const size_t nodes = (size_t)all * nodes_per_block + nodes_outside;
  g->nodes = tetra_arena_alloc(arena, nodes, sizeof *g->nodes);
  g->values = tetra_arena_alloc(arena, nodes + 1, sizeof *g->values);
  if (!g->nodes || !g->values) return tetra_arena_failed(arena);
  g->values[0] = (struct tetra_float_value){.name = "image", .h = 32, .w = 32, .c = 3, .producer = -1};
  g->n_values = 1;
  int v = 0;
  if ((rc = conv_bn(arena, &z, g, "", 1, 0, 1, 16, &v))) return rc;
  v = relu(g, "relu", v);
  for (int stage = 1; stage <= stages; stage++)
    for (int i = 0; i < blocks[stage - 1] || i == 0; i++)
      if ((rc = block(arena, &z, g, stage, i, &v))) return rc;
  return (rc = head(arena, &z, g, v)) ? rc : all_used(arena, &z);
}
