// Random networks: branches, residuals from far back, two outputs with different readers, packed stems, groups.
#ifndef TETRA_TESTS_COMMON_RANDOM_NETWORK_H
#define TETRA_TESTS_COMMON_RANDOM_NETWORK_H

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "../cmodel/core_case.h"

class RandomNetwork {
 public:
  // groups: most convolutions whose channels allow it are in groups.
  explicit RandomNetwork(unsigned seed, bool groups = false) : random_(seed), groups_(groups) {}
  virtual ~RandomNetwork() = default;

  // 2 to 7 ops over planes of up to 24 x 24 pixels; every op reads one of the last few values.
  void Build(Net *net) {
    const int channels = In(0, 2) ? In(1, 4) : In(5, 40);
    const tetra_fmt format = Format();
    const tetra_desc image = {
        In(0, 3) ? 1 : 2, In(least_side, most_side), In(least_side, most_side), channels, format, Code(format), 0.5};
    net->g.input = tetra_graph_add_value(&net->g, "image", &image);
    AddOp(net, net->g.input);
    const int ops = In(1, 6);
    for (int i = 0; i < ops; i++) AddOp(net, In(std::max(In(0, 9) ? 1 : 0, net->g.n_values - 4), net->g.n_values - 1));
    net->g.output = net->g.ops[net->g.n_ops - 1].output[0];
    net->t.assign(static_cast<size_t>(net->g.n_values), tetra_tensor{});
    tetra_tensor *t = &net->t[static_cast<size_t>(net->g.input)];
    ASSERT_EQ(tetra_tensor_init(t, &image, nullptr), TETRA_OK);
    std::vector<int16_t> codes(static_cast<size_t>(image.n * image.h * image.w * image.c));
    for (int16_t &c : codes) c = static_cast<int16_t>(Data(tetra_fmt_min(image.fmt), tetra_fmt_max(image.fmt)));
    tetra_tensor_pack(t, codes.data());
  }

  int least_side = 8, most_side = 24, most_channels = 70;  // of planes, and of what a convolution makes

 protected:
  // What makes the network's shape, and what is only in it.
  virtual int In(int lo, int hi) { return lo + static_cast<int>(random_() % static_cast<unsigned>(hi - lo + 1)); }
  virtual int Data(int lo, int hi) { return RandomNetwork::In(lo, hi); }

 private:
  tetra_fmt Format() { return static_cast<tetra_fmt>(In(0, 3)); }
  int Code(tetra_fmt f) { return In(tetra_fmt_min(f), tetra_fmt_max(f)); }

  // A value of that shape, or -1.
  int FindResidual(const tetra_graph &g, const tetra_desc &d) {
    for (int v = g.n_values - 1; v >= 0; v--) {
      const tetra_desc &r = g.values[v].d;
      if (r.n == d.n && r.h == d.h && r.w == d.w && r.c == d.c && In(0, 2)) return v;
    }
    return -1;
  }

  void SetWindow(tetra_op *op, const tetra_desc &in) {
    op->win.kh = In(1, std::min(3, in.h)), op->win.kw = In(1, std::min(3, in.w));
    op->win.stride_y = In(0, 3) ? 1 : 2, op->win.stride_x = In(0, 3) ? 1 : 2,
    op->win.dilation_y = op->win.dilation_x = 1;
    op->win.pad.top = op->win.pad.bottom = op->win.kh / 2, op->win.pad.left = op->win.pad.right = op->win.kw / 2;
  }

  // A number that divides both; the outputs become some times the inputs where they have nothing in common.
  int Groups(int cin, int *cout) {
    if (std::gcd(cin, *cout) == 1 && In(0, 3)) *cout = cin * (2 * cin > most_channels ? 1 : In(1, 2));
    std::vector<int> common;
    for (int i = 1; i <= cin; i++)
      if (cin % i == 0 && *cout % i == 0) common.push_back(i);
    return common[static_cast<size_t>(In(0, 3) ? In(0, static_cast<int>(common.size()) - 1) : common.size() - 1)];
  }

