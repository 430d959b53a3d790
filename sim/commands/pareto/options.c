/* The command line of `./sim pareto`. */
#define _GNU_SOURCE
#include "commands/pareto/options.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/jobs.h"
#include "cli/parse.h"
#include "cli/refuse_option.h"
#include "tetra/memory.h"

enum {
  OPT_CSV = 256,
  OPT_PLOT,
  OPT_NO_PLOT,
  OPT_ARRAY,
  OPT_LATENCY,
  OPT_BANDWIDTH,
  OPT_MHZ,
  OPT_RTL,
  OPT_JOBS,
  OPT_MODELS,
  OPT_INPUT,
  OPT_LABELS,
  OPT_LAYOUT,
  OPT_MEAN,
  OPT_STD,
  OPT_LIMIT,
  OPT_QUIET,
  OPT_HELP
};

static const struct option kOptions[] = {{"csv", required_argument, NULL, OPT_CSV},
                                         {"plot", required_argument, NULL, OPT_PLOT},
                                         {"no-plot", no_argument, NULL, OPT_NO_PLOT},
                                         {"array", required_argument, NULL, OPT_ARRAY},
                                         {"dram-latency", required_argument, NULL, OPT_LATENCY},
                                         {"dram-bytes-per-cycle", required_argument, NULL, OPT_BANDWIDTH},
                                         {"mhz", required_argument, NULL, OPT_MHZ},
                                         {"rtl", required_argument, NULL, OPT_RTL},
                                         {"jobs", required_argument, NULL, OPT_JOBS},
                                         {"models", required_argument, NULL, OPT_MODELS},
                                         {"input", required_argument, NULL, OPT_INPUT},
                                         {"labels", required_argument, NULL, OPT_LABELS},
                                         {"layout", required_argument, NULL, OPT_LAYOUT},
                                         {"mean", required_argument, NULL, OPT_MEAN},
                                         {"std", required_argument, NULL, OPT_STD},
                                         {"limit", required_argument, NULL, OPT_LIMIT},
                                         {"quiet", no_argument, NULL, OPT_QUIET},
                                         {"help", no_argument, NULL, OPT_HELP},
                                         {NULL, 0, NULL, 0}};

/* The point "M:PRECISION" of `length` characters, -1 if there is none. */
static int find_point(const char *text, size_t length) {
  struct pareto_point points[PARETO_POINTS];
  const char *colon = memchr(text, ':', length);
  if (colon == NULL) return -1;
  char *end;
  const double m = strtod(text, &end);
  const size_t name = length - (size_t)(colon + 1 - text);
  pareto_points(points);
  for (int i = 0; i < PARETO_POINTS && end == colon; i++) {
    const char *series = pareto_series_name(points[i].series);
    if (points[i].series == PARETO_BF16 || fabs(points[i].m - m) > 1e-9) continue;
    if (strlen(series) == name && memcmp(series, colon + 1, name) == 0) return i;
  }
  return -1;
}

static int parse_rtl(const char *text, struct pareto_options *o, struct tetra_error *err) {
  for (;;) {
    const size_t n = strcspn(text, ",");
    const int i = find_point(text, n);
    if (i < 0) {
      return tetra_fail(err, TETRA_EINVAL,
                        "--rtl: '%.*s' is not accepted; M:PRECISION with M one of 0.5, 0.62, 0.75, 0.87, 1, 1.25, 1.5, "
                        "1.75, 2 and PRECISION %s, %s or %s is",
                        (int)(n < 60 ? n : 60), text, pareto_series_name(PARETO_ALL8), pareto_series_name(PARETO_ALL4),
                        pareto_series_name(PARETO_MOSTLY4));
    }
    o->rtl[i] = 1;
    if (text[n] == '\0') return TETRA_OK;
    text += n + 1;
  }
}

static int parse_plot(const char *text, struct pareto_options *o, struct tetra_error *err) {
  const char *dot = strrchr(text, '.');
  if (dot == NULL || (strcmp(dot, ".svg") != 0 && strcmp(dot, ".png") != 0)) {
    return sim_parse_refuse("plot", text, "a file name that ends in .svg or .png is", err);
  }
  o->plot = text;
  return TETRA_OK;
}

