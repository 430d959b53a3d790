/* The ResNets for CIFAR-10 (20, 32, 44, 56, 110, or any of three stages of blocks) from their trained weights in
 * NumPy's .npz, under PyTorch's names: conv1.weight, layer1.0.bn1.running_mean, ..., linear.bias. A .npz is a zip of
 * .npy arrays, as they are (numpy.savez) or deflated (numpy.savez_compressed). Every array must have its place: a
 * network with more is another network. */
#define ZLIB_CONST /* what zlib reads stays as it is */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "common/report.h"
#include "npz/npz.h"
#include "tetra/npy.h"
#include "tetra/quantize.h"

enum { max_arrays = 1024, stages = 3, nodes_per_block = 6, nodes_outside = 5 };
enum { kStored = 0, kDeflated = 8 }; /* methods of a zip */

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

static uint64_t le64(const uint8_t *p) { return le(p, 4) | (uint64_t)le(p + 4, 4) << 32; }

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

/* An entry that numpy.savez_compressed deflated: `size` bytes of *p become as many as its header says. deflate cannot
 * shrink anything to less than a thousandth: a header that says more lies, and is not given the memory. */
static int inflate_entry(struct tetra_arena *arena, const uint8_t **p, size_t size, uint64_t inflated, uint32_t crc) {
  if (inflated > UINT_MAX || size > UINT_MAX || inflated / 1100 > size)
    return tetra_fail(arena->err, TETRA_EINVAL, "an array of %llu bytes from %zu", (unsigned long long)inflated, size);
  uint8_t *to = tetra_arena_alloc(arena, inflated + 1, 1);
  if (to == NULL) return tetra_arena_failed(arena);
  z_stream z = {.next_in = *p, .avail_in = (uInt)size, .next_out = to, .avail_out = (uInt)inflated + 1};
  int good = inflateInit2(&z, -MAX_WBITS) == Z_OK; /* without zlib's own header */
  good = good && inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out == inflated && z.avail_in == 0;
  inflateEnd(&z);
  *p = to;
  return good && crc32(crc32(0, NULL, 0), to, (uInt)inflated) == crc
             ? TETRA_OK
             : tetra_fail(arena->err, TETRA_EINVAL, "a compressed array is damaged");
}

/* Local headers one after another up to the central directory. */
static int parse_zip(struct tetra_arena *arena, const uint8_t *b, size_t size, struct npz *z) {
  z->arrays = tetra_arena_alloc(arena, max_arrays, sizeof *z->arrays);
  if (!z->arrays) return tetra_arena_failed(arena);
  size_t at = 0;
  while (size - at >= 30 && le(b + at, 4) == 0x04034b50) {
    const uint32_t flags = le(b + at + 6, 2), method = le(b + at + 8, 2), name = le(b + at + 26, 2),
                   extra = le(b + at + 28, 2);
    uint64_t bytes = le(b + at + 18, 4), length = le(b + at + 22, 4);
    const size_t start = at + 30 + name + extra;
    if (start > size || z->n == max_arrays)
      return tetra_fail(arena->err, TETRA_EINVAL, "byte %zu: a broken or too long .npz", at);
    const uint8_t *e = b + at + 30 + name;
    if (bytes == 0xffffffffu && extra >= 20 && le(e, 2) == 1) {
      length = le64(e + 4);
      bytes = le64(e + 12);
    }
    if ((method != kStored && method != kDeflated) || (flags & 9))
      return tetra_fail(arena->err, TETRA_EINVAL, "byte %zu: not an entry as numpy.savez or savez_compressed write it",
                        at);
    if (bytes > size - start) return tetra_fail(arena->err, TETRA_EINVAL, "byte %zu: the .npz is cut off", at);
    struct array *a = &z->arrays[z->n];
    const size_t stem = name > 4 && !memcmp(b + at + 30 + name - 4, ".npy", 4) ? name - 4 : name;
    import_name_n(a->name, (const char *)b + at + 30, stem);
    const uint32_t crc = le(b + at + 14, 4);
    at = start + (size_t)bytes;
    if (is_bookkeeping(a->name)) continue;
    const uint8_t *array = b + start;
    int rc = TETRA_OK;
    if (method == kDeflated) {
      rc = inflate_entry(arena, &array, (size_t)bytes, length, crc);
      bytes = length;
    }
    if (rc == TETRA_OK) rc = parse_array(array, (size_t)bytes, a, arena->err);
    if (rc) return rc;
    z->n++;
  }
  return z->n ? TETRA_OK : tetra_fail(arena->err, TETRA_EINVAL, "neither an ONNX model nor an .npz");
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
