/* The command line of `./sim train`. */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/image_options.h"
#include "cli/parse.h"
#include "cli/refuse_option.h"
#include "commands/train/options.h"
#include "commands/train/photos.h"

enum {
  OPT_NET = 256,
  OPT_WIDTH,
  OPT_WIDTHS,
  OPT_PRECISIONS,
  OPT_SHORTCUT,
  OPT_SIZE,
  OPT_DATA,
  OPT_LABELS,
  OPT_OFFSETS,
  OPT_TEST,
  OPT_TEST_LABELS,
  OPT_TEST_OFFSETS,
  OPT_METHOD,
  OPT_PRECISION,
  OPT_BITS,
  OPT_PLACES,
  OPT_OPTIMIZER,
  OPT_TEACHER,
  OPT_TEACHER_SHARE,
  OPT_EPOCHS,
  OPT_BATCH,
  OPT_RATE,
  OPT_WARMUP,
  OPT_COOLDOWN,
  OPT_FREEZE,
  OPT_DECAY,
  OPT_AUGMENT,
  OPT_SEED,
  OPT_THREADS,
  OPT_CHECKPOINT,
  OPT_RESUME,
  OPT_JSON,
  OPT_OUT,
  OPT_HELP
};

static const struct option kOptions[] = {{"net", required_argument, NULL, OPT_NET},
                                         {"width", required_argument, NULL, OPT_WIDTH},
                                         {"widths", required_argument, NULL, OPT_WIDTHS},
                                         {"precisions", required_argument, NULL, OPT_PRECISIONS},
                                         {"shortcut", required_argument, NULL, OPT_SHORTCUT},
                                         {"size", required_argument, NULL, OPT_SIZE},
                                         {"data", required_argument, NULL, OPT_DATA},
                                         {"labels", required_argument, NULL, OPT_LABELS},
                                         {"offsets", required_argument, NULL, OPT_OFFSETS},
                                         {"test", required_argument, NULL, OPT_TEST},
                                         {"test-labels", required_argument, NULL, OPT_TEST_LABELS},
                                         {"test-offsets", required_argument, NULL, OPT_TEST_OFFSETS},
                                         SIM_IMAGE_ROWS,
                                         {"method", required_argument, NULL, OPT_METHOD},
                                         {"precision", required_argument, NULL, OPT_PRECISION},
                                         {"bits", required_argument, NULL, OPT_BITS},
                                         {"places", required_argument, NULL, OPT_PLACES},
                                         {"optimizer", required_argument, NULL, OPT_OPTIMIZER},
                                         {"teacher", required_argument, NULL, OPT_TEACHER},
                                         {"teacher-share", required_argument, NULL, OPT_TEACHER_SHARE},
                                         {"epochs", required_argument, NULL, OPT_EPOCHS},
                                         {"batch", required_argument, NULL, OPT_BATCH},
                                         {"rate", required_argument, NULL, OPT_RATE},
                                         {"warmup", required_argument, NULL, OPT_WARMUP},
                                         {"cooldown", required_argument, NULL, OPT_COOLDOWN},
                                         {"freeze", required_argument, NULL, OPT_FREEZE},
                                         {"decay", required_argument, NULL, OPT_DECAY},
                                         {"augment", required_argument, NULL, OPT_AUGMENT},
                                         {"seed", required_argument, NULL, OPT_SEED},
                                         {"threads", required_argument, NULL, OPT_THREADS},
                                         {"checkpoint", required_argument, NULL, OPT_CHECKPOINT},
                                         {"resume", required_argument, NULL, OPT_RESUME},
                                         {"json", required_argument, NULL, OPT_JSON},
                                         {"output", required_argument, NULL, OPT_OUT},
                                         {"help", no_argument, NULL, OPT_HELP},
                                         {NULL, 0, NULL, 0}};

