/* What several commands ask of images: each of these options in one place. */
#ifndef TETRA_SIM_IMAGE_OPTIONS_H
#define TETRA_SIM_IMAGE_OPTIONS_H

#include "cli/settings.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What getopt_long answers for them, behind all that a command numbers itself. */
enum { SIM_OPT_LAYOUT = 0x1000, SIM_OPT_MEAN, SIM_OPT_STD, SIM_OPT_LIMIT };

/* Rows for a command's table, which includes <getopt.h>. */
#define SIM_IMAGE_ROWS                                                                                  \
  {"layout", required_argument, NULL, SIM_OPT_LAYOUT}, {"mean", required_argument, NULL, SIM_OPT_MEAN}, \
      {"std", required_argument, NULL, SIM_OPT_STD}, {                                                  \
    "limit", required_argument, NULL, SIM_OPT_LIMIT                                                     \
  }

/* Their lines of --help. */
#define SIM_LAYOUT_HELP \
  "  --layout nhwc|nchw       the order in that .npy; without, nhwc where its shape fits, else nchw\n"
#define SIM_PIXELS_HELP \
  "  --mean R,G,B --std R,G,B uint8 pixels mean (pixel / 255 - mean) / std; without, pixel / 255\n"

/* Pixels as they are, / 255. */
void sim_pixels_default(struct sim_pixels *p);
/* Is `option` a row of SIM_IMAGE_ROWS? Then its value is in *pixels or *limit (images, from 1), and *rc says whether it
 * is accepted: TETRA_OK, or TETRA_EINVAL with a message. */
TETRA_NODISCARD int sim_image_option(int option, const char *text, struct sim_pixels *pixels, int *limit, int *rc,
                                     struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
