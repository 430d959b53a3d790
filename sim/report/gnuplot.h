/* Figures, drawn by gnuplot. */
#ifndef TETRA_SIM_GNUPLOT_H
#define TETRA_SIM_GNUPLOT_H

#include <stdio.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Says on standard error that gnuplot is missing, where it is: before the work, not only behind it. */
void sim_gnuplot_note(void);
/* Has gnuplot draw `path`, .svg or .png: program(arg, image, out) writes a program that draws into `image`. Both files
 * lie beside `path` while it works. TETRA_EIO: gnuplot is missing or failed, or the file cannot be written.
 * TETRA_ENOMEM.
 */
TETRA_NODISCARD int sim_gnuplot(const char *option, const char *path,
                                void (*program)(const void *arg, const char *image, FILE *out), const void *arg,
                                struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