void train_help(FILE *out) {
  fputs(
      "usage: sim train --net resnetN --data IMAGES --labels LABELS -o FILE.onnx [options]\n"
      "       sim train MODEL.onnx --data IMAGES --labels LABELS --method aqt|lsq -o FILE.onnx [options]\n"
      "Trains a ResNet for small images from random weights, or a trained float network (its batch norms folded)\n"
      "further. FILE is an ONNX network: of method float with float weights, else quantized, for ./sim and other "
      "tools.\n"
      "\n"
      "  --net resnetN            N layers: 8, 14, 20, ... 110\n"
      "                           imagenet-resnetN, N 18, 34, 50, 101 or 152: one for photographs\n"
      "  --width M                times as many channels (1)\n"
      "  --shortcut a|b           where the shape changes: every second pixel and zeros (default), or a 1x1 "
      "convolution\n"
      "  --data IMAGES            .npy with [n][h][w][c] or [n][c][h][w] of uint8 pixels or float32, or with the bytes "
      "of\n"
      "                           JPEG files one after another\n"
      "                           or a folder with a folder of photographs (JPEG, PNG) for each class, without "
      "--labels:\n"
      "                           random parts of them, 8 % of the area to all; for testing their middles\n"
      "  --size N                 photographs are scaled to N x N (224)\n"
      "  --labels LABELS          .npy with the class of each\n"
      "  --offsets FILE           .npy: where each JPEG file begins; without, IMAGES with _offsets in its name\n"
      "  --test, --test-labels, --test-offsets   the same of images that accuracy is measured on after every epoch\n"
      "  --layout nhwc|nchw       the order in that .npy; without, the one with 1 or 3 channels\n" SIM_PIXELS_HELP
      "  --limit N                the first N training images only\n"
      "  --method float|aqt|lsq|once   float (default), as the paper (AQT), or learned step sizes, which begin with\n"
      "                           what `sim quantize` makes of MODEL; once: a new network of several widths and\n"
      "                           precisions, FILE is for `sim pareto --supernet`\n"
      "  --widths W,W,...         once: the widths of the networks that are trained together (0.5,0.75,1)\n"
      "  --precisions P,P,...     once: their precisions, each with every width (w8a8,w4a4-init8-dense8,w4a4)\n"
      "  --precision P            " TETRA_PRECISION_NAMES
      " (default)\n"
      "  --bits FILE.json         bits of every layer instead, as ./sim allocate writes them\n"
      "  --places paper|plain     aqt: signed codes for the first convolution of each stage, as in the paper, or "
      "unsigned\n"
      "                           ones where nothing is negative, as ./sim quantize (default)\n"
      "  --optimizer adam|sgd     lsq: weights learn by Adam, in codes (default), or by gradient descent\n"
      "  --teacher MODEL          a float network whose answers are learned, too\n"
      "  --teacher-share S        how much they count, 0 to 1 (0.9; lsq 1)\n"
      "  --epochs N               times through the data (100; lsq 6)\n"
      "  --batch N                images of a step (128; lsq 16)\n"
      "  --rate R                 learning rate at its highest; 0.1 * batch / 256 as the paper, of MODEL 0.003,\n"
      "                           lsq 0.002 (by Adam)\n"
      "  --warmup E --cooldown E  epochs of rising and of falling to 0: a 50th and a fifth of all (lsq: a 50th both)\n"
      "  --freeze E               aqt: epochs until activations are quantized, 0.192 of all\n"
      "  --decay D                of kernels (0.0001)\n"
      "  --augment N|none         images are cut out up to N pixels beside their place, and half of them turned round "
      "(4)\n"
      "  --seed N                 of weights, order and cuts (1)\n"
      "  --threads N              as many as there are processors; the results do not depend on it\n"
      "  --checkpoint FILE        written after every epoch; FILE.onnx.ckpt without\n"
      "  --resume FILE            goes on from such a file, with the same options\n"
      "  --json FILE              settings and every epoch's figures, for programs\n"
      "  -o, --output FILE.onnx   the trained network\n"
      "  --help\n"
      "\n"
      "Ctrl-C ends it and keeps the best network so far. Exit code: 0 good, 2 bad input or no resources, 130 ended by\n"
      "Ctrl-C.\n",
      out);
}

