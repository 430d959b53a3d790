/* Performance counters. */
#include "runtime.h"

/* The high word is read before and after the low one: if it changed, a carry passed between the two reads. Two carries
 * within a few reads are 2^32 counts apart, so the second try is right; the bound only keeps a broken bus from hanging
 * us. */
static uint64_t read64(const struct tetra_device *dev, uint32_t offset) {
  uint32_t high = tetra_reg_read(dev, offset + 4);
  uint32_t low = 0;
  for (int tries = 0; tries < 4; tries++) {
    low = tetra_reg_read(dev, offset);
    const uint32_t again = tetra_reg_read(dev, offset + 4);
    if (again == high) break;
    high = again;
  }
  return ((uint64_t)high << 32) | low;
}

void tetra_device_counters(struct tetra_device *dev, uint64_t counters[TETRA_CNT_NUM]) {
  if (counters == NULL) return;
  for (uint32_t i = 0; i < TETRA_CNT_NUM; i++) {
    counters[i] = tetra_device_ready(dev) ? read64(dev, TETRA_REG_COUNTERS + 8 * i) : 0;
  }
}

void tetra_device_layer(struct tetra_device *dev, uint32_t layer, uint32_t *busy, uint32_t *read_beats,
                        uint32_t *write_beats) {
  const int known = tetra_device_ready(dev) && layer < dev->caps.max_layers;
  if (known) {
    tetra_reg_write(dev, TETRA_REG_LAYER_SEL, layer);
    /* The counters show up two cycles after the write; reading the selection back takes that long. */
    (void)tetra_reg_read(dev, TETRA_REG_LAYER_SEL);
  }
  if (busy != NULL) *busy = known ? tetra_reg_read(dev, TETRA_REG_LAYER_BUSY) : 0;
  if (read_beats != NULL) *read_beats = known ? tetra_reg_read(dev, TETRA_REG_LAYER_READ) : 0;
  if (write_beats != NULL) *write_beats = known ? tetra_reg_read(dev, TETRA_REG_LAYER_WRITE) : 0;
}
