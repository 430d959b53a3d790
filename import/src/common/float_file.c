/* A float network from a file in memory: the reader of its format. */
#include <string.h>

#include "npz/npz.h"
#include "onnx/float/float_net.h"
#include "onnx/file/proto.h"
#include "onnx/walk.h"

static int read_onnx(const uint8_t *bytes, size_t size, struct tetra_arena *arena, struct tetra_float_graph *g,
                     struct tetra_import_report *refused) {
  struct tetra_import_options o;
  struct tetra_model none = {0}; /* the reader's place for a quantized graph; stays empty */
  struct onnx_message *msg;
  tetra_import_defaults(&o);
  struct onnx_reader x = {.o = &o, .m = &none, .report = refused, .arena = arena};
  int rc = onnx_unpack(bytes, size, &msg, arena->err);
  if (rc) return rc;
  rc = onnx_start(&x, onnx_model(msg));
  if (!rc) rc = onnx_float_net(&x, g);
  onnx_message_free(msg);
  tetra_model_free(&none);
  return rc;
}

int tetra_import_float(const uint8_t *bytes, size_t size, struct tetra_arena *arena, struct tetra_float_graph *g,
                       struct tetra_import_report *refused) {
  memset(g, 0, sizeof *g);
  memset(refused, 0, sizeof *refused);
  arena->budget = onnx_budget(size);
  if (size >= 4 && !memcmp(bytes, "PK\003\004", 4)) return npz_float_net(arena, bytes, size, g);
  return read_onnx(bytes, size, arena, g, refused);
}
