/* The runtime: finds an accelerator through a HAL, runs a command stream on it, reports errors and counters.
 * Freestanding C11: no malloc, no stdio, no globals. docs/driver.md shows its use on bare metal and Linux. */
#ifndef TETRA_DEVICE_H
#define TETRA_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/caps.h"
#include "tetra/hw.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How the runtime reaches the hardware; every function is needed and gets `ctx`. Registers are 32 bits wide and
 * little-endian on the bus, offsets are bytes from the accelerator's base. Register accesses happen in program order;
 * a register write that follows sync(to_device) must not overtake the memory writes before it. */
struct tetra_hal {
  void *ctx;
  uint32_t (*reg_read)(void *ctx, uint32_t offset);
  void (*reg_write)(void *ctx, uint32_t offset, uint32_t value);
  /* Host pointer to `bytes` of device memory at device address `addr`, valid until the run ends, or NULL. */
  void *(*map)(void *ctx, uint32_t addr, size_t bytes);
  /* Makes host writes visible to the device (to_device != 0) or device writes visible to the host. */
  void (*sync)(void *ctx, uint32_t addr, size_t bytes, int to_device);
  /* Blocks until the interrupt line is high (0), or until `timeout_us` of the platform's time passed (non-zero). The
   * line is a level: it returns 0 at once while the line is high. Returning 0 without cause is harmless, if not for
   * ever. */
  int (*wait_irq)(void *ctx, uint32_t timeout_us);
};

/* One accelerator. Filled by tetra_device_init; one thread at a time may use it. */
struct tetra_device {
  struct tetra_hal hal;   /* copied, ctx stays the caller's */
  struct tetra_caps caps; /* zeroed where init failed: every call then refuses the device */
  uint32_t timeout_us;    /* longest time of a run without a sign of life */
};

/* What a run needs to know; all of it is in a struct tetra_plan. */
struct tetra_job {
  const struct tetra_cmd *cmds; /* in dispatch order; the last one is a SYNC with sync_tag, a tag no other SYNC has */
  uint32_t n_cmds, sync_tag;    /* n_cmds >= 1 */
  uint32_t ring_addr, ring_entries; /* multiple of 64; >= 2; smaller than n_cmds + 1: refilled as the engine advances */
  uint32_t base, limit;             /* lowest and highest byte address that the commands may touch */
};

/* A layer's last write response has arrived. */
struct tetra_layer_event {
  uint32_t layer; /* id */
  uint64_t cycle; /* cycle counter at its last write response */
};

/* Why a run stopped. */
struct tetra_fault {
  uint32_t cause; /* TETRA_ERR_*, or an enum tetra_fault_cause */
  uint32_t index; /* commands dispatched since reset before the failing one; after a timeout: dispatched so far */
  uint32_t addr;  /* address of the failing access, where there is one */
};

/* Causes that the runtime finds, beside the hardware's TETRA_ERR_*. */
enum tetra_fault_cause {
  TETRA_FAULT_REGISTERS = 0x100, /* registers contradict each other: no Tetra at this address, or a dead bus */
  TETRA_FAULT_SILENT = 0x101     /* no interrupt and no progress for timeout_us (TETRA_ETIMEOUT) */
};

/* First contact: checks identity and version before anything is written, reads and checks the capabilities, resets.
 * timeout_us >= 1 is the longest time a run may go without a sign of life (a layer or SYNC completed, a command
 * dispatched). TETRA_EINVAL: NULL argument or HAL function, timeout_us 0. TETRA_EHW: no Tetra of this version, or
 * capabilities outside of hw_fields.def's ranges. TETRA_ETIMEOUT: the reset does not end. *dev is zeroed on failure. */
TETRA_NODISCARD int tetra_device_init(struct tetra_device *dev, const struct tetra_hal *hal, uint32_t timeout_us);
/* Soft reset: bus transfers under way end, then queues, tokens, ring indices and the first error are cleared. Returns
 * TETRA_ETIMEOUT where the engine does not come back within a fixed number of reads, more than the hardware can need.
 */
TETRA_NODISCARD int tetra_device_reset(struct tetra_device *dev);
/* Resets the engine and runs a job to its end; returns when the last SYNC has completed, all writes included. on_layer
 * (may be NULL) is called with `arg` for each completion-log entry as it arrives, from this function; it may read
 * counters and memory. Constants and inputs must be in memory and synced before.
 * TETRA_EINVAL: a malformed job, or a ring that cannot be mapped; the engine was not touched. TETRA_EHW: the engine
 * stopped; *fault (may be NULL) says why and tetra_device_reset makes it usable again. TETRA_ETIMEOUT: no sign of life;
 * the engine may still write to memory until it is reset. TETRA_ERANGE: the job is done and its results are good, but
 * the completion log overflowed (on_layer was too slow) and layer events are missing. */
TETRA_NODISCARD int tetra_device_run(struct tetra_device *dev, const struct tetra_job *job,
                                     void (*on_layer)(void *arg, const struct tetra_layer_event *e), void *arg,
                                     struct tetra_fault *fault);
/* Reads all TETRA_CNT_NUM counters, each exact at some moment of the call also while the engine runs. Zeros where dev
 * is not initialized. */
void tetra_device_counters(struct tetra_device *dev, uint64_t counters[TETRA_CNT_NUM]);
/* Counters of one layer id: array-busy cycles, beats loaded, beats stored. Each pointer may be NULL. Zeros where dev is
 * not initialized or layer >= caps.max_layers. */
void tetra_device_layer(struct tetra_device *dev, uint32_t layer, uint32_t *busy, uint32_t *read_beats,
                        uint32_t *write_beats);
/* "AXI error response to a data read" for TETRA_ERR_AXI_READ, and so on; "unknown error" otherwise. Static storage. */
const char *tetra_fault_name(uint32_t cause);
/* Lower-case stable key of a counter: "busy", "wait_load", ...; NULL past the last. Static storage. */
const char *tetra_counter_name(uint32_t counter);
/* What a counter counts, in a few words for a person: "weights moving into the array" for TETRA_CNT_FILL; NULL past the
 * last. Static storage. */
const char *tetra_counter_text(uint32_t counter);

#ifdef __cplusplus
}
#endif
#endif
