/* The reader's memory: zeroed, freed all at once, limited by the size of the file. */
#include <stdint.h>
#include <stdlib.h>

#include "onnx/values.h"

struct onnx_block {
  struct onnx_block *next;
  max_align_t data[];
};

int onnx_charge(struct onnx_reader *x, size_t count, size_t size) {
  if (size && count > SIZE_MAX / 2 / size)
    return tetra_fail(x->err, TETRA_EINVAL, "%zu elements of %zu bytes are more than any memory holds", count, size);
  if (count * size > x->budget)
    return tetra_fail(x->err, TETRA_EINVAL,
                      "the network's parameters need far more memory than a file this small may ask for");
  x->budget -= count * size;
  return TETRA_OK;
}

void *onnx_alloc(struct onnx_reader *x, size_t count, size_t size) {
  if (onnx_charge(x, count, size)) return NULL;
  struct onnx_block *b = calloc(1, sizeof *b + count * size);
  if (!b) {
    tetra_fail(x->err, TETRA_ENOMEM, "no memory for %zu elements of %zu bytes", count, size);
    return NULL;
  }
  b->next = x->blocks;
  x->blocks = b;
  return b->data;
}

void *onnx_alloc_for_graph(struct onnx_reader *x, size_t count, size_t size) {
  if (onnx_charge(x, count, size)) return NULL;
  void *p = calloc(count ? count : 1, size);
  if (!p) tetra_fail(x->err, TETRA_ENOMEM, "no memory for %zu elements of %zu bytes", count, size);
  return p;
}

void onnx_memory_free(struct onnx_reader *x) {
  for (struct onnx_block *b = x->blocks, *next; b; b = next) {
    next = b->next;
    free(b);
  }
  x->blocks = NULL;
}
