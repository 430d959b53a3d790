/* Arrays of images, of JPEG files one after another, and labels. */
#define _GNU_SOURCE
#include "commands/train/data.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/image_kinds.h"
#include "files/npy.h"
#include "files/source_data.h"

/* A whole .npy. */
struct array {
  struct tetra_npy a;
  size_t count;
  uint8_t *bytes; /* owned */
};

static int read_bytes(FILE *f, const char *what, const char *path, struct array *r, struct tetra_error *err) {
  const char *wrong = sim_npy_read_header(f, &r->a);
  if (wrong != NULL) return tetra_fail(err, TETRA_EINVAL, "%s '%s' %s", what, path, wrong);
  r->count = 1;
  for (int i = 0; i < r->a.rank; i++) {
    if (r->a.dims[i] < 1 || r->a.dims[i] > ((size_t)1 << 40) / r->count)
      return tetra_fail(err, TETRA_EINVAL, "%s '%s' is empty or too large", what, path);
    r->count *= (size_t)r->a.dims[i];
  }
  const size_t size = r->count * (size_t)r->a.item_bytes;
  r->bytes = malloc(size);
  if (r->bytes == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %s '%s', %zu bytes", what, path, size);
  if (fread(r->bytes, 1, size, f) == size) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "%s '%s' ends before its array does", what, path);
}

static int read_array(const char *what, const char *path, struct array *r, struct tetra_error *err) {
  memset(r, 0, sizeof *r);
  FILE *f = fopen(path, "rb");
  if (f == NULL) return tetra_fail(err, TETRA_EIO, "cannot open %s '%s': %s", what, path, strerror(errno));
  const int rc = read_bytes(f, what, path, r, err);
  fclose(f);
  if (rc != TETRA_OK) {
    free(r->bytes);
    r->bytes = NULL;
  }
  return rc;
}

static uint64_t number(const struct array *r, size_t i) {
  uint64_t v = 0;
  for (int k = 0; k < r->a.item_bytes; k++) v |= (uint64_t)r->bytes[i * (size_t)r->a.item_bytes + (size_t)k] << (8 * k);
  return v;
}

