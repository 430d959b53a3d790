/* Protobuf's wire format into memory that grows. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

/* Lengths of nested messages are known at their end: they always take 5 bytes, which the format allows. */
enum { length_bytes = 5 };

static uint8_t *reserve(struct wire *w, size_t n) {
  if (w->failed) return NULL;
  if (n > w->room - w->size) {
    size_t room = w->room ? w->room : 4096;
    while (room - w->size < n && room < SIZE_MAX / 2) room *= 2;
    uint8_t *grown = room - w->size < n ? NULL : realloc(w->bytes, room);
    if (!grown) {
      w->failed = 1;
      return NULL;
    }
    w->bytes = grown;
    w->room = room;
  }
  w->size += n;
  return w->bytes + w->size - n;
}

static void put_varint(struct wire *w, uint64_t v) {
  for (;;) {
    uint8_t *p = reserve(w, 1);
    if (!p) return;
    *p = (uint8_t)(v < 128 ? v : (v & 127) | 128);
    if (v < 128) return;
    v >>= 7;
  }
}

/* No message has a field 0: it is what onnx_field gives for a name that the schema does not have. */
static void put_tag(struct wire *w, int field, int type) {
  if (field == 0) w->failed = 1;
  put_varint(w, (uint64_t)field << 3 | (uint64_t)type);
}

void wire_varint(struct wire *w, int field, uint64_t v) {
  put_tag(w, field, 0);
  put_varint(w, v);
}

void wire_float(struct wire *w, int field, float v) {
  uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  put_tag(w, field, 5);
  uint8_t *p = reserve(w, 4);
  for (int i = 0; p && i < 4; i++) p[i] = (uint8_t)(bits >> (8 * i));
}

uint8_t *wire_space(struct wire *w, int field, size_t size) {
  put_tag(w, field, 2);
  put_varint(w, size);
  return reserve(w, size);
}

void wire_bytes(struct wire *w, int field, const void *data, size_t size) {
  uint8_t *p = wire_space(w, field, size);
  if (p && size) memcpy(p, data, size);
}

void wire_string(struct wire *w, int field, const char *text) { wire_bytes(w, field, text, strlen(text)); }

size_t wire_begin(struct wire *w, int field) {
  put_tag(w, field, 2);
  reserve(w, length_bytes);
  return w->size;
}

void wire_end(struct wire *w, size_t mark) {
  if (w->failed) return;
  const uint64_t size = w->size - mark;
  for (int i = 0; i < length_bytes; i++)
    w->bytes[mark - length_bytes + (size_t)i] = (uint8_t)((size >> (7 * i) & 127) | (i + 1 < length_bytes ? 128 : 0));
}

void wire_append(struct wire *w, const struct wire *fields) {
  uint8_t *p = fields->failed ? NULL : reserve(w, fields->size);
  if (fields->failed) w->failed = 1;
  if (p && fields->size) memcpy(p, fields->bytes, fields->size);
}
