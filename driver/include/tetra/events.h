/* Counts of what costs energy, as a plan's commands have it: the cycle model's part of the energy model. */
#ifndef TETRA_EVENTS_H
#define TETRA_EVENTS_H

#include <stdint.h>

#include "tetra/plan.h"
#include "tetra/timing.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TETRA_SOURCE(upper, key) TETRA_SOURCE_##upper,
enum tetra_source {
#include "tetra/events.def"
  TETRA_SOURCES
};

#define TETRA_EVENT(upper, key, source, unit, text) TETRA_EVENT_##upper,
enum tetra_event {
#include "tetra/events.def"
  TETRA_EVENTS
};

/* Banks of the parameter buffer, which are read together; words of the write engine's queue (tetra_write: u_words). */
enum { TETRA_PAR_BANKS = 16, TETRA_OUT_WORDS = 256 };

/* "act_read", "array"; what one unit is, and what happens. NULL past the last. */
const char *tetra_event_key(int event);
const char *tetra_event_unit(int event);
const char *tetra_event_text(int event);
const char *tetra_source_key(int source);
enum tetra_source tetra_event_source(enum tetra_event event);

/* The event of a COMPUTE's pixel, by the widths of its operands. */
enum tetra_event tetra_event_mac(int act8, int wgt8);
/* The layer that a command of the plan is counted for: its own; of the SYNC at the end, that of the command before. */
uint32_t tetra_event_layer(const struct tetra_plan *plan, uint32_t command);
/* Does an event count cycles (of as many units as the hardware has)? */
int tetra_event_is_cycle(enum tetra_event event);
/* Units that the hardware has of such an event: processing elements, bits, lanes, bytes, or 1. */
uint64_t tetra_event_units(const struct tetra_caps *caps, enum tetra_event event);

/* Adds to events[layer], one row for each of the plan's layers, what its commands do: every event but the cycles'.
 * Follows from the commands alone, padding and pools included; time plays no part. */
void tetra_events_of_commands(const struct tetra_plan *plan, uint64_t (*events)[TETRA_EVENTS]);
/* Sets the cycles' events of a layer of so many cycles. */
void tetra_events_of_cycles(const struct tetra_caps *caps, uint64_t cycles, uint64_t events[TETRA_EVENTS]);

#ifdef __cplusplus
}
#endif
#endif