/* Decodes file i of a stack into its place; the first one says what size all are. */
static int read_jpeg(const struct array *stack, const struct array *offsets, const char *path, int i,
                     struct train_set *s, struct tetra_error *err) {
  const uint64_t from = number(offsets, (size_t)i), to = number(offsets, (size_t)i + 1);
  struct sim_image image = {0, 0, 0, NULL};
  if (from >= to || to > stack->count)
    return tetra_fail(err, TETRA_EINVAL, "offsets of '%s': file %d is from byte %llu to %llu of %zu", path, i,
                      (unsigned long long)from, (unsigned long long)to, stack->count);
  FILE *f = fmemopen(stack->bytes + from, (size_t)(to - from), "rb");
  if (f == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for image %d of '%s'", i, path);
  int rc = sim_image_read_jpeg(f, path, &image, err);
  fclose(f);
  if (rc == TETRA_OK && i == 0) {
    s->h = image.h;
    s->w = image.w;
    s->c = 3;
    s->pixels = malloc((size_t)s->n * (size_t)s->h * (size_t)s->w * 3);
    if (s->pixels == NULL) rc = tetra_fail(err, TETRA_ENOMEM, "no memory for %d images of '%s'", s->n, path);
  }
  if (rc == TETRA_OK && (image.h != s->h || image.w != s->w))
    rc = tetra_fail(err, TETRA_EINVAL, "'%s': image %d is %dx%d, the first one %dx%d; one size is accepted", path, i,
                    image.h, image.w, s->h, s->w);
  const size_t size = (size_t)s->h * (size_t)s->w * 3;
  if (rc == TETRA_OK) memcpy(s->pixels + (size_t)i * size, image.rgb, size);
  sim_image_free(&image);
  return rc;
}

/* "DIR/train_jpeg.npy" -> "DIR/train_jpeg_offsets.npy" */
static void offsets_name(const struct train_files *f, char *out, size_t size) {
  const size_t n = strlen(f->images), stem = n > 4 && strcmp(f->images + n - 4, ".npy") == 0 ? n - 4 : n;
  if (f->offsets != NULL)
    snprintf(out, size, "%s", f->offsets);
  else
    snprintf(out, size, "%.*s_offsets.npy", (int)stem, f->images);
}

static int read_stack(const struct train_files *f, const struct array *stack, int limit, struct train_set *s,
                      struct tetra_error *err) {
  char path[PATH_MAX];
  struct array offsets;
  offsets_name(f, path, sizeof path);
  int rc = read_array("offsets", path, &offsets, err);
  if (rc != TETRA_OK) return rc;
  if (offsets.a.rank != 1 || offsets.a.type[0] == 'f' || offsets.count < 2 || offsets.count - 1 > INT_MAX)
    rc = tetra_fail(err, TETRA_EINVAL, "offsets '%s' are not a list of two or more integers", path);
  s->n = rc == TETRA_OK ? (int)offsets.count - 1 : 0;
  if (limit > 0 && limit < s->n) s->n = limit;
  for (int i = 0; i < s->n && rc == TETRA_OK; i++) rc = read_jpeg(stack, &offsets, f->images, i, s, err);
  free(offsets.bytes);
  return rc;
}

/* Shape and order of an array of images. */
static int shape_of(const char *path, const struct tetra_npy *a, enum sim_layout layout, struct train_set *s, int *nchw,
                    struct tetra_error *err) {
  if (a->rank != 4 || (strcmp(a->type, "u1") != 0 && strcmp(a->type, "f4") != 0))
    return tetra_fail(err, TETRA_EINVAL,
                      "'%s': an array of type %s of %d dimensions; uint8 or float32 [n][h][w][c] or [n][c][h][w] is "
                      "accepted, or a list of the bytes of JPEG files",
                      path, a->type, a->rank);
  for (int i = 0; i < 4; i++)
    if (a->dims[i] > (i == 0 ? INT_MAX : 1024))
      return tetra_fail(err, TETRA_EINVAL, "'%s': sides of at most 1024 are accepted", path);
  const int last = (int)a->dims[3], first = (int)a->dims[1];
  *nchw =
      layout == SIM_LAYOUT_NCHW || (layout == SIM_LAYOUT_ANY && last != 3 && last != 1 && (first == 3 || first == 1));
  s->n = (int)a->dims[0];
  s->c = *nchw ? first : last;
  s->h = (int)a->dims[*nchw ? 2 : 1];
  s->w = (int)a->dims[*nchw ? 3 : 2];
  return TETRA_OK;
}

/* Copies an element of any order to [n][h][w][c]. */
static void reorder(const struct train_set *s, int nchw, const uint8_t *from, size_t item, uint8_t *to) {
  const size_t plane = (size_t)s->h * (size_t)s->w, channels = (size_t)s->c;
  for (size_t n = 0; n < (size_t)s->n; n++) {
    const uint8_t *image = from + n * plane * channels * item;
    for (size_t p = 0; p < plane; p++) {
      for (size_t c = 0; c < channels; c++, to += item)
        memcpy(to, image + (nchw ? c * plane + p : p * channels + c) * item, item);
    }
  }
}

static int check_finite(const char *path, const struct train_set *s, struct tetra_error *err) {
  const size_t size = (size_t)s->h * (size_t)s->w * (size_t)s->c;
  for (size_t i = 0; i < (size_t)s->n * size; i++)
    if (!isfinite(s->numbers[i]))
      return tetra_fail(err, TETRA_EINVAL, "'%s': image %zu holds %g; finite numbers are accepted", path, i / size,
                        (double)s->numbers[i]);
  return TETRA_OK;
}

static int read_images(const struct train_files *f, const struct array *a, enum sim_layout layout, int limit,
                       struct train_set *s, struct tetra_error *err) {
  int nchw = 0;
  const int rc = shape_of(f->images, &a->a, layout, s, &nchw, err);
  if (rc != TETRA_OK) return rc;
  if (limit > 0 && limit < s->n) s->n = limit;
  const size_t item = (size_t)a->a.item_bytes;
  uint8_t *to = malloc((size_t)s->n * (size_t)s->h * (size_t)s->w * (size_t)s->c * item);
  if (to == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d images", s->n);
  reorder(s, nchw, a->bytes, item, to);
  if (a->a.type[0] == 'u') {
    s->pixels = to;
    return TETRA_OK;
  }
  s->numbers = (float *)(void *)to; /* from malloc, so aligned */
  return check_finite(f->images, s, err);
}

/* As many as images: fewer, or without a limit more, are another data set's. */
static int read_labels(const struct train_files *f, int limit, struct train_set *s, struct tetra_error *err) {
  FILE *file = fopen(f->labels, "rb");
  struct tetra_npy a;
  if (file == NULL) return tetra_fail(err, TETRA_EIO, "cannot open labels '%s': %s", f->labels, strerror(errno));
  const char *wrong = sim_npy_read_header(file, &a);
  fclose(file);
  if (wrong != NULL) return tetra_fail(err, TETRA_EINVAL, "labels '%s' %s", f->labels, wrong);
  if (a.rank > 0 && limit == 0 && a.dims[0] != (uint64_t)s->n)
    return tetra_fail(err, TETRA_EINVAL, "labels '%s' are %llu, images '%s' %d; as many of both are accepted",
                      f->labels, (unsigned long long)a.dims[0], f->images, s->n);
  const int rc = sim_labels_read(f->labels, s->n, 100000, &s->labels, err);
  for (int i = 0; i < s->n && rc == TETRA_OK; i++)
    if (s->labels[i] >= s->classes) s->classes = s->labels[i] + 1;
  return rc;
}

/* A folder, whose files are read when they are wanted. */
static int list_photos(const struct train_files *f, int limit, struct train_set *s, struct tetra_error *err) {
  if (f->labels != NULL)
    return tetra_fail(err, TETRA_EINVAL, "'%s' is a folder, whose folders are the classes; no labels are accepted",
                      f->images);
  int rc = train_photos_list(f->images, &s->photos, err);
  if (rc != TETRA_OK) return rc;
  s->n = limit > 0 && limit < s->photos.n ? limit : s->photos.n;
  s->h = s->w = f->size;
  s->c = 3;
  s->classes = s->photos.n_classes;
  s->labels = malloc((size_t)s->n * sizeof *s->labels);
  if (s->labels == NULL) {
    train_set_free(s);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for labels");
  }
  memcpy(s->labels, s->photos.labels, (size_t)s->n * sizeof *s->labels);
  return TETRA_OK;
}

int train_set_read(const struct train_files *f, const struct sim_pixels *pixels, int limit, struct train_set *s,
                   struct tetra_error *err) {
  struct array a;
  memset(s, 0, sizeof *s);
  if (train_photos_is_folder(f->images)) return list_photos(f, limit, s, err);
  int rc = read_array("images", f->images, &a, err);
  if (rc != TETRA_OK) return rc;
  rc = a.a.rank == 1 && strcmp(a.a.type, "u1") == 0 ? read_stack(f, &a, limit, s, err)
                                                    : read_images(f, &a, pixels->layout, limit, s, err);
  free(a.bytes);
  if (rc == TETRA_OK) rc = read_labels(f, limit, s, err);
  if (rc != TETRA_OK) train_set_free(s);
  return rc;
}

void train_set_free(struct train_set *s) {
  free(s->pixels);
  free(s->numbers);
  free(s->labels);
  train_photos_free(&s->photos);
  memset(s, 0, sizeof *s);
}

static float normalized(const struct sim_pixels *pixels, uint8_t pixel, int c) {
  return ((float)pixel / 255 - pixels->mean[c % 3]) / pixels->std[c % 3];
}

static int photo(const struct train_set *s, const struct sim_pixels *pixels, int i, const struct train_change *change,
                 float *x, struct tetra_error *err) {
  const size_t size = (size_t)s->h * (size_t)s->w * 3;
  uint8_t *rgb = malloc(size);
  if (rgb == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for a photograph of %dx%d", s->h, s->w);
  const int rc = change == NULL ? train_photos_read(&s->photos, i, s->h, rgb, err)
                                : train_photos_read_part(&s->photos, i, s->h, change->seed, change->epoch, rgb, err);
  for (size_t k = 0; rc == TETRA_OK && k < size; k++) x[k] = normalized(pixels, rgb[k], (int)(k % 3));
  free(rgb);
  return rc;
}

int train_set_image(const struct train_set *s, const struct sim_pixels *pixels, int i,
                    const struct train_change *change, float *x, struct tetra_error *err) {
  if (s->photos.n > 0) return photo(s, pixels, i, change, x, err);
  const size_t row = (size_t)s->w * (size_t)s->c, first = (size_t)i * (size_t)s->h * row;
  struct tetra_train_crop at = {0, 0, 0};
  if (change != NULL) at = tetra_train_crop_of(change->seed, change->epoch, i, change->margin);
  for (int y = 0; y < s->h; y++) {
    const int from_y = y + at.dy, inside_y = from_y >= 0 && from_y < s->h;
    for (int k = 0; k < s->w; k++) {
      const int from_x = (at.flip ? s->w - 1 - k : k) + at.dx, inside = inside_y && from_x >= 0 && from_x < s->w;
      const size_t from = inside ? first + (size_t)from_y * row + (size_t)from_x * (size_t)s->c : 0;
      for (int c = 0; c < s->c; c++) {
        if (s->numbers != NULL)
          *x++ = inside ? s->numbers[from + (size_t)c] : 0;
        else
          *x++ = normalized(pixels, inside ? s->pixels[from + (size_t)c] : 0, c);
      }
    }
  }
  return TETRA_OK;
}
