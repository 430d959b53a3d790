/* The command line of `./sim pareto`. */
#define _GNU_SOURCE
#include "commands/pareto/options.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/jobs.h"
#include "cli/hardware.h"
#include "cli/image_options.h"
#include "cli/parse.h"
#include "cli/refuse_option.h"
#include "files/energy_table.h"

enum {
  OPT_CSV = 256,
  OPT_PLOT,
  OPT_NO_PLOT,
  OPT_MHZ,
  OPT_COST,
  OPT_ENERGY,
  OPT_RTL,
  OPT_JOBS,
  OPT_MODELS,
  OPT_TRAINED,
  OPT_SUPERNET,
  OPT_SUBNETS,
  OPT_AUGMENT,
  OPT_DATA,
  OPT_OFFSETS,
  OPT_TEST,
  OPT_TEST_LABELS,
  OPT_TEST_OFFSETS,
  OPT_INPUT,
  OPT_LABELS,
  OPT_QUIET,
  OPT_HELP
};

static const struct option kOptions[] = {{"csv", required_argument, NULL, OPT_CSV},
                                         {"plot", required_argument, NULL, OPT_PLOT},
                                         {"no-plot", no_argument, NULL, OPT_NO_PLOT},
                                         SIM_MACHINE_ROWS,
                                         {"mhz", required_argument, NULL, OPT_MHZ},
                                         {"cost", required_argument, NULL, OPT_COST},
                                         {"energy", required_argument, NULL, OPT_ENERGY},
                                         {"rtl", required_argument, NULL, OPT_RTL},
                                         {"jobs", required_argument, NULL, OPT_JOBS},
                                         {"models", required_argument, NULL, OPT_MODELS},
                                         {"trained", required_argument, NULL, OPT_TRAINED},
                                         {"supernet", required_argument, NULL, OPT_SUPERNET},
                                         {"subnets", required_argument, NULL, OPT_SUBNETS},
                                         {"augment", required_argument, NULL, OPT_AUGMENT},
                                         {"data", required_argument, NULL, OPT_DATA},
                                         {"offsets", required_argument, NULL, OPT_OFFSETS},
                                         {"test", required_argument, NULL, OPT_TEST},
                                         {"test-labels", required_argument, NULL, OPT_TEST_LABELS},
                                         {"test-offsets", required_argument, NULL, OPT_TEST_OFFSETS},
                                         {"input", required_argument, NULL, OPT_INPUT},
                                         {"labels", required_argument, NULL, OPT_LABELS},
                                         SIM_IMAGE_ROWS,
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

static int parse_cost(const char *text, enum pareto_by *by, struct tetra_error *err) {
  *by = strcmp(text, "energy") == 0 ? PARETO_OVER_ENERGY : PARETO_OVER_CYCLES;
  if (*by == PARETO_OVER_ENERGY || strcmp(text, "cycles") == 0) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "--cost: '%.60s' is not accepted; cycles or energy is", text);
}

/* -1: images as they are. */
static int parse_augment(const char *text, int *augment, struct tetra_error *err) {
  *augment = -1;
  if (strcmp(text, "none") == 0) return TETRA_OK;
  return sim_parse_int("augment", text, 0, 64, augment, err);
}

/* Options that keep their text. */
static const char **text_field(int option, struct pareto_options *o) {
  const struct {
    int option;
    const char **text;
  } fields[] = {{OPT_CSV, &o->csv},
                {OPT_ENERGY, &o->energy},
                {OPT_MODELS, &o->models},
                {OPT_TRAINED, &o->trained},
                {OPT_SUPERNET, &o->supernet},
                {OPT_SUBNETS, &o->subnets},
                {OPT_DATA, &o->data.images},
                {OPT_OFFSETS, &o->data.offsets},
                {OPT_TEST, &o->test.images},
                {OPT_TEST_LABELS, &o->test.labels},
                {OPT_TEST_OFFSETS, &o->test.offsets},
                {OPT_INPUT, &o->input},
                {OPT_LABELS, &o->labels}};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    if (fields[i].option == option) return fields[i].text;
  }
  return NULL;
}

