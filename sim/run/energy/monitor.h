/* Counts events of the energy model on the RTL's signals, clock by clock: independent of tetra/events.h's formulas,
 * against which every run with --energy compares them. */
#ifndef TETRA_SIM_ENERGY_MONITOR_H
#define TETRA_SIM_ENERGY_MONITOR_H

#include <stdint.h>

#include "machine/rtl_model.h"
#include "tetra/events.h"
#include "tetra/plan.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The commands of one engine, in order, by their number in the plan. */
struct monitor_list {
  uint32_t *cmds; /* owned */
  uint32_t n;
};

struct monitor {
  const struct tetra_plan *plan;    /* borrowed */
  uint64_t (*events)[TETRA_EVENTS]; /* one row a layer; owned */
  uint64_t stray;                   /* events that belong to no command: there are none */
  struct monitor_list load, compute, store;
  uint32_t loads, drains;   /* commands that are through */
  uint32_t taken, streamed; /* COMPUTEs that the weight loader took; whose last pixel is in the array */
  uint32_t row_of;          /* COMPUTE whose weights move */
  uint32_t rows;            /* rows of weights read */
  uint64_t pixels, reads;   /* of the COMPUTE that streams */
  uint32_t written, words;  /* STOREs whose words are all in the queue, words of the next one */
  uint32_t sent, beats;     /* the same of what leaves it */
  uint32_t fetch_beats;     /* of all commands */
};

/* Gets ready for one run of `plan`. Freed with monitor_free, also after TETRA_ENOMEM. */
TETRA_NODISCARD int monitor_init(struct monitor *m, const struct tetra_plan *plan, struct tetra_error *err);
void monitor_free(struct monitor *m);
/* Forgets what was counted. */
void monitor_rewind(struct monitor *m);
/* One clock. */
void monitor_clock(struct monitor *m, const struct rtl_probe *p);
/* Compares with the cycle model's events `expected`, all but the cycles', once the run is through. TETRA_EDIFF names
 * the first that differs. */
TETRA_NODISCARD int monitor_compare(const struct monitor *m, uint64_t (*expected)[TETRA_EVENTS],
                                    struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
