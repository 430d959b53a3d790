/* How a Quant node of QONNX rounds, and what of it the accelerator can do. */
#include <ctype.h>
#include <string.h>

#include "onnx/node.h"
#include "onnx/ops/rounding.h"

/* QONNX's rounding modes: by their names, in any case; how the host does them; how an op of the accelerator does, which
 * knows no sign of the code, for unsigned codes and for signed ones. Modes that look at the sign are others for
 * unsigned codes, which have none. `ahead` as in onnx_q; NO_OP: not at all. */
enum { NO_OP = -1 };
struct rounding {
  const char *name;
  enum tetra_input_round host;
  int of_unsigned;
  double ahead_unsigned;
  int of_signed;
  double ahead_signed;
};
static const struct rounding roundings[] = {
    {"ROUND", TETRA_INPUT_HALF_EVEN, TETRA_HALF_EVEN, 0, TETRA_HALF_EVEN, 0},
    {"HALF_EVEN", TETRA_INPUT_HALF_EVEN, TETRA_HALF_EVEN, 0, TETRA_HALF_EVEN, 0},
    {"FLOOR", TETRA_INPUT_FLOOR, TETRA_FLOOR, 0, TETRA_FLOOR, 0},
    {"CEIL", TETRA_INPUT_CEIL, TETRA_FLOOR, 1, TETRA_FLOOR, 1},
    {"HALF_UP", TETRA_INPUT_HALF_AWAY, TETRA_HALF_UP, 0, TETRA_HALF_AWAY, 0},
    {"HALF_DOWN", TETRA_INPUT_HALF_TOWARD, TETRA_FLOOR, 0.5, NO_OP, 0},
    {"UP", TETRA_INPUT_AWAY, TETRA_FLOOR, 1, NO_OP, 0},
    {"DOWN", TETRA_INPUT_TOWARD, TETRA_FLOOR, 0, NO_OP, 0},
};

/* An attribute's text is `name`, in any case. */
static int text_is(const Onnx__AttributeProto *a, const char *name) {
  if (!a->has_s || a->s.len != strlen(name)) return 0;
  for (size_t i = 0; i < a->s.len; i++)
    if (toupper(a->s.data[i]) != name[i]) return 0;
  return 1;
}

int onnx_need_rounding(struct onnx_reader *x, const struct onnx_node *n, int is_signed, enum onnx_kind what,
                       struct onnx_q *q) {
  const Onnx__AttributeProto *a = onnx_attr(n, "rounding_mode");
  const struct rounding *r = roundings, *end = roundings + sizeof roundings / sizeof *roundings;
  while (a && r < end && !text_is(a, r->name)) r++;
  if (r == end)
    return onnx_refuse(x, n, "rounding_mode must be ROUND, HALF_EVEN, HALF_UP, HALF_DOWN, UP, DOWN, FLOOR or CEIL");
  const int round = is_signed ? r->of_signed : r->of_unsigned;
  const int by_op = what != ONNX_INPUT && what != ONNX_CONSTANT;
  if (by_op && round == NO_OP)
    return onnx_refuse(x, n, "rounds signed codes %s, by their sign, which the accelerator does not look at", r->name);
  if (by_op && round == TETRA_HALF_AWAY && q->zp)
    return onnx_refuse(x, n, "HALF_UP of signed codes with zero point %d, must be 0", q->zp);
  q->round = round == NO_OP ? TETRA_HALF_EVEN : (enum tetra_round)round;
  q->ahead = is_signed ? r->ahead_signed : r->ahead_unsigned;
  q->host = r->host;
  return TETRA_OK;
}
