/* Trained networks that are part of the program (nets/). */
#ifndef TETRA_SIM_TRAINED_H
#define TETRA_SIM_TRAINED_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sim_trained {
  const char *name;
  const uint8_t *onnx; /* the file */
  size_t size;
  const char *classes;   /* their names, a name a line */
  float mean[3], std[3]; /* it reads (pixel / 255 - mean) / std */
  const char *what;      /* one line */
};

/* The i-th, NULL past the last. */
const struct sim_trained *sim_trained_at(int i);
/* The one of that name, NULL where there is none. */
const struct sim_trained *sim_trained_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
