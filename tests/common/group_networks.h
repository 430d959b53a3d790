// The shapes of two networks with convolutions in groups, from seeded weights: MobileNetV2 and ResNeXt.
#ifndef TETRA_TESTS_COMMON_GROUP_NETWORKS_H
#define TETRA_TESTS_COMMON_GROUP_NETWORKS_H

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <set>
#include <string>

#include "../cmodel/core_case.h"

// 8 or 4 bits of weights and of activations; rectified ones are unsigned, the others signed.
struct Bits {
  int weights, activations;
};

class GroupNetwork {
 public:
  GroupNetwork(Net *net, Bits bits, unsigned seed = 1) : net_(net), bits_(bits), random_(seed) {}

  // An image of size x size random pixels of 8 bits.
  int Image(int size) {
    const tetra_desc d = {1, size, size, 3, TETRA_S8, 0, 1};
    net_->g.input = tetra_graph_add_value(&net_->g, "image", &d);
    net_->t.assign(1, tetra_tensor{});
    EXPECT_EQ(tetra_tensor_init(&net_->t[0], &d, nullptr), TETRA_OK);
    for (int i = 0; i < d.h * d.w * d.c; i++) net_->t[0].data[i] = static_cast<uint8_t>(Below(256));
    return net_->g.input;
  }

  // A convolution with padding that keeps the plane but for its stride; residual: a value that is added, or -1.
  int Conv(int in, int cout, int groups, int k, int stride, bool relu, int residual = -1) {
    const tetra_desc d = net_->g.values[in].d;  // a copy: the array moves
    tetra_op op = {};
    op.kind = TETRA_CONV, op.residual = residual, op.wbits = bits_.weights, op.cout = cout, op.groups = groups;
    op.res_form = residual < 0 ? TETRA_RES_NONE : TETRA_RES_JOINT;
    op.win.kh = op.win.kw = k, op.win.stride_y = op.win.stride_x = stride, op.win.dilation_y = op.win.dilation_x = 1;
    op.win.pad.top = op.win.pad.left = op.win.pad.bottom = op.win.pad.right = k / 2;
    const int low = -(1 << (op.wbits - 1)), count = cout * k * k * (d.c / groups);
    op.weights = static_cast<int8_t *>(malloc(static_cast<size_t>(count)));
    for (int i = 0; i < count; i++) op.weights[i] = static_cast<int8_t>(low + Below(-2 * low));
    return Finish(&op, in, relu);
  }

  // The mean over all of the plane.
  int Mean(int in) {
    tetra_op op = {};
    const tetra_desc d = net_->g.values[in].d;
    op.kind = TETRA_AVGPOOL, op.residual = -1, op.cout = d.c, op.groups = 1;
    op.win.kh = d.h, op.win.kw = d.w, op.win.stride_y = op.win.stride_x = 1, op.win.dilation_y = op.win.dilation_x = 1;
    return Finish(&op, in, true);
  }

