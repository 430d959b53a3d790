/* The command line of ./sim: the first table of options, and the loop over all. */
#define _GNU_SOURCE
#include "cli/options.h"

#include <getopt.h>
#include <string.h>

#include "base/jobs.h"
#include "base/spelling.h"
#include "cli/file_options.h"
#include "cli/hardware.h"
#include "cli/image_options.h"
#include "cli/outputs.h"
#include "cli/parse.h"
#include "cli/pieces.h"
#include "cli/refuse_option.h"

/* Takes the next of a comma-separated list off *list; "" where nothing stands between two commas. 0: no more. */
static int next_name(const char **list, char name[80]) {
  if (*list == NULL) return 0;
  const size_t n = strcspn(*list, ",");
  snprintf(name, 80, "%.*s", (int)(n < 79 ? n : 79), *list);
  *list = (*list)[n] == ',' ? *list + n + 1 : NULL;
  return 1;
}

static int take_precisions(const char *text, struct sim_options *o, struct tetra_error *err) {
  char name[80];
  o->n_precisions = 0;
  while (next_name(&text, name)) {
    enum tetra_precision p;
    const int rc = sim_parse_precision(name, &p, err);
    if (rc != TETRA_OK) return rc;
    if (o->n_precisions == SIM_RUNS_MAX) {
      return tetra_fail(err, TETRA_EINVAL, "--precision: at most %d of them are accepted", SIM_RUNS_MAX);
    }
    for (int i = 0; i < o->n_precisions; i++) {
      if (o->precisions[i] == p) {
        return tetra_fail(err, TETRA_EINVAL, "--precision: '%.60s' is given twice", name);
      }
    }
    o->precisions[o->n_precisions++] = p;
  }
  return TETRA_OK;
}

static int take_check(const char *text, struct sim_options *o, struct tetra_error *err) {
  static const char *const names[] = {"layer", "final", "none"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(text, names[i]) == 0) {
      o->check = (enum sim_check)i;
      return TETRA_OK;
    }
  }
  return sim_parse_refuse("check", text, "layer, final or none is", err);
}

static int take_color(const char *text, struct sim_options *o, struct tetra_error *err) {
  static const char *const names[] = {"auto", "always", "never"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(text, names[i]) == 0) {
      o->color = (enum sim_color)i;
      return TETRA_OK;
    }
  }
  return sim_parse_refuse("color", text, "auto, always or never is", err);
}

static int take_width(const char *text, struct sim_options *o, struct tetra_error *err) {
  return sim_parse_real("width", text, 0, 0, 4, &o->net.width, err);
}

static int take_mhz(const char *text, struct sim_options *o, struct tetra_error *err) {
  return sim_parse_real("mhz", text, 0, 0, 1e6, &o->mhz, err);
}

static int take_seed(const char *text, struct sim_options *o, struct tetra_error *err) {
  return sim_parse_uint("seed", text, 0, UINT64_MAX, &o->net.seed, err);
}

static int take_batch(const char *text, struct sim_options *o, struct tetra_error *err) {
  uint64_t v = 0;
  const int rc = sim_parse_uint("batch", text, 1, 256, &v, err);
  if (rc == TETRA_OK) o->net.batch = (int)v;
  o->batch_given = rc == TETRA_OK;
  return rc;
}

static int take_size(const char *text, struct sim_options *o, struct tetra_error *err) {
  return sim_parse_int("size", text, 32, 512, &o->net.image_size, err);
}

static int take_segments(const char *text, struct sim_options *o, struct tetra_error *err) {
  return sim_parse_int("segments", text, 1, SIM_JOBS_MAX, &o->segments, err);
}

static int take_sample(const char *text, struct sim_options *o, struct tetra_error *err) {
  return sim_parse_int("sample", text, 1, SIM_JOBS_MAX, &o->sample, err);
}

static int take_jobs(const char *text, struct sim_options *o, struct tetra_error *err) {
  return sim_parse_u32("jobs", text, 1, SIM_JOBS_MAX, &o->jobs, err);
}

