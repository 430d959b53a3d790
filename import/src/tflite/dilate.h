/* Dilated convolutions as older converters write them. Private to the library. */
#ifndef TETRA_TFLITE_DILATE_H
#define TETRA_TFLITE_DILATE_H

#include "tflite/file.h"

/* SPACE_TO_BATCH_ND, convolution of stride 1, BATCH_TO_SPACE_ND becomes the convolution with a dilation, where nothing
 * else reads what lies between; the other two become TFL_NOTHING. TETRA_ENOMEM. */
TETRA_NODISCARD int tfl_take_dilations(struct tfl_file *f, struct tetra_error *err);

#endif