  // All values have been computed when their ops were added; proves that they say something.
  void Check() {
    net_->g.output = net_->g.ops[net_->g.n_ops - 1].output[0];
    tetra_error err = {};
    EXPECT_EQ(tetra_graph_check(&net_->g, &err), TETRA_OK) << err.msg;
    for (const tetra_tensor &t : net_->t) {
      const size_t bytes = static_cast<size_t>(t.d.h * t.d.w) * t.pixel_bytes;
      EXPECT_GE(std::set<uint8_t>(t.data, t.data + bytes).size(), 16u) << &t - net_->t.data();
    }
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  // Appends an op with its output, parameters that spread its accumulators over the codes, and runs it.
  int Finish(tetra_op *op, int in, bool relu) {
    const tetra_desc d = net_->g.values[in].d;
    const bool four = bits_.activations == 4;
    snprintf(op->name, sizeof op->name, "op%d", net_->g.n_ops);
    op->input = in, op->pad_code = d.zero_point, op->n_outputs = 1;
    const tetra_fmt fmt = relu ? (four ? TETRA_U4 : TETRA_U8) : (four ? TETRA_S4 : TETRA_S8);
    const tetra_desc out = {1, tetra_op_out_h(op, d.h), tetra_op_out_w(op, d.w), op->cout, fmt, 0, 1};
    const int output = tetra_graph_add_value(&net_->g, op->name, &out);
    op->output[0] = output;
    op->rq[0] = {TETRA_HALF_UP, 0, tetra_fmt_min(fmt), tetra_fmt_max(fmt), nullptr};
    op->rq[0].ch = static_cast<tetra_requant_channel *>(calloc(static_cast<size_t>(op->cout), sizeof *op->rq[0].ch));
    const int i = tetra_graph_add_op(&net_->g, op);
    net_->t.resize(static_cast<size_t>(net_->g.n_values));
    SetParameters(i, out);
    tetra_error err = {};
    EXPECT_EQ(tetra_run_op(&net_->g, i, net_->t.data(), TETRA_FAST, &err), TETRA_OK) << err.msg;
    return output;
  }

  void SetParameters(int i, const tetra_desc &out) {
    const tetra_op &op = net_->g.ops[i];
    double squares = 0;
    for (int c = 0; c < op.cout; c++) {
      double sum = 0, square = 0;
      for (int k = 0; k < kSamples; k++) {
        const double a = tetra_op_accumulator(&net_->g, i, net_->t.data(), 0, Below(out.h), Below(out.w), c);
        sum += a / kSamples, square += a * a / kSamples;
      }
      op.rq[0].ch[c].bias = static_cast<int32_t>(-sum);
      squares += out.h * out.w > 1 ? square - sum * sum : square;
    }
    const double code = tetra_fmt_bits(out.fmt) == 8 ? 50 : 4, spread = std::sqrt(squares / op.cout);
    for (int c = 0; c < op.cout; c++) {
      tetra_requant_channel *p = &op.rq[0].ch[c];
      if (out.h * out.w == 1) p->bias = 0;
      EXPECT_EQ(tetra_dyadic(code / spread * (0.7 + Below(60) / 100.0), 40, &p->m, &p->s, nullptr), TETRA_OK);
      if (op.residual < 0) continue;
      p->lr = static_cast<uint8_t>(std::max(0, p->s - 24));
      p->mr = static_cast<int32_t>(std::ldexp(0.7, p->s - p->lr));
    }
  }

  static constexpr int kSamples = 8;
  Net *net_;
  Bits bits_;
  std::mt19937 random_;
};

// MobileNetV2's blocks: 1x1 to `t` times the channels, 3x3 depthwise, 1x1 back, with a shortcut where shapes agree.
// width: 1 is the whole network; channels are multiples of 8.
inline void MobileNetV2(Net *net, Bits bits, double width, int size) {
  const struct {
    int t, c, n, s;
  } stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  const auto channels = [&](int c) { return std::max(8, static_cast<int>(c * width / 8 + 0.5) * 8); };
  GroupNetwork b(net, bits);
  int x = b.Conv(b.Image(size), channels(32), 1, 3, 2, true);
  for (const auto &s : stages)
    for (int i = 0; i < s.n; i++) {
      const int cin = net->g.values[x].d.c, cout = channels(s.c), stride = i == 0 ? s.s : 1;
      int y = s.t == 1 ? x : b.Conv(x, s.t * cin, 1, 1, 1, true);
      y = b.Conv(y, s.t * cin, s.t * cin, 3, stride, true);
      x = b.Conv(y, cout, 1, 1, 1, false, stride == 1 && cin == cout ? x : -1);
    }
  x = b.Mean(b.Conv(x, std::max(1280, channels(1280)), 1, 1, 1, true));
  b.Conv(x, 1000, 1, 1, 1, false);
  b.Check();
}

// ResNeXt's blocks: 1x1, 3x3 in `groups` groups, of `d` channels in the first stage, 1x1 with a shortcut. blocks: of
// each stage ({3, 4, 6, 3} is ResNeXt-50). No max pool: as in networks for small images.
inline void ResNeXt(Net *net, Bits bits, int groups, int d, const int (&blocks)[4], int size) {
  GroupNetwork b(net, bits);
  int x = b.Conv(b.Image(size), 64, 1, 7, 2, true);
  for (int stage = 0; stage < 4; stage++)
    for (int i = 0; i < blocks[stage]; i++) {
      const int mid = groups * d << stage, cout = 256 << stage, stride = i == 0 && stage > 0 ? 2 : 1;
      const int shortcut = i == 0 ? b.Conv(x, cout, 1, 1, stride, false) : x;
      const int y = b.Conv(b.Conv(x, mid, 1, 1, 1, true), mid, groups, 3, stride, true);
      x = b.Conv(y, cout, 1, 1, 1, true, shortcut);
    }
  b.Conv(b.Mean(x), 1000, 1, 1, 1, false);
  b.Check();
}

#endif
