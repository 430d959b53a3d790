/* Reads studies: keys, what is recorded, samples, and then the points. */
#define _POSIX_C_SOURCE 200809L
#include "files/study/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/spelling.h"
#include "files/json_file.h"
#include "files/source.h"
#include "files/study/images.h"
#include "files/study/points.h"
#include "files/study/values.h"

/* A text is a list of one, as a value of an axis is. */
static int add_text_list(const char *where, const cJSON *item, const char *key, const char **texts, int most, int *n,
                         struct tetra_error *err) {
  if (item == NULL) return TETRA_OK;
  if (cJSON_IsString(item)) {
    texts[(*n)++] = item->valuestring;
    return TETRA_OK;
  }
  if (!cJSON_IsArray(item))
    return tetra_fail(err, TETRA_EINVAL, "%s: \"%s\": a text, or a list of texts, is accepted", where, key);
  for (const cJSON *c = item->child; c != NULL; c = c->next) {
    if (!cJSON_IsString(c) || *n == most)
      return tetra_fail(err, TETRA_EINVAL, "%s: \"%s\": a list of at most %d texts is accepted", where, key, most);
    texts[(*n)++] = c->valuestring;
  }
  return TETRA_OK;
}

static int read_record(const char *where, const cJSON *item, struct sim_study *s, struct tetra_error *err) {
  static const char *const names[] = {"bytes", "stalls", "utilization", "energy", "layers", "cycles"};
  const char *texts[8];
  int n = 0;
  s->figures = SIM_FIGURES_BYTES | SIM_FIGURES_STALLS | SIM_FIGURES_UTILIZATION | SIM_FIGURES_ENERGY;
  if (item == NULL) return TETRA_OK;
  int rc = add_text_list(where, item, "record", texts, 8, &n, err);
  s->figures = 0;
  for (int i = 0; i < n && rc == TETRA_OK; i++) {
    unsigned k = 0;
    while (k < 6 && strcmp(names[k], texts[i]) != 0) k++;
    if (k == 6)
      rc = tetra_fail(err, TETRA_EINVAL,
                      "%s: \"record\": '%.40s' is not accepted; cycles (always), bytes, stalls, "
                      "utilization, energy and layers are",
                      where, texts[i]);
    else if (k < 5)
      s->figures |= 1u << k;
  }
  return rc;
}

static int read_energy(const char *where, const cJSON *item, struct sim_study *s, struct tetra_error *err) {
  static const char *const keys[] = {"multiply", "dram-byte", "busy-cycle", "cycle", NULL};
  double *const fields[] = {&s->energy.multiply, &s->energy.dram_byte, &s->energy.busy_cycle, &s->energy.cycle};
  if (item == NULL) {
    s->figures &= ~(unsigned)SIM_FIGURES_ENERGY;
    return TETRA_OK;
  }
  if (!cJSON_IsObject(item)) return tetra_fail(err, TETRA_EINVAL, "%s: \"energy\": an object is accepted", where);
  const int rc = sim_json_keys(where, "energy", item, keys, err);
  for (int i = 0; rc == TETRA_OK && keys[i] != NULL; i++) {
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(item, keys[i]);
    if (v == NULL) continue;
    if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0 && v->valuedouble <= 1e9))
      return tetra_fail(err, TETRA_EINVAL, "%s: \"energy\": \"%s\": picojoules in 0..1e9 are accepted", where, keys[i]);
    *fields[i] = v->valuedouble;
  }
  return rc;
}

