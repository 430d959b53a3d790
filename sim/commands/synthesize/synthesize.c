/* Reads a network, makes images, writes them as .npy. */
#define _GNU_SOURCE
#include "commands/synthesize/synthesize.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/paths.h"
#include "base/status.h"
#include "cli/parse.h"
#include "cli/refuse_option.h"
#include "files/source.h"
#include "tetra/npy.h"
#include "tetra/synthesize.h"

enum { OPT_IMAGES = 256, OPT_BATCH, OPT_STEPS, OPT_RATE, OPT_SEED, OPT_THREADS, OPT_OUT, OPT_HELP };

static const struct option kOptions[] = {{"images", required_argument, NULL, OPT_IMAGES},
                                         {"batch", required_argument, NULL, OPT_BATCH},
                                         {"steps", required_argument, NULL, OPT_STEPS},
                                         {"rate", required_argument, NULL, OPT_RATE},
                                         {"seed", required_argument, NULL, OPT_SEED},
                                         {"threads", required_argument, NULL, OPT_THREADS},
                                         {"output", required_argument, NULL, OPT_OUT},
                                         {"help", no_argument, NULL, OPT_HELP},
                                         {NULL, 0, NULL, 0}};

struct command {
  const char *network, *out; /* borrowed from argv */
  struct tetra_synthesis how;
  int help;
};

static void print_help(void) {
  fputs(
      "usage: sim synthesize MODEL [--images N] -o FILE.npy [options]\n"
      "Makes images whose statistics are those that the batch norms of MODEL, a float network (ONNX, or a CIFAR-10\n"
      "ResNet's .npz), keep of its training images (Q-ASR). They show nothing, but `sim quantize MODEL --calibrate\n"
      "FILE.npy` can use them where there are no real ones.\n"
      "\n"
      "  --images N        how many (64)\n"
      "  -o, --output FILE float32 [n][h][w][c], normalized as MODEL wants them\n"
      "  --batch N         as many share their statistics (64)\n"
      "  --steps N         of gradient descent (200)\n"
      "  --rate R          of it at first (0.05)\n"
      "  --seed N          of the noise that it begins with (1)\n"
      "  --threads N       as many as there are processors; the images do not depend on it\n"
      "  --help\n"
      "\n"
      "Exit code: 0 good, 2 bad input or no resources; then FILE is as it was.\n",
      stdout);
}

static int parse_one(int option, const char *text, struct command *o, struct tetra_error *err) {
  switch (option) {
    case OPT_IMAGES:
      return sim_parse_int("images", text, 1, 1000000, &o->how.images, err);
    case OPT_BATCH:
      return sim_parse_int("batch", text, 2, 4096, &o->how.batch, err);
    case OPT_STEPS:
      return sim_parse_int("steps", text, 1, 1000000, &o->how.steps, err);
    case OPT_RATE:
      return sim_parse_real("rate", text, 0, 0, 100, &o->how.rate, err);
    case OPT_SEED:
      return sim_parse_uint("seed", text, 0, UINT64_MAX, &o->how.seed, err);
    case OPT_THREADS:
      return sim_parse_int("threads", text, 1, 256, &o->how.threads, err);
    case OPT_OUT:
    case 'o':
      o->out = text;
      return TETRA_OK;
    default:
      o->help = 1;
      return TETRA_OK;
  }
}

static int parse(int argc, char **argv, struct command *o, struct tetra_error *err) {
  memset(o, 0, sizeof *o);
  tetra_synthesis_defaults(&o->how);
  opterr = 0;
  optind = 1;
  for (;;) {
    const int option = getopt_long(argc, argv, "o:h", kOptions, NULL);
    if (option == -1) break;
    if (option == '?') return sim_refuse_option("synthesize", argv[optind - 1], kOptions, err);
    const int rc = parse_one(option, optarg, o, err);
    if (rc != TETRA_OK || o->help) return rc;
  }
  if (optind >= argc)
    return tetra_fail(err, TETRA_EINVAL,
                      "synthesize: no network given; a float .onnx file is accepted, or a CIFAR-10 ResNet's .npz");
  if (optind + 1 < argc)
    return tetra_fail(err, TETRA_EINVAL, "synthesize: '%.60s' after '%.60s': one network is accepted", argv[optind + 1],
                      argv[optind]);
  o->network = argv[optind];
  if (o->out == NULL) return tetra_fail(err, TETRA_EINVAL, "synthesize: -o FILE.npy is needed");
  return TETRA_OK;
}

