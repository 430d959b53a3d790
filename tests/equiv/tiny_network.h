// Networks of a few numbers, small enough to run on every input there is; copies of networks with one thing changed.
#ifndef TETRA_TESTS_EQUIV_TINY_NETWORK_H
#define TETRA_TESTS_EQUIV_TINY_NETWORK_H

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "../cmodel/core_case.h"

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  int In(int lo, int hi) { return lo + static_cast<int>(random_() % static_cast<unsigned>(hi - lo + 1)); }
  int Code(tetra_fmt f) { return In(tetra_fmt_min(f), tetra_fmt_max(f)); }

 private:
  std::mt19937 random_;
};

// Up to four inputs of 4 bits, one to four ops of every kind, form and rounding.
class TinyNetwork {
 public:
  explicit TinyNetwork(unsigned seed, int inputs) : dice_(seed), inputs_(inputs) {}

  void Build(Net *net) {
    const int square = inputs_ == 4 && dice_.In(0, 1);
    const tetra_fmt fmt = dice_.In(0, 1) ? TETRA_U4 : TETRA_S4;
    const tetra_desc image = {1, square ? 2 : 1, square ? 2 : 1, square ? 1 : inputs_, fmt, dice_.Code(fmt), 0.5};
    net->g.input = tetra_graph_add_value(&net->g, "image", &image);
    const int ops = dice_.In(1, 4);
    for (int i = 0; i < ops; i++) AddOp(&net->g, std::max(0, net->g.n_values - dice_.In(1, 2)), i == ops - 1);
    net->g.output = net->g.ops[net->g.n_ops - 1].output[0];
  }

 private:
  tetra_fmt Format() { return static_cast<tetra_fmt>(dice_.In(0, 3)); }

  int FindResidual(const tetra_graph &g, const tetra_desc &d) {
    for (int v = g.n_values - 1; v >= 0; v--) {
      const tetra_desc &r = g.values[v].d;
      if (r.h == d.h && r.w == d.w && r.c == d.c) return v;
    }
    return -1;
  }

  void Parameters(tetra_op *op, int o, const tetra_desc &in, const tetra_desc &out, const tetra_desc *res) {
    tetra_requant *q = &op->rq[o];
    *q = {static_cast<tetra_round>(dice_.In(0, 4)), out.zero_point, tetra_fmt_min(out.fmt), tetra_fmt_max(out.fmt),
          static_cast<tetra_requant_channel *>(calloc(static_cast<size_t>(out.c), sizeof *op->rq[o].ch))};
    if (dice_.In(0, 1)) q->lo = out.zero_point;
    const double code = tetra_fmt_bits(in.fmt) == 8 ? 74 : 4.6, weight = op->kind == TETRA_CONV ? 4.6 : 1;
    const double taps = op->kind == TETRA_CONV ? op->win.kh * op->win.kw * in.c : 1;
    const double spread = tetra_fmt_bits(out.fmt) == 8 ? 60 : 5;
    for (int c = 0; c < out.c; c++) {
      tetra_requant_channel *p = &q->ch[c];
      p->bias = dice_.In(-9, 9), p->frac = static_cast<int16_t>(dice_.In(-32768, 32767));
      // Shifts around TFLITE's 31, and multipliers of a few bits, which meet ties.
      const int bits = dice_.In(0, 2) ? 40 : dice_.In(3, 34);
      EXPECT_EQ(tetra_dyadic(spread / (code * weight * std::sqrt(taps)) * dice_.In(50, 150) / 100, bits, &p->m, &p->s,
                             nullptr),
                TETRA_OK);
      if (!res) continue;
      const double factor = spread / (tetra_fmt_bits(res->fmt) == 8 ? 100 : 7);
      if (op->res_form == TETRA_RES_SEPARATE) {
        EXPECT_EQ(tetra_dyadic(factor, 40, &p->mr, &p->sr, nullptr), TETRA_OK);
      } else if (op->res_form == TETRA_RES_JOINT) {
        p->lr = static_cast<uint8_t>(std::max(0, p->s - 24));
        p->mr = static_cast<int32_t>(std::ldexp(factor, p->s - p->lr));
      } else {  // TensorFlow Lite's: the accumulator 2^19 times larger, so its multiplier is that much smaller
        p->lr = 10, p->m >>= 10, p->mr = dice_.In(1 << 20, 1 << 24), p->sr = static_cast<uint8_t>(dice_.In(0, 3));
      }
    }
  }

