#define _GNU_SOURCE
#include "cli/options.h"

#include <getopt.h>
#include <string.h>

#include "base/jobs.h"
#include "machine/memory.h"
#include "files/source.h"
#include "cli/file_options.h"
#include "cli/parse.h"
#include "machine/rtl_model.h"

enum {
  OPT_PRECISION = 256,
  OPT_WIDTH,
  OPT_IMAGE,
  OPT_SEED,
  OPT_LAYERS,
  OPT_ARRAY,
  OPT_CHECK,
  OPT_NO_FUSE,
  OPT_BATCH,
  OPT_SIZE,
  OPT_LATENCY,
  OPT_BANDWIDTH,
  OPT_STALL,
  OPT_MHZ,
  OPT_TRACE,
  OPT_TRACE_LAYER,
  OPT_JSON,
  OPT_TIMELINE,
  OPT_JOBS,
  OPT_MODEL,
  OPT_COMPARE_MODEL,
  OPT_QUIET,
  OPT_LIST,
  OPT_HELP,
  OPT_VERSION,
  OPT_FLIP
};

static const struct option kOptions[] = {{"precision", required_argument, NULL, OPT_PRECISION},
                                         {"width", required_argument, NULL, OPT_WIDTH},
                                         {"image", required_argument, NULL, OPT_IMAGE},
                                         {"input", required_argument, NULL, OPT_IMAGE},
                                         {"seed", required_argument, NULL, OPT_SEED},
                                         {"layers", required_argument, NULL, OPT_LAYERS},
                                         {"array", required_argument, NULL, OPT_ARRAY},
                                         {"check", required_argument, NULL, OPT_CHECK},
                                         {"no-fuse", no_argument, NULL, OPT_NO_FUSE},
                                         {"batch", required_argument, NULL, OPT_BATCH},
                                         {"size", required_argument, NULL, OPT_SIZE},
                                         {"dram-latency", required_argument, NULL, OPT_LATENCY},
                                         {"dram-bytes-per-cycle", required_argument, NULL, OPT_BANDWIDTH},
                                         {"dram-stall", required_argument, NULL, OPT_STALL},
                                         {"mhz", required_argument, NULL, OPT_MHZ},
                                         {"trace", required_argument, NULL, OPT_TRACE},
                                         {"trace-layer", required_argument, NULL, OPT_TRACE_LAYER},
                                         {"timeline", required_argument, NULL, OPT_TIMELINE},
                                         {"json", required_argument, NULL, OPT_JSON},
                                         {"jobs", required_argument, NULL, OPT_JOBS},
                                         {"model", no_argument, NULL, OPT_MODEL},
                                         {"compare-model", no_argument, NULL, OPT_COMPARE_MODEL},
                                         {"quiet", no_argument, NULL, OPT_QUIET},
                                         {"list", no_argument, NULL, OPT_LIST},
                                         {"help", no_argument, NULL, OPT_HELP},
                                         {"version", no_argument, NULL, OPT_VERSION},
                                         {"inject-weight-flip", required_argument, NULL, OPT_FLIP},
                                         SIM_FILE_OPTIONS,
                                         {NULL, 0, NULL, 0}};

/* Names joined by ", " for messages. name(i) is NULL past the last. */
static void join_names(const char *(*name)(int), char *out, size_t size) {
  size_t used = 0;
  out[0] = '\0';
  for (int i = 0; name(i) != NULL && used < size; i++) {
    used += (size_t)snprintf(out + used, size - used, "%s%s", i == 0 ? "" : ", ", name(i));
  }
}

static const char *precision_name(int i) {
  return i <= TETRA_W4A4_INIT8_DENSE8 ? tetra_precision_name((enum tetra_precision)i) : NULL;
}

/* Takes the next of a comma-separated list off *list; "" where nothing stands between two commas. 0: no more. */
static int next_name(const char **list, char name[80]) {
  if (*list == NULL) return 0;
  const size_t n = strcspn(*list, ",");
  snprintf(name, 80, "%.*s", (int)(n < 79 ? n : 79), *list);
  *list = (*list)[n] == ',' ? *list + n + 1 : NULL;
  return 1;
}

