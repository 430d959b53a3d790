/* The command ring in device memory. */
#include "runtime.h"

uint32_t tetra_ring_queued(const struct tetra_ring *ring) {
  return ring->tail >= ring->head ? ring->tail - ring->head : ring->tail + ring->entries - ring->head;
}

int tetra_ring_advance(struct tetra_ring *ring, uint32_t head) {
  if (head >= ring->entries) return TETRA_EHW;
  const uint32_t moved = head >= ring->head ? head - ring->head : head + ring->entries - ring->head;
  if (moved > tetra_ring_queued(ring)) return TETRA_EHW;
  ring->head = head;
  return TETRA_OK;
}

/* Byte stores: right on every host, and compilers merge them. */
static void put_command(uint8_t *to, const struct tetra_cmd *cmd) {
  for (int i = 0; i < TETRA_CMD_WORDS; i++) {
    const uint32_t word = cmd->word[i];
    to[4 * i] = (uint8_t)word;
    to[4 * i + 1] = (uint8_t)(word >> 8);
    to[4 * i + 2] = (uint8_t)(word >> 16);
    to[4 * i + 3] = (uint8_t)(word >> 24);
  }
}

/* The part of a push that does not wrap. */
static void push_straight(struct tetra_ring *ring, const struct tetra_hal *hal, const struct tetra_cmd *cmds,
                          uint32_t n) {
  const size_t offset = (size_t)ring->tail * TETRA_CMD_BYTES;
  for (uint32_t i = 0; i < n; i++) put_command(ring->memory + offset + (size_t)i * TETRA_CMD_BYTES, &cmds[i]);
  hal->sync(hal->ctx, ring->addr + (uint32_t)offset, (size_t)n * TETRA_CMD_BYTES, 1);
  ring->tail += n;
  if (ring->tail == ring->entries) ring->tail = 0;
}

uint32_t tetra_ring_push(struct tetra_ring *ring, const struct tetra_hal *hal, const struct tetra_cmd *cmds,
                         uint32_t n) {
  const uint32_t space = ring->entries - 1 - tetra_ring_queued(ring);
  if (n > space) n = space;
  const uint32_t to_end = ring->entries - ring->tail;
  const uint32_t first = n < to_end ? n : to_end;
  if (first != 0) push_straight(ring, hal, cmds, first);
  if (n > first) push_straight(ring, hal, cmds + first, n - first);
  return n;
}
