/* The runtime: finds an accelerator through a HAL, runs a command stream on it, reports errors and counters.
 * Freestanding C11: no malloc, no stdio, no globals. */
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

/* How the runtime reaches the hardware. All functions get `ctx`. */
struct tetra_hal {
  void *ctx;
  uint32_t (*reg_read)(void *ctx, uint32_t offset);
  void (*reg_write)(void *ctx, uint32_t offset, uint32_t value);
  /* Host pointer to `bytes` of device memory at device address `addr`, or NULL. */
  void *(*map)(void *ctx, uint32_t addr, size_t bytes);
  /* Makes host writes visible to the device (to_device != 0) or device writes visible to the host. */
  void (*sync)(void *ctx, uint32_t addr, size_t bytes, int to_device);
  /* Blocks until the interrupt line is high (0), or until `timeout_us` of the platform's time passed (non-zero). */
  int (*wait_irq)(void *ctx, uint32_t timeout_us);
};

struct tetra_device {
  struct tetra_hal hal;
  struct tetra_caps caps;
  uint32_t timeout_us;
};

/* What a run needs to know; all of it is in a struct tetra_plan. */
struct tetra_job {
  const struct tetra_cmd *cmds; /* the last one is a SYNC with sync_tag */
  uint32_t n_cmds, sync_tag;
  uint32_t ring_addr, ring_entries; /* multiple of 64; >= 2; smaller than n_cmds + 1: refilled as the engine advances */
  uint32_t base, limit;             /* addresses the commands may touch */
};

struct tetra_layer_event {
  uint32_t layer;   /* id */
  uint64_t cycle;   /* cycle counter at its last write response */
};

/* Why a run stopped. */
struct tetra_fault {
  uint32_t cause, index, addr; /* TETRA_ERR_*, commands dispatched before it since reset, address */
};

/* First contact: checks identity and version, reads the capabilities, resets. TETRA_EHW where it is no Tetra. */
int tetra_device_init(struct tetra_device *dev, const struct tetra_hal *hal, uint32_t timeout_us);
/* Soft reset; returns TETRA_ETIMEOUT where the engine does not come back. */
int tetra_device_reset(struct tetra_device *dev);
/* Runs a job to its end. on_layer (may be NULL) is called for each completion-log entry as it arrives, from this
 * function. TETRA_EHW: the engine stopped; *fault (may be NULL) says why and tetra_device_reset makes it usable again. */
int tetra_device_run(struct tetra_device *dev, const struct tetra_job *job,
                     void (*on_layer)(void *arg, const struct tetra_layer_event *e), void *arg,
                     struct tetra_fault *fault);
/* Reads all TETRA_CNT_NUM counters. */
void tetra_device_counters(struct tetra_device *dev, uint64_t counters[TETRA_CNT_NUM]);
/* Counters of one layer id: array-busy cycles, beats loaded, beats stored. */
void tetra_device_layer(struct tetra_device *dev, uint32_t layer, uint32_t *busy, uint32_t *read_beats,
                        uint32_t *write_beats);
/* "AXI error response to a data read" for TETRA_ERR_AXI_READ, and so on; "unknown error" otherwise. */
const char *tetra_fault_name(uint32_t cause);
/* Lower-case stable key of a counter: "busy", "wait_load", ...; NULL past the last. */
const char *tetra_counter_name(uint32_t counter);

#ifdef __cplusplus
}
#endif
#endif
