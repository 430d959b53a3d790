/* What `./sim quantize` reads: the network's bytes, the calibration images. */
#include "commands/quantize/read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "files/source_data.h"

int quantize_read(const char *path, struct quantize_file *f, struct tetra_error *err) {
  return tetra_import_read(path, &f->bytes, &f->size, err);
}

static float real_value(const struct sim_data *s, const struct sim_pixels *pixels, size_t i, size_t c) {
  float x;
  if (s->a.type[0] == 'u') return ((float)s->item[i] / 255 - pixels->mean[c % 3]) / pixels->std[c % 3];
  memcpy(&x, s->item + 4 * i, 4);
  return x;
}

static int read_items(struct sim_data *s, const struct sim_pixels *pixels, struct quantize_images *images,
                      struct tetra_error *err) {
  const size_t plane = (size_t)images->h * (size_t)images->w, channels = (size_t)images->c;
  float *to = images->x;
  for (int i = 0; i < images->n; i++) {
    const int rc = sim_data_read(s, i, err);
    if (rc != TETRA_OK) return rc;
    for (size_t p = 0; p < plane; p++) {
      for (size_t c = 0; c < channels; c++, to++) {
        *to = real_value(s, pixels, s->nchw ? c * plane + p : p * channels + c, c);
        if (!isfinite(*to)) {
          return tetra_fail(err, TETRA_EINVAL, "input '%s': image %d holds %g; finite numbers are accepted", s->path, i,
                            (double)*to);
        }
      }
    }
  }
  return TETRA_OK;
}

static int read_open(struct sim_data *s, const struct quantize_options *o, struct quantize_images *images,
                     struct tetra_error *err) {
  if (s->a.type[0] == 'i') {
    return tetra_fail(err, TETRA_EINVAL, "input '%s' is of type %s; u1 pixels and f4 are accepted", s->path, s->a.type);
  }
  images->available = s->n;
  images->n = s->n < o->limit ? s->n : o->limit;
  images->are_pixels = s->a.type[0] == 'u';
  const size_t item = (size_t)images->h * (size_t)images->w * (size_t)images->c * sizeof *images->x;
  if ((size_t)images->n <= SIZE_MAX / item) images->x = malloc((size_t)images->n * item);
  if (images->x == NULL)
    return tetra_fail(err, TETRA_ENOMEM, "no memory for %d images; --limit takes fewer", images->n);
  return read_items(s, &o->pixels, images, err);
}

int quantize_images_read(const struct quantize_options *o, int h, int w, int c, struct quantize_images *images,
                         struct tetra_error *err) {
  const struct tetra_desc d = {.n = 1, .h = h, .w = w, .c = c};
  const struct sim_notes notes = {sim_note, NULL};
  struct sim_data s;
  *images = (struct quantize_images){.h = h, .w = w, .c = c};
  int rc = sim_data_open(&s, o->calibrate, &d, o->pixels.layout, &notes, err);
  if (rc != TETRA_OK) return rc;
  rc = read_open(&s, o, images, err);
  sim_data_close(&s);
  if (rc == TETRA_OK) return rc;
  free(images->x);
  images->x = NULL;
  return rc;
}
