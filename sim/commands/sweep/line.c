/* Points as command lines. */
#include "commands/sweep/line.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

static void put(struct sweep_line *l, const char *text) { l->argv[l->argc++] = (char *)(uintptr_t)text; }

static void put_option(struct sweep_line *l, const char *option, const char *value) {
  if (value == NULL) return;
  put(l, option);
  put(l, value);
}

/* "--key" of an axis; "" of the network, which has none. */
static const char *option_of(enum sim_axis axis) {
  switch (axis) {
    case SIM_AXIS_BITS:
      return "--bits";
    case SIM_AXIS_PRECISION:
      return "--precision";
    case SIM_AXIS_WIDTH:
      return "--width";
    case SIM_AXIS_SIZE:
      return "--size";
    case SIM_AXIS_BATCH:
      return "--batch";
    case SIM_AXIS_ARRAY:
      return "--array";
#define SIM_BUFFER(name, option, caps, in_kib, least, most, build, help) \
  case SIM_AXIS_##name:                                                  \
    return "--" option;
#include "cli/buffers.def"
#undef SIM_BUFFER
    case SIM_AXIS_RATE:
      return "--dram-bytes-per-cycle";
    case SIM_AXIS_LATENCY:
      return "--dram-latency";
    default:
      return "";
  }
}

/* Values of axes that are numbers; `first` and what follows. 0: says nothing of the point. A batch that a file fixes
 * may be larger than the option accepts. */
static void put_numbers(struct sweep_line *l, const struct sim_study *s, const struct sim_point *p, int first) {
  for (int a = first; a < SIM_AXES; a++) {
    if (p->v[a] == 0 || (a == SIM_AXIS_BATCH && p->v[a] == s->batches[(int)p->v[SIM_AXIS_NETWORK]])) continue;
    snprintf(l->numbers[a], sizeof l->numbers[a], "%.12g", p->v[a]); /* 0.62 as it was written */
    if (strtod(l->numbers[a], NULL) != p->v[a]) snprintf(l->numbers[a], sizeof l->numbers[a], "%.17g", p->v[a]);
    put_option(l, option_of((enum sim_axis)a), l->numbers[a]);
  }
}

/* Bits are 8, 4, or a file beside the study. */
static const char *bits_of(const struct sim_study *s, const struct sim_point *p, struct sweep_line *l) {
  const char *bits = sim_study_name(s, p, SIM_AXIS_BITS);
  if (bits == NULL || strcmp(bits, "8") == 0 || strcmp(bits, "4") == 0) return bits;
  l->bits = sim_study_path(s, bits);
  return l->bits;
}

static void put_images(struct sweep_line *l, const struct sim_study *s) {
  const struct sim_study_images *i = &s->images;
  put_option(l, "--input", i->input);
  put_option(l, "--labels", i->labels);
  put_option(l, "--layout", i->layout);
  put_option(l, "--mean", i->mean);
  put_option(l, "--std", i->std);
  put_option(l, "--backend", "fast");
  put_option(l, "--jobs", "1");
  if (i->limit == 0) return;
  snprintf(l->limit, sizeof l->limit, "%d", i->limit);
  put_option(l, "--limit", l->limit);
}

int sweep_line_read(const struct sim_study *s, const struct sim_point *p, enum sweep_line_kind kind,
                    struct sweep_line *l, struct sim_options *o, struct tetra_error *err) {
  const char *network = sim_study_name(s, p, SIM_AXIS_NETWORK);
  const int file = sim_study_is_file(s, p);
  memset(l, 0, sizeof *l);
  if (file) l->network = sim_study_path(s, network);
  put(l, "sim");
  put(l, file ? l->network : network);
  put_option(l, "--bits", bits_of(s, p, l));
  if (!file) put_option(l, "--precision", sim_study_name(s, p, SIM_AXIS_PRECISION));
  if ((file && l->network == NULL) || (sim_study_name(s, p, SIM_AXIS_BITS) != NULL && l->argc == 2))
    return tetra_fail(err, TETRA_ENOMEM, "no memory for the name of network '%s'", network);
  if (kind == SWEEP_LINE_IMAGES)
    put_images(l, s);
  else
    put_numbers(l, s, p, SIM_AXIS_WIDTH);
  if (kind == SWEEP_LINE_MODEL) put(l, "--model");
  const int rc = sim_options_parse(l->argc, l->argv, o, err);
  o->quiet = 1;
  o->net.threads = 1; /* other processes answer other points */
  return rc;
}

void sweep_line_free(struct sweep_line *l) {
  free(l->network);
  free(l->bits);
  l->network = l->bits = NULL;
}
