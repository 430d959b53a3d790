/* The command line of `./sim equiv`. */
#define _GNU_SOURCE
#include "commands/equiv/options.h"

#include <getopt.h>
#include <string.h>

#include "cli/image_options.h"
#include "cli/parse.h"
#include "cli/refuse_option.h"

enum {
  OPT_INPUT = 256,
  OPT_RADIUS,
  OPT_TOP1,
  OPT_EPS,
  OPT_SURE,
  OPT_OUT,
  OPT_SKIP,
  OPT_SEED,
  OPT_TRIES,
  OPT_WORK,
  OPT_HELP
};

static const struct option kOptions[] = {{"input", required_argument, NULL, OPT_INPUT},
                                         {"radius", required_argument, NULL, OPT_RADIUS},
                                         {"top1", no_argument, NULL, OPT_TOP1},
                                         {"eps", required_argument, NULL, OPT_EPS},
                                         {"sure", required_argument, NULL, OPT_SURE},
                                         {"output", required_argument, NULL, OPT_OUT},
                                         SIM_IMAGE_ROWS,
                                         {"skip", required_argument, NULL, OPT_SKIP},
                                         {"seed", required_argument, NULL, OPT_SEED},
                                         {"tries", required_argument, NULL, OPT_TRIES},
                                         {"work", required_argument, NULL, OPT_WORK},
                                         {"help", no_argument, NULL, OPT_HELP},
                                         {NULL, 0, NULL, 0}};

/* Options that are whole numbers, each within its range. */
static int take_number(int option, const char *text, struct equiv_options *o, struct tetra_error *err) {
  const char *const name = option == OPT_SKIP ? "skip" : option == OPT_SEED ? "seed" : "tries";
  uint64_t v = 0;
  const int rc = sim_parse_uint(name, text, option == OPT_TRIES, 1000000000, &v, err);
  if (rc != TETRA_OK) return rc;
  if (option == OPT_SKIP) o->skip = (int)v;
  if (option == OPT_SEED) o->how.seed = v;
  if (option == OPT_TRIES) o->how.tries = (long long)v;
  return TETRA_OK;
}

static int take_work(const char *text, struct equiv_options *o, struct tetra_error *err) {
  double v = 0;
  const int rc = sim_parse_real("work", text, 0, 0, 1e9, &v, err);
  if (rc == TETRA_OK) o->how.work = (long long)(v * 1e9) > 0 ? (long long)(v * 1e9) : 1;
  return rc;
}

static int parse_one(int option, const char *text, struct equiv_options *o, struct tetra_error *err) {
  int rc;
  if (sim_image_option(option, text, &o->pixels, &o->limit, &rc, err)) return rc;
  switch (option) {
    case OPT_INPUT:
      o->input = text;
      return TETRA_OK;
    case OPT_RADIUS:
      return sim_parse_real("radius", text, 0, 1, 1e9, &o->radius, err);
    case OPT_TOP1:
      o->how.top1 = 1;
      return TETRA_OK;
    case OPT_EPS:
      return sim_parse_real("eps", text, 0, 1, 1e9, &o->how.eps, err);
    case OPT_SURE:
      return sim_parse_real("sure", text, 0, 1, 1e9, &o->how.sure, err);
    case 'o':
    case OPT_OUT:
      o->out = text;
      return TETRA_OK;
    case OPT_WORK:
      return take_work(text, o, err);
    case 'h':
    case OPT_HELP:
      o->help = 1;
      return TETRA_OK;
    default:
      return take_number(option, text, o, err);
  }
}

static int take_networks(int argc, char **argv, struct equiv_options *o, struct tetra_error *err) {
  if (argc - optind != 2) {
    return tetra_fail(err, TETRA_EINVAL, "equiv: %d networks given; two are accepted, quantized .onnx or .tflite files",
                      argc - optind);
  }
  o->networks[0] = argv[optind];
  o->networks[1] = argv[optind + 1];
  return TETRA_OK;
}

int equiv_options_parse(int argc, char **argv, struct equiv_options *o, struct tetra_error *err) {
  memset(o, 0, sizeof *o);
  tetra_equiv_defaults(&o->how);
  sim_pixels_default(&o->pixels);
  o->out = EQUIV_OUT;
  o->radius = -1;
  o->how.eps = -1;
  opterr = 0;
  optind = 1;
  for (;;) {
    const int option = getopt_long(argc, argv, "o:h", kOptions, NULL);
    if (option == -1) break;
    if (option == '?') return sim_refuse_option("equiv", argv[optind - 1], kOptions, err);
    const int rc = parse_one(option, optarg, o, err);
    if (rc != TETRA_OK || o->help) return rc;
  }
  const int rc = take_networks(argc, argv, o, err);
  if (rc != TETRA_OK) return rc;
  if (o->input == NULL) return tetra_fail(err, TETRA_EINVAL, "equiv: --input IMAGES is needed");
  if (o->radius < 0) return tetra_fail(err, TETRA_EINVAL, "equiv: --radius R is needed; 0 asks about the images alone");
  if (o->how.top1 && o->how.eps >= 0)
    return tetra_fail(err, TETRA_EINVAL, "equiv: --top1 and --eps are two questions; one of them is accepted");
  if (o->how.sure > 0 && !o->how.top1)
    return tetra_fail(err, TETRA_EINVAL, "equiv: --sure %g is about the best class; it is accepted with --top1",
                      o->how.sure);
  if (o->how.eps < 0) o->how.eps = 0;
  return TETRA_OK;
}
