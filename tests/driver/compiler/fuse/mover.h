// Graphs to fuse: a convolution over an image, and pools behind it that move codes or pool them.
#ifndef TETRA_TESTS_DRIVER_MOVER_H
#define TETRA_TESTS_DRIVER_MOVER_H

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "../lower/run_case.h"
#include "tetra/fuse.h"

struct Mover {
  tetra_op_kind kind = TETRA_MAXPOOL;
  tetra_fmt fmt = TETRA_U8;
  int window = 1, stride = 1, top = 0, left = 0, bottom = 0, right = 0;
  int zp = 0, lo = 0, hi = 255, m = 1, s = 0;
  int odd_channel = -1;  // one whose factor, bias, shift or fraction differs
  int odd_field = 0;
  bool twice = false;  // a second output, whose largest code is one less where it may be
};

// Appends a pool that reads `value`; returns the value that it makes.
inline int Append(Net *net, int value, const std::string &name, const Mover &m) {
  const tetra_desc in = net->g.values[value].d;
  tetra_op op = {};
  snprintf(op.name, sizeof op.name, "%s", name.c_str());
  op.kind = m.kind, op.input = value, op.residual = -1, op.win = tetra_window_pixel(), op.cout = in.c, op.groups = 1;
  op.win.kh = op.win.kw = m.window, op.win.stride_y = op.win.stride_x = m.stride;
  op.win.pad = {m.top, m.left, m.bottom, m.right};
  op.pad_code = in.zero_point;
  op.n_outputs = m.twice ? 2 : 1;
  const tetra_desc out = {in.n, tetra_op_out_h(&op, in.h), tetra_op_out_w(&op, in.w), in.c, m.fmt, m.zp, in.scale};
  for (int o = 0; o < op.n_outputs; o++) {
    op.output[o] = tetra_graph_add_value(&net->g, (name + (o ? ".second" : ".out")).c_str(), &out);
    net->t.push_back({});
    tetra_requant *q = &op.rq[o];
    *q = {TETRA_HALF_EVEN, m.zp, m.lo, m.hi - (o && m.hi > m.zp), nullptr};
    q->ch = static_cast<tetra_requant_channel *>(calloc(static_cast<size_t>(in.c), sizeof(tetra_requant_channel)));
    for (int c = 0; c < in.c; c++) {
      const int odd = c == m.odd_channel ? m.odd_field : -1;
      q->ch[c].bias = -in.zero_point + (odd == 1);
      q->ch[c].m = m.m << (odd == 0);
      q->ch[c].s = static_cast<uint8_t>(m.s + (odd == 2));
      if (odd == 3) q->ch[c].frac = -32768;
    }
  }
  EXPECT_GE(tetra_graph_add_op(&net->g, &op), 0);
  net->g.output = op.output[0];
  return op.output[0];
}

inline Case ImageConv(unsigned seed, tetra_fmt out) {
  std::mt19937 r(seed);
  auto in = [&](int lo, int hi) { return lo + static_cast<int>(r() % static_cast<unsigned>(hi - lo + 1)); };
  Case c;
  c.seed = seed, c.n = in(1, 2), c.h = in(8, 30), c.w = in(8, 30), c.cin = in(1, 4), c.cout = in(1, 40);
  c.in = Format(&r), c.wbits = in(0, 1) ? 8 : 4, c.out = {out}, c.kh = in(1, 4), c.kw = in(1, 4), c.sy = c.sx = 1;
  c.top = in(0, 1), c.left = in(0, 1);
  return c;
}

inline void Run(Net *net) {
  tetra_error err = {};
  ASSERT_EQ(tetra_graph_check(&net->g, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(tetra_run_graph(&net->g, net->t.data(), TETRA_REFERENCE, &err), TETRA_OK) << err.msg;
}

// Fuses and compares: `gone` values disappear (-1: however many), all others are what they were.
inline void Check(Net *net, const tetra_caps &caps, int gone) {
  Run(net);
  if (testing::Test::HasFatalFailure()) return;
  std::vector<std::pair<std::string, tetra_tensor>> before;
  for (int v = 0; v < net->g.n_values; v++) before.push_back({net->g.values[v].name, net->t[static_cast<size_t>(v)]});
  tetra_fused fused = {};
  tetra_error err = {};
  ASSERT_EQ(tetra_fuse(&net->g, &caps, &fused, &err), TETRA_OK) << err.msg;
  if (gone >= 0) {
    EXPECT_EQ(fused.n, gone);
  }
  ASSERT_EQ(net->g.n_values + fused.n, static_cast<int>(before.size()));
  net->t.assign(static_cast<size_t>(net->g.n_values), tetra_tensor{});
  for (auto &[name, tensor] : before) {
    int value = -1;
    for (int v = 0; v < net->g.n_values; v++)
      if (net->g.values[v].name == name) value = v;
    bool named = false;
    for (int k = 0; k < fused.n; k++) named |= name == fused.names[k];
    EXPECT_EQ(named, value < 0) << name;
    if (value == net->g.input) std::swap(net->t[static_cast<size_t>(value)], tensor);
  }
  tetra_fused_free(&fused);
  Run(net);
  for (auto &[name, tensor] : before) {
    for (int v = 0; v < net->g.n_values && tensor.data != nullptr; v++) {
      if (net->g.values[v].name != name) continue;
      const tetra_tensor &t = net->t[static_cast<size_t>(v)];
      const size_t bytes = static_cast<size_t>(t.d.n) * static_cast<size_t>(t.d.h * t.d.w) * t.pixel_bytes;
      EXPECT_EQ(memcmp(t.data, tensor.data, bytes), 0) << name;
    }
    tetra_tensor_free(&tensor);
  }
  CheckPlan(net->g, net->t, caps, 1);
}

#endif
