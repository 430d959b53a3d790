/* What the runtime's files share; not installed. */
#ifndef TETRA_RUNTIME_H
#define TETRA_RUNTIME_H

#include "tetra/device.h"

static inline uint32_t tetra_reg_read(const struct tetra_device *dev, uint32_t offset) {
  return dev->hal.reg_read(dev->hal.ctx, offset);
}
static inline void tetra_reg_write(const struct tetra_device *dev, uint32_t offset, uint32_t value) {
  dev->hal.reg_write(dev->hal.ctx, offset, value);
}
static inline int tetra_device_ready(const struct tetra_device *dev) { return dev != NULL && dev->caps.n != 0; }

/* The host's side of a command ring. Indices are the hardware's: head == tail is empty, so it holds entries - 1. */
struct tetra_ring {
  uint8_t *memory; /* host pointer to entry 0 */
  uint32_t addr, entries;
  uint32_t head, tail;
};

/* Commands between head and tail. */
uint32_t tetra_ring_queued(const struct tetra_ring *ring);
/* Takes over the engine's head. 0, or TETRA_EHW where it is not between our head and tail. */
int tetra_ring_advance(struct tetra_ring *ring, uint32_t head);
/* Copies as many of n commands as fit, little-endian, makes them visible to the device and moves the tail; the doorbell
 * is the caller's. Returns how many. */
uint32_t tetra_ring_push(struct tetra_ring *ring, const struct tetra_hal *hal, const struct tetra_cmd *cmds,
                         uint32_t n);

#endif
