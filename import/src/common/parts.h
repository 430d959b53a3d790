/* The parts of an average pool. Private to the library. */
#ifndef TETRA_IMPORT_PARTS_H
#define TETRA_IMPORT_PARTS_H

#include "tetra/import.h"

/* The plane of an average pool, cut where the number of elements that windows divide by changes. */
#define IMPORT_STRETCHES_MAX 8 /* along a side of the plane */
#define IMPORT_PARTS_MAX (IMPORT_STRETCHES_MAX * IMPORT_STRETCHES_MAX)
struct import_stretches {
  int n;
  int from[IMPORT_STRETCHES_MAX + 1]; /* stretch i: outputs from[i]..from[i+1]-1 */
  int count[IMPORT_STRETCHES_MAX];    /* elements of their windows along this side, at least 1 */
};
struct import_parts {
  struct import_stretches y, x;
};
/* Stretches of `out` windows of k elements along one side, the first one starting at -pad; elements in from..to-1
 * count. 0 where there are too many stretches or a window has no element that counts. */
TETRA_NODISCARD int import_find_stretches(struct import_stretches *s, int out, int stride, int pad, int k, int dilation,
                                          int from, int to);
static inline int import_n_parts(const struct import_parts *p) { return p->y.n * p->x.n; }
/* Elements of the windows of a part, 0..import_n_parts - 1. */
TETRA_NODISCARD int import_part_count(const struct import_parts *p, int part);
/* Restricts op to a part; not where there is only one. */
void import_set_part(const struct import_parts *p, int part, struct tetra_op *op);
/* Name of the op of a part. */
void import_name_part(char out[TETRA_NAME_MAX], const char *name, int part);

#endif