static int read_sample(const char *where, const cJSON *item, struct sim_sample *sample, struct tetra_error *err) {
  static const char *const keys[] = {"method", "count", "seed", NULL};
  *sample = (struct sim_sample){.method = SIM_SAMPLE_ALL, .seed = 1};
  if (item == NULL) return TETRA_OK;
  if (!cJSON_IsObject(item)) return tetra_fail(err, TETRA_EINVAL, "%s: \"sample\": an object is accepted", where);
  const int rc = sim_json_keys(where, "sample", item, keys, err);
  if (rc != TETRA_OK) return rc;
  const cJSON *method = cJSON_GetObjectItemCaseSensitive(item, "method");
  const cJSON *count = cJSON_GetObjectItemCaseSensitive(item, "count");
  const cJSON *seed = cJSON_GetObjectItemCaseSensitive(item, "seed");
  const char *name = cJSON_IsString(method) ? method->valuestring : "";
  if (strcmp(name, "random") == 0) sample->method = SIM_SAMPLE_RANDOM;
  if (strcmp(name, "latin-hypercube") == 0) sample->method = SIM_SAMPLE_LATIN;
  if (sample->method == SIM_SAMPLE_ALL)
    return tetra_fail(err, TETRA_EINVAL, "%s: \"sample\": \"method\": \"random\" or \"latin-hypercube\" is accepted",
                      where);
  if (!sim_json_is_whole(count, 1, SIM_STUDY_POINTS))
    return tetra_fail(err, TETRA_EINVAL, "%s: \"sample\": \"count\": a whole number in 1..%d is accepted", where,
                      SIM_STUDY_POINTS);
  if (seed != NULL && !sim_json_is_whole(seed, 0, 9007199254740992.0))
    return tetra_fail(err, TETRA_EINVAL, "%s: \"sample\": \"seed\": a whole number in 0..2^53 is accepted", where);
  sample->count = (int)count->valuedouble;
  if (seed != NULL) sample->seed = (uint64_t)seed->valuedouble;
  return TETRA_OK;
}

static void free_values(struct sim_values values[SIM_AXES]) {
  for (int a = 0; a < SIM_AXES; a++) free(values[a].v);
}

static int read_all_values(const char *where, const cJSON *object, struct sim_study *s,
                           struct sim_values values[SIM_AXES], struct tetra_error *err) {
  int rc = TETRA_OK;
  for (int a = 0; a < SIM_AXES && rc == TETRA_OK; a++)
    rc = sim_values_read(where, object, (enum sim_axis)a, s, &values[a], err);
  return rc;
}

/* "precision" has a usual value, which is a name. */
static int name_usual(struct sim_study *s, struct sim_values *v) {
  struct tetra_network_options usual;
  if (v->v[0] >= 0) return 1;
  tetra_network_defaults(&usual);
  const char *name = tetra_precision_name(usual.precision);
  int i = 0;
  while (i < s->n_names[SIM_AXIS_PRECISION] && strcmp(s->names[SIM_AXIS_PRECISION][i], name) != 0) i++;
  if (i == SIM_STUDY_NAMES) return 0;
  if (i == s->n_names[SIM_AXIS_PRECISION]) s->names[SIM_AXIS_PRECISION][s->n_names[SIM_AXIS_PRECISION]++] = name;
  v->v[0] = i;
  return 1;
}

/* A network of the built-in ones, or of a file that is not looked into, has the usual batch. */
static void find_batches(struct sim_study *s) {
  for (int i = 0; i < s->n_names[SIM_AXIS_NETWORK]; i++) {
    if (s->batches[i] != 0) continue;
    const char *name = s->names[SIM_AXIS_NETWORK][i];
    char *path = s->batch_of == NULL || strchr(name, '.') == NULL ? NULL : sim_study_path(s, name);
    s->batches[i] = path == NULL ? 1 : s->batch_of(path);
    free(path);
  }
}

static int add_object(const char *where, const cJSON *object, struct sim_study *s, const struct sim_sample *sample,
                      long long most, struct sim_point_set *set, struct tetra_error *err) {
  struct sim_values values[SIM_AXES] = {{NULL, 0}};
  int rc = read_all_values(where, object, s, values, err);
  if (rc == TETRA_OK && !name_usual(s, &values[SIM_AXIS_PRECISION]))
    rc = tetra_fail(err, TETRA_EINVAL, "%s: too many precisions", where);
  if (rc == TETRA_OK) find_batches(s);
  if (rc == TETRA_OK) rc = sim_points_product(set, s, where, values, sample, most, &s->n_drawn, err);
  free_values(values);
  return rc;
}

