/* The driver's HAL: registers and waits run the simulated clock, addresses are the simulated memory's. */
#include "machine/hal.h"

static uint32_t reg_read(void *ctx, uint32_t offset) {
  struct sim_hal *s = ctx;
  return s->rtl->reg_read(s->rtl->self, offset);
}

static void reg_write(void *ctx, uint32_t offset, uint32_t value) {
  struct sim_hal *s = ctx;
  s->rtl->reg_write(s->rtl->self, offset, value);
}

static void *map(void *ctx, uint32_t addr, size_t bytes) {
  return tetra_mem_map(((struct sim_hal *)ctx)->mem, addr, bytes);
}

/* Host and device see the same bytes at once. */
static void sync_nothing(void *ctx, uint32_t addr, size_t bytes, int to_device) {
  (void)ctx, (void)addr, (void)bytes, (void)to_device;
}

static int wait_irq(void *ctx, uint32_t timeout_us) {
  struct sim_hal *s = ctx;
  uint64_t left = (uint64_t)timeout_us * SIM_CYCLES_PER_US;
  while (left != 0 && !s->abort) {
    const uint64_t now = left < s->slice ? left : s->slice;
    if (s->rtl->run(s->rtl->self, now)) return 0;
    if (s->rtl->error(s->rtl->self)->code != TETRA_OK) s->abort = 1;
    left -= now;
    if (s->tick != NULL) s->tick(s->arg);
  }
  return 1;
}

void sim_hal_init(struct tetra_hal *hal, struct sim_hal *s) {
  hal->ctx = s;
  hal->reg_read = reg_read;
  hal->reg_write = reg_write;
  hal->map = map;
  hal->sync = sync_nothing;
  hal->wait_irq = wait_irq;
}
