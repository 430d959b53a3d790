/* The command line of `./sim quantize`. */
#define _GNU_SOURCE
#include "commands/quantize/options.h"

#include <getopt.h>
#include <string.h>

#include "cli/image_options.h"
#include "cli/parse.h"
#include "cli/refuse_option.h"

enum {
  OPT_CALIBRATE = 256,
  OPT_PRECISION,
  OPT_OUT,
  OPT_NO_SEARCH,
  OPT_BITS,
  OPT_NESTED,
  OPT_RESIDUAL,
  OPT_JSON,
  OPT_METHOD,
  OPT_GRANULARITY,
  OPT_DATA_FREE,
  OPT_KEEP_CHANNELS,
  OPT_HELP
};

static const struct option kOptions[] = {{"calibrate", required_argument, NULL, OPT_CALIBRATE},
                                         {"precision", required_argument, NULL, OPT_PRECISION},
                                         {"output", required_argument, NULL, OPT_OUT},
                                         SIM_IMAGE_ROWS,
                                         {"method", required_argument, NULL, OPT_METHOD},
                                         {"granularity", required_argument, NULL, OPT_GRANULARITY},
                                         {"data-free", no_argument, NULL, OPT_DATA_FREE},
                                         {"keep-channels", no_argument, NULL, OPT_KEEP_CHANNELS},
                                         {"no-search", no_argument, NULL, OPT_NO_SEARCH},
                                         {"bits", required_argument, NULL, OPT_BITS},
                                         {"nested", no_argument, NULL, OPT_NESTED},
                                         {"residual", required_argument, NULL, OPT_RESIDUAL},
                                         {"json", required_argument, NULL, OPT_JSON},
                                         {"help", no_argument, NULL, OPT_HELP},
                                         {NULL, 0, NULL, 0}};

static int parse_residual(const char *text, struct quantize_options *o, struct tetra_error *err) {
  o->how.separate = strcmp(text, "separate") == 0;
  if (o->how.separate || strcmp(text, "joint") == 0) return TETRA_OK;
  return sim_parse_refuse("residual", text, "joint or separate is", err);
}

static int parse_method(const char *text, struct quantize_options *o, struct tetra_error *err) {
  const int method = tetra_quantize_method_parse(text);
  if (method < 0) {
    return tetra_fail(err, TETRA_EINVAL, "method '%.60s': %s are accepted", text, TETRA_QUANTIZE_METHOD_NAMES);
  }
  o->how.method = (enum tetra_quantize_method)method;
  return TETRA_OK;
}

static int parse_granularity(const char *text, struct quantize_options *o, struct tetra_error *err) {
  uint64_t n = 0;
  if (strcmp(text, "channel") == 0) {
    o->how.granularity = 1;
  } else if (strcmp(text, "tensor") == 0) {
    o->how.granularity = 0;
  } else if (strncmp(text, "group:", 6) == 0 &&
             sim_parse_uint("granularity group", text + 6, 1, 1000000, &n, err) == TETRA_OK) {
    o->how.granularity = (int)n;
  } else {
    return tetra_fail(err, TETRA_EINVAL,
                      "granularity '%.60s': tensor, channel, or group:N with N from 1 to 1000000 are accepted", text);
  }
  return TETRA_OK;
}

static int parse_one(int option, const char *text, struct quantize_options *o, struct tetra_error *err) {
  int rc;
  if (sim_image_option(option, text, &o->pixels, &o->limit, &rc, err)) return rc;
  switch (option) {
    case OPT_RESIDUAL:
      return parse_residual(text, o, err);
    case OPT_NESTED:
      o->how.nested = 1;
      return TETRA_OK;
    case OPT_CALIBRATE:
      o->calibrate = text;
      return TETRA_OK;
    case OPT_PRECISION:
      o->precision_given = 1;
      return sim_parse_precision(text, &o->how.precision, err);
    case OPT_BITS:
      o->bits = text;
      return TETRA_OK;
    case 'o':
    case OPT_OUT:
      o->out = text;
      return TETRA_OK;
    case OPT_JSON:
      o->json = text;
      return TETRA_OK;
    case OPT_METHOD:
      o->method = text;
      return parse_method(text, o, err);
    case OPT_GRANULARITY:
      return parse_granularity(text, o, err);
    case OPT_DATA_FREE:
      o->how.data_free = 1;
      return TETRA_OK;
    case OPT_KEEP_CHANNELS:
      o->how.keep_channels = 1;
      return TETRA_OK;
    case OPT_NO_SEARCH:
      o->no_search = 1;
      return TETRA_OK;
    default:
      o->help = 1;
      return TETRA_OK;
  }
}