/* In the order of --help. */
static const struct sim_option kOptions[] = {
    SIM_TAKE("precision", take_precisions, SIM_BUILTIN_ONLY,
             "  --precision P[,P...]     " TETRA_PRECISION_NAMES " (default)\n"),
    SIM_TAKE("width", take_width, SIM_BUILTIN_ONLY,
             "  --width M                channels times M, above 0, at most 4 (1); the stem keeps 64\n"),
    SIM_TAKE("size", take_size, SIM_BUILTIN_ONLY, "  --size N                 input of N x N pixels, 32..512 (224)\n"),
    SIM_TAKE("batch", take_batch, SIM_ANY_RUN,
             "  --batch N                images at once, 1..256 (1; a file may fix it)\n"),
    SIM_TEXT(
        "image", image, SIM_RTL_ONLY,
        "  --image FILE             .jpg, .png or uint8 .npy picture instead of the synthetic one (alias --input);\n"
        "                           scaled as Pillow's bilinear filter does, the shorter side to N*256/224, and\n"
        "                           its centre cut out\n"),
    SIM_TAKE("seed", take_seed, SIM_ANY_RUN,
             "  --seed N                 of weights, synthetic image and DRAM stalls (1)\n"),
    SIM_TEXT(
        "layers", layers, SIM_ANY_RUN,
        "  --layers A..B            only layers A to B, names or numbers from 0; their inputs come from the C model\n"),
    SIM_TAKE(
        "segments", take_segments, SIM_RTL_ONLY,
        "  --segments N             the network in N pieces of nearly equal cycles, each on the RTL in a process of "
        "its\n"
        "                           own, as many at once as there are processors or --jobs says; every layer is "
        "compared\n"),
    SIM_TAKE("sample", take_sample, SIM_RTL_ONLY,
             "  --sample N               only N layers (with what they are interleaved with), drawn by --seed; says "
             "what was not "
             "checked\n"),
    SIM_TAKE("check", take_check, SIM_RTL_ONLY,
             "  --check layer|final|none compare every layer (default), the last one, nothing\n"),
    SIM_SET("no-fuse", net.fuse, 0, SIM_ANY_RUN,
            "  --no-fuse                every tensor is written: residual additions (of built-in networks), the stem's "
            "max\n"
            "                           pool and clamps (of networks from files) as layers of their own\n"),
    SIM_TAKE("mhz", take_mhz, SIM_ANY_RUN, "  --mhz F                  a clock, to give frames per second\n"),
    SIM_TEXT("trace", trace, SIM_RTL_ONLY,
             "  --trace FILE.fst         waveform of one layer, from the end of the layer before; needs a build with\n"
             "                           -DTETRA_TRACE=ON\n"),
    SIM_TEXT("trace-layer", trace_layer, SIM_RTL_ONLY, "  --trace-layer LAYER      that layer, a name or number\n"),
    SIM_TEXT(
        "timeline", timeline, SIM_ANY_RUN,
        "  --timeline FILE.json     what each engine does when, to look at on ui.perfetto.dev (a cycle is shown as 1 "
        "us)\n"),
    SIM_TEXT("energy", energy, SIM_ANY_RUN,
             "  --energy TABLE.json      energy of each layer with this table's costs (docs/silicon.md), here and "
             "in the\n"
             "                           result files; at --mhz, else the table's clock\n"),
#define SIM_REPORT(name, help) SIM_TEXT(#name, reports[SIM_REPORT_##name], SIM_ANY_RUN, help),
#include "cli/reports.def"
#undef SIM_REPORT
    SIM_TEXT("export-plan", export_plan, SIM_ANY_RUN,
             "  --export-plan FILE       no simulation: the plan as firmware links or flashes it; as a C array where "
             "FILE\n"
             "                           ends with .c (and its header, .h)\n"),
    SIM_TEXT("vectors", vectors, SIM_ANY_RUN,
             "  --vectors FOLDER         with --export-plan: the image, and the output expected for it, as .npy and "
             ".bin\n"),
    SIM_TAKE("jobs", take_jobs, SIM_ANY_RUN,
             "  --jobs N                 of several networks, precisions or segments run N at once (1)\n"),
    SIM_SET("model", cycles, SIM_CYCLES_MODEL, SIM_ANY_RUN,
            "  --model                  no simulation: the cycle model's prediction and each layer's bounds\n"),
    SIM_SET("compare-model", cycles, SIM_CYCLES_COMPARE, SIM_ANY_RUN,
            "  --compare-model          after the run, RTL and cycle model beside each other\n"),
    SIM_SET("quiet", quiet, 1, SIM_ANY_RUN, "  --quiet                  no line per layer\n"),
    SIM_TAKE("color", take_color, SIM_ANY_RUN,
             "  --color auto|always|never a layer that differs is red: on a terminal (default), everywhere, nowhere\n"),
    SIM_SET("list", action, SIM_LIST, SIM_ANY_RUN, "  --list, -h, --help, --version\n"),
    SIM_SET("help", action, SIM_HELP, SIM_ANY_RUN, NULL),
    SIM_SET("version", action, SIM_VERSION, SIM_ANY_RUN, NULL),
    SIM_TEXT("inject-weight-flip", flip_layer, SIM_RTL_ONLY, NULL), /* for tests */
    SIM_END};