static int parse_net(const char *text, struct train_command *o, struct tetra_error *err) {
  static const int depths[] = {18, 34, 50, 101, 152};
  const char *const photos = "imagenet-resnet";
  for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
    char name[32];
    snprintf(name, sizeof name, "%s%d", photos, depths[i]);
    if (strcmp(text, name) != 0) continue;
    o->fresh.depth = depths[i];
    o->fresh.photos = 1;
    return TETRA_OK;
  }
  if (strncmp(text, "resnet", 6) == 0 &&
      sim_parse_int("net resnet", text + 6, 8, 110, &o->fresh.depth, err) == TETRA_OK && o->fresh.depth % 6 == 2)
    return TETRA_OK;
  return sim_parse_refuse(
      "net", text, "resnetN with N 8, 14, 20, ... 110, or imagenet-resnetN with N 18, 34, 50, 101 or 152 is", err);
}

/* One of two words: *second is whether it is the second. */
static int parse_word(const char *option, const char *text, const char *first, const char *other, int *second,
                      struct tetra_error *err) {
  char accepted[60];
  *second = strcmp(text, other) == 0;
  if (*second || strcmp(text, first) == 0) return TETRA_OK;
  snprintf(accepted, sizeof accepted, "%s or %s is", first, other);
  return sim_parse_refuse(option, text, accepted, err);
}

static int parse_method(const char *text, struct train_command *o, struct tetra_error *err) {
  const int method = tetra_train_method_parse(text);
  if (method < 0) return sim_parse_refuse("method", text, "float, aqt, lsq or once is", err);
  o->method_given = 1;
  o->how.method = (enum tetra_train_method)method;
  return TETRA_OK;
}

static int parse_places(const char *text, struct train_command *o, struct tetra_error *err) {
  int plain;
  const int rc = parse_word("places", text, "paper", "plain", &plain, err);
  o->how.signed_first = !plain;
  return rc;
}

static int parse_optimizer(const char *text, struct train_command *o, struct tetra_error *err) {
  int sgd;
  const int rc = parse_word("optimizer", text, "adam", "sgd", &sgd, err);
  o->how.adam = !sgd;
  o->optimizer_given = 1;
  return rc;
}

static int parse_augment(const char *text, struct train_command *o, struct tetra_error *err) {
  o->augment = -1;
  if (strcmp(text, "none") == 0) return TETRA_OK;
  return sim_parse_int("augment", text, 0, 64, &o->augment, err);
}

static int parse_seed(const char *text, struct train_command *o, struct tetra_error *err) {
  return sim_parse_uint("seed", text, 0, UINT64_MAX, &o->how.seed, err);
}

static int parse_file(int option, const char *text, struct train_command *o) {
  const struct {
    int option;
    const char **name;
  } files[] = {{OPT_DATA, &o->data.images},
               {OPT_LABELS, &o->data.labels},
               {OPT_OFFSETS, &o->data.offsets},
               {OPT_TEST, &o->test.images},
               {OPT_TEST_LABELS, &o->test.labels},
               {OPT_TEST_OFFSETS, &o->test.offsets},
               {OPT_BITS, &o->bits},
               {OPT_TEACHER, &o->teacher},
               {OPT_CHECKPOINT, &o->checkpoint},
               {OPT_RESUME, &o->resume},
               {OPT_JSON, &o->json},
               {OPT_OUT, &o->out},
               {'o', &o->out}};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    if (files[i].option != option) continue;
    *files[i].name = text;
    return 1;
  }
  return 0;
}

