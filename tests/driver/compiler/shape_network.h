// Random networks and machines for the compiler alone: shapes without weights, of the sizes at which its choices
// change.
#ifndef TETRA_TESTS_DRIVER_SHAPE_NETWORK_H
#define TETRA_TESTS_DRIVER_SHAPE_NETWORK_H

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "tetra/caps.h"
#include "tetra/graph.h"

// What most of a network's ops are.
enum class Mix {
  kChain,     // convolutions of a kind, one behind the other, which may interleave
  kBranches,  // anything that reads any of the last values
  kGroups,    // convolutions in groups, depthwise ones too
  kStem,      // over the image: packed, with the pool or without, with more arrays of weights
  kWide,      // large kernels, strides and planes, which are split
  kLines,     // planes of one or two long rows
};

class ShapeNetwork {
 public:
  ShapeNetwork(Mix mix, unsigned seed, tetra_graph *g)
      : random_(seed * 8 + static_cast<unsigned>(mix)), mix_(mix), g_(g) {}

  void Build() {
    const bool stem = mix_ == Mix::kStem || In(0, 4) == 0;
    const int most = mix_ == Mix::kLines ? 1500 : mix_ == Mix::kWide ? 300 : mix_ == Mix::kStem ? 100 : 36;
    const int h = mix_ == Mix::kLines ? In(1, 2) : Log(1, most);
    const tetra_desc image = {In(0, 3) ? 1 : In(2, mix_ == Mix::kWide ? 12 : 4),
                              h,
                              Log(1, std::min(most, 4000 / h)),
                              stem ? In(1, 4) : Log(1, 160),
                              Format(),
                              0,
                              0.5};
    fmt_ = Format(), wbits_ = In(0, 1) ? 8 : 4;
    g_->input = tetra_graph_add_value(g_, "image", &image);
    for (int left = mix_ == Mix::kChain ? In(2, 14) : In(1, 7); left > 0; left--) AddOp();
    g_->output = g_->ops[g_->n_ops - 1].output[0];
  }

  // Buffers near the sizes that such networks need.
  tetra_caps Machine() {
    tetra_caps c = tetra_caps_default(4u << In(0, 4));
    if (In(0, 3) == 0) return c;
    const auto power = [this](int least, int most) { return 1u << In(least, most); };
    c.act_words = power(7, 13), c.wgt_words = power(8, 13), c.res_words = power(5, 10), c.par_entries = power(2, 7);
    c.acc_pixels = power(4, 9), c.pool_words = power(4, 9);
    if (mix_ == Mix::kGroups && In(0, 1)) c.act_words = power(5, 9);
    return c;
  }

  int In(int lo, int hi) { return lo + static_cast<int>(random_() % static_cast<unsigned>(hi - lo + 1)); }

 private:
  // Small numbers as often as large ones.
  int Log(int lo, int hi) {
    int most = lo;
    while (most < hi && In(0, 5)) most *= 2;
    return In(lo, std::min(most, hi));
  }
  tetra_fmt Format() { return static_cast<tetra_fmt>(In(0, 3)); }

  int FindResidual(const tetra_desc &d) {
    for (int v = g_->n_values - 1; v >= 0; v--) {
      const tetra_desc &r = g_->values[v].d;
      if (r.n == d.n && r.h == d.h && r.w == d.w && r.c == d.c && In(0, 2) == 0) return v;
    }
    return -1;
  }

  int Side(int in, int usual) { return std::min(in, In(0, 9) && mix_ != Mix::kWide ? usual : Log(1, 300)); }

  void SetWindow(tetra_op *op, const tetra_desc &in) {
    tetra_window *w = &op->win;
    *w = tetra_window_pixel();
    if (op->kind == TETRA_ADD || In(0, 2) == 0) return;
    const int side = In(0, 3) ? 3 : In(1, 7);
    w->kh = Side(in.h, side), w->kw = Side(in.w, side);
    w->stride_y = w->stride_x = In(0, 4) ? 1 : 2;
    if (In(0, 9) == 0 || mix_ == Mix::kWide)
      w->stride_y = Log(1, 300), w->stride_x = In(0, 1) ? w->stride_y : Log(1, 300);
    if (In(0, 9) == 0 && w->kh > 1) w->dilation_y = std::max(1, Log(1, (in.h - 1) / (w->kh - 1)));
    if (In(0, 9) == 0 && w->kw > 1) w->dilation_x = std::max(1, Log(1, (in.w - 1) / (w->kw - 1)));
    if (In(0, 5) == 0) return;
    w->pad = {w->kh / 2, w->kw / 2, w->kh / 2, w->kw / 2};
    if (In(0, 5) == 0) w->pad = {In(0, w->kh - 1), In(0, w->kw - 1), In(0, w->kh - 1), In(0, w->kw - 1)};
  }

