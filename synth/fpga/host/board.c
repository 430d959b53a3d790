/* The HAL over a link: a register access is a frame, memory is a copy that sync() brings up to date. */
#include "board.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_AT_ONCE = LINK_MAX_WORDS, MEM_MAX = 1 << 28 };

static uint32_t reg_read(void *ctx, uint32_t offset) {
  struct board *b = ctx;
  uint32_t v = UINT32_MAX;
  if (b->err.code == TETRA_OK && link_read(b->port, offset, &v, 1, &b->err) != TETRA_OK) v = UINT32_MAX;
  return v;
}

static void reg_write(void *ctx, uint32_t offset, uint32_t value) {
  struct board *b = ctx;
  /* b->err keeps what failed. */
  if (b->err.code == TETRA_OK && link_write(b->port, offset, &value, 1, &b->err) != TETRA_OK) return;
}

static int is_inside(const struct board *b, uint32_t addr, size_t bytes) {
  return addr >= b->mem_base && addr - b->mem_base <= b->mem_bytes && bytes <= b->mem_bytes - (addr - b->mem_base);
}

static void *map(void *ctx, uint32_t addr, size_t bytes) {
  struct board *b = ctx;
  return is_inside(b, addr, bytes) ? b->shadow + (addr - b->mem_base) : NULL;
}

static int move_words(struct board *b, uint32_t addr, size_t n, int to_device) {
  uint32_t words[WORDS_AT_ONCE];
  uint8_t *host = b->shadow + (addr - b->mem_base);
  if (to_device) {
    for (size_t i = 0; i < n; i++) words[i] = link_get_u32(host + 4 * i);
    return link_write(b->port, addr, words, n, &b->err);
  }
  if (link_read(b->port, addr, words, n, &b->err) != TETRA_OK) return b->err.code;
  for (size_t i = 0; i < n; i++) host = link_put_u32(host, words[i]);
  return TETRA_OK;
}

/* Everything that the driver and the compiler place is made of whole words. */
static void sync_range(void *ctx, uint32_t addr, size_t bytes, int to_device) {
  struct board *b = ctx;
  if (b->err.code != TETRA_OK || bytes == 0) return;
  if (!is_inside(b, addr, bytes) || addr % 4 != 0 || bytes % 4 != 0) {
    tetra_fail(&b->err, TETRA_EINVAL, "%u bytes at 0x%08x are no whole words of the board's memory", (unsigned)bytes,
               (unsigned)addr);
    return;
  }
  for (size_t at = 0; at < bytes / 4;) {
    const size_t n = bytes / 4 - at < WORDS_AT_ONCE ? bytes / 4 - at : WORDS_AT_ONCE;
    if (move_words(b, addr + 4 * (uint32_t)at, n, to_device) != TETRA_OK) return;
    at += n;
  }
}

static int wait_irq(void *ctx, uint32_t timeout_us) {
  struct board *b = ctx;
  const uint64_t start = b->port->now_us(b->port->ctx);
  uint32_t state = 0;
  do {
    if (b->err.code != TETRA_OK || link_read(b->port, LINK_BOARD_STATE, &state, 1, &b->err) != TETRA_OK) return 1;
    if (state & 1) return 0;
  } while (b->port->now_us(b->port->ctx) - start < timeout_us);
  return 1;
}

void board_hal(struct board *b, struct tetra_hal *hal) {
  *hal = (struct tetra_hal){b, reg_read, reg_write, map, sync_range, wait_irq};
}

int board_check(const struct board *b, struct tetra_error *err) {
  return b->err.code == TETRA_OK ? TETRA_OK : tetra_fail(err, b->err.code, "%s", b->err.msg);
}

int board_open(struct board *b, const struct board_port *port, struct tetra_error *err) {
  static const uint32_t reset = 1;
  uint32_t has[3];
  memset(b, 0, sizeof *b);
  b->port = port;
  int rc = link_open(port, err);
  if (rc == TETRA_OK) rc = link_read(port, LINK_BOARD_MEM_BASE, has, 3, err);
  if (rc == TETRA_OK) rc = link_write(port, LINK_BOARD_RESET, &reset, 1, err);
  if (rc != TETRA_OK) return rc;
  b->mem_base = has[0];
  b->mem_bytes = has[1];
  b->clock_hz = has[2];
  if (b->mem_base % 4096 != 0 || b->mem_bytes < 4096 || b->mem_bytes > MEM_MAX || b->clock_hz == 0) {
    return tetra_fail(err, TETRA_EINVAL, "the board says %u bytes of memory at 0x%08x, and %u Hz: not a Tetra board",
                      (unsigned)b->mem_bytes, (unsigned)b->mem_base, (unsigned)b->clock_hz);
  }
  b->shadow = calloc(b->mem_bytes, 1);
  return b->shadow != NULL ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for a copy of the board's");
}

void board_close(struct board *b) {
  free(b->shadow);
  b->shadow = NULL;
}
