/* Values of axes: names, numbers, lists and ranges of numbers. */
#include "files/study/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/parse.h"
#include "files/json_file.h"

/* Is it a name that the axis may have? */
static int check_name(const char *where, enum sim_axis axis, const char *text, struct tetra_error *err) {
  enum tetra_precision unused;
  struct tetra_error why;
  char list[200];
  int printable = 1;
  for (const char *c = text; *c != '\0'; c++) printable &= (unsigned char)*c >= ' ';
  if (strlen(text) > 200 || text[0] == '\0' || !printable)
    return tetra_fail(err, TETRA_EINVAL, "%s: \"%s\" '%.40s': a name of 1 to 200 printable characters is accepted",
                      where, sim_axes[axis].key, text);
  if (axis == SIM_AXIS_BITS) return TETRA_OK;
  if (axis == SIM_AXIS_PRECISION) {
    if (sim_parse_precision(text, &unused, &why) == TETRA_OK) return TETRA_OK;
    return tetra_fail(err, TETRA_EINVAL, "%s: \"precision\" '%.40s' is not accepted; %s are", where, text,
                      TETRA_PRECISION_NAMES);
  }
  for (int i = 0; tetra_network_name(i) != NULL; i++) {
    if (strcmp(tetra_network_name(i), text) == 0) return TETRA_OK;
  }
  const size_t n = strlen(text);
  if ((n > 5 && strcmp(text + n - 5, ".onnx") == 0) || (n > 7 && strcmp(text + n - 7, ".tflite") == 0)) return TETRA_OK;
  sim_join_names(tetra_network_name, list, sizeof list);
  return tetra_fail(err, TETRA_EINVAL,
                    "%s: \"network\" '%.60s' is not accepted; %s and names of .onnx and .tflite files are", where, text,
                    list);
}

/* The number of a text among the axis' names, which grow by it. */
static int name_value(const char *where, enum sim_axis axis, const cJSON *item, struct sim_study *s, double *v,
                      struct tetra_error *err) {
  if (!cJSON_IsString(item))
    return tetra_fail(err, TETRA_EINVAL, "%s: \"%s\": a text, or a list of texts, is accepted", where,
                      sim_axes[axis].key);
  const int rc = check_name(where, axis, item->valuestring, err);
  if (rc != TETRA_OK) return rc;
  int i = 0;
  while (i < s->n_names[axis] && strcmp(s->names[axis][i], item->valuestring) != 0) i++;
  if (i == SIM_STUDY_NAMES)
    return tetra_fail(err, TETRA_EINVAL, "%s: \"%s\": more than %d names", where, sim_axes[axis].key, SIM_STUDY_NAMES);
  if (i == s->n_names[axis]) s->names[axis][s->n_names[axis]++] = item->valuestring;
  *v = i;
  return TETRA_OK;
}

static int is_value(const struct sim_axis_row *a, double v) {
  if (!(v >= a->least && v <= a->most)) return 0;
  if (a->kind == SIM_AXIS_REAL) return 1;
  if (v != floor(v)) return 0;
  const unsigned long whole = (unsigned long)v;
  return a->kind != SIM_AXIS_POWER || (whole & (whole - 1)) == 0;
}

static int refuse_number(const char *where, const struct sim_axis_row *a, struct tetra_error *err) {
  static const char *const kinds[] = {"", "whole number", "power of two", "number"};
  return tetra_fail(err, TETRA_EINVAL,
                    "%s: \"%s\": a %s in %g..%g, a list of them, or {\"from\": A, \"to\": B, \"times\": "
                    "2} (or \"step\") is accepted",
                    where, a->key, kinds[a->kind], a->least, a->most);
}

static int one_value(const char *where, enum sim_axis axis, const cJSON *item, struct sim_study *s, double *v,
                     struct tetra_error *err) {
  const struct sim_axis_row *a = &sim_axes[axis];
  if (a->kind == SIM_AXIS_NAME) return name_value(where, axis, item, s, v, err);
  if (!cJSON_IsNumber(item) || !is_value(a, item->valuedouble)) return refuse_number(where, a, err);
  *v = item->valuedouble;
  return TETRA_OK;
}

static int number_of(const cJSON *object, const char *key, double *v) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
  if (!cJSON_IsNumber(item)) return 0;
  *v = item->valuedouble;
  return 1;
}

/* {"from", "to", "times" or "step"}: `to` itself where it is met. */
static int range(const char *where, enum sim_axis axis, const cJSON *item, struct sim_values *out,
                 struct tetra_error *err) {
  static const char *const keys[] = {"from", "to", "times", "step", NULL};
  const struct sim_axis_row *a = &sim_axes[axis];
  double from = 0, to = 0, times = 1, step = 0;
  const int rc = sim_json_keys(where, a->key, item, keys, err);
  if (rc != TETRA_OK) return rc;
  const int has_times = number_of(item, "times", &times), has_step = number_of(item, "step", &step);
  if (!number_of(item, "from", &from) || !number_of(item, "to", &to) || has_times + has_step != 1 ||
      cJSON_GetArraySize(item) != 3 || !(has_times ? times > 1 : step > 0) || !is_value(a, from) || !(to >= from) ||
      !(to <= a->most))
    return refuse_number(where, a, err);
  for (int i = 0;; i++) {
    const double v = has_times ? from * pow(times, i) : from + step * i;
    if (v > to * (1 + 1e-12)) return TETRA_OK;
    if (!is_value(a, v)) return refuse_number(where, a, err);
    if (i == SIM_STUDY_NAMES)
      return tetra_fail(err, TETRA_EINVAL, "%s: \"%s\": more than %d values", where, a->key, SIM_STUDY_NAMES);
    out->v[out->n++] = v;
  }
}

static int list(const char *where, enum sim_axis axis, const cJSON *item, struct sim_study *s, struct sim_values *out,
                struct tetra_error *err) {
  if (item->child == NULL)
    return tetra_fail(err, TETRA_EINVAL, "%s: \"%s\" is an empty list, so that there is no point", where,
                      sim_axes[axis].key);
  for (const cJSON *c = item->child; c != NULL; c = c->next) {
    double v = 0;
    if (out->n == SIM_STUDY_NAMES)
      return tetra_fail(err, TETRA_EINVAL, "%s: \"%s\": more than %d values", where, sim_axes[axis].key,
                        SIM_STUDY_NAMES);
    const int rc = one_value(where, axis, c, s, &v, err);
    if (rc != TETRA_OK) return rc;
    out->v[out->n++] = v;
  }
  return TETRA_OK;
}

int sim_values_read(const char *where, const cJSON *object, enum sim_axis axis, struct sim_study *s,
                    struct sim_values *values, struct tetra_error *err) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, sim_axes[axis].key);
  values->n = 0;
  values->v = malloc((SIM_STUDY_NAMES + 1) * sizeof *values->v);
  if (values->v == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %s", where);
  if (item == NULL) {
    values->v[values->n++] = sim_axes[axis].usual;
    return TETRA_OK;
  }
  if (cJSON_IsArray(item)) return list(where, axis, item, s, values, err);
  if (cJSON_IsObject(item) && sim_axes[axis].kind != SIM_AXIS_NAME) return range(where, axis, item, values, err);
  const int rc = one_value(where, axis, item, s, &values->v[0], err);
  values->n = rc == TETRA_OK;
  return rc;
}
