/* Reads, quantizes, compares with the float network, writes. */
#define _GNU_SOURCE
#include "commands/quantize/quantize.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "files/bits.h"
#include "files/source.h"
#include "base/outfile.h"
#include "base/paths.h"
#include "base/status.h"
#include "cli/image_options.h"
#include "commands/quantize/compare.h"
#include "commands/quantize/json.h"
#include "commands/quantize/options.h"
#include "commands/quantize/read.h"
#include "commands/quantize/report.h"

static int help(void) {
  fputs(
      "usage: sim quantize MODEL --calibrate IMAGES -o FILE.onnx [options]\n"
      "Quantizes a trained float network (ONNX, or a CIFAR-10 ResNet's weights in an .npz) after training, from\n"
      "calibration images. FILE is an ONNX network of QuantizeLinear and DequantizeLinear nodes, for ./sim and other "
      "tools.\n"
      "\n"
      "  --calibrate IMAGES       .npy with [n][h][w][c] or [n][c][h][w] of float32 or uint8 pixels, or a "
      "picture\n" SIM_LAYOUT_HELP
      "  -o, --output FILE        the quantized network; replaced only when everything has succeeded\n"
      "  --precision P            " TETRA_PRECISION_NAMES
      " (default)\n"
      "  --bits FILE.json         bits of every layer instead, as ./sim allocate writes them\n"
      "  --nested                 w8a8 whose 8-bit weights hold the 4-bit ones of w4a8 (or of --bits): one file for "
      "both,\n"
      "                           ./sim FILE --bits 8, 4 or a file as --bits takes it\n"
      "  --residual joint|separate a residual and the sum that it joins are rounded once (default), or each, as "
      "HAWQ-V3\n"
      "                           does\n"
      "  --limit N                the first N images only (256); their tensors are in memory together\n" SIM_PIXELS_HELP
      "  --method M               " TETRA_QUANTIZE_METHOD_NAMES
      " (default): docs/quantization.md\n"
      "  --data-free              instead of --calibrate: ranges from the network's batch norms; --method squant or "
      "max\n"
      "  --granularity G          weight scales: channel (default), tensor, or group:N, which N channels share\n"
      "  --keep-channels          channels of 4-bit activations keep the float network's units; without, factors that\n"
      "                           weights make up for have them reach about as far as each other\n"
      "  --no-search              the same as --method max\n"
      "  --json FILE              every number of the report, for programs\n"
      "  --help\n"
      "\n"
      "Exit code: 0 good, 2 bad input or no resources; then FILE is as it was.\n",
      stdout);
  return SIM_EXIT_GOOD;
}

/* An operation that only quantized networks have, NULL where there is none. */
static const struct tetra_refusal *find_quantized(const struct tetra_import_report *refused) {
  for (int i = 0; i < refused->n_refusals; i++) {
    const char *op = refused->refusals[i].op;
    if (strcmp(op, "QuantizeLinear") == 0 || strcmp(op, "DequantizeLinear") == 0 || strncmp(op, "QLinear", 7) == 0) {
      return &refused->refusals[i];
    }
  }
  return NULL;
}

/* Says why the library refused, the operations first; frees the list. */
static int refuse(const struct quantize_options *o, int rc, struct tetra_import_report *refused,
                  const struct tetra_error *why, struct tetra_error *err) {
  const struct tetra_refusal *quantized = find_quantized(refused);
  const char *slash = strrchr(o->network, '/'), *name = slash == NULL ? o->network : slash + 1;
  if (rc != TETRA_OK && quantized != NULL) {
    tetra_fail(err, rc, "%s: is quantized already (%s '%s'); a float network is accepted", name, quantized->op,
               quantized->name);
  } else if (rc != TETRA_OK) {
    sim_list_refusals(refused, why, &(struct sim_notes){sim_note, NULL});
    tetra_fail(err, rc, "%s: %s", name, why->msg);
  }
  tetra_import_report_free(refused);
  return rc;
}

static int write_network(const char *path, const struct quantize_file *f, struct tetra_error *err) {
  struct sim_outfile out;
  const int rc = sim_outfile_open(&out, "-o", path, err);
  if (rc != TETRA_OK) return rc;
  fwrite(f->bytes, 1, f->size, out.f); /* the stream keeps the error */
  return sim_outfile_commit(&out, err);
}

/* On a terminal, what is done and how long the rest will take. */
struct watch {
  struct timespec start;
  int shown;
};