static int parse_number(int option, const char *text, struct train_command *o, struct tetra_error *err) {
  switch (option) {
    case OPT_WIDTH:
      return sim_parse_real("width", text, 0.0625, 1, 16, &o->fresh.width, err);
    case OPT_SIZE:
      return sim_parse_int("size", text, 4, 1024, &o->data.size, err);
    case OPT_TEACHER_SHARE:
      return sim_parse_real("teacher-share", text, 0, 1, 1, &o->teacher_share, err);
    case OPT_EPOCHS:
      return sim_parse_int("epochs", text, 1, 100000, &o->epochs, err);
    case OPT_BATCH:
      return sim_parse_int("batch", text, 1, 65536, &o->how.batch, err);
    case OPT_RATE:
      return sim_parse_real("rate", text, 0, 0, 100, &o->rate, err);
    case OPT_WARMUP:
      return sim_parse_real("warmup", text, 0, 1, 100000, &o->warmup, err);
    case OPT_COOLDOWN:
      return sim_parse_real("cooldown", text, 0, 1, 100000, &o->cooldown, err);
    case OPT_FREEZE:
      return sim_parse_real("freeze", text, 0, 1, 100000, &o->freeze, err);
    case OPT_DECAY:
      return sim_parse_real("decay", text, 0, 1, 1, &o->how.decay, err);
    default:
      return sim_parse_int("threads", text, 1, 256, &o->how.threads, err);
  }
}

static int parse_one(int option, const char *text, struct train_command *o, struct tetra_error *err) {
  int rc;
  if (parse_file(option, text, o)) return TETRA_OK;
  if (sim_image_option(option, text, &o->pixels, &o->limit, &rc, err)) return rc;
  switch (option) {
    case OPT_NET:
      return parse_net(text, o, err);
    case OPT_SHORTCUT:
      return parse_word("shortcut", text, "a", "b", &o->fresh.projection, err);
    case OPT_METHOD:
      return parse_method(text, o, err);
    case OPT_PRECISION:
      o->precision_given = 1;
      return sim_parse_precision(text, &o->how.precision, err);
    case OPT_WIDTHS:
      return train_once_parse_widths(text, &o->once, err);
    case OPT_PRECISIONS:
      return train_once_parse_precisions(text, &o->once, err);
    case OPT_PLACES:
      return parse_places(text, o, err);
    case OPT_OPTIMIZER:
      return parse_optimizer(text, o, err);
    case OPT_AUGMENT:
      return parse_augment(text, o, err);
    case OPT_SEED:
      return parse_seed(text, o, err);
    case OPT_HELP:
    case 'h':
      o->help = 1;
      return TETRA_OK;
    default:
      return parse_number(option, text, o, err);
  }
}

static int check_files(const struct train_command *o, struct tetra_error *err) {
  if (o->data.images == NULL || (o->data.labels == NULL && !train_photos_is_folder(o->data.images)))
    return tetra_fail(err, TETRA_EINVAL,
                      "train: --data IMAGES.npy and --labels LABELS.npy are needed, or --data FOLDER of photographs");
  if ((o->test.images == NULL || !train_photos_is_folder(o->test.images)) &&
      (o->test.images == NULL) != (o->test.labels == NULL))
    return tetra_fail(err, TETRA_EINVAL, "train: --test and --test-labels go together");
  if (o->out == NULL) return tetra_fail(err, TETRA_EINVAL, "train: -o FILE.onnx is needed");
  return TETRA_OK;
}

static int check(const struct train_command *o, struct tetra_error *err) {
  const int is_float = o->how.method == TETRA_TRAIN_FLOAT;
  if (o->network == NULL && o->fresh.depth == 0)
    return tetra_fail(
        err, TETRA_EINVAL,
        "train: no network given; --net resnet20 begins a new one, a float .onnx or .npz is trained further");
  if (o->network != NULL && o->fresh.depth != 0)
    return tetra_fail(err, TETRA_EINVAL, "train: '%.60s' and --net are both a network; one is accepted", o->network);
  if (o->how.method == TETRA_TRAIN_LSQ && o->network == NULL)
    return tetra_fail(
        err, TETRA_EINVAL,
        "train: method lsq begins with a trained network; give its .onnx, or train with aqt, float or once");
  if (o->optimizer_given && o->how.method != TETRA_TRAIN_LSQ)
    return tetra_fail(err, TETRA_EINVAL, "train: --optimizer is accepted with --method lsq only");
  if (is_float && (o->precision_given || o->bits != NULL))
    return tetra_fail(err, TETRA_EINVAL, "train: method float has no %s; with --method aqt or lsq it is accepted",
                      o->bits != NULL ? "--bits" : "--precision");
  if (o->bits != NULL && o->precision_given)
    return tetra_fail(err, TETRA_EINVAL, "train: --precision and --bits both say how many bits; one is accepted");
  return check_files(o, err);
}