/* Options that keep their text. */
static const char **text_field(int option, struct pareto_options *o) {
  switch (option) {
    case OPT_CSV:
      return &o->csv;
    case OPT_MODELS:
      return &o->models;
    case OPT_INPUT:
      return &o->input;
    case OPT_LABELS:
      return &o->labels;
    case OPT_LAYOUT:
      return &o->layout;
    case OPT_MEAN:
      return &o->mean;
    case OPT_STD:
      return &o->std;
    default:
      return NULL;
  }
}

static int parse_limit(const char *text, struct pareto_options *o, struct tetra_error *err) {
  return sim_parse_int("limit", text, 1, 1000000000, &o->limit, err);
}

static int parse_one(int option, const char *text, struct pareto_options *o, struct tetra_error *err) {
  const char **field = text_field(option, o);
  if (field != NULL) {
    *field = text;
    return TETRA_OK;
  }
  switch (option) {
    case OPT_LIMIT:
      return parse_limit(text, o, err);
    case OPT_PLOT:
      return parse_plot(text, o, err);
    case OPT_NO_PLOT:
      o->plot = NULL;
      return TETRA_OK;
    case OPT_ARRAY:
      return sim_parse_array(text, &o->array, err);
    case OPT_LATENCY:
      return sim_parse_u32("dram-latency", text, 1, TETRA_MEMORY_MAX_LATENCY, &o->mem.latency, err);
    case OPT_BANDWIDTH:
      return sim_parse_u32("dram-bytes-per-cycle", text, 1, TETRA_MEMORY_MAX_RATE, &o->mem.bytes_per_cycle, err);
    case OPT_MHZ:
      return sim_parse_real("mhz", text, 0, 0, 1e6, &o->mhz, err);
    case OPT_RTL:
      return parse_rtl(text, o, err);
    case OPT_JOBS:
      return sim_parse_u32("jobs", text, 1, SIM_JOBS_MAX, &o->jobs, err);
    case OPT_QUIET:
      o->quiet = 1;
      return TETRA_OK;
    default:
      o->help = 1;
      return TETRA_OK;
  }
}

static unsigned processors(void) {
  const long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n < 1 ? 1 : n > SIM_JOBS_MAX ? SIM_JOBS_MAX : (unsigned)n;
}

/* Own networks need images and labels; the paper's have published accuracies. */
static int check_models(const struct pareto_options *o, struct tetra_error *err) {
  int rtl = 0;
  for (int i = 0; i < PARETO_POINTS; i++) rtl |= o->rtl[i];
  if (o->models == NULL && (o->input != NULL || o->labels != NULL || o->layout != NULL || o->mean != NULL ||
                            o->std != NULL || o->limit > 0)) {
    return tetra_fail(err, TETRA_EINVAL,
                      "pareto: --input, --layout, --labels, --mean, --std and --limit are accepted with --models only");
  }
  if (o->models != NULL && (o->input == NULL || o->labels == NULL)) {
    return tetra_fail(err, TETRA_EINVAL, "pareto: --models needs --input IMAGES.npy and --labels LABELS.npy");
  }
  if (o->models != NULL && rtl) {
    return tetra_fail(err, TETRA_EINVAL,
                      "pareto: --rtl is for the paper's networks; ./sim MODEL runs yours on the RTL");
  }
  return TETRA_OK;
}

int pareto_options_parse(int argc, char **argv, struct pareto_options *o, struct tetra_error *err) {
  *o = (struct pareto_options){.csv = "pareto.csv", .plot = "pareto.svg", .array = 16, .mhz = 1000};
  o->mem.latency = 64;
  o->jobs = processors();
  opterr = 0;
  optind = 1;
  for (;;) {
    const int option = getopt_long(argc, argv, "h", kOptions, NULL);
    if (option == -1) break;
    if (option == '?') return sim_refuse_option("pareto", argv[optind - 1], kOptions, err);
    const int rc = parse_one(option, optarg, o, err);
    if (rc != TETRA_OK || o->help) return rc;
  }
  if (optind < argc) {
    return tetra_fail(err, TETRA_EINVAL, "pareto: '%.60s' is not accepted; 'sim pareto --help' lists what is",
                      argv[optind]);
  }
  if (o->mem.bytes_per_cycle == 0) o->mem.bytes_per_cycle = o->array;
  return check_models(o, err);
}
