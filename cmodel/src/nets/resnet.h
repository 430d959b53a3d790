/* Topology of ResNet v1.5: shapes only. Private to the library. */
#ifndef TETRA_RESNET_H
#define TETRA_RESNET_H

#include "tetra/network.h"

enum resnet_role { RESNET_STEM, RESNET_INNER, RESNET_LAST, RESNET_PROJ, RESNET_DENSE, RESNET_POOL };

/* A convolution (or pool) with everything that follows from its input's shape. */
struct resnet_conv {
  char name[TETRA_NAME_MAX];
  enum resnet_role role;
  int reads_first; /* 1: conv1 of a stage's first block, which has an input format of its own */
  struct tetra_window win;
  int h, w, cin, ho, wo, cout;
};

struct resnet_block {
  int n_convs, has_proj, first_in_stage;
  struct resnet_conv conv[3]; /* the last has role RESNET_LAST */
  struct resnet_conv proj;
  char name[16]; /* "s1b1" */
};

enum { RESNET_MAX_BLOCKS = 50, RESNET_STAGES = 4, RESNET_CLASSES = 1000 };

struct resnet {
  struct resnet_conv stem, maxpool, dense;
  struct resnet_block block[RESNET_MAX_BLOCKS];
  int n_blocks;
};

/* Formats of a precision (docs/numerics.md); the stem's output and the last block's are always u8. */
struct resnet_formats {
  enum tetra_fmt image, first, inner, stream, pooled; /* input of: stem, first conv1, other convs, identity, dense */
  int wbits_ends, wbits;                              /* stem and dense, the others */
};

/* Checks the options; TETRA_EINVAL names the bad value and what is accepted. */
TETRA_NODISCARD int resnet_check_options(const struct tetra_network_options *o, struct tetra_error *err);
/* Fills *net for valid options. */
void resnet_build(const struct tetra_network_options *o, struct resnet *net);
struct resnet_formats resnet_formats(enum tetra_precision p);
/* Bits of a conv's weights, and the format it reads. */
TETRA_NODISCARD int resnet_wbits(const struct resnet_formats *f, const struct resnet_conv *c);
enum tetra_fmt resnet_input_fmt(const struct resnet_formats *f, const struct resnet_conv *c);
/* i-th convolution (stem, blocks with the projection after the convs, dense), NULL past the last. */
const struct resnet_conv *resnet_conv_at(const struct resnet *net, int i);

#endif
