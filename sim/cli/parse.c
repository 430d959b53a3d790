/* Numbers, array sizes and names, checked to their last character. */
#include "cli/parse.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int sim_parse_refuse(const char *option, const char *text, const char *accepted, struct tetra_error *err) {
  return tetra_fail(err, TETRA_EINVAL, "--%s: '%.60s' is not accepted; %s", option, text, accepted);
}

int sim_parse_uint(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *value,
                   struct tetra_error *err) {
  char *end = NULL;
  errno = 0;
  const unsigned long long v = isdigit((unsigned char)text[0]) ? strtoull(text, &end, 10) : 0;
  if (end == NULL || *end != '\0' || errno != 0 || v < min || v > max) {
    char accepted[80];
    snprintf(accepted, sizeof accepted, "a whole number in %llu..%llu is", (unsigned long long)min,
             (unsigned long long)max);
    return sim_parse_refuse(option, text, accepted, err);
  }
  *value = v;
  return TETRA_OK;
}

int sim_parse_int(const char *option, const char *text, int min, int max, int *value, struct tetra_error *err) {
  uint64_t v = 0;
  const int rc = sim_parse_uint(option, text, (uint64_t)min, (uint64_t)max, &v, err);
  if (rc == TETRA_OK) *value = (int)v;
  return rc;
}

int sim_parse_u32(const char *option, const char *text, uint32_t min, uint32_t max, uint32_t *value,
                  struct tetra_error *err) {
  uint64_t v = 0;
  const int rc = sim_parse_uint(option, text, min, max, &v, err);
  if (rc == TETRA_OK) *value = (uint32_t)v;
  return rc;
}

int sim_parse_real(const char *option, const char *text, double min, int min_ok, double max, double *value,
                   struct tetra_error *err) {
  char *end = NULL;
  const int plain = isdigit((unsigned char)text[0]) || text[0] == '.';
  const double v = plain ? strtod(text, &end) : NAN;
  if (end == NULL || end == text || *end != '\0' || !(v >= min && v <= max) || (v <= min && !min_ok)) {
    char accepted[80];
    snprintf(accepted, sizeof accepted, "a number %s %g and at most %g is", min_ok ? "from" : "above", min, max);
    return sim_parse_refuse(option, text, accepted, err);
  }
  *value = v;
  return TETRA_OK;
}

int sim_parse_array(const char *text, unsigned *array, struct tetra_error *err) {
  static const unsigned sizes[] = {4, 8, 16, 32, 64};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    char one[8], two[8];
    snprintf(one, sizeof one, "%u", sizes[i]);
    snprintf(two, sizeof two, "%ux%u", sizes[i], sizes[i]);
    if (strcmp(text, one) == 0 || strcmp(text, two) == 0) {
      *array = sizes[i];
      return TETRA_OK;
    }
  }
  return sim_parse_refuse("array", text, "4, 8, 16, 32, 64 or 4x4 to 64x64 is", err);
}

int sim_parse_plot(const char *text, const char **name, struct tetra_error *err) {
  const char *dot = strrchr(text, '.');
  if (dot == NULL || (strcmp(dot, ".svg") != 0 && strcmp(dot, ".png") != 0))
    return sim_parse_refuse("plot", text, "a file name that ends in .svg or .png is", err);
  *name = text;
  return TETRA_OK;
}

void sim_join_names(const char *(*name)(int), char *out, size_t size) {
  size_t used = 0;
  out[0] = '\0';
  for (int i = 0; name(i) != NULL && used < size; i++) {
    used += (size_t)snprintf(out + used, size - used, "%s%s", i == 0 ? "" : ", ", name(i));
  }
}

static const char *precision_name(int i) { return tetra_precision_name((enum tetra_precision)i); }

int sim_parse_precision(const char *text, enum tetra_precision *p, struct tetra_error *err) {
  const int i = tetra_precision_parse(text);
  if (i < 0) {
    char names[160], accepted[180];
    sim_join_names(precision_name, names, sizeof names);
    snprintf(accepted, sizeof accepted, "one of %s is", names);
    return sim_parse_refuse("precision", text, accepted, err);
  }
  *p = (enum tetra_precision)i;
  return TETRA_OK;
}