#define OPTIONS_MAX 96
#define FIRST_OPTION 256 /* above every character, which is what getopt says of short options */

/* All tables, for getopt: options[i] is rows[i]. */
static void list_options(struct option options[OPTIONS_MAX + 1], const struct sim_option *rows[OPTIONS_MAX]) {
  const struct sim_option *const tables[] = {kOptions, sim_hardware_options, sim_file_options};
  int n = 0;
  for (int t = 0; t < 3; t++) {
    for (const struct sim_option *row = tables[t]; row->kind != SIM_OPTION_END && n < OPTIONS_MAX; row++, n++) {
      const int has_value = row->kind == SIM_OPTION_SET ? no_argument : required_argument;
      options[n] = (struct option){row->name, has_value, NULL, FIRST_OPTION + n};
      rows[n] = row;
    }
  }
  options[n] = (struct option){NULL, 0, NULL, 0};
}

static int apply(const struct sim_option *row, const char *text, struct sim_options *o, struct tetra_error *err) {
  if (row->only & SIM_BUILTIN_ONLY) o->builtin_only = row->name;
  if (row->only & SIM_RTL_ONLY && o->rtl_only == NULL) o->rtl_only = row->name;
  switch (row->kind) {
    case SIM_OPTION_TEXT:
      memcpy((char *)o + row->field, &text, sizeof text);
      return TETRA_OK;
    case SIM_OPTION_SET:
      memcpy((char *)o + row->field, &row->value, sizeof row->value);
      return TETRA_OK;
    default:
      return row->take(text, o, err);
  }
}

static int check_cycles(const struct sim_options *o, struct tetra_error *err) {
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
  if (o->cycles == SIM_CYCLES_COMPARE &&
      (o->backend != SIM_BACKEND_RTL || o->labels != NULL || o->limit != 0 || o->skip != 0)) {
    return tetra_fail(
        err, TETRA_EINVAL,
        "--backend, --labels, --limit and --skip are not accepted with --compare-model: it takes one image on "
        "the RTL");
  }
  return TETRA_OK;
}

/* What an export has no use for. */
static const char *not_exported(const struct sim_options *o) {
  for (int i = 0; i < SIM_REPORTS; i++) {
    if (o->reports[i] != NULL) return sim_report_option((enum sim_report)i);
  }
  if (o->cycles != SIM_CYCLES_RTL) return o->cycles == SIM_CYCLES_MODEL ? "--model" : "--compare-model";
  if (o->layers != NULL) return "--layers";
  if (o->trace != NULL) return "--trace";
  if (o->timeline != NULL) return "--timeline";
  if (o->energy != NULL) return "--energy";
  if (o->labels != NULL) return "--labels";
  if (o->limit != 0) return "--limit";
  if (o->n_tensors != 0) return sim_tensor_option(&o->tensors[0]);
  if (o->dump_tensors != NULL) return "--dump-tensors";
  if (o->flip_layer != NULL) return "--inject-weight-flip";
  if (o->segments != 0) return "--segments";
  if (o->sample != 0) return "--sample";
  return o->backend != SIM_BACKEND_RTL ? "--backend" : NULL;
}

static int check_export(const struct sim_options *o, struct tetra_error *err) {
  if (o->export_plan == NULL) {
    return o->vectors == NULL ? TETRA_OK
                              : tetra_fail(err, TETRA_EINVAL, "--vectors is accepted together with --export-plan only");
  }
  const char *option = not_exported(o);
  if (option == NULL) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "%s is not accepted with --export-plan, which simulates nothing", option);
}

