/* Bits layer by layer, as files have them: {"layers": {"conv1": "w8a8", "layer1.0.conv1": "w4a4", ...}}. */
#ifndef TETRA_SIM_BITS_H
#define TETRA_SIM_BITS_H

#include "tetra/precision.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_bits {
  struct tetra_layer_bits *layers; /* owned */
  int n;
};

/* Reads such a file; whether the layers are a network's is for its reader to say. TETRA_EIO, TETRA_EINVAL (unknown
 * keys, a layer twice, bits that are not accepted), TETRA_ENOMEM: nothing is owned then. */
TETRA_NODISCARD int sim_bits_read(const char *path, struct sim_bits *b, struct tetra_error *err);
/* The file's text, ended by a NUL and owned by the caller (free); NULL without memory. */
TETRA_NODISCARD char *sim_bits_json(const struct sim_bits *b);
void sim_bits_free(struct sim_bits *b);

#ifdef __cplusplus
}
#endif
#endif
