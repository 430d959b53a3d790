/* Items of a .npy file, or a picture, as codes of a network's input; labels. */
#define _POSIX_C_SOURCE 200809L
#include "files/source_data.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/image_read.h"

/* Looks at the first bytes and goes back to the start. */
static int find_npy(FILE *f, const char *path, int *is_npy, struct tetra_error *err) {
  unsigned char magic[6] = {0};
  const size_t got = fread(magic, 1, sizeof magic, f);
  if (fseek(f, 0, SEEK_SET) != 0) {
    return tetra_fail(err, TETRA_EIO, "cannot go back to the start of input '%s': %s; a file is accepted, no pipe",
                      path, strerror(errno));
  }
  *is_npy = got == sizeof magic && memcmp(magic, "\x93NUMPY", 6) == 0;
  return TETRA_OK;
}

/* Do the array's last three dimensions fit? Channels last, as our own files are, where both orders do. */
static int match_shape(struct sim_data *s, const struct tetra_desc *d, enum sim_layout layout) {
  const uint64_t *t = s->a.dims + (s->a.rank - 3);
  const uint64_t h = (uint64_t)d->h, w = (uint64_t)d->w, c = (uint64_t)d->c;
  const int last = t[0] == h && t[1] == w && t[2] == c && layout != SIM_LAYOUT_NCHW;
  const int first = t[0] == c && t[1] == h && t[2] == w && layout != SIM_LAYOUT_NHWC;
  s->nchw = !last;
  s->either = first && last && h * w > 1 && c > 1;
  return first || last;
}

/* [n][c] is [n][1][1][c] for a network that reads vectors. */
static void match_vectors(struct tetra_npy *a, const struct tetra_desc *d) {
  if (a->rank != 2 || d->h != 1 || d->w != 1 || a->dims[1] != (uint64_t)d->c) return;
  a->rank = 4;
  a->dims[3] = a->dims[1];
  a->dims[1] = a->dims[2] = 1;
}

/* "[8][32][32][3]" of the array as its file has it. */
static void shape_text(const struct tetra_npy *a, char *text, size_t room) {
  size_t used = 0;
  snprintf(text, room, "a single number");
  for (int i = 0; i < a->rank && used < room; i++) {
    const int more = snprintf(text + used, room - used, "[%llu]", (unsigned long long)a->dims[i]);
    used += more > 0 ? (size_t)more : 0;
  }
}

static int refuse_shape(const struct sim_data *s, const struct tetra_desc *d, enum sim_layout layout,
                        struct tetra_error *err) {
  char is[96];
  shape_text(&s->a, is, sizeof is);
  if (layout == SIM_LAYOUT_NCHW)
    return tetra_fail(err, TETRA_EINVAL, "input '%s', %s, does not have the shape of --layout nchw, [n][%d][%d][%d]",
                      s->path, is, d->c, d->h, d->w);
  return tetra_fail(err, TETRA_EINVAL, "input '%s', %s, does not have the shape %s, [n][%d][%d][%d]", s->path, is,
                    layout == SIM_LAYOUT_NHWC ? "of --layout nhwc" : "that the network reads", d->h, d->w, d->c);
}

static int open_array(struct sim_data *s, const struct tetra_desc *d, enum sim_layout layout, struct tetra_error *err) {
  const char *what = sim_npy_read_header(s->f, &s->a);
  if (what != NULL) return tetra_fail(err, TETRA_EINVAL, "input '%s' %s", s->path, what);
  if (strcmp(s->a.type, "u1") != 0 && strcmp(s->a.type, "i1") != 0 && strcmp(s->a.type, "f4") != 0) {
    return tetra_fail(err, TETRA_EINVAL, "input '%s' is of type %s; u1, i1 and f4 are accepted", s->path, s->a.type);
  }
  match_vectors(&s->a, d);
  if (s->a.rank < 3 || !match_shape(s, d, layout)) return refuse_shape(s, d, layout, err);
  const uint64_t n = s->a.rank == 4 ? s->a.dims[0] : 1;
  if (n < 1 || n > INT_MAX) return tetra_fail(err, TETRA_EINVAL, "input '%s' holds no images", s->path);
  s->n = (int)n;
  s->start = ftell(s->f);
  s->item_bytes = (size_t)d->h * (size_t)d->w * (size_t)d->c * (size_t)s->a.item_bytes;
  s->item = malloc(s->item_bytes);
  return s->item != NULL ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for an item of '%s'", s->path);
}

