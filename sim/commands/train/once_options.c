/* The lists of `./sim train --method once`: widths and precisions. */
#include "commands/train/once_options.h"

#include <string.h>

#include "cli/parse.h"

/* The next item of a list, cut off at its comma; NULL: too long to be one. */
static const char *next(const char **list, char *item, size_t size) {
  const size_t n = strcspn(*list, ",");
  if (n >= size) return NULL;
  memcpy(item, *list, n);
  item[n] = '\0';
  *list += (*list)[n] == ',' ? n + 1 : n;
  return item;
}

int train_once_parse_widths(const char *text, struct train_once_options *o, struct tetra_error *err) {
  char item[32];
  o->n_widths = 0;
  do {
    if (o->n_widths == TETRA_SUPERNET_WIDTHS || next(&text, item, sizeof item) == NULL)
      return tetra_fail(err, TETRA_EINVAL, "--widths: up to %d numbers with commas between are accepted",
                        TETRA_SUPERNET_WIDTHS);
    const int rc = sim_parse_real("widths", item, 0.0625, 1, 16, &o->widths[o->n_widths++], err);
    if (rc != TETRA_OK) return rc;
  } while (*text != '\0');
  return TETRA_OK;
}

int train_once_parse_precisions(const char *text, struct train_once_options *o, struct tetra_error *err) {
  char item[32];
  o->n_precisions = 0;
  do {
    const char *name = next(&text, item, sizeof item);
    const int p = tetra_precision_parse(name);
    if (p < 0 || o->n_precisions == TETRA_PRECISION_COUNT)
      return tetra_fail(err, TETRA_EINVAL,
                        "--precisions: '%s' is not accepted; " TETRA_PRECISION_NAMES " are, once each, commas between",
                        name != NULL ? name : text);
    o->precisions[o->n_precisions++] = (enum tetra_precision)p;
  } while (*text != '\0');
  return TETRA_OK;
}

void train_once_default(struct train_once_options *o) {
  static const double kWidths[] = {0.5, 0.75, 1};
  static const enum tetra_precision kPrecisions[] = {TETRA_W8A8, TETRA_W4A4_INIT8_DENSE8, TETRA_W4A4};
  if (o->n_widths == 0) {
    memcpy(o->widths, kWidths, sizeof kWidths);
    o->n_widths = sizeof kWidths / sizeof *kWidths;
  }
  if (o->n_precisions == 0) {
    memcpy(o->precisions, kPrecisions, sizeof kPrecisions);
    o->n_precisions = sizeof kPrecisions / sizeof *kPrecisions;
  }
}
