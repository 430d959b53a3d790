/* Networks from files (.onnx, .tflite) and runs of any network over many images. */
#ifndef TETRA_SIM_MODEL_FILE_H
#define TETRA_SIM_MODEL_FILE_H

#include "files/source_data.h"
#include "cli/options.h"
#include "tetra/caps.h"
#include "tetra/import.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A network, built in or from a file, and the images for it. */
struct sim_source {
  const struct sim_options *o;
  struct tetra_model m;   /* m.graph is the network */
  int from_file;          /* the network: otherwise m holds nothing else */
  int n;                  /* images to choose from */
  struct sim_data data;   /* of a network from a file */
  int has_data;           /* otherwise: random codes from --seed */
  struct sim_image image; /* of a built-in network; rgb NULL: synthetic ones */
};

/* Reads or builds the network with this batch and opens its images. Operations of a file that cannot run are listed on
 * standard error, all of them. On an error everything is released. */
int sim_source_open(struct sim_source *s, const struct sim_options *o, int batch, struct tetra_error *err);
void sim_source_close(struct sim_source *s);
/* Fills the whole batch of `input` with images first, first + 1, ..., beginning again behind the last one. */
int sim_source_fill(struct sim_source *s, int first, struct tetra_tensor *input, struct tetra_error *err);
/* "TensorFlow Lite" or "ONNX". */
const char *sim_source_format(const struct sim_source *s);

/* First lines of a report about a network from a file. */
void sim_source_header(const struct sim_source *s);
/* Lists on standard error every op that the hardware cannot run, after tetra_compile refused the graph for one. */
void sim_source_list_unmappable(const struct tetra_graph *g, const struct tetra_caps *caps);

/* Lists on standard error every op of a file that a reader refused. */
void sim_list_refusals(const struct tetra_import_report *r);

/* Is this name of a network the name of a file? */
int sim_is_model_file(const char *name);
/* Many images, with or without the RTL: predictions, or accuracy where labels are given. Prints everything; returns the
 * program's exit code. */
int sim_run_images(const struct sim_options *o);
/* Whether sim_run_images is the one to run this, rather than a session with a report of every layer. */
int sim_wants_images(const struct sim_options *o);
/* After a session: what the softmax on the host makes of the network's output, in DRAM, for the first image. Nothing
 * where the network has none. */
struct sim_session;
void sim_source_softmax(struct sim_session *s);

#ifdef __cplusplus
}
#endif
#endif