/* The built-in network of that name, NULL where there is none. */
static const char *find_network(const char *name) {
  for (int i = 0; tetra_network_name(i) != NULL; i++) {
    if (strcmp(name, tetra_network_name(i)) == 0) return tetra_network_name(i);
  }
  return NULL;
}

/* What makes a file of another tool readable; NULL where nothing is known of its ending. */
static const char *conversion(const char *name) {
  static const struct {
    const char *ending, *how;
  } known[] = {{".pt", "torch.onnx.export writes an .onnx file of a PyTorch network"},
               {".pth", "torch.onnx.export writes an .onnx file of a PyTorch network"},
               {".ckpt", "torch.onnx.export writes an .onnx file of a PyTorch network"},
               {".safetensors", "torch.onnx.export writes an .onnx file of a PyTorch network"},
               {".h5", "tf.lite.TFLiteConverter writes a .tflite file of a Keras network"},
               {".keras", "tf.lite.TFLiteConverter writes a .tflite file of a Keras network"}};
  const char *dot = strrchr(name, '.');
  for (size_t i = 0; dot != NULL && i < sizeof known / sizeof *known; i++) {
    if (strcmp(dot, known[i].ending) == 0) return known[i].how;
  }
  return NULL;
}

/* The names of all built-in networks: those of random weights, then trained ones. */
static const char *builtin_name(int i) {
  int seeded = 0;
  while (tetra_network_name(seeded) != NULL) seeded++;
  if (i < seeded) return tetra_network_name(i);
  return sim_trained_at(i - seeded) != NULL ? sim_trained_at(i - seeded)->name : NULL;
}

static int refuse_network(const char *name, const char *names, struct tetra_error *err) {
  if (conversion(name) != NULL)
    return tetra_fail(err, TETRA_EINVAL, "'%.60s' cannot be read; .onnx and .tflite files are: %s", name,
                      conversion(name));
  static const char *const others[] = {
#define SIM_COMMAND(name, usage) #name,
#include "cli/commands.def"
#undef SIM_COMMAND
      "--help", "--list", "--version"};
  struct sim_nearest near = {NULL, 0};
  char hint[SIM_SPELLING_MAX + 20] = "";
  for (int i = 0; builtin_name(i) != NULL; i++) sim_nearest_offer(&near, name, (int)strlen(name), builtin_name(i));
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    sim_nearest_offer(&near, name, (int)strlen(name), others[i]);
  if (near.name != NULL) snprintf(hint, sizeof hint, "did you mean '%s'? ", near.name);
  return tetra_fail(err, TETRA_EINVAL,
                    "'%.60s' is not a network; %sone of %s is accepted, or a .tflite or .onnx file, or with --model a "
                    ".csv",
                    name, hint, names);
}

/* One trained network, whose images are normalized as it learned them unless the user says otherwise. */
static void take_trained(struct sim_options *o, const struct sim_trained *t) {
  o->networks[o->n_networks++] = t->name;
  o->trained = t;
  o->from_file = 1;
  if (o->pixels.normalize) return;
  o->pixels.normalize = 1;
  memcpy(o->pixels.mean, t->mean, sizeof t->mean);
  memcpy(o->pixels.std, t->std, sizeof t->std);
}