/* A supernet is new, its widths and precisions are lists, and option A's zeros cannot be sliced. */
static int check_once(const struct train_command *o, struct tetra_error *err) {
  if (o->how.method != TETRA_TRAIN_ONCE) {
    if (o->once.n_widths == 0 && o->once.n_precisions == 0) return TETRA_OK;
    return tetra_fail(err, TETRA_EINVAL, "train: --%s is accepted with --method once only",
                      o->once.n_widths > 0 ? "widths" : "precisions");
  }
  if (o->network != NULL)
    return tetra_fail(err, TETRA_EINVAL, "train: method once begins with a new network; --net resnetN is accepted");
  if (o->fresh.photos) return tetra_fail(err, TETRA_EINVAL, "train: method once takes --net resnetN, for small images");
  if (o->fresh.width > 0)
    return tetra_fail(err, TETRA_EINVAL, "train: method once has no --width; --widths W,W,... is accepted");
  if (o->fresh.projection == 0)
    return tetra_fail(err, TETRA_EINVAL,
                      "train: method once has no --shortcut a, whose zeros cannot be sliced; b is "
                      "accepted");
  if (o->precision_given || o->bits != NULL)
    return tetra_fail(err, TETRA_EINVAL, "train: method once has no %s; --precisions P,P,... is accepted",
                      o->bits != NULL ? "--bits" : "--precision");
  return TETRA_OK;
}

/* What depends on the method, once all options are read. */
static void complete(struct train_command *o) {
  train_once_default(&o->once);
  o->how.widths = o->once.widths;
  o->how.n_widths = o->once.n_widths;
  o->how.precisions = o->once.precisions;
  o->how.n_precisions = o->once.n_precisions;
  if (o->fresh.width == 0) o->fresh.width = 1;
  if (o->fresh.projection < 0) o->fresh.projection = o->how.method == TETRA_TRAIN_ONCE;
  o->test.size = o->data.size;
  const int lsq = o->how.method == TETRA_TRAIN_LSQ;
  if (o->epochs == 0) o->epochs = lsq ? 6 : 100;
  if (o->how.batch == 0) o->how.batch = lsq ? 16 : 128;
  if (o->teacher_share < 0) o->teacher_share = lsq ? 1 : 0.9;
}

static void defaults(struct train_command *o) {
  memset(o, 0, sizeof *o);
  tetra_train_defaults(&o->how);
  sim_pixels_default(&o->pixels);
  o->how.signed_first = 0;
  o->fresh.projection = -1;
  o->data.size = 224;
  o->how.batch = 0;
  o->augment = 4;
  o->warmup = o->cooldown = o->freeze = -1;
  o->teacher_share = -1;
}

int train_options_parse(int argc, char **argv, struct train_command *o, struct tetra_error *err) {
  defaults(o);
  opterr = 0;
  optind = 1;
  for (;;) {
    const int option = getopt_long(argc, argv, "o:h", kOptions, NULL);
    if (option == -1) break;
    if (option == '?') return sim_refuse_option("train", argv[optind - 1], kOptions, err);
    const int rc = parse_one(option, optarg, o, err);
    if (rc != TETRA_OK || o->help) return rc;
  }
  if (optind + 1 < argc)
    return tetra_fail(err, TETRA_EINVAL, "train: '%.60s' after '%.60s': one network is accepted", argv[optind + 1],
                      argv[optind]);
  if (optind < argc) o->network = argv[optind];
  const int rc = check_once(o, err);
  if (rc != TETRA_OK) return rc;
  complete(o);
  return check(o, err);
}
