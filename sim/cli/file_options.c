#include "cli/file_options.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int bad(const char *option, const char *text, const char *accepted, struct tetra_error *err) {
  return tetra_fail(err, TETRA_EINVAL, "--%s: '%.60s' is not accepted; %s", option, text, accepted);
}

void sim_file_defaults(struct sim_options *o) {
  for (int i = 0; i < 3; i++) o->std[i] = 1;
}

static int parse_backend(const char *text, struct sim_options *o, struct tetra_error *err) {
  static const char *const names[] = {"rtl", "cmodel", "fast"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(text, names[i]) == 0) {
      o->backend = (enum sim_backend)i;
      return TETRA_OK;
    }
  }
  return bad("backend", text, "rtl, cmodel or fast is", err);
}

static int parse_limit(const char *text, struct sim_options *o, struct tetra_error *err) {
  char *end = NULL;
  const long v = isdigit((unsigned char)text[0]) ? strtol(text, &end, 10) : 0;
  if (end == NULL || *end != '\0' || v < 1 || v > 1000000000) {
    return bad("limit", text, "a whole number in 1..1000000000 is", err);
  }
  o->limit = (int)v;
  return TETRA_OK;
}

/* One number for all channels, or three. */
static int parse_channels(const char *option, const char *text, int positive, float v[3], struct tetra_error *err) {
  const char *p = text;
  int n = 0;
  for (;;) {
    char *end = NULL;
    const double x = isdigit((unsigned char)*p) || *p == '.' || *p == '-' ? strtod(p, &end) : NAN;
    if (end == NULL || end == p || !(fabs(x) <= 1e6) || (positive && !(x >= 1e-6)) || n == 3) break;
    v[n++] = (float)x;
    if (*end == '\0' && n != 2) {
      if (n == 1) v[1] = v[2] = v[0];
      return TETRA_OK;
    }
    if (*end != ',') break;
    p = end + 1;
  }
  return bad(option, text,
             positive ? "one number above 0 or three joined by ',' are" : "one number or three joined by ',' are", err);
}

static int parse_rounding(const char *text, struct sim_options *o, struct tetra_error *err) {
  if (strcmp(text, "double") != 0 && strcmp(text, "single") != 0) {
    return bad("tflite-rounding", text, "double or single is", err);
  }
  o->tflite_single = text[0] == 's';
  return TETRA_OK;
}

int sim_file_option(int option, const char *text, struct sim_options *o, struct tetra_error *err) {
  switch (option) {
    case OPT_BACKEND:
      return parse_backend(text, o, err);
    case OPT_LABELS:
      o->labels = text;
      return TETRA_OK;
    case OPT_LIMIT:
      return parse_limit(text, o, err);
    case OPT_PROGRESS:
      o->progress = 1;
      return TETRA_OK;
    case OPT_ROUNDING:
      return parse_rounding(text, o, err);
    default:
      o->normalize = 1;
      return option == OPT_MEAN ? parse_channels("mean", text, 0, o->mean, err)
                                : parse_channels("std", text, 1, o->std, err);
  }
}

int sim_file_check(const struct sim_options *o, struct tetra_error *err) {
  if (o->model && o->builtin_only != NULL) {
    return tetra_fail(err, TETRA_EINVAL, "--%s is accepted with built-in networks only", o->builtin_only);
  }
  if (!o->model && (o->normalize || o->tflite_single)) {
    return tetra_fail(err, TETRA_EINVAL,
                      "--mean, --std and --tflite-rounding are accepted with networks from files only");
  }
  if (o->backend != SIM_BACKEND_RTL && (o->layers != NULL || o->trace != NULL || o->flip_layer != NULL)) {
    return tetra_fail(err, TETRA_EINVAL, "--layers and --trace are accepted with --backend rtl only");
  }
  if (o->labels != NULL && o->image == NULL) {
    return tetra_fail(err, TETRA_EINVAL, "--labels is accepted together with --input only");
  }
  if (o->labels != NULL && (o->layers != NULL || o->trace != NULL)) {
    return tetra_fail(err, TETRA_EINVAL, "--layers and --trace are not accepted together with --labels");
  }
  return TETRA_OK;
}