/* A picture as an item. */
static int read_picture(struct sim_data *s, const char *path, int side, struct tetra_error *err) {
  struct sim_image whole;
  int rc = sim_image_read(path, &whole, err);
  if (rc == TETRA_OK && whole.n != 1)
    rc = tetra_fail(err, TETRA_EINVAL, "'%s' holds %d pictures; one is accepted", path, whole.n);
  if (rc == TETRA_OK) rc = sim_image_fit(&whole, 0, side, s->item, err);
  sim_image_free(&whole);
  return rc;
}

/* One picture, or a folder of them, each of which is read when it is wanted. */
static int open_pictures(struct sim_data *s, const struct tetra_desc *d, int is_folder, struct tetra_error *err) {
  if (d->c != 3 || d->h != d->w)
    return tetra_fail(err, TETRA_EINVAL, "'%s' is a %s; the network reads %dx%dx%d, which only a .npy file can give",
                      s->path, is_folder ? "folder of pictures" : "picture", d->h, d->w, d->c);
  s->side = d->h;
  s->item_bytes = (size_t)d->h * (size_t)d->w * 3;
  s->item = malloc(s->item_bytes);
  if (s->item == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for '%s'", s->path);
  memcpy(s->a.type, "u1", 3);
  s->a.item_bytes = 1;
  s->n = 1;
  if (!is_folder) return read_picture(s, s->path, s->side, err);
  const int rc = sim_picture_folder_list(s->path, &s->folder, err);
  s->n = s->folder.n;
  return rc;
}

/* Either order gives an answer, and only one of them is right. */
static void say_layout(const struct sim_data *s, const struct sim_notes *notes) {
  char text[512];
  if (notes->line == NULL) return;
  snprintf(text, sizeof text,
           "input '%.300s' may be [n][h][w][c] or [n][c][h][w]; taken as the first; --layout says which", s->path);
  notes->line(notes->arg, text);
}

static int refuse_layout(const struct sim_data *s, struct tetra_error *err) {
  return tetra_fail(err, TETRA_EINVAL,
                    "--layout is accepted together with a .npy only: '%s' is a picture, whose "
                    "order is known",
                    s->path);
}

static int open_folder(struct sim_data *s, const struct tetra_desc *d, enum sim_layout layout,
                       struct tetra_error *err) {
  const int rc = layout == SIM_LAYOUT_ANY ? open_pictures(s, d, 1, err) : refuse_layout(s, err);
  if (rc != TETRA_OK) sim_data_close(s);
  return rc;
}

int sim_data_open(struct sim_data *s, const char *path, const struct tetra_desc *d, enum sim_layout layout,
                  const struct sim_notes *notes, struct tetra_error *err) {
  struct stat st;
  memset(s, 0, sizeof *s);
  s->path = path;
  if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode))
    return tetra_fail(err, TETRA_EINVAL, "input '%s' is a pipe; a file is accepted", path);
  if (sim_is_folder(path)) return open_folder(s, d, layout, err);
  s->f = fopen(path, "rb");
  if (s->f == NULL) return tetra_fail(err, TETRA_EIO, "cannot open input '%s': %s", path, strerror(errno));
  int is_npy = 0, rc = find_npy(s->f, path, &is_npy, err);
  if (rc == TETRA_OK && is_npy) {
    rc = open_array(s, d, layout, err);
    if (rc == TETRA_OK && s->either) say_layout(s, notes);
  } else if (rc == TETRA_OK) {
    fclose(s->f);
    s->f = NULL;
    rc = layout == SIM_LAYOUT_ANY ? open_pictures(s, d, 0, err) : refuse_layout(s, err);
  }
  if (rc != TETRA_OK) sim_data_close(s);
  return rc;
}

void sim_data_close(struct sim_data *s) {
  if (s->f != NULL) fclose(s->f);
  free(s->item);
  sim_picture_folder_free(&s->folder);
  memset(s, 0, sizeof *s);
}

