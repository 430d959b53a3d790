/* Tensor data in files beside an ONNX file, as PyTorch and others write large models: put into the model. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/report.h"
#include "onnx/file/external.h"
#include "onnx/file/proto.h"

static const size_t max_data = (size_t)1 << 30;

/* Where a tensor's data is. */
struct place {
  char name[TETRA_NAME_MAX]; /* of the tensor, for messages */
  const char *location;
  uint64_t offset, length;
  int has_length;
};

static int is_external(const Onnx__TensorProto *t) {
  return t->has_data_location && t->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
}

/* Decimal digits only, below 2^63. */
static int parse_size(const char *s, uint64_t *v) {
  if (!*s || strspn(s, "0123456789") != strlen(s) || strlen(s) > 18) return 0;
  *v = strtoull(s, NULL, 10);
  return 1;
}

/* Below the model's folder: relative, and no component that is empty, "." (but the first) or "..". */
static int is_confined(const char *location) {
  if (!strncmp(location, "./", 2)) location += 2;
  for (const char *p = location;; p++) {
    const size_t n = strcspn(p, "/\\");
    if (n == 0 || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.') || p[n] == '\\') return 0;
    p += n;
    if (!*p) return 1;
  }
}

static int find_place(const Onnx__TensorProto *t, struct place *at, struct tetra_error *err) {
  memset(at, 0, sizeof *at);
  import_name(at->name, t->name);
  for (size_t i = 0; i < t->n_external_data; i++) {
    const char *key = t->external_data[i]->key, *value = t->external_data[i]->value;
    if (!key || !value) continue;
    if (!strcmp(key, "location")) at->location = value;
    const int is_offset = !strcmp(key, "offset"), is_length = !strcmp(key, "length");
    if ((is_offset || is_length) && !parse_size(value, is_offset ? &at->offset : &at->length))
      return tetra_fail(err, TETRA_EINVAL, "tensor '%s': %s of its data in another file is no number", at->name, key);
    at->has_length |= is_length;
  }
  if (!at->location)
    return tetra_fail(err, TETRA_EINVAL, "tensor '%s': its data is in another file without a name", at->name);
  if (!is_confined(at->location)) {
    char safe[TETRA_NAME_MAX];
    import_name(safe, at->location);
    return tetra_fail(err, TETRA_EINVAL,
                      "tensor '%s': its data is in '%s'; only names below the model's own folder are read", at->name,
                      safe);
  }
  return TETRA_OK;
}

/* `length` bytes at `offset`, to the file's end where no length is given, of a regular file. */
static int read_part(int f, const char *path, struct place *at, size_t most, uint8_t **data, struct tetra_error *err) {
  struct stat s;
  if (fstat(f, &s)) return tetra_fail(err, TETRA_EIO, "%s: %s", path, strerror(errno));
  if (!S_ISREG(s.st_mode)) return tetra_fail(err, TETRA_EINVAL, "%s: no regular file, for tensor '%s'", path, at->name);
  const uint64_t size = (uint64_t)s.st_size;
  if (!at->has_length && at->offset <= size) at->length = size - at->offset;
  if (at->offset > size || at->length > size - at->offset)
    return tetra_fail(err, TETRA_EINVAL, "%s: %llu bytes, tensor '%s' wants %llu at %llu", path,
                      (unsigned long long)size, at->name, (unsigned long long)at->length,
                      (unsigned long long)at->offset);
  if (at->length > most) return tetra_fail(err, TETRA_EINVAL, "%s: more than 1 GiB of tensors", path);
  uint8_t *b = malloc((size_t)at->length + 1);
  if (!b) return tetra_fail(err, TETRA_ENOMEM, "no memory for tensor '%s'", at->name);
  for (size_t got = 0; got < at->length;) {
    const ssize_t n = pread(f, b + got, (size_t)at->length - got, (off_t)(at->offset + got));
    if (n <= 0) {
      free(b);
      return tetra_fail(err, TETRA_EIO, "%s: cannot read: %s", path, n ? strerror(errno) : "it ends too early");
    }
    got += (size_t)n;
  }
  *data = b;
  return TETRA_OK;
}

/* The name of a location, seen from here; the caller's to free, NULL without memory. */
static char *path_of(const char *model, const char *location) {
  const char *slash = strrchr(model, '/');
  const int folder = slash ? (int)(slash - model) + 1 : 0;
  const size_t room = (size_t)folder + strlen(location) + 1;
  char *path = malloc(room);
  if (path) snprintf(path, room, "%.*s%s", folder, model, location);
  return path;
}

/* Opens a location below the model's folder, one component after the other: none of them may be a link. -1 and errno
 * on failure. The folder itself is the user's choice. */
static int open_below(const char *model, const char *location) {
  char *folder = path_of(model, "."), *rest = strdup(location);
  int at = folder && rest ? open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY) : -1;
  for (char *name = rest; at >= 0 && name;) {
    char *slash = strchr(name, '/');
    if (slash) *slash = '\0';
    const int kind = slash ? O_DIRECTORY : O_NONBLOCK, in = at;
    at = openat(in, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | kind);
    const int why = errno;
    close(in);
    errno = why;
    name = slash ? slash + 1 : NULL;
  }
  const int why = errno;
  free(folder);
  free(rest);
  errno = why;
  return at;
}

