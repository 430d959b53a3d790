/* Networks, built in or from files (.onnx, .tflite), and the images for them. */
#ifndef TETRA_SIM_SOURCE_H
#define TETRA_SIM_SOURCE_H

#include "base/notes.h"
#include "cli/settings.h"
#include "files/classes.h"
#include "files/source_data.h"
#include "tetra/fuse.h"
#include "tetra/import.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A network, built in or from a file, and the images for it. */
struct sim_source {
  const struct sim_options *o;
  struct tetra_model m;     /* m.graph is the network */
  int from_file;            /* the network: otherwise m holds nothing else */
  struct tetra_fused fused; /* tensors of a file's network that the accelerator does not write */
  struct sim_classes classes;
  int skip;               /* images in front of the first one */
  int n;                  /* images to choose from, behind those; without a file of them as many as run at once */
  struct sim_data data;   /* of a network from a file */
  int has_data;           /* otherwise: random codes from --seed */
  struct sim_image image; /* of a built-in network; rgb NULL: synthetic ones */
};

/* The built-in network that the options ask for, its max pool fused where the hardware has room for that. TETRA_ENOMEM,
 * TETRA_EINVAL: no such network. */
TETRA_NODISCARD int sim_builtin_options(const struct sim_options *o, struct tetra_network_options *net,
                                        struct tetra_error *err);
/* Reads or builds the network with this batch, where a file does not have one of its own, and opens its images.
 * TETRA_EINVAL where the file's is another than --batch. `notes` is told of every operation of a file that
 * cannot run. On an error everything is released. */
TETRA_NODISCARD int sim_source_open(struct sim_source *s, const struct sim_options *o, int batch,
                                    const struct sim_notes *notes, struct tetra_error *err);
void sim_source_close(struct sim_source *s);
/* The batch that the network of the file `path` fixes; 1 where it fixes none, or cannot be read. */
TETRA_NODISCARD int sim_source_fixed_batch(const char *path);
/* The images that the network takes at once. */
TETRA_NODISCARD int sim_source_batch(const struct sim_source *s);
/* Fills the whole batch of `input` with images first, first + 1, ... of the n, beginning again behind the last one. */
TETRA_NODISCARD int sim_source_fill(struct sim_source *s, int first, struct tetra_tensor *input,
                                    struct tetra_error *err);
/* The input of a run that is no run over many images: a built-in network takes as many pictures as its batch has, or
 * one for all of it. */
TETRA_NODISCARD int sim_source_first(struct sim_source *s, struct tetra_tensor *input, struct tetra_error *err);
/* Numbers of an image's output, each of them a class. */
TETRA_NODISCARD int sim_source_classes(const struct sim_source *s);
/* Tells `notes` where --classes has names of some of them only. */
void sim_source_note_names(const struct sim_source *s, const struct sim_notes *notes);
/* "TensorFlow Lite" or "ONNX". */
const char *sim_source_format(const struct sim_source *s);
/* A line for every kind of ops of a file that a reader refused: how many, the first names, why. None where there is
 * but one and `said` has it. */
void sim_list_refusals(const struct tetra_import_report *r, const struct tetra_error *said,
                       const struct sim_notes *notes);
/* Do the options ask for a run over many images, rather than one run with a report of every layer? */
TETRA_NODISCARD int sim_wants_images(const struct sim_options *o);

#ifdef __cplusplus
}
#endif
#endif
