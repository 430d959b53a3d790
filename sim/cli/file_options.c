/* The second table of options: networks from files, and many images. */
#include "cli/file_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/image_options.h"
#include "cli/parse.h"

static const char *const kBackends[] = {"rtl", "cmodel", "fast"};

const char *sim_backend_name(enum sim_backend b) { return kBackends[b]; }

static int take_backend(const char *text, struct sim_options *o, struct tetra_error *err) {
  for (int i = 0; i < 3; i++) {
    if (strcmp(text, kBackends[i]) == 0) {
      o->backend = (enum sim_backend)i;
      return TETRA_OK;
    }
  }
  return sim_parse_refuse("backend", text, "rtl, cmodel or fast is", err);
}

static int take_skip(const char *text, struct sim_options *o, struct tetra_error *err) {
  return sim_parse_int("skip", text, 0, 1000000000, &o->skip, err);
}

/* The options that other commands have, too. */
static int take_shared(int option, const char *text, struct sim_options *o, struct tetra_error *err) {
  int rc = TETRA_EINVAL;
  (void)!sim_image_option(option, text, &o->pixels, &o->limit, &rc, err);
  return rc;
}

static int take_layout(const char *text, struct sim_options *o, struct tetra_error *err) {
  return take_shared(SIM_OPT_LAYOUT, text, o, err);
}

static int take_mean(const char *text, struct sim_options *o, struct tetra_error *err) {
  return take_shared(SIM_OPT_MEAN, text, o, err);
}

static int take_std(const char *text, struct sim_options *o, struct tetra_error *err) {
  return take_shared(SIM_OPT_STD, text, o, err);
}

static int take_limit(const char *text, struct sim_options *o, struct tetra_error *err) {
  return take_shared(SIM_OPT_LIMIT, text, o, err);
}

static int take_rounding(const char *text, struct sim_options *o, struct tetra_error *err) {
  static const char *const names[] = {
      [TETRA_TFLITE_DOUBLE] = "double", [TETRA_TFLITE_SINGLE] = "single", [TETRA_TFLITE_LITERT] = "litert"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(text, names[i]) != 0) continue;
    o->tflite_rounding = (enum tetra_tflite_rounding)i;
    return TETRA_OK;
  }
  return sim_parse_refuse("tflite-rounding", text, "double, single or litert is", err);
}

static int add_tensor(const char *option, struct sim_tensor_file t, struct sim_options *o, struct tetra_error *err) {
  if (o->n_tensors == SIM_TENSOR_FILES_MAX) {
    return tetra_fail(err, TETRA_EINVAL, "--%s: at most %d files of tensors are accepted", option,
                      SIM_TENSOR_FILES_MAX);
  }
  o->tensors[o->n_tensors++] = t;
  return TETRA_OK;
}

static int take_output(const char *text, struct sim_options *o, struct tetra_error *err) {
  return add_tensor("output", (struct sim_tensor_file){NULL, 0, text}, o, err);
}

static int take_output_layer(const char *text, struct sim_options *o, struct tetra_error *err) {
  const char *is = strchr(text, '=');
  if (is == NULL || is == text || is[1] == '\0') return sim_parse_refuse("output-layer", text, "NAME=FILE.npy is", err);
  return add_tensor("output-layer", (struct sim_tensor_file){text, (int)(is - text), is + 1}, o, err);
}

/* In the order of --help. --jobs is in the first table. */
const struct sim_option sim_file_options[] = {
    SIM_TEXT(
        "input", image, SIM_RTL_ONLY,
        "  --input FILE             .npy with [n][h][w][c] of int8 codes, uint8 pixels or float32, a picture, or a\n"
        "                           folder of pictures, in the order of their names\n"),
    SIM_TAKE("layout", take_layout, SIM_RTL_ONLY, SIM_LAYOUT_HELP),
    SIM_TEXT("labels", labels, SIM_RTL_ONLY,
             "  --labels FILE.npy        classes of the images: accuracy is printed, otherwise predictions\n"),
    SIM_TEXT("classes", classes, SIM_RTL_ONLY,
             "  --classes FILE           names of the classes, one a line: the five that lead are printed with them\n"),
    SIM_TAKE("backend", take_backend, SIM_RTL_ONLY,
             "  --backend B              rtl (default), cmodel (plain loops) or fast (vectors)\n"),
    SIM_TAKE("limit", take_limit, SIM_RTL_ONLY,
             "  --limit N                the first N images only\n"
             "  --jobs N                 images in N processes at once (fast: the processors; else 1)\n"),
    SIM_TAKE("skip", take_skip, SIM_RTL_ONLY, "  --skip N                 all but the first N images\n"),
    SIM_TAKE("output", take_output, SIM_RTL_ONLY,
             "  --output FILE.npy        the network's output of every image, float32 in [n][h][w][c], or [n][c] of "
             "one pixel\n"),
    SIM_TAKE("output-layer", take_output_layer, SIM_RTL_ONLY,
             "  --output-layer NAME=FILE.npy the same of any tensor or layer; may be given more than once\n"),
    SIM_TEXT("dump-tensors", dump_tensors, SIM_RTL_ONLY,
             "  --dump-tensors FOLDER    the same of every tensor that is written to memory, NUMBER-NAME.npy each\n"),
    SIM_SET("output-codes", output_codes, 1, SIM_RTL_ONLY,
            "  --output-codes           these files hold codes, int8 or uint8, in place of float32\n"),
    SIM_SET("progress", progress, 1, SIM_RTL_ONLY,
            "  --progress               images done, rate and time left, also where standard output is no terminal\n"),
    SIM_TAKE("mean", take_mean, SIM_RTL_ONLY, SIM_PIXELS_HELP),
    SIM_TAKE("std", take_std, SIM_RTL_ONLY, NULL),
    SIM_TAKE("tflite-rounding", take_rounding, SIM_ANY_RUN,
             "  --tflite-rounding M      double (default), as TensorFlow Lite Micro rounds, single, as builds with\n"
             "                           TFLITE_SINGLE_ROUNDING, or litert, as LiteRT's reference kernels\n"),
    SIM_TEXT(
        "bits", bits, SIM_ANY_RUN,
        "  --bits B                 weights of 8 (default) or 4 bits of a nested network (sim quantize --nested) or a\n"
        "                           built-in w8a8, or a file that says it by layer, {\"layers\": {\"NAME\": "
        "\"w4a8\"}}\n"),
    SIM_END};

