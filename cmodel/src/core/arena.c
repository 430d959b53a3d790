/* Memory that is freed all at once, within a budget. */
#include "tetra/arena.h"

#include <stdint.h>
#include <stdlib.h>

struct tetra_arena_block {
  struct tetra_arena_block *next;
  max_align_t data[];
};

int tetra_arena_charge(struct tetra_arena *a, size_t count, size_t size) {
  if (size && count > SIZE_MAX / 2 / size)
    return tetra_fail(a->err, TETRA_EINVAL, "%zu elements of %zu bytes are more than any memory holds", count, size);
  if (count * size > a->budget)
    return tetra_fail(a->err, TETRA_EINVAL,
                      "the network's parameters need far more memory than a file this small may ask for");
  a->budget -= count * size;
  return TETRA_OK;
}

void *tetra_arena_alloc(struct tetra_arena *a, size_t count, size_t size) {
  if (tetra_arena_charge(a, count, size)) return NULL;
  struct tetra_arena_block *b = calloc(1, sizeof *b + count * size);
  if (!b) {
    tetra_fail(a->err, TETRA_ENOMEM, "no memory for %zu elements of %zu bytes", count, size);
    return NULL;
  }
  b->next = a->blocks;
  a->blocks = b;
  return b->data;
}

void *tetra_arena_calloc(struct tetra_arena *a, size_t count, size_t size) {
  if (tetra_arena_charge(a, count, size)) return NULL;
  void *p = calloc(count ? count : 1, size);
  if (!p) tetra_fail(a->err, TETRA_ENOMEM, "no memory for %zu elements of %zu bytes", count, size);
  return p;
}

void tetra_arena_free(struct tetra_arena *a) {
  for (struct tetra_arena_block *b = a->blocks, *next; b; b = next) {
    next = b->next;
    free(b);
  }
  a->blocks = NULL;
}
