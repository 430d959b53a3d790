/* Options of networks from files and of runs over many images. */
#ifndef TETRA_SIM_MODEL_FILE_OPTIONS_H
#define TETRA_SIM_MODEL_FILE_OPTIONS_H

#include <getopt.h>

#include "cli/options.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  OPT_FILE_FIRST = 512,
  OPT_BACKEND = OPT_FILE_FIRST,
  OPT_LABELS,
  OPT_LIMIT,
  OPT_PROGRESS,
  OPT_ROUNDING,
  OPT_MEAN,
  OPT_STD
};

/* Entries of getopt_long's table. */
#define SIM_FILE_OPTIONS                                                                                         \
  {"backend", required_argument, NULL, OPT_BACKEND}, {"labels", required_argument, NULL, OPT_LABELS},            \
      {"limit", required_argument, NULL, OPT_LIMIT}, {"progress", no_argument, NULL, OPT_PROGRESS},              \
      {"tflite-rounding", required_argument, NULL, OPT_ROUNDING}, {"mean", required_argument, NULL, OPT_MEAN}, { \
    "std", required_argument, NULL, OPT_STD                                                                      \
  }

/* What they say in --help. */
#define SIM_FILE_HELP                                                                                        \
  "\n"                                                                                                       \
  "Networks from files, and many images:\n"                                                                  \
  "  sim FILE.tflite|FILE.onnx --input FILE [--labels FILE.npy]\n"                                           \
  "  --input FILE             .npy with [n][h][w][c] of int8 codes, uint8 pixels or float32, or a picture\n" \
  "  --labels FILE.npy        classes of the images: accuracy is printed, otherwise predictions\n"           \
  "  --backend B              rtl (default), cmodel (plain loops) or fast (BLAS)\n"                          \
  "  --limit N                the first N images only\n"                                                     \
  "  --jobs N                 images in N processes at once (1)\n"                                           \
  "  --progress               images done, rate and time left, also where standard output is no terminal\n"  \
  "  --mean R,G,B --std R,G,B uint8 pixels mean (pixel / 255 - mean) / std\n"                                \
  "  --tflite-rounding M      double (default), as TensorFlow Lite Micro rounds, or single, as newer builds\n"

void sim_file_defaults(struct sim_options *o);
/* Takes one of the options above. TETRA_EINVAL names it, the value and what is accepted. */
int sim_file_option(int option, const char *text, struct sim_options *o, struct tetra_error *err);
/* Do the options fit together? TETRA_EINVAL. */
int sim_file_check(const struct sim_options *o, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
