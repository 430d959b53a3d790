/* The command line of `./sim train`. */
#ifndef TETRA_SIM_TRAIN_OPTIONS_H
#define TETRA_SIM_TRAIN_OPTIONS_H

#include <stdio.h>

#include "cli/settings.h"
#include "commands/train/once_options.h"
#include "tetra/train.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Files of images and labels, borrowed from argv; NULL: not given. */
struct train_files {
  const char *images, *offsets, *labels;
  int size; /* photographs out of a folder become size x size */
};

struct train_command {
  const char *network;             /* a float network to begin with; NULL: a new one */
  struct tetra_train_resnet fresh; /* depth 0: not given */
  struct train_files data, test;
  const char *bits, *teacher, *out, *checkpoint, *resume, *json; /* file names; NULL: not given */
  struct tetra_train_options how;
  struct sim_pixels pixels;
  int epochs, limit;               /* limit: training images, 0: all */
  int augment;                     /* pixels that crops are moved by; -1: images as they are */
  double rate;                     /* at the top of the schedule; 0: not given */
  double warmup, cooldown, freeze; /* epochs; negative: not given */
  double teacher_share;            /* negative, and epochs and batch 0, until all options are read: not given */
  int method_given, precision_given, optimizer_given, help;
  struct train_once_options once; /* of method once */
};

/* TETRA_EINVAL with a message that names the option, the value and what is accepted. */
TETRA_NODISCARD int train_options_parse(int argc, char **argv, struct train_command *o, struct tetra_error *err);
void train_help(FILE *out);

#ifdef __cplusplus
}
#endif
#endif