static void show_progress(void *context, double done) {
  struct watch *w = context;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  const double passed = (double)(now.tv_sec - w->start.tv_sec) + 1e-9 * (double)(now.tv_nsec - w->start.tv_nsec);
  if (passed < 2 || done <= 0) return;
  fprintf(stderr, "\rquantize: %3.0f %%, about %.0f s left  ", 100 * done, passed * (1 - done) / done);
  fflush(stderr);
  w->shown = 1;
}

static int quantize(const struct quantize_options *o, const struct quantize_file *real,
                    const struct quantize_images *images, struct tetra_error *err) {
  struct tetra_quantize_report report;
  struct tetra_import_report refused;
  struct quantize_agreement agreement = {.n = 0};
  struct quantize_file quantized = {NULL, 0};
  struct tetra_error why = {0, ""};
  if (images->n > 0) quantize_print_header(o, images, stdout); /* the work may take a while */
  fflush(stdout);
  struct tetra_quantize_options how = o->how;
  struct watch watch = {.shown = 0};
  clock_gettime(CLOCK_MONOTONIC, &watch.start);
  if (isatty(STDERR_FILENO)) how.progress = show_progress;
  how.context = &watch;
  int rc = tetra_quantize_model(real->bytes, real->size, images->x, images->n, &how, &quantized.bytes, &quantized.size,
                                &report, &refused, &why);
  if (watch.shown) fputs("\r\033[K", stderr);
  rc = refuse(o, rc, &refused, &why, err);
  if (rc == TETRA_OK && images->n > 0) rc = quantize_compare(real, &quantized, images, &agreement, err);
  if (rc == TETRA_OK) rc = write_network(o->out, &quantized, err);
  if (rc == TETRA_OK && images->n == 0) quantize_print_header(o, images, stdout);
  if (rc == TETRA_OK) quantize_print(o, images, &report, &agreement, stdout);
  if (rc == TETRA_OK && o->json != NULL) rc = quantize_json(o, images, &report, &agreement, err);
  tetra_quantize_report_free(&report);
  free(quantized.bytes);
  return rc;
}

static int run(const struct quantize_options *o, const struct quantize_file *real, struct tetra_error *err) {
  struct tetra_import_report refused;
  struct quantize_images images = {.x = NULL};
  struct tetra_error why = {0, ""};
  int h = 0, w = 0, c = 0;
  if (real->size >= 8 && memcmp(real->bytes + 4, "TFL3", 4) == 0) {
    return tetra_fail(err, TETRA_EINVAL,
                      "'%s' is a TensorFlow Lite file; a float .onnx or a CIFAR-10 ResNet's .npz is accepted",
                      o->network);
  }
  int rc = tetra_quantize_input(real->bytes, real->size, &h, &w, &c, &refused, &why);
  rc = refuse(o, rc, &refused, &why, err);
  if (rc == TETRA_OK) rc = tetra_quantize_check_bits(real->bytes, real->size, &o->how, err);
  if (rc == TETRA_OK && !o->how.data_free) rc = quantize_images_read(o, h, w, c, &images, err);
  if (o->how.data_free) images = (struct quantize_images){.h = h, .w = w, .c = c, .are_pixels = 1};
  if (rc != TETRA_OK) return rc;
  rc = quantize(o, real, &images, err);
  free(images.x);
  return rc;
}

int quantize_main(int argc, char **argv) {
  struct quantize_options o;
  struct quantize_file real;
  struct tetra_error err = {0, ""};
  if (quantize_options_parse(argc, argv, &o, &err) != TETRA_OK) return sim_complain(&err);
  if (o.help) return help();
  struct sim_paths paths = {.n = 0};
  sim_paths_add(&paths, "float network", o.network, 0);
  sim_paths_add(&paths, "--calibrate", o.calibrate, 0);
  sim_paths_add(&paths, "--bits", o.bits, 0);
  sim_paths_add(&paths, "-o", o.out, 1);
  sim_paths_add(&paths, "--json", o.json, 1);
  if (sim_paths_check(&paths, &err) != TETRA_OK) return sim_complain(&err);
  if (sim_outfile_probe("-o", o.out, &err) != TETRA_OK) return sim_complain(&err);
  if (o.json != NULL && sim_outfile_probe("--json", o.json, &err) != TETRA_OK) return sim_complain(&err);
  struct sim_bits bits = {NULL, 0};
  if (o.bits != NULL && sim_bits_read(o.bits, &bits, &err) != TETRA_OK) return sim_complain(&err);
  o.how.bits = bits.layers;
  o.how.n_bits = bits.n;
  int rc = quantize_read(o.network, &real, &err);
  if (rc == TETRA_OK) {
    rc = run(&o, &real, &err);
    free(real.bytes);
  }
  sim_bits_free(&bits);
  return rc == TETRA_OK ? SIM_EXIT_GOOD : sim_complain(&err);
}