/* Points that are named one by one: each is an object of axes, too. */
static int add_points(const char *where, const cJSON *list, struct sim_study *s, long long most,
                      struct sim_point_set *set, struct tetra_error *err) {
  const struct sim_sample all = {.method = SIM_SAMPLE_ALL};
  const char *keys[SIM_AXES + 1] = {NULL};
  long long drawn = s->n_drawn, looked_at = 0;
  for (int a = 0; a < SIM_AXES; a++) keys[a] = sim_axes[a].key;
  if (list == NULL) return TETRA_OK;
  if (!cJSON_IsArray(list))
    return tetra_fail(err, TETRA_EINVAL, "%s: \"points\": a list of objects is accepted", where);
  if (list->child == NULL)
    return tetra_fail(err, TETRA_EINVAL, "%s: \"points\" is an empty list; objects of axes are accepted in it", where);
  int rc = TETRA_OK;
  for (const cJSON *c = list->child; c != NULL && rc == TETRA_OK; c = c->next) {
    if (!cJSON_IsObject(c) || cJSON_GetObjectItemCaseSensitive(c, "network") == NULL)
      return tetra_fail(err, TETRA_EINVAL, "%s: \"points\": objects with a \"network\" each are accepted", where);
    if (++looked_at > SIM_STUDY_POINTS)
      return tetra_fail(err, TETRA_EINVAL, "%s: \"points\": more than %d", where, SIM_STUDY_POINTS);
    rc = sim_json_keys(where, "points", c, keys, err);
    if (rc == TETRA_OK) rc = add_object(where, c, s, &all, most, set, err);
  }
  s->n_drawn = drawn;
  return rc;
}

/* Every key is known, and there once. A study has more keys than a message has room for. */
static int check_keys(const char *path, const char *where, const cJSON *root, struct tetra_error *err) {
  static const char *const others[] = {"name", "points", "constraints", "sample", "record", "energy", "accuracy"};
  const char *keys[SIM_AXES + sizeof others / sizeof *others];
  const int n = (int)(sizeof keys / sizeof *keys);
  for (int k = 0; k < n; k++) keys[k] = k < SIM_AXES ? sim_axes[k].key : others[k - SIM_AXES];
  for (const cJSON *c = root->child; c != NULL; c = c->next) {
    struct sim_nearest near = {NULL, 0};
    int k = 0;
    while (k < n && strcmp(keys[k], c->string) != 0) k++;
    if (k < n) continue;
    for (k = 0; k < n; k++) sim_nearest_offer(&near, c->string, (int)strlen(c->string), keys[k]);
    return tetra_fail(err, TETRA_EINVAL,
                      "%s: unknown key \"%.60s\"; %s%s%saxes (\"network\", \"array\", ...), \"points\", "
                      "\"constraints\", \"sample\", \"record\", \"energy\", \"accuracy\" and \"name\" are accepted",
                      where, c->string, near.name == NULL ? "" : "did you mean \"", near.name == NULL ? "" : near.name,
                      near.name == NULL ? "" : "\"? ");
  }
  return sim_json_unique("study", path, root, err);
}

static int read_points(const char *where, struct sim_study *s, long long most, struct sim_point_set *set,
                       struct tetra_error *err) {
  const cJSON *root = s->json, *points = cJSON_GetObjectItemCaseSensitive(root, "points");
  struct sim_sample sample;
  int rc = read_sample(where, cJSON_GetObjectItemCaseSensitive(root, "sample"), &sample, err);
  const int has_product = cJSON_GetObjectItemCaseSensitive(root, "network") != NULL;
  if (rc == TETRA_OK && !has_product && points == NULL)
    rc = tetra_fail(err, TETRA_EINVAL, "%s: \"network\" or \"points\" is missing", where);
  if (rc == TETRA_OK && has_product) rc = add_object(where, root, s, &sample, most, set, err);
  if (rc == TETRA_OK) rc = add_points(where, points, s, most, set, err);
  if (rc == TETRA_OK && set->n == 0) rc = tetra_fail(err, TETRA_EINVAL, "%s: no point meets the constraints", where);
  return rc;
}