static int parse_precisions(const char *text, struct sim_options *o, struct tetra_error *err) {
  char name[80];
  o->n_precisions = 0;
  while (next_name(&text, name)) {
    const int p = tetra_precision_parse(name);
    if (p < 0) {
      char names[160];
      join_names(precision_name, names, sizeof names);
      return tetra_fail(err, TETRA_EINVAL, "--precision: '%.60s' is not accepted; one of %s is", name, names);
    }
    if (o->n_precisions == SIM_RUNS_MAX) {
      return tetra_fail(err, TETRA_EINVAL, "--precision: at most %d of them are accepted", SIM_RUNS_MAX);
    }
    for (int i = 0; i < o->n_precisions; i++) {
      if (o->precisions[i] == (enum tetra_precision)p) {
        return tetra_fail(err, TETRA_EINVAL, "--precision: '%.60s' is given twice", name);
      }
    }
    o->precisions[o->n_precisions++] = (enum tetra_precision)p;
  }
  return TETRA_OK;
}

static int parse_check(const char *text, struct sim_options *o, struct tetra_error *err) {
  static const char *const names[] = {"layer", "final", "none"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(text, names[i]) == 0) {
      o->check = (enum sim_check)i;
      return TETRA_OK;
    }
  }
  return sim_parse_refuse("check", text, "layer, final or none is", err);
}

static int parse_whole(int option, const char *text, struct sim_options *o, struct tetra_error *err) {
  uint64_t v = 0;
  int rc;
  switch (option) {
    case OPT_SEED:
      return sim_parse_uint("seed", text, 0, UINT64_MAX, &o->net.seed, err);
    case OPT_BATCH:
      rc = sim_parse_uint("batch", text, 1, 256, &v, err);
      if (rc == TETRA_OK) o->net.batch = (int)v;
      return rc;
    case OPT_SIZE:
      rc = sim_parse_uint("size", text, 32, 512, &v, err);
      if (rc == TETRA_OK) o->net.image_size = (int)v;
      return rc;
    case OPT_JOBS:
      rc = sim_parse_uint("jobs", text, 1, SIM_JOBS_MAX, &v, err);
      if (rc == TETRA_OK) o->jobs = (unsigned)v;
      return rc;
    case OPT_LATENCY:
      rc = sim_parse_uint("dram-latency", text, 1, TETRA_MEMORY_MAX_LATENCY, &v, err);
      if (rc == TETRA_OK) o->latency = (uint32_t)v;
      return rc;
    default:
      rc = sim_parse_uint("dram-bytes-per-cycle", text, 1, TETRA_MEMORY_MAX_RATE, &v, err);
      if (rc == TETRA_OK) o->bytes_per_cycle = (uint32_t)v;
      return rc;
  }
}

/* Does the option say something of a simulation, or of the images that it works on? The cycle model has neither. */
static int is_rtl_only(int option) {
  switch (option) {
    case OPT_IMAGE:
    case OPT_CHECK:
    case OPT_TRACE:
    case OPT_TRACE_LAYER:
    case OPT_TIMELINE:
    case OPT_FLIP:
    case OPT_BACKEND:
    case OPT_LABELS:
    case OPT_LIMIT:
    case OPT_PROGRESS:
    case OPT_MEAN:
    case OPT_STD:
      return 1;
    default:
      return 0;
  }
}

static int check_model(const struct sim_options *o, struct tetra_error *err) {
  if (o->cycles == SIM_CYCLES_RTL) return TETRA_OK;
  const char *option = o->cycles == SIM_CYCLES_MODEL ? "--model" : "--compare-model";
  if (o->stall > 0) {
    return tetra_fail(err, TETRA_EINVAL,
                      "--dram-stall: the cycle model has no random stalls; only 0 is accepted with %s", option);
  }
  if (o->cycles == SIM_CYCLES_MODEL && o->rtl_only != NULL) {
    return tetra_fail(err, TETRA_EINVAL, "--%s has no meaning without a simulation; it is not accepted with --model",
                      o->rtl_only);
  }
  if (o->cycles == SIM_CYCLES_COMPARE && (o->backend != SIM_BACKEND_RTL || o->labels != NULL || o->limit != 0)) {
    return tetra_fail(err, TETRA_EINVAL,
                      "--backend, --labels and --limit are not accepted with --compare-model: it takes one image on "
                      "the RTL");
  }
  return TETRA_OK;
}

