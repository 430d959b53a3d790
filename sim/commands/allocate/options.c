/* The command line of `./sim allocate`. */
#define _GNU_SOURCE
#include "commands/allocate/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/hardware.h"
#include "cli/image_options.h"
#include "cli/parse.h"
#include "cli/refuse_option.h"

enum {
  OPT_PROBLEM = 256,
  OPT_CALIBRATE,
  OPT_OUT,
  OPT_SAVE_PROBLEM,
  OPT_BUDGET,
  OPT_SENSITIVITY,
  OPT_CHOICES,
  OPT_TIE,
  OPT_POINTS,
  OPT_SAMPLES,
  OPT_SEED,
  OPT_CEG,
  OPT_RADIUS,
  OPT_SURE,
  OPT_WORK,
  OPT_CSV,
  OPT_JSON,
  OPT_PLOT,
  OPT_QUIET,
  OPT_HELP
};

static const struct option kOptions[] = {{"problem", required_argument, NULL, OPT_PROBLEM},
                                         {"calibrate", required_argument, NULL, OPT_CALIBRATE},
                                         {"output", required_argument, NULL, OPT_OUT},
                                         {"save-problem", required_argument, NULL, OPT_SAVE_PROBLEM},
                                         {"budget", required_argument, NULL, OPT_BUDGET},
                                         {"sensitivity", required_argument, NULL, OPT_SENSITIVITY},
                                         {"choices", required_argument, NULL, OPT_CHOICES},
                                         {"tie-branches", no_argument, NULL, OPT_TIE},
                                         {"points", required_argument, NULL, OPT_POINTS},
                                         {"samples", required_argument, NULL, OPT_SAMPLES},
                                         {"seed", required_argument, NULL, OPT_SEED},
                                         {"ceg", required_argument, NULL, OPT_CEG},
                                         {"radius", required_argument, NULL, OPT_RADIUS},
                                         {"sure", required_argument, NULL, OPT_SURE},
                                         {"work", required_argument, NULL, OPT_WORK},
                                         SIM_IMAGE_ROWS,
                                         {"csv", required_argument, NULL, OPT_CSV},
                                         {"json", required_argument, NULL, OPT_JSON},
                                         {"plot", required_argument, NULL, OPT_PLOT},
                                         SIM_MACHINE_ROWS,
                                         {"quiet", no_argument, NULL, OPT_QUIET},
                                         {"help", no_argument, NULL, OPT_HELP},
                                         {NULL, 0, NULL, 0}};

const char *allocate_resource_name(int r) {
  static const char *const names[] = {"cycles", "bytes", "ram", "flash"};
  return r >= 0 && r < ALLOCATE_RESOURCES ? names[r] : NULL;
}

const char *allocate_sensitivity_name(int s) {
  static const char *const names[] = {"kl", "orm", "trace", "mse"};
  return s >= 0 && s <= ALLOCATE_MSE ? names[s] : NULL;
}

/* A number with K, M or G behind it: thousands of cycles, but 1024 bytes. 0 where it is none. */
static double parse_amount(const char *text, size_t length, int is_bytes) {
  char number[40], *end;
  double unit = 1;
  if (length == 0 || length >= sizeof number) return 0;
  memcpy(number, text, length);
  number[length] = '\0';
  const char last = number[length - 1];
  const int steps = last == 'K' ? 1 : last == 'M' ? 2 : last == 'G' ? 3 : 0;
  for (int i = 0; i < steps; i++) unit *= is_bytes ? 1024 : 1000;
  if (steps > 0) number[length - 1] = '\0';
  if (strspn(number, "0123456789.") != strlen(number) || number[0] == '\0') return 0;
  const double v = strtod(number, &end);
  return *end == '\0' && v * unit <= 1e15 ? v * unit : 0;
}

static int parse_budget(const char *text, struct allocate_options *o, struct tetra_error *err) {
  for (const char *at = text;;) {
    const size_t n = strcspn(at, ","), name = strcspn(at, "=");
    int r = 0;
    while (r < ALLOCATE_RESOURCES &&
           (strlen(allocate_resource_name(r)) != name || memcmp(at, allocate_resource_name(r), name) != 0)) {
      r++;
    }
    const double v =
        r < ALLOCATE_RESOURCES && name < n ? parse_amount(at + name + 1, n - name - 1, r != ALLOCATE_CYCLES) : 0;
    if (!(v > 0)) {
      return sim_parse_refuse("budget", text,
                              "cycles=4.0M, bytes=12M, ram=512K and flash=2M are, joined by commas: numbers above 0 "
                              "with K, M, G or nothing behind",
                              err);
    }
    if (o->limit[r] > 0) return sim_parse_refuse("budget", text, "each resource once is", err);
    o->limit[r] = v;
    if (at[n] == '\0') return TETRA_OK;
    at += n + 1;
  }
}

static int parse_sensitivity(const char *text, struct allocate_options *o, struct tetra_error *err) {
  for (int s = 0; allocate_sensitivity_name(s) != NULL; s++) {
    if (strcmp(text, allocate_sensitivity_name(s)) != 0) continue;
    o->sensitivity = (enum allocate_sensitivity)s;
    return TETRA_OK;
  }
  return sim_parse_refuse("sensitivity", text, "kl, orm, trace or mse is", err);
}