  void AddOp(tetra_graph *g, int input, bool is_last) {
    const tetra_desc in = g->values[input].d;
    tetra_op op = {};
    snprintf(op.name, sizeof op.name, "op%d", g->n_ops);
    op.kind = dice_.In(0, 2) ? TETRA_CONV : static_cast<tetra_op_kind>(dice_.In(1, 3));
    op.input = input, op.residual = -1, op.wbits = 8, op.pad_code = in.zero_point, op.groups = 1;
    op.win = tetra_window_pixel();
    if (op.kind != TETRA_ADD && in.h > 1) {
      op.win.kh = op.win.kw = 2;
      if (dice_.In(0, 1)) op.win.pad = {1, 1, 0, 0};
    }
    op.cout = op.kind == TETRA_CONV ? dice_.In(2, 4) : in.c;
    tetra_desc out = {1, tetra_op_out_h(&op, in.h), tetra_op_out_w(&op, in.w), op.cout, in.fmt, 0, 0.25};
    if (op.kind == TETRA_CONV) {
      const int count = op.cout * op.win.kh * op.win.kw * in.c;
      op.weights = static_cast<int8_t *>(malloc(static_cast<size_t>(count)));
      for (int i = 0; i < count; i++) op.weights[i] = static_cast<int8_t>(dice_.In(-8, 7));
    }
    if (op.kind == TETRA_ADD || (op.kind == TETRA_CONV && dice_.In(0, 1))) op.residual = FindResidual(*g, out);
    if (op.residual >= 0) op.res_form = static_cast<tetra_res_form>(dice_.In(1, 3));
    tetra_desc res = {};
    if (op.residual >= 0) res = g->values[op.residual].d;
    op.n_outputs = is_last ? 1 : dice_.In(1, 2);
    for (int o = 0; o < op.n_outputs; o++) {
      out.fmt = Format(), out.zero_point = dice_.Code(out.fmt);
      op.output[o] = tetra_graph_add_value(g, (std::string(op.name) + (o ? ":1" : ":0")).c_str(), &out);
      Parameters(&op, o, in, out, op.residual >= 0 ? &res : nullptr);
    }
    EXPECT_GE(tetra_graph_add_op(g, &op), 0);
  }

  Dice dice_;
  int inputs_;
};

inline void Clone(const tetra_graph &from, tetra_graph *to) {
  *to = from;
  auto copy = [](const void *p, size_t bytes) { return memcpy(malloc(bytes), p, bytes); };
  to->values = static_cast<tetra_value *>(copy(from.values, static_cast<size_t>(from.n_values) * sizeof *to->values));
  to->ops = static_cast<tetra_op *>(copy(from.ops, static_cast<size_t>(from.n_ops) * sizeof *to->ops));
  for (int i = 0; i < from.n_ops; i++) {
    const tetra_op &op = from.ops[i];
    const size_t array = op.weights ? tetra_op_array(&op, from.values[op.input].d.c) : 0;
    if (op.weights)
      to->ops[i].weights = static_cast<int8_t *>(copy(op.weights, array * static_cast<size_t>(op.extra + 1)));
    for (int o = 0; o < op.n_outputs; o++)
      to->ops[i].rq[o].ch =
          static_cast<tetra_requant_channel *>(copy(op.rq[o].ch, static_cast<size_t>(op.cout) * sizeof *op.rq[o].ch));
  }
}

// Changes one number of one op, and says what.
inline std::string Change(tetra_graph *g, Dice *dice) {
  const int i = dice->In(0, g->n_ops - 1);
  tetra_op *op = &g->ops[i];
  tetra_requant *q = &op->rq[dice->In(0, op->n_outputs - 1)];
  tetra_requant_channel *p = &q->ch[dice->In(0, op->cout - 1)];
  const int by = dice->In(0, 1) ? 1 : -1;
  const std::string where = std::string(op->name) + ": ";
  switch (dice->In(0, 7)) {
    case 0:
      p->bias += by;
      return where + "bias";
    case 1:
      p->m = std::max(0, p->m + by);
      return where + "multiplier";
    case 2:
      p->frac = static_cast<int16_t>(p->frac > 0 ? p->frac - 1 : p->frac + 1);
      return where + "fraction";
    case 3:
      q->hi = std::max(q->lo, q->hi - 1);
      return where + "clamp";
    case 4:
      q->round = static_cast<tetra_round>((q->round + 1) % 5);
      return where + "rounding";
    case 5:
      p->s = static_cast<uint8_t>(p->s > 0 ? p->s - 1 : 1);
      return where + "shift";
    case 6:
      if (op->weights)
        op->weights[0] = static_cast<int8_t>(op->weights[0] > 0 ? op->weights[0] - 1 : op->weights[0] + 1);
      return where + "weight";
    default:
      p->mr = std::max(0, p->mr + by);
      return where + "residual's multiplier";
  }
}

#endif