static int parse_one(int option, const char *text, struct sim_options *o, struct tetra_error *err) {
  if (option >= OPT_FILE_FIRST) return sim_file_option(option, text, o, err);
  if (option == OPT_PRECISION) o->builtin_only = "precision";
  if (option == OPT_WIDTH) o->builtin_only = "width";
  if (option == OPT_SIZE) o->builtin_only = "size";
  if (option == OPT_NO_FUSE) o->builtin_only = "no-fuse";
  switch (option) {
    case OPT_PRECISION:
      return parse_precisions(text, o, err);
    case OPT_WIDTH:
      return sim_parse_real("width", text, 0, 0, 4, &o->net.width, err);
    case OPT_IMAGE:
      o->image = text;
      return TETRA_OK;
    case OPT_LAYERS:
      o->layers = text;
      return TETRA_OK;
    case OPT_ARRAY:
      return sim_parse_array(text, &o->array, err);
    case OPT_CHECK:
      return parse_check(text, o, err);
    case OPT_NO_FUSE:
      o->net.fuse = 0;
      return TETRA_OK;
    case OPT_STALL:
      return sim_parse_real("dram-stall", text, 0, 1, TETRA_MEM_MAX_STALL, &o->stall, err);
    case OPT_MHZ:
      return sim_parse_real("mhz", text, 0, 0, 1e6, &o->mhz, err);
    case OPT_TRACE:
      o->trace = text;
      return TETRA_OK;
    case OPT_TRACE_LAYER:
      o->trace_layer = text;
      return TETRA_OK;
    case OPT_TIMELINE:
      o->timeline = text;
      return TETRA_OK;
    case OPT_JSON:
      o->json = text;
      return TETRA_OK;
    case OPT_MODEL:
      o->cycles = SIM_CYCLES_MODEL;
      return TETRA_OK;
    case OPT_COMPARE_MODEL:
      o->cycles = SIM_CYCLES_COMPARE;
      return TETRA_OK;
    case OPT_QUIET:
      o->quiet = 1;
      return TETRA_OK;
    case OPT_LIST:
      o->action = SIM_LIST;
      return TETRA_OK;
    case OPT_HELP:
      o->action = SIM_HELP;
      return TETRA_OK;
    case OPT_VERSION:
      o->action = SIM_VERSION;
      return TETRA_OK;
    case OPT_FLIP:
      o->flip_layer = text;
      return TETRA_OK;
    default:
      return parse_whole(option, text, o, err);
  }
}

/* The built-in network of that name, NULL where there is none. */
static const char *find_network(const char *name) {
  for (int i = 0; tetra_network_name(i) != NULL; i++) {
    if (strcmp(name, tetra_network_name(i)) == 0) return tetra_network_name(i);
  }
  return NULL;
}

static int parse_networks(int argc, char **argv, struct sim_options *o, struct tetra_error *err) {
  char names[160];
  join_names(tetra_network_name, names, sizeof names);
  if (optind >= argc) return tetra_fail(err, TETRA_EINVAL, "no network given; one of %s is accepted", names);
  if (optind + 1 < argc) {
    return tetra_fail(err, TETRA_EINVAL, "'%.60s' after '%.40s': one network is accepted, or several joined by ','",
                      argv[optind + 1], argv[optind]);
  }
  const char *list = argv[optind];
  char name[80];
  if (find_network(list) == NULL && sim_is_model_file(list)) {
    o->networks[o->n_networks++] = list;
    o->model = 1;
    return TETRA_OK;
  }
  while (next_name(&list, name)) {
    const char *found = find_network(name);
    if (found == NULL) {
      return tetra_fail(err, TETRA_EINVAL,
                        "'%.60s' is not a network; one of %s is accepted, or a .tflite or .onnx file", name, names);
    }
    if (o->n_networks == SIM_RUNS_MAX) {
      return tetra_fail(err, TETRA_EINVAL, "at most %d networks are accepted", SIM_RUNS_MAX);
    }
    for (int i = 0; i < o->n_networks; i++) {
      if (o->networks[i] == found) return tetra_fail(err, TETRA_EINVAL, "network '%.60s' is given twice", name);
    }
    o->networks[o->n_networks++] = found;
  }
  return TETRA_OK;
}

void sim_options_select(const struct sim_options *all, int i, struct sim_options *one) {
  *one = *all;
  one->n_networks = one->n_precisions = 1;
  one->networks[0] = one->net.network = all->networks[i / all->n_precisions];
  one->precisions[0] = one->net.precision = all->precisions[i % all->n_precisions];
}

/* getopt found an option that does not exist, or one with a value it does not take, or without the one it needs. */
static int refuse_option(const char *text, struct tetra_error *err) {
  if (optopt >= OPT_PRECISION) {
    return tetra_fail(err, TETRA_EINVAL, "option '%.60s' %s", text,
                      strchr(text, '=') != NULL ? "takes no value" : "does not have the value it needs");
  }
  const char letter[] = {'-', (char)optopt, '\0'};
  return tetra_fail(err, TETRA_EINVAL, "unknown option '%.60s'; --help lists what is accepted",
                    optopt != 0 ? letter : text);
}

