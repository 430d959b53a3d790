/* The table of a study's axes. */
#include "files/study/axes.h"

#include "tetra/caps.h"
#include "tetra/memory.h"

/* Texts, of which a point has a number, have no bounds. */
#define NAME(key) \
  { key, key, SIM_AXIS_NAME, 0, 0, -1 }

const struct sim_axis_row sim_axes[SIM_AXES] = {
    [SIM_AXIS_NETWORK] = NAME("network"),
    [SIM_AXIS_BITS] = NAME("bits"),
    [SIM_AXIS_PRECISION] = NAME("precision"),
    [SIM_AXIS_WIDTH] = {"width", "width", SIM_AXIS_REAL, 0.01, 4, 1},
    [SIM_AXIS_SIZE] = {"size", "size", SIM_AXIS_WHOLE, 32, 512, 224},
    [SIM_AXIS_BATCH] = {"batch", "batch", SIM_AXIS_WHOLE, 1, 256, 0},
    [SIM_AXIS_ARRAY] = {"array", "array", SIM_AXIS_POWER, TETRA_CAPS_MIN_N, TETRA_CAPS_MAX_N, 16},
    [SIM_AXIS_act] = {"act-kib", "act_kib", SIM_AXIS_POWER, 1, TETRA_CAPS_MAX_WORDS, 0},
    [SIM_AXIS_wgt] = {"wgt-kib", "wgt_kib", SIM_AXIS_POWER, 1, TETRA_CAPS_MAX_WORDS, 0},
    [SIM_AXIS_res] = {"res-kib", "res_kib", SIM_AXIS_POWER, 1, TETRA_CAPS_MAX_WORDS, 0},
    [SIM_AXIS_par] = {"par-entries", "par_entries", SIM_AXIS_POWER, 1, TETRA_CAPS_MAX_WORDS, 0},
    [SIM_AXIS_acc] = {"acc-pixels", "acc_pixels", SIM_AXIS_POWER, 1, TETRA_CAPS_MAX_WORDS, 0},
    [SIM_AXIS_pool] = {"pool-words", "pool_words", SIM_AXIS_POWER, 1, TETRA_CAPS_MAX_WORDS, 0},
    [SIM_AXIS_RATE] = {"dram-bytes-per-cycle", "dram_bytes_per_cycle", SIM_AXIS_WHOLE, 1, TETRA_MEMORY_MAX_RATE, 0},
    [SIM_AXIS_LATENCY] = {"dram-latency", "dram_latency", SIM_AXIS_WHOLE, 1, TETRA_MEMORY_MAX_LATENCY, 64},
};
