/* Bare metal: runs a network from a plan stored in memory. No operating system, no C library. */
#include "baremetal.h"

#define TIMEOUT_US 1000000u

static uint32_t reg_read(void *ctx, uint32_t offset) { return ((volatile uint32_t *)ctx)[offset / 4]; }
static void reg_write(void *ctx, uint32_t offset, uint32_t value) { ((volatile uint32_t *)ctx)[offset / 4] = value; }

static void *map(void *ctx, uint32_t addr, size_t bytes) {
  (void)ctx;
  (void)bytes;
  return (void *)(uintptr_t)addr;
}

static void sync(void *ctx, uint32_t addr, size_t bytes, int to_device) {
  const void *p = map(ctx, addr, bytes);
  if (to_device) {
    board_cache_clean(p, bytes);
  } else {
    board_cache_invalidate(p, bytes);
  }
}

/* Polling; a system with other work to do sleeps until its interrupt handler or its timer wakes it. */
static int wait_irq(void *ctx, uint32_t timeout_us) {
  (void)ctx;
  const uint32_t start = board_microseconds();
  while (!board_irq_line()) {
    if (board_microseconds() - start >= timeout_us) return 1;
  }
  return 0;
}

/* The casts keep `volatile` out of the HAL's types; reg_read and reg_write put it back. */
void baremetal_hal(struct tetra_hal *hal, volatile uint32_t *registers) {
  hal->ctx = (void *)(uintptr_t)registers;
  hal->reg_read = reg_read;
  hal->reg_write = reg_write;
  hal->map = map;
  hal->sync = sync;
  hal->wait_irq = wait_irq;
}

int baremetal_load(const void *plan, size_t bytes, const struct tetra_hal *hal, struct tetra_stored *s,
                   const char **why) {
  const int status = tetra_stored_open(plan, bytes, s, why);
  return status == TETRA_OK ? tetra_stored_load(s, hal) : status;
}

int baremetal_run(const struct tetra_stored *s, const struct tetra_hal *hal, const uint8_t *image, uint8_t *logits,
                  struct tetra_fault *fault) {
  struct tetra_device dev;
  int status = tetra_device_init(&dev, hal, TIMEOUT_US);
  if (status == TETRA_OK) status = tetra_stored_fits(s, &dev);
  if (status == TETRA_OK) status = tetra_stored_write_input(s, hal, image);
  if (status == TETRA_OK) status = tetra_device_run(&dev, &s->job, NULL, NULL, fault);
  return status == TETRA_OK ? tetra_stored_read_output(s, hal, logits) : status;
}
