/* Trained networks that are part of the program: nets/trained.def has the table, CMake makes arrays of the files. */
#include "cli/trained.h"

#include <string.h>

#include "trained_files.h"

/* The last row ends the table, which may have no other. */
static const struct sim_trained kNetworks[] = {
#define SIM_TRAINED(name, classes, mr, mg, mb, sr, sg, sb, what) \
  {#name, name##_onnx, sizeof name##_onnx, classes##_classes, {mr, mg, mb}, {sr, sg, sb}, what},
#include "nets/trained.def"
#undef SIM_TRAINED
    {.name = NULL}};

const struct sim_trained *sim_trained_at(int i) { return kNetworks[i].name != NULL ? &kNetworks[i] : NULL; }

const struct sim_trained *sim_trained_find(const char *name) {
  for (const struct sim_trained *t = kNetworks; t->name != NULL; t++)
    if (strcmp(t->name, name) == 0) return t;
  return NULL;
}