  int PickInput() {
    if (mix_ == Mix::kStem && In(0, 3) == 0) return g_->input;
    const int back = mix_ == Mix::kChain ? In(0, 9) ? 1 : 2 : In(1, 4);
    return std::max(0, g_->n_values - back);
  }

  void SetConv(tetra_op *op, const tetra_desc &in) {
    op->cout = In(0, 1) ? Log(1, mix_ >= Mix::kWide ? 60 : 160) : in.c, op->wbits = In(0, 7) && mix_ == Mix::kChain
                                                                                        ? wbits_
                                                                                    : In(0, 1) ? 8
                                                                                               : 4;
    if (mix_ == Mix::kGroups && In(0, 3)) {
      op->groups = In(0, 1) ? in.c : Log(1, in.c);
      while (in.c % op->groups) op->groups--;
      op->cout = op->groups * (in.c / op->groups > 64 ? 1 : Log(1, std::max(1, 300 / op->groups)));
    }
    if (op->wbits == 4 && op->groups == 1 && In(0, 2) == 0) op->wide = static_cast<int8_t *>(calloc(1, 1));
    const size_t array = tetra_op_array(op, in.c);
    if (op->wbits == 8 && array < 30000 && In(0, mix_ == Mix::kStem ? 2 : 9) == 0) SetExtra(op, array);
  }

  // More arrays of weights, nearly everywhere 0 or hardly.
  void SetExtra(tetra_op *op, size_t array) {
    op->extra = In(1, TETRA_MAX_EXTRA);
    op->weights = static_cast<int8_t *>(calloc(array, static_cast<size_t>(op->extra) + 1));
    const int sparse = Log(1, 1000);
    for (size_t i = array; i < array * (static_cast<size_t>(op->extra) + 1); i++) op->weights[i] = In(1, sparse) == 1;
  }

  void AddOp() {
    tetra_op op = {};
    op.input = PickInput(), op.residual = -1, op.groups = 1;
    const tetra_desc in = g_->values[op.input].d;  // a copy: the array moves
    snprintf(op.name, sizeof op.name, "op%d", g_->n_ops);
    op.kind = mix_ != Mix::kBranches && In(0, 9) ? TETRA_CONV : static_cast<tetra_op_kind>(In(0, 3));
    op.cout = in.c;
    SetWindow(&op, in);
    if (op.kind == TETRA_CONV) SetConv(&op, in);
    tetra_desc out = {in.n, tetra_op_out_h(&op, in.h), tetra_op_out_w(&op, in.w), op.cout, fmt_, 0, 0.5};
    if (op.kind == TETRA_CONV || op.kind == TETRA_ADD) op.residual = FindResidual(out);
    if (op.residual >= 0) op.res_form = static_cast<tetra_res_form>(In(1, 3));
    if (op.kind == TETRA_ADD && op.residual < 0) op.kind = TETRA_MAXPOOL;
    if (op.kind == TETRA_CONV && op.residual < 0 && op.input == g_->input && out.h > 2 && out.w > 2 && In(0, 2) == 0)
      SetPool(&op, in, &out);
    op.n_outputs = In(0, 4) ? 1 : 2;
    for (int o = 0; o < op.n_outputs; o++) {
      if (mix_ != Mix::kChain || In(0, 7) == 0) out.fmt = Format();
      op.output[o] = tetra_graph_add_value(g_, (std::string(op.name) + (o ? ":1" : ":0")).c_str(), &out);
      op.rq[o] = {static_cast<tetra_round>(In(0, 4)), In(-8, 7), In(-8, 0), In(0, 7), nullptr};
    }
    if (op.kind == TETRA_AVGPOOL && In(0, 2) == 0)
      AddParts(op, out);
    else
      (void)!tetra_graph_add_op(g_, &op);
  }

  static void SetPool(tetra_op *op, const tetra_desc &in, tetra_desc *out) {
    op->pool = 1, op->pool_pad_top = out->h % 2, op->pool_pad_left = out->w % 3 == 0;
    out->h = tetra_op_out_h(op, in.h), out->w = tetra_op_out_w(op, in.w);
  }

  // Up to four ops, each a rectangle of the plane.
  void AddParts(tetra_op op, const tetra_desc &out) {
    const int y = In(1, out.h), x = In(1, out.w), ys[3] = {0, y, out.h}, xs[3] = {0, x, out.w};
    for (int i = 0; i < 4; i++) {
      op.part_y0 = ys[i / 2], op.part_y1 = ys[i / 2 + 1], op.part_x0 = xs[i % 2], op.part_x1 = xs[i % 2 + 1];
      if (op.part_y1 > op.part_y0 && op.part_x1 > op.part_x0) (void)!tetra_graph_add_op(g_, &op);
    }
  }

  std::mt19937 random_;
  Mix mix_;
  tetra_graph *g_;
  tetra_fmt fmt_ = TETRA_U8;  // of most values of a chain
  int wbits_ = 8;
};

#endif