int sim_options_parse(int argc, char **argv, struct sim_options *o, struct tetra_error *err) {
  struct sim_options first;
  memset(o, 0, sizeof *o);
  tetra_network_defaults(&o->net);
  o->precisions[0] = o->net.precision;
  o->n_precisions = 1;
  o->jobs = 1;
  sim_file_defaults(o);
  o->array = 16;
  o->latency = 64;
  opterr = 0;
  optind = 1;
  for (;;) {
    int index = 0;
    const int option = getopt_long(argc, argv, "", kOptions, &index);
    if (option == -1) break;
    if (option == '?') return refuse_option(argv[optind - 1], err);
    if (is_rtl_only(option) && o->rtl_only == NULL) o->rtl_only = kOptions[index].name;
    const int rc = parse_one(option, optarg, o, err);
    if (rc != TETRA_OK) return rc;
    if (o->action != SIM_RUN) return TETRA_OK;
  }
  if (o->bytes_per_cycle == 0) o->bytes_per_cycle = o->array;
  if ((o->trace == NULL) != (o->trace_layer == NULL)) {
    return tetra_fail(err, TETRA_EINVAL, "--trace FILE and --trace-layer LAYER are accepted only together");
  }
  int rc = check_model(o, err);
  if (rc == TETRA_OK) rc = parse_networks(argc, argv, o, err);
  if (rc != TETRA_OK) return rc;
  if (o->trace != NULL && o->n_networks * o->n_precisions > 1) {
    return tetra_fail(err, TETRA_EINVAL, "--trace is accepted with one network in one precision only");
  }
  sim_options_select(o, 0, &first);
  o->net = first.net;
  return sim_file_check(o, err);
}

void sim_options_list(FILE *out) {
  fputs("networks:  ", out);
  for (int i = 0; tetra_network_name(i) != NULL; i++) fprintf(out, " %s", tetra_network_name(i));
  fputs("\nprecisions:", out);
  for (int i = 0; precision_name(i) != NULL; i++) fprintf(out, " %s", precision_name(i));
  fputs("\narrays:    ", out);
  for (int i = 0; rtl_model_size(i) != 0; i++) fprintf(out, " %u", rtl_model_size(i));
  fputs("\n", out);
}

void sim_options_help(FILE *out) {
  fputs(
      "usage: sim NETWORK[,NETWORK...] [options]\n"
      "       sim pareto [options]     (sim pareto --help)\n"
      "       sim quantize MODEL --calibrate IMAGES -o FILE.onnx [options]     (sim quantize --help)\n"
      "Runs a ResNet through the accelerator's RTL and compares every layer with the C model.\n"
      "\n"
      "  --precision P[,P...]     w8a8, w4a8, w4a4 or w4a4-init8-dense8 (default)\n"
      "  --width M                channels times M, above 0, at most 4 (1); the stem keeps 64\n"
      "  --size N                 input of N x N pixels, 32..512 (224)\n"
      "  --batch N                images at once, 1..256 (1)\n"
      "  --image FILE             .jpg, .png or uint8 .npy picture instead of the synthetic one (alias --input);\n"
      "                           scaled so that the shorter side is N*256/224, then the centre is cut out\n"
      "  --seed N                 of weights, synthetic image and DRAM stalls (1)\n"
      "  --layers A..B            only layers A to B, names or numbers from 0; their inputs come from the C model\n"
      "  --array N or NxN         array size (16); --list shows those built into this program\n"
      "  --check layer|final|none compare every layer (default), the last one, nothing\n"
      "  --no-fuse                residual additions and the max pool as layers of their own\n"
      "  --dram-latency N         cycles from a read address to its data and from write data to their response (64)\n"
      "  --dram-bytes-per-cycle N reads and writes together (the array's side)\n"
      "  --dram-stall P           probability of withholding ready or valid, per cycle and channel, 0..0.95 (0)\n"
      "  --mhz F                  a clock, to give frames per second\n"
      "  --trace FILE.fst         waveform of the layer given with --trace-layer (a name or number), from the end of\n"
      "                           the layer before; needs a build with -DTETRA_TRACE=ON\n"
      "  --timeline FILE.json     what each engine does when, to look at on ui.perfetto.dev (a cycle is shown as 1 "
      "us)\n"
      "  --json FILE              results for programs; of several runs each has a file, FILE-NETWORK-PRECISION\n"
      "  --jobs N                 of several networks or precisions run N at once (1)\n"
      "  --model                  no simulation: the cycle model's prediction and each layer's bounds\n"
      "  --compare-model          after the run, RTL and cycle model beside each other\n"
      "  --quiet                  no line per layer\n"
      "  --list, --help, --version\n" SIM_FILE_HELP
      "\n"
      "Exit code: 0 all equal, 1 a layer differs or the accelerator stopped, 2 bad input or no resources.\n",
      out);
}
