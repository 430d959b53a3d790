/* `./sim NETWORK --export-plan FILE [--vectors FOLDER]`: what firmware links or flashes, and data to test it with. */
#ifndef TETRA_SIM_EXPORT_H
#define TETRA_SIM_EXPORT_H

#include "cli/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Compiles the network and writes its stored plan (as a C array where the file's name ends with .c), and an image with
 * the output that the C model has for it. Nothing is simulated. Returns the exit code. */
int sim_export_run(const struct sim_options *o);

#ifdef __cplusplus
}
#endif
#endif
