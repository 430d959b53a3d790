/* From bytes to ONNX's messages. protobuf-c descends into messages by recursion and allocates whatever they ask for;
 * both are limited here before it sees the file. */
#include <stdlib.h>

#include "onnx/file/proto.h"

/* Deepest nesting of messages. Networks without control flow need 6. */
enum { max_depth = 24 };

struct onnx_message {
  Onnx__ModelProto *model;
  ProtobufCAllocator allocator;
  size_t left;
  int no_memory;
};

struct cursor {
  const uint8_t *bytes;
  size_t pos, end;
};

/* 1 where a varint of at most ten bytes ends before c->end. */
static int read_varint(struct cursor *c, uint64_t *v) {
  *v = 0;
  for (int shift = 0; shift < 70 && c->pos < c->end; shift += 7) {
    const uint8_t b = c->bytes[c->pos++];
    if (shift < 64) *v |= (uint64_t)(b & 127) << shift;
    if (!(b & 128)) return 1;
  }
  return 0;
}

static int skip(struct cursor *c, uint64_t n) {
  if (n > c->end - c->pos) return 0;
  c->pos += (size_t)n;
  return 1;
}

/* Steps over one field, or enters it if it is a message: *inner is its descriptor and c->end its end. */
static int step_field(struct cursor *c, const ProtobufCMessageDescriptor *d, const ProtobufCMessageDescriptor **inner) {
  uint64_t tag, v;
  *inner = NULL;
  if (!read_varint(c, &tag) || tag >> 3 == 0 || tag >> 32) return 0;
  switch (tag & 7) {
    case 0:
      return read_varint(c, &v);
    case 1:
      return skip(c, 8);
    case 5:
      return skip(c, 4);
    case 2: {
      if (!read_varint(c, &v) || v > c->end - c->pos) return 0;
      const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(d, (unsigned)(tag >> 3));
      if (!f || f->type != PROTOBUF_C_TYPE_MESSAGE) return skip(c, v);
      *inner = f->descriptor;
      c->end = c->pos + (size_t)v;
      return 1;
    }
    default:
      return 0;
  }
}

/* Walks the whole file without recursion. */
static int check_nesting(const uint8_t *bytes, size_t size, struct tetra_error *err) {
  struct {
    const ProtobufCMessageDescriptor *d;
    size_t end;
  } stack[max_depth];
  struct cursor c = {bytes, 0, size};
  int depth = 0;
  stack[0].d = &onnx__model_proto__descriptor;
  stack[0].end = size;
  while (depth >= 0) {
    c.end = stack[depth].end;
    if (c.pos == c.end) {
      depth--;
      continue;
    }
    const ProtobufCMessageDescriptor *inner;
    const size_t at = c.pos;
    if (!step_field(&c, stack[depth].d, &inner))
      return tetra_fail(err, TETRA_EINVAL, "byte %zu of %zu: not a field of an ONNX message, or the file is cut off",
                        at, size);
    if (!inner) continue;
    if (++depth == max_depth)
      return tetra_fail(err, TETRA_EINVAL, "byte %zu: messages are nested more than %d deep", at, max_depth);
    stack[depth].d = inner;
    stack[depth].end = c.end;
  }
  return TETRA_OK;
}

static void *limited_alloc(void *data, size_t size) {
  struct onnx_message *msg = data;
  if (size > msg->left) return NULL;
  msg->left -= size;
  void *p = malloc(size);
  if (p == NULL) msg->no_memory = 1;
  return p;
}

static void limited_free(void *data, void *p) {
  (void)data;
  free(p);
}

int onnx_unpack(const uint8_t *bytes, size_t size, struct onnx_message **out, struct tetra_error *err) {
  if (!size) return tetra_fail(err, TETRA_EINVAL, "empty file");
  const int rc = check_nesting(bytes, size, err);
  if (rc) return rc;
  struct onnx_message *msg = calloc(1, sizeof *msg);
  if (!msg) return tetra_fail(err, TETRA_ENOMEM, "no memory");
  msg->allocator = (ProtobufCAllocator){limited_alloc, limited_free, msg};
  msg->left = 32 * size + ((size_t)64 << 20);
  msg->model = onnx__model_proto__unpack(&msg->allocator, size, bytes);
  if (!msg->model || !msg->model->graph) {
    const int parsed = msg->model != NULL, no_memory = msg->no_memory;
    onnx_message_free(msg);
    if (no_memory) return tetra_fail(err, TETRA_ENOMEM, "no memory for its %zu bytes", size);
    return tetra_fail(err, TETRA_EINVAL,
                      parsed ? "an ONNX model without a graph, or not an ONNX file"
                             : "not an ONNX file: its fields have other types");
  }
  *out = msg;
  return TETRA_OK;
}

const Onnx__ModelProto *onnx_model(const struct onnx_message *msg) { return msg->model; }

void onnx_message_free(struct onnx_message *msg) {
  if (msg->model) onnx__model_proto__free_unpacked(msg->model, &msg->allocator);
  free(msg);
}
