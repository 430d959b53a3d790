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

static const struct tetra_cmd *commands(const struct baremetal_plan *plan) {
  return (const struct tetra_cmd *)(plan + 1);
}

int baremetal_load(const struct baremetal_plan *plan, const struct tetra_hal *hal) {
  if (plan == NULL || hal == NULL || plan->magic != BAREMETAL_MAGIC) return TETRA_EINVAL;
  uint8_t *to = hal->map(hal->ctx, plan->const_addr, plan->const_bytes);
  if (to == NULL) return TETRA_EINVAL;
  const uint8_t *from = (const uint8_t *)(commands(plan) + plan->n_cmds);
  for (uint32_t i = 0; i < plan->const_bytes; i++) to[i] = from[i];
  hal->sync(hal->ctx, plan->const_addr, plan->const_bytes, 1);
  return TETRA_OK;
}

int baremetal_run(const struct baremetal_plan *plan, const struct tetra_hal *hal, struct tetra_fault *fault) {
  if (plan == NULL || plan->magic != BAREMETAL_MAGIC) return TETRA_EINVAL;
  struct tetra_device dev;
  int status = tetra_device_init(&dev, hal, TIMEOUT_US);
  if (status != TETRA_OK) return status;
  if (dev.caps.n != plan->n) return TETRA_EINVAL;

  hal->sync(hal->ctx, plan->input_addr, plan->input_bytes, 1);
  const struct tetra_job job = {commands(plan),     plan->n_cmds, plan->sync_tag, plan->ring_addr,
                                plan->ring_entries, plan->base,   plan->limit};
  status = tetra_device_run(&dev, &job, NULL, NULL, fault);
  if (status == TETRA_OK) hal->sync(hal->ctx, plan->output_addr, plan->output_bytes, 0);
  return status;
}