static int parse_network(int argc, char **argv, struct quantize_options *o, struct tetra_error *err) {
  if (optind >= argc) {
    return tetra_fail(err, TETRA_EINVAL,
                      "quantize: no network given; a float .onnx file is accepted, or a CIFAR-10 ResNet's .npz");
  }
  if (optind + 1 < argc) {
    return tetra_fail(err, TETRA_EINVAL, "quantize: '%.60s' after '%.60s': one network is accepted", argv[optind + 1],
                      argv[optind]);
  }
  o->network = argv[optind];
  return TETRA_OK;
}

/* Pixels are all that is known of an image then. */
static void without_data(struct quantize_options *o) {
  if (o->method == NULL && !o->no_search) o->how.method = TETRA_METHOD_SQUANT;
  for (int c = 0; c < 3; c++) {
    o->how.image_low[c] = (0 - o->pixels.mean[c]) / o->pixels.std[c];
    o->how.image_high[c] = (1 - o->pixels.mean[c]) / o->pixels.std[c];
  }
}

int quantize_options_parse(int argc, char **argv, struct quantize_options *o, struct tetra_error *err) {
  memset(o, 0, sizeof *o);
  tetra_quantize_defaults(&o->how);
  o->how.precision = TETRA_W4A4_INIT8_DENSE8;
  sim_pixels_default(&o->pixels);
  o->limit = QUANTIZE_LIMIT;
  opterr = 0;
  optind = 1;
  for (;;) {
    const int option = getopt_long(argc, argv, "o:h", kOptions, NULL);
    if (option == -1) break;
    if (option == '?') return sim_refuse_option("quantize", argv[optind - 1], kOptions, err);
    const int rc = parse_one(option, optarg, o, err);
    if (rc != TETRA_OK || o->help) return rc;
  }
  const int rc = parse_network(argc, argv, o, err);
  if (rc != TETRA_OK) return rc;
  if (o->calibrate == NULL && !o->how.data_free) {
    return tetra_fail(err, TETRA_EINVAL,
                      "quantize: --calibrate IMAGES.npy is needed, or --data-free where the network has batch norms");
  }
  if (o->calibrate != NULL && o->how.data_free) {
    return tetra_fail(err, TETRA_EINVAL, "quantize: --data-free reads no images; leave it or --calibrate out");
  }
  if (o->pixels.layout != SIM_LAYOUT_ANY && o->how.data_free) {
    return tetra_fail(err, TETRA_EINVAL, "quantize: --data-free reads no images; leave it or --layout out");
  }
  if (o->bits != NULL && o->precision_given) {
    return tetra_fail(err, TETRA_EINVAL, "quantize: --precision and --bits both say how many bits; one is accepted");
  }
  if (o->how.nested && o->precision_given && o->how.precision != TETRA_W4A8) {
    return tetra_fail(err, TETRA_EINVAL,
                      "quantize: --nested has 8-bit inputs in both networks; --precision w4a8, or none, is accepted");
  }
  if (o->how.nested && o->bits == NULL) o->how.precision = TETRA_W4A8;
  if (o->out == NULL) return tetra_fail(err, TETRA_EINVAL, "quantize: -o FILE.onnx is needed");
  if (o->no_search && o->method != NULL) {
    return tetra_fail(err, TETRA_EINVAL, "quantize: --no-search is --method max; with --method %s leave it out",
                      o->method);
  }
  if (o->no_search) o->how.method = TETRA_METHOD_MAX;
  if (o->how.data_free) without_data(o);
  return TETRA_OK;
}
