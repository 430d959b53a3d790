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

/* How a program begins: a picture of that size in `image`, PNG where it ends so, else SVG. `words` go behind the
 * terminal: " noenhanced" where names of others are drawn, or "". */
void sim_gnuplot_begin(const char *image, int width, int height, const char *words, FILE *out);
/* `text` as a string in single quotes. */
void sim_gnuplot_string(const char *text, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