  void SetParameters(tetra_op *op, int o, const tetra_desc &in, const tetra_desc &out, const tetra_desc *res) {
    tetra_requant *q = &op->rq[o];
    *q = {static_cast<tetra_round>(In(0, 4)), out.zero_point, tetra_fmt_min(out.fmt), tetra_fmt_max(out.fmt), nullptr};
    q->ch = static_cast<tetra_requant_channel *>(calloc(static_cast<size_t>(out.c), sizeof *q->ch));
    // Standard deviation of a sum of uniform codes times uniform weights, in output codes.
    const double code = tetra_fmt_bits(in.fmt) == 8 ? 74 : 4.6, weight = op->wbits == 8 ? 74 : 4.6;
    const double taps = op->win.kh * op->win.kw * (in.c / op->groups), spread = tetra_fmt_bits(out.fmt) == 8 ? 40 : 3;
    const double sum = op->kind == TETRA_CONV ? code * weight * std::sqrt(taps) : code;
    for (int c = 0; c < out.c; c++) {
      tetra_requant_channel *p = &q->ch[c];
      p->bias = Data(-9, 9), p->frac = static_cast<int16_t>(Data(-32768, 32767));
      EXPECT_EQ(tetra_dyadic(spread / sum * Data(50, 150) / 100, 40, &p->m, &p->s, nullptr), TETRA_OK);
      if (!res) continue;
      const double factor = spread / (tetra_fmt_bits(res->fmt) == 8 ? 100 : 7);
      if (op->res_form == TETRA_RES_SEPARATE) {
        EXPECT_EQ(tetra_dyadic(factor, 40, &p->mr, &p->sr, nullptr), TETRA_OK);
      } else {
        p->lr = static_cast<uint8_t>(std::max(0, p->s - 24));
        p->mr = static_cast<int32_t>(std::ldexp(factor, p->s - p->lr));
      }
    }
  }

  void AddOp(Net *net, int input) {
    const tetra_desc in = net->g.values[input].d;  // a copy: the array moves
    tetra_op op = {};
    snprintf(op.name, sizeof op.name, "op%d", net->g.n_ops);
    op.kind = In(0, 2) ? TETRA_CONV : static_cast<tetra_op_kind>(In(1, 2));
    op.input = input, op.residual = -1, op.wbits = In(0, 1) ? 8 : 4, op.pad_code = in.zero_point;
    SetWindow(&op, in);
    op.cout = op.kind != TETRA_CONV ? in.c : In(0, 1) ? In(1, most_channels) : in.c, op.groups = 1;
    if (groups_ && op.kind == TETRA_CONV) op.groups = Groups(in.c, &op.cout);
    tetra_desc out = {in.n, tetra_op_out_h(&op, in.h), tetra_op_out_w(&op, in.w), op.cout, in.fmt, 0, 0.25};
    if (op.kind == TETRA_CONV) {
      const int count = op.cout * op.win.kh * op.win.kw * (in.c / op.groups), low = op.wbits == 8 ? -128 : -8;
      op.weights = static_cast<int8_t *>(malloc(static_cast<size_t>(count)));
      for (int i = 0; i < count; i++) op.weights[i] = static_cast<int8_t>(Data(low, -low - 1));
      op.residual = FindResidual(net->g, out);
      if (op.residual >= 0) op.res_form = In(0, 1) ? TETRA_RES_JOINT : TETRA_RES_SEPARATE;
    }
    tetra_desc res = {};
    if (op.residual >= 0) res = net->g.values[op.residual].d;
    op.n_outputs = In(1, 2);
    for (int o = 0; o < op.n_outputs; o++) {
      out.fmt = Format(), out.zero_point = Code(out.fmt);
      op.output[o] = tetra_graph_add_value(&net->g, (std::string(op.name) + (o ? ":1" : ":0")).c_str(), &out);
      SetParameters(&op, o, in, out, op.residual >= 0 ? &res : nullptr);
    }
    EXPECT_GE(tetra_graph_add_op(&net->g, &op), 0);
  }

  std::mt19937 random_;
  bool groups_;
};

#endif
