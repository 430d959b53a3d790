/* The accelerator and its memory on the command line: options, and the file that --config reads. */
#ifndef TETRA_SIM_HARDWARE_H
#define TETRA_SIM_HARDWARE_H

#include "cli/option.h"
#include "tetra/caps.h"
#include "tetra/timing.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Those that other commands have, too: what getopt_long answers for them, behind all that a command numbers itself, and
 * rows for its table, which includes <getopt.h>. */
enum { SIM_OPT_ARRAY = 0x2000, SIM_OPT_LATENCY, SIM_OPT_RATE };
#define SIM_MACHINE_ROWS                                                                                           \
  {"array", required_argument, NULL, SIM_OPT_ARRAY}, {"dram-latency", required_argument, NULL, SIM_OPT_LATENCY}, { \
    "dram-bytes-per-cycle", required_argument, NULL, SIM_OPT_RATE                                                  \
  }
#define SIM_MACHINE_HELP                                                     \
  "  --array N or NxN         array size (16)\n"                             \
  "  --dram-latency N         cycles from a read address to its data (64)\n" \
  "  --dram-bytes-per-cycle N reads and writes together (the array's side)\n"
/* Is `option` one of these rows? Then its value is in *array or *mem, and *rc says whether it is accepted: TETRA_OK, or
 * TETRA_EINVAL with a message. */
TETRA_NODISCARD int sim_machine_option(int option, const char *text, unsigned *array, struct tetra_memory_params *mem,
                                       int *rc, struct tetra_error *err);

/* The table of all. */
extern const struct sim_option sim_hardware_options[];

/* What this program's simulations are built with, array n x n. */
struct tetra_caps sim_build_caps(unsigned n);
/* The same with the buffers that settled options ask for. */
struct tetra_caps sim_hardware_caps(const struct sim_options *o);
/* Of those capabilities, what the buffer's option would say. */
uint32_t sim_hardware_buffer(enum sim_buffer b, const struct tetra_caps *caps);
/* Behind the last option: reads --config's file, which says what no option has said, sets what neither has, and checks
 * that a build can have such buffers. TETRA_EIO, TETRA_EINVAL. */
TETRA_NODISCARD int sim_hardware_settle(struct sim_options *o, struct tetra_error *err);
/* TETRA_EINVAL where a simulation's accelerator has other buffers than the options ask for; the message says how to
 * build it. */
TETRA_NODISCARD int sim_hardware_compare(const struct sim_options *o, const struct tetra_caps *built,
                                         struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
