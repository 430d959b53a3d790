/* Memory of one piece of work: zeroed, freed all at once, limited, with the place for the first error. */
#ifndef TETRA_ARENA_H
#define TETRA_ARENA_H

#include <stddef.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* `err` and `budget` are the caller's to fill, the rest is zeroed at first. */
struct tetra_arena {
  struct tetra_error *err; /* never NULL; whoever works with this memory reports here */
  size_t budget;           /* bytes that may still be asked for: a small file must not make a reader take gigabytes */
  struct tetra_arena_block *blocks;
};

/* `count` zeroed elements of `size` bytes that live until tetra_arena_free. NULL, with a->err filled, where there is no
 * memory (TETRA_ENOMEM) or the budget does not hold it (TETRA_EINVAL). */
void *tetra_arena_alloc(struct tetra_arena *a, size_t count, size_t size);
/* Why the last allocation gave nothing. */
static inline int tetra_arena_failed(const struct tetra_arena *a) { return a->err->code; }
/* Takes the bytes off the budget only, for memory that comes from elsewhere. TETRA_EINVAL. */
TETRA_NODISCARD int tetra_arena_charge(struct tetra_arena *a, size_t count, size_t size);
/* As tetra_arena_alloc, but the memory is the caller's, who gives it to free(). */
void *tetra_arena_calloc(struct tetra_arena *a, size_t count, size_t size);
/* Frees what tetra_arena_alloc gave; safe on an arena that gave nothing. */
void tetra_arena_free(struct tetra_arena *a);

#ifdef __cplusplus
}
#endif
#endif
