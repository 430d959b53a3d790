/* "accuracy" of a study: its keys, and whether what they name is there. A sweep comes to the images last, so that all
 * that can be known to be wrong is said before it begins, and all of it together. */
#define _POSIX_C_SOURCE 200809L
#include "files/study/images.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/image_options.h"
#include "files/json_file.h"
#include "files/source_data.h"

/* What is wrong so far, joined by "; ". */
struct wrongs {
  char text[320];
  size_t n;
};

__attribute__((format(printf, 2, 3))) static void add(struct wrongs *w, const char *format, ...) {
  va_list arguments;
  if (w->n != 0 && w->n + 3 < sizeof w->text) w->n += (size_t)snprintf(w->text + w->n, sizeof w->text - w->n, "; ");
  va_start(arguments, format);
  const int n = vsnprintf(w->text + w->n, sizeof w->text - w->n, format, arguments);
  va_end(arguments);
  w->n += n < 0 ? 0 : (size_t)n;
  if (w->n >= sizeof w->text) w->n = sizeof w->text - 1;
}

static int refuse(const char *where, const struct wrongs *w, struct tetra_error *err) {
  return w->n == 0 ? TETRA_OK : tetra_fail(err, TETRA_EINVAL, "%s: \"accuracy\": %s", where, w->text);
}

static void read_texts(const cJSON *item, struct sim_study_images *images, struct wrongs *w) {
  static const char *const keys[] = {"input", "labels", "layout", "mean", "std"};
  const char **const fields[] = {&images->input, &images->labels, &images->layout, &images->mean, &images->std};
  for (int i = 0; i < 5; i++) {
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(item, keys[i]);
    if (v == NULL) continue;
    if (cJSON_IsString(v) && v->valuestring[0] != '\0')
      *fields[i] = v->valuestring;
    else
      add(w, "\"%s\": a text is accepted%s", keys[i], i < 2 ? ", the name of a file" : ", as the option's");
  }
  if (images->input == NULL && !cJSON_HasObjectItem(item, "input")) add(w, "\"input\", images, is missing");
  if (images->labels == NULL && !cJSON_HasObjectItem(item, "labels")) add(w, "\"labels\" is missing");
}

/* Texts that are options' values mean what they mean there. */
static void check_texts(const struct sim_study_images *images, struct wrongs *w) {
  static const int options[] = {SIM_OPT_LAYOUT, SIM_OPT_MEAN, SIM_OPT_STD};
  const char *const texts[] = {images->layout, images->mean, images->std};
  for (int i = 0; i < 3; i++) {
    struct sim_pixels unused = {0};
    struct tetra_error why = {0, ""};
    int rc = TETRA_OK;
    if (texts[i] != NULL && sim_image_option(options[i], texts[i], &unused, NULL, &rc, &why) && rc != TETRA_OK)
      add(w, "%s", why.msg);
  }
}

int sim_study_images_read(const char *where, const cJSON *item, struct sim_study *s, struct tetra_error *err) {
  static const char *const keys[] = {"input", "labels", "layout", "mean", "std", "limit", NULL};
  struct wrongs w = {.n = 0};
  if (item == NULL) return TETRA_OK;
  if (!cJSON_IsObject(item)) return tetra_fail(err, TETRA_EINVAL, "%s: \"accuracy\": an object is accepted", where);
  const int rc = sim_json_keys(where, "accuracy", item, keys, err);
  if (rc != TETRA_OK) return rc;
  read_texts(item, &s->images, &w);
  check_texts(&s->images, &w);
  const cJSON *limit = cJSON_GetObjectItemCaseSensitive(item, "limit");
  if (limit != NULL && !sim_json_is_whole(limit, 1, 1e9)) add(&w, "\"limit\": a whole number in 1..1e9 is accepted");
  if (w.n != 0) return refuse(where, &w, err);
  s->images.limit = limit == NULL ? 0 : (int)limit->valuedouble;
  s->input_path = sim_study_path(s, s->images.input);
  s->labels_path = sim_study_path(s, s->images.labels);
  if (s->input_path == NULL || s->labels_path == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %s", where);
  s->images.input = s->input_path;
  s->images.labels = s->labels_path;
  return TETRA_OK;
}

/* Is it a file? A pipe cannot be read again by the next network, or the next start. */
static int is_file(const char *key, const char *path, struct wrongs *w) {
  struct stat st;
  if (stat(path, &st) != 0) {
    add(w, "\"%s\": cannot open '%s': %s", key, path, strerror(errno));
    return 0;
  }
  if (S_ISREG(st.st_mode)) return 1;
  add(w, "\"%s\": '%s' is no file", key, path);
  return 0;
}

static int has_file_network(const struct sim_study *s) {
  for (int i = 0; i < s->n_points; i++)
    if (sim_study_is_file(s, &s->points[i])) return 1;
  return 0;
}

int sim_study_images_check(const char *where, const struct sim_study *s, struct tetra_error *err) {
  struct wrongs w = {.n = 0};
  const struct sim_study_images *images = &s->images;
  struct tetra_error why = {0, ""};
  int *labels = NULL;
  if (images->input == NULL) return TETRA_OK;
  if (!sim_is_folder(images->input)) (void)is_file("input", images->input, &w);
  if (is_file("labels", images->labels, &w) &&
      sim_labels_read(images->labels, images->limit > 0 ? images->limit : 1, INT_MAX, &labels, &why) != TETRA_OK)
    add(&w, "%s", why.msg);
  free(labels);
  if (!has_file_network(s))
    add(&w, "no point has a network from a file (.onnx, .tflite); built-in ones know no images");
  return refuse(where, &w, err);
}