/* By position, not by the stream's own: processes that were forked share that one. */
int sim_data_read(struct sim_data *s, int i, struct tetra_error *err) {
  if (s->folder.n != 0) return read_picture(s, s->folder.paths[i], s->side, err);
  if (s->f == NULL) return TETRA_OK;
  size_t got = 0;
  while (got < s->item_bytes) {
    const off_t at = (off_t)s->start + (off_t)((size_t)i * s->item_bytes + got);
    const ssize_t n = pread(fileno(s->f), s->item + got, s->item_bytes - got, at);
    if (n <= 0) break;
    got += (size_t)n;
  }
  if (got == s->item_bytes) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "input '%s' ends before its image %d does", s->path, i);
}

/* The conversion of one number. */
struct conversion {
  int bytes_shift; /* uint8 as codes: added to them */
  int quantized;   /* otherwise: real numbers, which the model quantizes */
  const struct tetra_desc *d;
  const struct tetra_model *m;
};

static struct conversion conversion(const struct sim_pixels *pixels, const struct tetra_model *m,
                                    const struct tetra_desc *d) {
  return (struct conversion){
      .bytes_shift = tetra_fmt_min(d->fmt), .quantized = m->input_is_float || pixels->normalize, .d = d, .m = m};
}

enum { kRun = 256 }; /* numbers that are converted at once */

/* The codes of n numbers of the file's type in channel c; what is in x[] is used up. */
static void codes_of(const struct conversion *v, char type, const struct sim_pixels *pixels, int c, int n, float *x,
                     int *codes) {
  if (type == 'i' || (type == 'u' && !v->quantized)) {
    const int shift = type == 'u' ? v->bytes_shift : 0;
    for (int i = 0; i < n; i++) codes[i] = (int)x[i] + shift;
    return;
  }
  if (type == 'u')
    for (int i = 0; i < n; i++) x[i] = (x[i] / 255 - pixels->mean[c % 3]) / pixels->std[c % 3];
  tetra_input_codes(v->m, v->d, c, n, x, codes);
}

/* n numbers of the item, from number `first` on, each `step` numbers behind the one before. */
static void numbers(const struct sim_data *s, size_t first, size_t step, int n, float *x) {
  const uint8_t *from = s->item + first * (size_t)s->a.item_bytes;
  step *= (size_t)s->a.item_bytes;
  if (s->a.type[0] == 'f')
    for (int i = 0; i < n; i++) memcpy(&x[i], from + (size_t)i * step, sizeof *x);
  else if (s->a.type[0] == 'i')
    for (int i = 0; i < n; i++) x[i] = (float)(int8_t)from[(size_t)i * step];
  else
    for (int i = 0; i < n; i++) x[i] = (float)from[(size_t)i * step];
}

double sim_data_number(const struct sim_data *s, size_t i) {
  float x;
  numbers(s, i, 0, 1, &x);
  return (double)x;
}

int sim_data_code(const struct sim_data *s, const struct sim_pixels *pixels, const struct tetra_model *m, double x,
                  int c) {
  const struct conversion v = conversion(pixels, m, &m->graph.values[m->graph.input].d);
  float number = (float)x;
  int code;
  codes_of(&v, s->a.type[0], pixels, c, 1, &number, &code);
  return code;
}

size_t sim_data_place(const struct sim_data *s, const struct tetra_desc *d, size_t pixel, size_t c) {
  const size_t plane = (size_t)d->h * (size_t)d->w;
  return s->nchw ? c * plane + pixel : pixel * (size_t)d->c + c;
}

static int check_codes(const struct sim_data *s, const struct conversion *v, enum tetra_fmt fmt,
                       struct tetra_error *err) {
  const int is_codes = s->a.type[0] == 'i' || (s->a.type[0] == 'u' && !v->quantized);
  if (!is_codes || (tetra_fmt_bits(fmt) == 8 && (s->a.type[0] == 'u' || tetra_fmt_signed(fmt)))) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "input '%s' of type %s cannot be codes of the network's %s input", s->path,
                    s->a.type, tetra_fmt_name(fmt));
}