static int parse_choices(const char *text, struct allocate_options *o, struct tetra_error *err) {
  static const char accepted[] = "some of w4a4, w4a8, w8a4 and w8a8 are, joined by commas, each once";
  o->n_choices = 0;
  for (const char *at = text;;) {
    const size_t n = strcspn(at, ",");
    struct tetra_layer_bits b = {"", 0, 0};
    char name[8];
    snprintf(name, sizeof name, "%.*s", (int)(n < 7 ? n : 7), at);
    if (!tetra_layer_bits_parse(name, &b)) return sim_parse_refuse("choices", text, accepted, err);
    for (int i = 0; i < o->n_choices; i++) {
      if (o->choices[i].weights == b.weights && o->choices[i].acts == b.acts) {
        return sim_parse_refuse("choices", text, accepted, err);
      }
    }
    o->choices[o->n_choices++] = b;
    if (at[n] == '\0') return TETRA_OK;
    at += n + 1;
  }
}

/* Options that keep their text. */
static const char **text_field(int option, struct allocate_options *o) {
  switch (option) {
    case OPT_PROBLEM:
      return &o->problem;
    case OPT_CALIBRATE:
      return &o->calibrate;
    case 'o':
    case OPT_OUT:
      return &o->out;
    case OPT_SAVE_PROBLEM:
      return &o->save_problem;
    case OPT_CSV:
      return &o->csv;
    case OPT_JSON:
      return &o->json;
    default:
      return NULL;
  }
}

static int parse_one(int option, const char *text, struct allocate_options *o, struct tetra_error *err) {
  const char **field = text_field(option, o);
  if (field != NULL) {
    *field = text;
    return TETRA_OK;
  }
  int rc;
  if (sim_image_option(option, text, &o->pixels, &o->images, &rc, err) ||
      sim_machine_option(option, text, &o->array, &o->mem, &rc, err))
    return rc;
  switch (option) {
    case OPT_BUDGET:
      return parse_budget(text, o, err);
    case OPT_SENSITIVITY:
      return parse_sensitivity(text, o, err);
    case OPT_CHOICES:
      return parse_choices(text, o, err);
    case OPT_POINTS:
      return sim_parse_int("points", text, 0, ALLOCATE_POINTS_MAX, &o->points, err);
    case OPT_SAMPLES:
      return sim_parse_int("samples", text, 1, 10000, &o->samples, err);
    case OPT_CEG:
      return sim_parse_int("ceg", text, 1, 100000, &o->ceg, err);
    case OPT_RADIUS:
      return sim_parse_real("radius", text, 0, 1, 1e6, &o->radius, err);
    case OPT_SURE:
      return sim_parse_real("sure", text, 0, 1, 1e6, &o->sure, err);
    case OPT_WORK:
      return sim_parse_real("work", text, 0, 0, 1e6, &o->work, err);
    case OPT_SEED:
      return sim_parse_uint("seed", text, 0, UINT64_MAX, &o->seed, err);
    case OPT_PLOT:
      return sim_parse_plot(text, &o->plot, err);
    case OPT_TIE:
      o->tie = 1;
      return TETRA_OK;
    case OPT_QUIET:
      o->quiet = 1;
      return TETRA_OK;
    default:
      o->help = 1;
      return TETRA_OK;
  }
}

static int has_budget(const struct allocate_options *o) {
  for (int r = 0; r < ALLOCATE_RESOURCES; r++) {
    if (o->limit[r] > 0) return 1;
  }
  return 0;
}

static int check(const struct allocate_options *o, struct tetra_error *err) {
  if (o->problem != NULL && (o->network != NULL || o->calibrate != NULL || has_budget(o))) {
    return tetra_fail(err, TETRA_EINVAL,
                      "allocate: --problem brings its own numbers; no network, --calibrate or --budget is accepted "
                      "beside it");
  }
  if (o->out == NULL) return tetra_fail(err, TETRA_EINVAL, "allocate: -o FILE.json is needed");
  if (o->problem != NULL) return TETRA_OK;
  if (o->network == NULL) {
    return tetra_fail(err, TETRA_EINVAL,
                      "allocate: no network given; a float .onnx file is accepted, a CIFAR-10 ResNet's .npz, or "
                      "--problem FILE.json");
  }
  if (o->calibrate == NULL) return tetra_fail(err, TETRA_EINVAL, "allocate: --calibrate IMAGES.npy is needed");
  if (has_budget(o)) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL,
                    "allocate: --budget is needed, of cycles, bytes, ram or flash, such as cycles=4.0M,bytes=12M");
}

int allocate_options_parse(int argc, char **argv, struct allocate_options *o, struct tetra_error *err) {
  *o = (struct allocate_options){
      .images = 128, .points = 17, .samples = 8, .seed = 1, .radius = 1, .work = 1, .array = 16};
  o->mem.latency = 64;
  sim_pixels_default(&o->pixels);
  int rc = TETRA_OK;
  opterr = 0;
  optind = 1;
  while (rc == TETRA_OK) {
    const int option = getopt_long(argc, argv, "o:h", kOptions, NULL);
    if (option == -1) break;
    if (option == '?') return sim_refuse_option("allocate", argv[optind - 1], kOptions, err);
    rc = parse_one(option, optarg, o, err);
    if (o->help) return TETRA_OK;
  }
  if (rc == TETRA_OK && o->n_choices == 0) {
    const int memory = o->limit[ALLOCATE_RAM] > 0 || o->limit[ALLOCATE_FLASH] > 0;
    rc = parse_choices(memory ? "w4a4,w4a8,w8a4,w8a8" : "w4a4,w4a8,w8a8", o, err);
  }
  if (rc != TETRA_OK) return rc;
  if (optind < argc) o->network = argv[optind];
  if (optind + 1 < argc) {
    return tetra_fail(err, TETRA_EINVAL, "allocate: '%.60s' after '%.60s': one network is accepted", argv[optind + 1],
                      argv[optind]);
  }
  if (o->mem.bytes_per_cycle == 0) o->mem.bytes_per_cycle = o->array;
  return check(o, err);
}
