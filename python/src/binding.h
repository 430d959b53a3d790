/* The functions that python/tetra/_native.py calls. Networks, options and runs are those of ./sim: what is passed is
 * its command line, so that both accept the same and refuse it with the same words. */
#ifndef TETRA_PYTHON_BINDING_H
#define TETRA_PYTHON_BINDING_H

#include <stdint.h>

#include "cli/settings.h"
#include "tetra/status.h"

/* A command line, kept for as long as settings borrow from it. argv[0] is any name. */
struct binding_options {
  struct sim_options o;
  char **argv;
  int argc;
};
TETRA_NODISCARD int binding_options_open(struct binding_options *b, int argc, const char *const *argv,
                                         struct tetra_error *err);
void binding_options_close(struct binding_options *b);

/* All below return 0, or a status with a message of at most `size` bytes in `error`. */

/* A network that was read or built; closed by tetra_py_close. */
struct tetra_py;
int tetra_py_open(struct tetra_py **h, int argc, const char *const *argv, char *error, int size);
void tetra_py_close(struct tetra_py *h);
int tetra_py_values(const struct tetra_py *h); /* how many tensors */
int tetra_py_input(const struct tetra_py *h);
int tetra_py_output(const struct tetra_py *h);
const char *tetra_py_value_name(const struct tetra_py *h, int value);
/* numbers: batch, height, width, channels, enum tetra_fmt, zero point. */
void tetra_py_value(const struct tetra_py *h, int value, int numbers[6], double *scale);
/* Runs the C model, by plain loops where `reference`, on codes in [n][h][w][c]. */
int tetra_py_run(struct tetra_py *h, const int16_t *codes, int reference, char *error, int size);
/* The codes of a value after a run; those of a value that nothing made yet are refused. */
int tetra_py_codes(const struct tetra_py *h, int value, int16_t *codes, char *error, int size);
/* Compiles for the accelerator of the options. *commands: 16 words each, valid until the next compile or close. */
int tetra_py_compile(struct tetra_py *h, const uint32_t **commands, uint32_t *n, const uint8_t **constants,
                     uint64_t *bytes, char *error, int size);
/* The compiled plan by the cycle model, with the memory of these options: a JSON document
 * (docs/schema/run.schema.json), freed by tetra_py_free. */
int tetra_py_model(struct tetra_py *h, int argc, const char *const *argv, char **json, char *error, int size);
/* The run of `./sim ARGUMENTS` on the RTL; its files are written as there. progress (may be NULL): layers done and in
 * all, the name of the one that completed, or NULL between two, and clocks so far; a result that is not 0 stops the
 * run. */
typedef int (*tetra_py_progress)(int done, int all, const char *layer, uint64_t clocks);
int tetra_py_simulate(int argc, const char *const *argv, tetra_py_progress progress, char **json, char *error,
                      int size);
/* Height, width and channels of the images that a float network takes. */
int tetra_py_quantize_input(const char *path, int shape[3], char *error, int size);
/* images: n times [h][w][c], normalized as the network wants them. method NULL: the usual one. Writes an ONNX file;
 * *snr_db: of the logits. */
int tetra_py_quantize(const char *path, const float *images, int n, const char *precision, const char *method,
                      const char *out, double *snr_db, char *error, int size);
void tetra_py_free(char *text);

#endif