/* Puts the data of one tensor into its message; the memory is ours. */
static int inline_tensor(const char *model, Onnx__TensorProto *t, size_t *left, struct tetra_error *err) {
  struct place at;
  int rc = find_place(t, &at, err);
  if (rc) return rc;
  char *path = path_of(model, at.location);
  if (!path) return tetra_fail(err, TETRA_ENOMEM, "no memory");
  const int f = open_below(model, at.location);
  uint8_t *data = NULL;
  if (f < 0)
    rc = tetra_fail(err, TETRA_EIO, "tensor '%s': cannot open its data, %s: %s", at.name, path, strerror(errno));
  else
    rc = read_part(f, path, &at, *left, &data, err);
  if (f >= 0) close(f);
  free(path);
  if (rc) return rc;
  *left -= (size_t)at.length;
  t->has_raw_data = 1;
  t->raw_data.data = data;
  t->raw_data.len = (size_t)at.length;
  t->has_data_location = 0;
  return TETRA_OK;
}

static int is_same(const char *path, const char *file) {
  struct stat a, b;
  return path && !stat(path, &a) && !stat(file, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int onnx_external_is(const char *path, const uint8_t *bytes, size_t size, const char *file) {
  struct onnx_message *msg;
  struct tetra_error ignored = {0};
  if (onnx_unpack(bytes, size, &msg, &ignored)) return 0;
  const Onnx__GraphProto *g = onnx_model(msg)->graph;
  int found = 0;
  for (size_t i = 0; !found && i < g->n_initializer; i++) {
    struct place at;
    if (!is_external(g->initializer[i]) || find_place(g->initializer[i], &at, &ignored)) continue;
    char *name = path_of(path, at.location);
    found = is_same(name, file);
    free(name);
  }
  onnx_message_free(msg);
  return found;
}

static int pack(const Onnx__ModelProto *m, uint8_t **bytes, size_t *size, struct tetra_error *err) {
  const size_t n = onnx__model_proto__get_packed_size(m);
  uint8_t *b = malloc(n + 1);
  if (!b) return tetra_fail(err, TETRA_ENOMEM, "no memory for %zu bytes", n);
  *size = onnx__model_proto__pack(m, b);
  free(*bytes);
  *bytes = b;
  return TETRA_OK;
}

int onnx_external_inline(const char *path, uint8_t **bytes, size_t *size, struct tetra_error *err) {
  struct onnx_message *msg;
  struct tetra_error ignored = {0};
  /* What is no ONNX file is for its reader to say. */
  if (onnx_unpack(*bytes, *size, &msg, &ignored)) return TETRA_OK;
  const Onnx__GraphProto *g = onnx_model(msg)->graph;
  size_t left = max_data, n = 0;
  uint8_t **mine = calloc(g->n_initializer + 1, sizeof *mine); /* data that we have put into the message */
  int rc = mine ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory");
  for (size_t i = 0; !rc && i < g->n_initializer; i++) {
    Onnx__TensorProto *t = g->initializer[i];
    if (!is_external(t) || t->raw_data.data) continue;
    rc = inline_tensor(path, t, &left, err);
    if (rc) break;
    mine[i] = t->raw_data.data;
    n++;
  }
  if (!rc && n) rc = pack(onnx_model(msg), bytes, size, err);
  for (size_t i = 0; mine && i < g->n_initializer; i++) {
    if (!mine[i]) continue;
    g->initializer[i]->raw_data = (ProtobufCBinaryData){0, NULL};
    g->initializer[i]->has_raw_data = 0;
    free(mine[i]);
  }
  free(mine);
  onnx_message_free(msg);
  return rc;
}
