/* Writes protobuf's wire format into memory. Private to the library. */
#ifndef TETRA_WIRE_H
#define TETRA_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed at first. Without memory, or for a field 0, `failed` is set and nothing more is
 * written. */
struct wire {
  uint8_t *bytes; /* owned */
  size_t size, room;
  int failed;
};

void wire_varint(struct wire *w, int field, uint64_t v);
void wire_float(struct wire *w, int field, float v);
void wire_bytes(struct wire *w, int field, const void *data, size_t size);
void wire_string(struct wire *w, int field, const char *text);
/* A nested message: everything written until wire_end(w, what wire_begin returned). */
size_t wire_begin(struct wire *w, int field);
void wire_end(struct wire *w, size_t mark);
/* A length-delimited field whose `size` bytes the caller fills in; NULL without memory. Valid until the next call. */
uint8_t *wire_space(struct wire *w, int field, size_t size);
/* Fields that were collected apart. */
void wire_append(struct wire *w, const struct wire *fields);

#endif