static int parse_one(int option, const char *text, struct pareto_options *o, struct tetra_error *err) {
  const char **field = text_field(option, o);
  if (field != NULL) {
    *field = text;
    return TETRA_OK;
  }
  int rc;
  if (sim_image_option(option, text, &o->pixels, &o->limit, &rc, err) ||
      sim_machine_option(option, text, &o->array, &o->mem, &rc, err))
    return rc;
  switch (option) {
    case OPT_PLOT:
      return sim_parse_plot(text, &o->plot, err);
    case OPT_NO_PLOT:
      o->plot = NULL;
      return TETRA_OK;
    case OPT_MHZ:
      return sim_parse_real("mhz", text, 0, 0, 1e6, &o->mhz, err);
    case OPT_COST:
      return parse_cost(text, &o->by, err);
    case OPT_RTL:
      return parse_rtl(text, o, err);
    case OPT_AUGMENT:
      return parse_augment(text, &o->augment, err);
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

/* The clock is the user's, the energy table's, or 1 GHz. */
static int check_energy(struct pareto_options *o, struct tetra_error *err) {
  struct sim_energy_table t = {.mhz = 1000};
  if (o->energy == NULL && o->by == PARETO_OVER_ENERGY)
    return tetra_fail(err, TETRA_EINVAL,
                      "pareto: --cost energy needs --energy TABLE.json; 'make silicon' writes one (docs/silicon.md)");
  const int rc = o->energy == NULL ? TETRA_OK : sim_energy_table_read(o->energy, &t, err);
  if (o->mhz <= 0) o->mhz = t.mhz;
  return rc;
}

/* A supernet's subnets have neither statistics nor accuracies yet. */
static int check_supernet(const struct pareto_options *o, struct tetra_error *err) {
  const char *const files[] = {o->data.images, o->labels, o->test.images, o->test.labels};
  const char *const own[] = {o->data.images, o->data.offsets, o->test.images,
                             o->test.labels, o->test.offsets, o->subnets};
  if (o->supernet == NULL) {
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
      if (own[i] != NULL)
        return tetra_fail(err, TETRA_EINVAL,
                          "pareto: --data, --offsets, --test, --test-labels, --test-offsets and --subnets are accepted "
                          "with --supernet only");
    }
    return TETRA_OK;
  }
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    if (files[i] == NULL)
      return tetra_fail(err, TETRA_EINVAL,
                        "pareto: --supernet needs --data and --labels (for statistics), --test and --test-labels");
  }
  return TETRA_OK;
}

/* Own networks need images and labels; the paper's have published accuracies. */
static int check_models(const struct pareto_options *o, struct tetra_error *err) {
  const int own = (o->models != NULL) + (o->trained != NULL) + (o->supernet != NULL);
  int rtl = 0;
  for (int i = 0; i < PARETO_POINTS; i++) rtl |= o->rtl[i];
  if (own > 1)
    return tetra_fail(err, TETRA_EINVAL, "pareto: one of --models, --trained and --supernet is accepted, not both");
  if (o->models == NULL && o->input != NULL)
    return tetra_fail(err, TETRA_EINVAL, "pareto: --input is accepted with --models only");
  if (o->models == NULL && o->supernet == NULL &&
      (o->labels != NULL || o->pixels.normalize || o->pixels.layout != SIM_LAYOUT_ANY || o->limit > 0)) {
    return tetra_fail(err, TETRA_EINVAL,
                      "pareto: --layout, --labels, --mean, --std and --limit are accepted with --models and --supernet "
                      "only");
  }
  if (o->models != NULL && (o->input == NULL || o->labels == NULL)) {
    return tetra_fail(err, TETRA_EINVAL, "pareto: --models needs --input IMAGES.npy and --labels LABELS.npy");
  }
  if (own > 0 && rtl) {
    return tetra_fail(err, TETRA_EINVAL,
                      "pareto: --rtl is for the paper's networks; ./sim MODEL runs yours on the RTL");
  }
  return check_supernet(o, err);
}

int pareto_options_parse(int argc, char **argv, struct pareto_options *o, struct tetra_error *err) {
  *o = (struct pareto_options){.csv = "pareto.csv", .plot = "pareto.svg", .array = 16, .augment = 4};
  o->mem.latency = 64;
  sim_pixels_default(&o->pixels);
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
  o->data.labels = o->labels;
  o->data.size = o->test.size = 1; /* folders of photographs are not for supernets */
  const int rc = check_models(o, err);
  return rc == TETRA_OK ? check_energy(o, err) : rc;
}