static void show(void *context, int first, int step, double loss) {
  const struct command *o = context;
  if (step % 5 != 0) return;
  fprintf(stderr, "\rsynthesize: image %d of %d, step %d of %d: loss %.4f \033[K", first + 1, o->how.images, step,
          o->how.steps, loss);
  fflush(stderr);
}

static int write_images(const struct command *o, const struct tetra_synthesized *s, struct tetra_error *err) {
  const struct tetra_npy a = {.type = "f4",
                              .item_bytes = 4,
                              .rank = 4,
                              .dims = {(uint64_t)o->how.images, (uint64_t)s->h, (uint64_t)s->w, (uint64_t)s->c}};
  uint8_t header[TETRA_NPY_HEADER_MAX];
  struct sim_outfile out;
  const size_t bytes = tetra_npy_header(&a, header);
  const int rc = sim_outfile_open(&out, "-o", o->out, err);
  if (rc != TETRA_OK) return rc;
  fwrite(header, 1, bytes, out.f); /* the stream keeps the error */
  fwrite(s->images, sizeof *s->images, (size_t)o->how.images * (size_t)s->h * (size_t)s->w * (size_t)s->c, out.f);
  return sim_outfile_commit(&out, err);
}

static int make(struct command *o, const uint8_t *bytes, size_t size, struct tetra_error *err) {
  struct tetra_synthesized s;
  struct tetra_import_report refused = {NULL, 0};
  struct tetra_error why = {0, ""};
  const int watched = isatty(STDERR_FILENO);
  if (watched) o->how.progress = show;
  o->how.context = o;
  int rc = tetra_synthesize(bytes, size, &o->how, &s, &refused, &why);
  if (watched) fputs("\r\033[K", stderr);
  if (rc != TETRA_OK && refused.n_refusals > 1) sim_list_refusals(&refused, &why, &(struct sim_notes){sim_note, NULL});
  tetra_import_report_free(&refused);
  if (rc != TETRA_OK) return tetra_fail(err, rc, "'%s': %s", o->network, why.msg);
  rc = write_images(o, &s, err);
  if (rc == TETRA_OK)
    printf(
        "%s: %d images of %dx%dx%d; loss %.4f -> %.4f (%.1f %%) in %d steps\n"
        "%s quantize %s --calibrate %s -o FILE.onnx\n",
        o->out, o->how.images, s.h, s.w, s.c, s.first_loss, s.last_loss, 100 * s.last_loss / s.first_loss, o->how.steps,
        "Next: sim", o->network, o->out);
  tetra_synthesized_free(&s);
  return rc;
}

int synthesize_main(int argc, char **argv) {
  struct command o;
  struct tetra_error err = {0, ""};
  uint8_t *bytes;
  size_t size;
  if (parse(argc, argv, &o, &err) != TETRA_OK) return sim_complain(&err);
  if (o.help) {
    print_help();
    return SIM_EXIT_GOOD;
  }
  struct sim_paths paths = {.n = 0};
  sim_paths_add(&paths, "float network", o.network, 0);
  sim_paths_add(&paths, "-o", o.out, 1);
  if (sim_paths_check(&paths, &err) != TETRA_OK || sim_outfile_probe("-o", o.out, &err) != TETRA_OK)
    return sim_complain(&err);
  if (tetra_import_read(o.network, &bytes, &size, &err) != TETRA_OK) return sim_complain(&err);
  const int rc = make(&o, bytes, size, &err);
  free(bytes);
  return rc == TETRA_OK ? SIM_EXIT_GOOD : sim_complain(&err);
}