static int read_all(const char *path, const char *where, long long most, struct sim_study *s, struct tetra_error *err) {
  const cJSON *root = s->json;
  struct sim_point_set set = {.points = NULL};
  const cJSON *name = cJSON_GetObjectItemCaseSensitive(root, "name");
  int rc = check_keys(path, where, root, err);
  if (rc == TETRA_OK && name != NULL && !cJSON_IsString(name))
    rc = tetra_fail(err, TETRA_EINVAL, "%s: \"name\": a text is accepted", where);
  if (rc == TETRA_OK) rc = read_record(where, cJSON_GetObjectItemCaseSensitive(root, "record"), s, err);
  if (rc == TETRA_OK) rc = read_energy(where, cJSON_GetObjectItemCaseSensitive(root, "energy"), s, err);
  if (rc == TETRA_OK) rc = sim_study_images_read(where, cJSON_GetObjectItemCaseSensitive(root, "accuracy"), s, err);
  if (rc == TETRA_OK)
    rc = add_text_list(where, cJSON_GetObjectItemCaseSensitive(root, "constraints"), "constraints", s->constraints,
                       SIM_STUDY_CONSTRAINTS, &s->n_constraints, err);
  if (rc == TETRA_OK) rc = read_points(where, s, most, &set, err);
  if (rc == TETRA_OK) {
    s->points = set.points;
    s->n_points = set.n;
    s->n_excluded = set.n_excluded;
    s->n_equal = set.n_equal;
    set.points = NULL;
  }
  sim_points_free(&set);
  return rc;
}

static int begin(const char *path, struct sim_study *s, struct tetra_error *err) {
  const char *slash = strrchr(path, '/');
  s->folder = slash == NULL ? strdup("") : strndup(path, (size_t)(slash + 1 - path));
  s->batches = calloc(SIM_STUDY_NAMES, sizeof *s->batches);
  int missing = s->folder == NULL || s->batches == NULL;
  for (int a = 0; a < SIM_AXES; a++) {
    if (sim_axes[a].kind != SIM_AXIS_NAME) continue;
    s->names[a] = calloc(SIM_STUDY_NAMES, sizeof *s->names[a]);
    missing |= s->names[a] == NULL;
  }
  return missing ? tetra_fail(err, TETRA_ENOMEM, "no memory for study '%s'", path) : TETRA_OK;
}

/* Messages are one line, whatever text of the study they repeat. */
static void flatten(struct tetra_error *err) {
  for (char *c = err == NULL ? NULL : err->msg; c != NULL && *c != '\0'; c++)
    if ((unsigned char)*c < ' ') *c = '?';
}

/* With s->json. `looks` into the files that it names, too. */
static int finish(const char *path, long long most, int looks, struct sim_study *s, struct tetra_error *err) {
  char where[140];
  snprintf(where, sizeof where, "study '%.120s'", path);
  s->batch_of = looks ? sim_source_fixed_batch : NULL;
  int rc = begin(path, s, err);
  if (rc == TETRA_OK) rc = read_all(path, where, most, s, err);
  if (rc == TETRA_OK && looks) rc = sim_study_images_check(where, s, err);
  if (rc == TETRA_OK) return rc;
  flatten(err);
  sim_study_free(s);
  return rc;
}

int sim_study_parse(const char *path, const char *text, size_t size, long long most, struct sim_study *s,
                    struct tetra_error *err) {
  memset(s, 0, sizeof *s);
  const int rc = sim_json_parse("study", path, text, size, &s->json, err);
  return rc == TETRA_OK ? finish(path, most, 0, s, err) : rc;
}

/* Every rank reads it, and whoever goes on with the sweep does so again: a pipe gives it once, and to open one that
 * nobody writes waits for ever. */
static int check_kind(const char *path, struct tetra_error *err) {
  struct stat st;
  if (stat(path, &st) != 0 || S_ISREG(st.st_mode)) return TETRA_OK; /* what is not there, the reader says */
  return tetra_fail(err, TETRA_EINVAL, "study '%s' is a %s; a file is accepted", path,
                    S_ISDIR(st.st_mode) ? "folder" : "pipe or device");
}

int sim_study_read(const char *path, long long most, struct sim_study *s, struct tetra_error *err) {
  memset(s, 0, sizeof *s);
  int rc = check_kind(path, err);
  if (rc == TETRA_OK) rc = sim_json_read("study", path, &s->json, err);
  return rc == TETRA_OK ? finish(path, most, 1, s, err) : rc;
}

void sim_study_free(struct sim_study *s) {
  cJSON_Delete(s->json);
  for (int a = 0; a < SIM_AXES; a++) free(s->names[a]);
  free(s->folder);
  free(s->batches);
  free(s->input_path);
  free(s->labels_path);
  free(s->points);
  memset(s, 0, sizeof *s);
}
