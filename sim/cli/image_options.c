/* Options of images, which several commands have. */
#include "cli/image_options.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/parse.h"

void sim_pixels_default(struct sim_pixels *p) { *p = (struct sim_pixels){.std = {1, 1, 1}}; }

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
  return sim_parse_refuse(
      option, text,
      positive ? "one number above 0 or three joined by ',' are" : "one number or three joined by ',' are", err);
}

static int parse_layout(const char *text, struct sim_pixels *p, struct tetra_error *err) {
  const int last = strcmp(text, "nhwc") == 0;
  if (!last && strcmp(text, "nchw") != 0) return sim_parse_refuse("layout", text, "nhwc or nchw is", err);
  p->layout = last ? SIM_LAYOUT_NHWC : SIM_LAYOUT_NCHW;
  return TETRA_OK;
}

int sim_image_option(int option, const char *text, struct sim_pixels *pixels, int *limit, int *rc,
                     struct tetra_error *err) {
  switch (option) {
    case SIM_OPT_LAYOUT:
      *rc = parse_layout(text, pixels, err);
      return 1;
    case SIM_OPT_MEAN:
      pixels->normalize = 1;
      *rc = parse_channels("mean", text, 0, pixels->mean, err);
      return 1;
    case SIM_OPT_STD:
      pixels->normalize = 1;
      *rc = parse_channels("std", text, 1, pixels->std, err);
      return 1;
    case SIM_OPT_LIMIT:
      *rc = sim_parse_int("limit", text, 1, 1000000000, limit, err);
      return 1;
    default:
      return 0;
  }
}