static int parse_networks(int argc, char **argv, struct sim_options *o, struct tetra_error *err) {
  char names[160];
  sim_join_names(builtin_name, names, sizeof names);
  if (optind >= argc) return tetra_fail(err, TETRA_EINVAL, "no network given; one of %s is accepted", names);
  if (optind + 1 < argc) {
    return tetra_fail(err, TETRA_EINVAL, "'%.60s' after '%.40s': one network is accepted, or several joined by ','",
                      argv[optind + 1], argv[optind]);
  }
  const char *list = argv[optind];
  char name[80];
  if (sim_trained_find(list) != NULL) {
    take_trained(o, sim_trained_find(list));
    return TETRA_OK;
  }
  if (find_network(list) == NULL && conversion(list) == NULL && sim_is_network_file(list)) {
    o->networks[o->n_networks++] = list;
    o->topology = sim_is_topology(list);
    o->from_file = !o->topology;
    return TETRA_OK;
  }
  while (next_name(&list, name)) {
    const char *found = find_network(name);
    if (sim_trained_find(name) != NULL)
      return tetra_fail(err, TETRA_EINVAL, "'%.60s' is trained and comes in one form; it is accepted alone", name);
    if (found == NULL) return refuse_network(name, names, err);
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

static void set_defaults(struct sim_options *o) {
  memset(o, 0, sizeof *o);
  tetra_network_defaults(&o->net);
  o->precisions[0] = o->net.precision;
  o->n_precisions = 1;
  o->jobs = 0;
  sim_pixels_default(&o->pixels);
}

/* Takes options until one of them asks for another action than a run; all of them otherwise. */
static int take_options(int argc, char **argv, struct sim_options *o, struct tetra_error *err) {
  struct option options[OPTIONS_MAX + 1];
  const struct sim_option *rows[OPTIONS_MAX];
  list_options(options, rows);
  opterr = 0;
  optind = 1;
  while (o->action == SIM_RUN) {
    const int option = getopt_long(argc, argv, "h", options, NULL);
    if (option == -1) break;
    if (option == '?') return sim_refuse_option("", argv[optind - 1], options, err);
    if (option == 'h') {
      o->action = SIM_HELP;
      break;
    }
    const int rc = apply(rows[option - FIRST_OPTION], optarg, o, err);
    if (rc != TETRA_OK) return rc;
  }
  return TETRA_OK;
}

int sim_options_parse(int argc, char **argv, struct sim_options *o, struct tetra_error *err) {
  struct sim_options first;
  set_defaults(o);
  int rc = take_options(argc, argv, o, err);
  if (rc != TETRA_OK || o->action != SIM_RUN) return rc;
  rc = sim_hardware_settle(o, err);
  if (rc != TETRA_OK) return rc;
  if ((o->trace == NULL) != (o->trace_layer == NULL)) {
    return tetra_fail(err, TETRA_EINVAL, "--trace FILE and --trace-layer LAYER are accepted only together");
  }
  rc = check_export(o, err);
  if (rc == TETRA_OK) rc = check_cycles(o, err);
  if (rc == TETRA_OK) rc = sim_pieces_check(o, err);
  if (rc == TETRA_OK) rc = parse_networks(argc, argv, o, err);
  if (rc != TETRA_OK) return rc;
  if (o->trace != NULL && o->n_networks * o->n_precisions > 1) {
    return tetra_fail(err, TETRA_EINVAL, "--trace is accepted with one network in one precision only");
  }
  sim_options_select(o, 0, &first);
  o->net = first.net;
  rc = sim_outputs_refuse_dash(o, err);
  return rc == TETRA_OK ? sim_file_check(o, err) : rc;
}

static void print_help(const struct sim_option *table, FILE *out) {
  for (; table->kind != SIM_OPTION_END; table++) {
    if (table->help != NULL) fputs(table->help, out);
  }
}

static const char kUsage[] =
    "usage: sim NETWORK[,NETWORK...] [options]\n"
    "       sim FILE.onnx|FILE.tflite [--input IMAGES] [options]\n"
    "       sim TOPOLOGY.csv --model [options]     (a topology of SCALE-Sim)\n"
#define SIM_COMMAND(name, usage) "       sim " #name " " usage "\n"
#include "cli/commands.def"
#undef SIM_COMMAND
    "(sim COMMAND --help says more)\n"
    "Runs a ResNet through the accelerator's RTL and compares every layer with the C model.\n"
    "\n";

void sim_options_help(FILE *out) {
  fputs(kUsage, out);
  print_help(kOptions, out);
  fputs("\nThe accelerator and its memory:\n", out);
  print_help(sim_hardware_options, out);
  fputs(
      "\n"
      "Networks from files, and many images:\n"
      "  sim FILE.tflite|FILE.onnx --input FILE [--labels FILE.npy]\n",
      out);
  print_help(sim_file_options, out);
  fputs(
      "\n"
      "Exit code: 0 all equal, 1 a layer differs or the accelerator stopped, 2 bad input or no resources, 3 a process "
      "of\n"
      "--jobs was killed, 130 a run over many images was interrupted.\n",
      out);
}