int sim_is_network_file(const char *name) {
  const size_t n = strlen(name);
  const int named = (n > 7 && strcmp(name + n - 7, ".tflite") == 0) || (n > 5 && strcmp(name + n - 5, ".onnx") == 0);
  return named || strchr(name, '/') != NULL || access(name, F_OK) == 0;
}

int sim_is_topology(const char *name) {
  const size_t n = strlen(name);
  return n > 4 && strcmp(name + n - 4, ".csv") == 0;
}

/* Shapes without weights: nothing but their cycles can be told. */
static int check_topology(const struct sim_options *o, struct tetra_error *err) {
  struct tetra_network_options usual;
  tetra_network_defaults(&usual);
  if (o->cycles != SIM_CYCLES_MODEL) {
    return tetra_fail(err, TETRA_EINVAL,
                      "'%.200s' is taken for a SCALE-Sim topology, which has no weights; it is accepted with --model "
                      "only",
                      o->net.network);
  }
  if (o->n_precisions > 1) return tetra_fail(err, TETRA_EINVAL, "--precision: a topology is accepted with one only");
  if (o->net.width != usual.width || o->net.image_size != usual.image_size || !o->net.fuse) {
    return tetra_fail(err, TETRA_EINVAL, "--width, --size and --no-fuse are not accepted with a SCALE-Sim topology");
  }
  return TETRA_OK;
}

int sim_file_check(const struct sim_options *o, struct tetra_error *err) {
  if (o->topology) return check_topology(o, err);
  if (o->trained != NULL && o->builtin_only != NULL) {
    return tetra_fail(err, TETRA_EINVAL,
                      "--%s is accepted with built-in networks of random weights only; '%s' is trained",
                      o->builtin_only, o->trained->name);
  }
  if (o->from_file && o->builtin_only != NULL) {
    return tetra_fail(err, TETRA_EINVAL, "--%s is accepted with built-in networks only", o->builtin_only);
  }
  if (o->pixels.layout != SIM_LAYOUT_ANY && (!o->from_file || o->image == NULL)) {
    return tetra_fail(err, TETRA_EINVAL, "--layout is accepted together with a network from a file and --input only");
  }
  if (!o->from_file && (o->pixels.normalize || o->tflite_rounding != TETRA_TFLITE_DOUBLE)) {
    return tetra_fail(err, TETRA_EINVAL,
                      "--mean, --std and --tflite-rounding are accepted with networks from files only");
  }
  if (o->backend != SIM_BACKEND_RTL && (o->layers != NULL || o->trace != NULL || o->flip_layer != NULL)) {
    return tetra_fail(err, TETRA_EINVAL, "--layers and --trace are accepted with --backend rtl only");
  }
  if (o->output_codes && o->n_tensors == 0 && o->dump_tensors == NULL) {
    return tetra_fail(err, TETRA_EINVAL,
                      "--output-codes is accepted together with --output, --output-layer or --dump-tensors only");
  }
  if ((o->labels != NULL || o->skip != 0) && o->image == NULL) {
    return tetra_fail(err, TETRA_EINVAL, "--%s is accepted together with --input only",
                      o->labels != NULL ? "labels" : "skip");
  }
  if (o->labels != NULL && (o->layers != NULL || o->trace != NULL)) {
    return tetra_fail(err, TETRA_EINVAL, "--layers and --trace are not accepted together with --labels");
  }
  return TETRA_OK;
}
