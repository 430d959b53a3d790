/* What a command line of ./sim asks for: the settings that everything else reads. */
#ifndef TETRA_SIM_SETTINGS_H
#define TETRA_SIM_SETTINGS_H

#include <stdint.h>

#include "cli/trained.h"
#include "tetra/import.h"
#include "tetra/network.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_action { SIM_RUN, SIM_LIST, SIM_HELP, SIM_VERSION };
enum sim_check { SIM_CHECK_LAYER, SIM_CHECK_FINAL, SIM_CHECK_NONE };

/* A differing layer in red: on a terminal, or whatever standard output is. */
enum sim_color { SIM_COLOR_AUTO, SIM_COLOR_ALWAYS, SIM_COLOR_NEVER };

enum sim_backend { SIM_BACKEND_RTL, SIM_BACKEND_CMODEL, SIM_BACKEND_FAST };

/* Where cycles come from: measured on the RTL, the cycle model's only, or both beside each other. */
enum sim_cycles { SIM_CYCLES_RTL, SIM_CYCLES_MODEL, SIM_CYCLES_COMPARE };

#define SIM_REPORT(name, help) SIM_REPORT_##name,
enum sim_report {
#include "cli/reports.def"
  SIM_REPORTS
};
#undef SIM_REPORT

/* The order of an image's numbers in a .npy; SIM_LAYOUT_ANY: channels last where the shape fits, else first. */
enum sim_layout { SIM_LAYOUT_ANY, SIM_LAYOUT_NHWC, SIM_LAYOUT_NCHW };

/* What a .npy holds. uint8 pixels mean (pixel / 255 - mean) / std by channel to a network from a file, where
 * `normalize`. */
struct sim_pixels {
  int normalize;
  float mean[3], std[3];
  enum sim_layout layout;
};

#define SIM_BUFFER(name, option, caps, in_kib, least, most, build, help) SIM_BUFFER_##name,
enum sim_buffer {
#include "cli/buffers.def"
  SIM_BUFFERS
};
#undef SIM_BUFFER

#define SIM_TENSOR_FILES_MAX 16

/* A .npy file for a tensor of every image. */
struct sim_tensor_file {
  const char *name; /* of the tensor, not ended by a NUL; NULL: the output */
  int name_length;
  const char *path;
};

#define SIM_RUNS_MAX 8 /* networks, and precisions, of one command */

/* Texts are borrowed from argv; NULL: not given. */
struct sim_options {
  enum sim_action action;
  const char *networks[SIM_RUNS_MAX]; /* every network is run in every precision */
  enum tetra_precision precisions[SIM_RUNS_MAX];
  int n_networks, n_precisions;
  unsigned jobs;                     /* runs at once, or images; 0: not given */
  struct tetra_network_options net;  /* of the run: network and precision are the first ones */
  int from_file;                     /* net.network is the name of a file, or of a trained network */
  const struct sim_trained *trained; /* that one; NULL: none */
  int topology;                      /* net.network is the name of a SCALE-Sim topology */
  int batch_given;                   /* net.batch is the user's, not the default */
  const char *image, *layers, *trace, *trace_layer, *timeline;
  const char *energy;                /* an energy table; NULL: energy is not asked for */
  const char *export_plan, *vectors; /* file and folder, instead of a run */
  const char *reports[SIM_REPORTS];  /* files to write results into */
  const char *command;               /* the command line as text; NULL: not known */
  char stdout_name[24];              /* of the standard output, where a report goes there (cli/answers.h) */
  unsigned array;                    /* 4, 8, 16, 32 or 64 */
  uint32_t buffers[SIM_BUFFERS];     /* in the options' units; 0: as built (cli/hardware.h) */
  const char *config;
  enum sim_check check;
  uint32_t latency, bytes_per_cycle;
  double stall, mhz; /* mhz 0: not given */
  int quiet;
  enum sim_color color;
  enum sim_cycles cycles;
  int segments, sample;     /* pieces that the network is cut into, or that are drawn from it; 0: not given */
  const char *builtin_only; /* the last option given that only built-in networks take */
  const char *rtl_only;     /* the first option given that says something of a simulation only */
  const char *flip_layer;   /* tests only: flip a weight bit of this layer in DRAM */
  /* Networks from files, and many images (file_options.h). */
  enum sim_backend backend;
  const char *labels, *classes;
  int limit, skip; /* images; 0: not given */
  int progress;
  enum tetra_tflite_rounding tflite_rounding;
  const char *bits;                                     /* of a nested network: "8", "4" or a file; NULL: 8 */
  struct sim_tensor_file tensors[SIM_TENSOR_FILES_MAX]; /* --output and --output-layer */
  int n_tensors, output_codes;
  const char *dump_tensors; /* a folder for all of them */
  struct sim_pixels pixels;
};

#ifdef __cplusplus
}
#endif
#endif