int sim_data_check_codes(const struct sim_data *s, const struct sim_pixels *pixels, const struct tetra_model *m,
                         struct tetra_error *err) {
  const struct tetra_desc *d = &m->graph.values[m->graph.input].d;
  const struct conversion v = conversion(pixels, m, d);
  return check_codes(s, &v, d->fmt, err);
}

static int check_finite(const struct sim_data *s, int image, const float *x, int n, struct tetra_error *err) {
  for (int i = 0; i < n; i++)
    if (!isfinite(x[i]))
      return tetra_fail(err, TETRA_EINVAL, "input '%s': image %d holds %g; finite numbers are accepted", s->path, image,
                        (double)x[i]);
  return TETRA_OK;
}

int sim_data_fill(struct sim_data *s, int i, const struct sim_options *o, const struct tetra_model *m,
                  struct tetra_tensor *t, int slot, struct tetra_error *err) {
  const struct tetra_desc *d = &t->d;
  const struct conversion v = conversion(&o->pixels, m, d);
  int rc = check_codes(s, &v, d->fmt, err);
  if (rc == TETRA_OK) rc = sim_data_read(s, i, err);
  const size_t plane = (size_t)d->h * (size_t)d->w, step = s->nchw ? 1 : (size_t)d->c;
  for (int c = 0; rc == TETRA_OK && c < d->c; c++) {
    for (size_t p = 0; rc == TETRA_OK && p < plane; p += kRun) {
      float x[kRun];
      int codes[kRun];
      const int n = plane - p < kRun ? (int)(plane - p) : kRun;
      numbers(s, sim_data_place(s, d, p, (size_t)c), step, n, x);
      rc = check_finite(s, i, x, n, err);
      if (rc != TETRA_OK) break;
      codes_of(&v, s->a.type[0], &o->pixels, c, n, x, codes);
      tetra_tensor_set_pixels(t, slot, p, n, c, codes);
    }
  }
  return rc;
}

static int64_t integer(const uint8_t *p, const struct tetra_npy *a) {
  uint64_t v = 0;
  for (int k = 0; k < a->item_bytes; k++) v |= (uint64_t)p[k] << (8 * k);
  const int unused = 64 - 8 * a->item_bytes;
  if (a->type[0] == 'u' || unused == 0) return (int64_t)v;
  return (int64_t)(v << unused) >> unused;
}

static int read_labels(FILE *f, const char *path, int needed, int classes, int *labels, struct tetra_error *err) {
  struct tetra_npy a;
  const char *what = sim_npy_read_header(f, &a);
  if (what != NULL) return tetra_fail(err, TETRA_EINVAL, "labels '%s' %s", path, what);
  if (a.type[0] == 'f' || a.rank < 1 || a.rank > 2 || (a.rank == 2 && a.dims[1] != 1)) {
    return tetra_fail(err, TETRA_EINVAL, "labels '%s' are not a list of integers", path);
  }
  if (a.dims[0] < (uint64_t)needed) {
    return tetra_fail(err, TETRA_EINVAL, "labels '%s' has %llu of the %d labels that are needed", path,
                      (unsigned long long)a.dims[0], needed);
  }
  for (int i = 0; i < needed; i++) {
    uint8_t item[8];
    if (fread(item, (size_t)a.item_bytes, 1, f) != 1) {
      return tetra_fail(err, TETRA_EINVAL, "labels '%s' ends before its label %d", path, i);
    }
    const int64_t v = integer(item, &a);
    if (v < 0 || v >= classes)
      return tetra_fail(err, TETRA_EINVAL, "labels '%s': label %d is %lld; the network's classes, 0..%d, are accepted",
                        path, i, (long long)v, classes - 1);
    labels[i] = (int)v;
  }
  return TETRA_OK;
}

int sim_labels_read(const char *path, int needed, int classes, int **labels, struct tetra_error *err) {
  *labels = NULL;
  FILE *f = fopen(path, "rb");
  if (f == NULL) return tetra_fail(err, TETRA_EIO, "cannot open labels '%s': %s", path, strerror(errno));
  int *list = malloc((size_t)needed * sizeof *list);
  const int rc = list == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for labels")
                              : read_labels(f, path, needed, classes, list, err);
  fclose(f);
  if (rc == TETRA_OK) {
    *labels = list;
  } else {
    free(list);
  }
  return rc;
}
