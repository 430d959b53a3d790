// One-op graphs with random contents, made from a shape and a seed.
#ifndef TETRA_TESTS_CORE_CASE_H
#define TETRA_TESTS_CORE_CASE_H

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "core_oracle.h"
#include "tetra/graph.h"
#include "tetra/quantize.h"

struct Case {
  tetra_op_kind kind = TETRA_CONV;
  int n = 1, h = 1, w = 1, cin = 1, cout = 1, groups = 1, kh = 1, kw = 1;
  int sy = 1, sx = 1, dy = 1, dx = 1, top = 0, left = 0, bottom = 0, right = 0;
  tetra_fmt in = TETRA_U8, res = TETRA_U8;
  int wbits = 8;
  tetra_res_form form = TETRA_RES_NONE;
  std::vector<tetra_fmt> out = {TETRA_S8};
  tetra_round round = TETRA_HALF_UP;
  unsigned seed = 1;
  int pool = 0, pool_top = 0, pool_left = 0;
  bool regular = false;  // no channel with a shift of 0 or the largest multiplier
  int extra = 0;         // more arrays of weights
  bool extreme = false;  // weights and codes at one end of their ranges, some of them odd
};

// conv_2x9x7x5_k3x3x8_s2x1_d1x1_p1021_u4w8_joint_u8_to_s8u4_half_up_seed12
inline std::string Name(const Case &c) {
  static const char *const kinds[] = {"conv", "maxpool", "avgpool", "add"};
  auto x = [](int a, int b) { return std::to_string(a) + "x" + std::to_string(b); };
  std::string s = kinds[c.kind];
  s += "_" + x(c.n, c.h) + "x" + x(c.w, c.cin) + "_k" + x(c.kh, c.kw) + "x" + std::to_string(c.cout);
  if (c.groups > 1) s += "_g" + std::to_string(c.groups);
  s += "_s" + x(c.sy, c.sx) + "_d" + x(c.dy, c.dx) + "_p" + std::to_string(c.top) + std::to_string(c.left) +
       std::to_string(c.bottom) + std::to_string(c.right) + "_" + tetra_fmt_name(c.in);
  if (c.kind == TETRA_CONV) s += "w" + std::to_string(c.wbits) + (c.extra ? "x" + std::to_string(c.extra + 1) : "");
  s += std::string("_") + FormName(c.form);
  if (c.form != TETRA_RES_NONE) s += std::string("_") + tetra_fmt_name(c.res);
  s += "_to_";
  for (auto f : c.out) s += tetra_fmt_name(f);
  s += std::string("_") + RoundName(c.round) + (c.extreme ? "_extreme" : "") + (c.regular ? "_regular" : "") +
       (c.pool ? "_pool" + std::to_string(c.pool_top) + std::to_string(c.pool_left) : "") + "_seed" +
       std::to_string(c.seed);
  return s;
}

inline void PrintTo(const Case &c, std::ostream *os) { *os << Name(c); }

// A graph with its tensors.
struct Net {
  tetra_graph g = {};
  std::vector<tetra_tensor> t;

  Net() = default;
  Net(const Net &) = delete;
  Net &operator=(const Net &) = delete;
  ~Net() {
    for (auto &tensor : t) tetra_tensor_free(&tensor);
    tetra_graph_free(&g);
  }
};

// Index of the op under test: the last one.
inline int Last(const Net &net) { return net.g.n_ops - 1; }

class Builder {
 public:
  explicit Builder(const Case &c) : c_(c), random_(c.seed) {}

  void Build(Net *net) {
    tetra_op op = {};
    snprintf(op.name, sizeof op.name, "op");
    op.kind = c_.kind;
    op.win.kh = c_.kh, op.win.kw = c_.kw, op.win.stride_y = c_.sy, op.win.stride_x = c_.sx, op.win.dilation_y = c_.dy;
    op.win.dilation_x = c_.dx, op.win.pad.top = c_.top, op.win.pad.left = c_.left, op.win.pad.bottom = c_.bottom;
    op.win.pad.right = c_.right, op.wbits = c_.wbits, op.extra = c_.extra, op.cout = c_.cout, op.groups = c_.groups,
    op.res_form = c_.form, op.residual = -1;
    op.pool = c_.pool, op.pool_pad_top = c_.pool_top, op.pool_pad_left = c_.pool_left;
    const tetra_desc in = {c_.n, c_.h, c_.w, c_.cin, c_.in, Code(c_.in), 0.5};
    op.pad_code = in.zero_point;
    op.input = tetra_graph_add_value(&net->g, "in", &in);
    tetra_desc out = {c_.n, tetra_op_out_h(&op, c_.h), tetra_op_out_w(&op, c_.w), c_.cout, c_.in, 0, 0.25};
    if (c_.form != TETRA_RES_NONE) {
      out.fmt = c_.res, out.zero_point = Code(c_.res);
      op.residual = tetra_graph_add_value(&net->g, "res", &out);
    }
    if (c_.kind == TETRA_CONV) Weights(&op);
    op.n_outputs = static_cast<int>(c_.out.size());
    for (int o = 0; o < op.n_outputs; o++) {
      out.fmt = c_.out[static_cast<size_t>(o)], out.zero_point = Code(out.fmt);
      op.output[o] = tetra_graph_add_value(&net->g, o ? "out1" : "out0", &out);
    }
    if (op.residual >= 0) AddResidualProducer(net, op);
    EXPECT_GE(tetra_graph_add_op(&net->g, &op), 0);
    net->g.input = op.input;
    net->g.output = op.output[0];
    Tensors(net, op);
    for (int o = 0; o < op.n_outputs; o++) net->g.ops[Last(*net)].rq[o] = Requant(*net, o);
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  int Code(tetra_fmt f) { return tetra_fmt_min(f) + Below(tetra_fmt_max(f) - tetra_fmt_min(f) + 1); }

  void Weights(tetra_op *op) {
    const int count = c_.cout * c_.kh * c_.kw * (c_.cin / c_.groups), low = c_.wbits == 8 ? -128 : -8;
    op->weights = static_cast<int8_t *>(calloc(static_cast<size_t>(count), static_cast<size_t>(c_.extra + 1)));
    for (int i = 0; i < count; i++)
      op->weights[i] = static_cast<int8_t>(c_.extreme ? low + (i % 5 == 0) : low + Below(-2 * low));
    if (c_.extra == 0) return;
    const int sparse = 1 + Below(400);  // nearly everywhere 0, or hardly
    for (int i = count; i < count * (c_.extra + 1); i++)
      if (Below(sparse) == 0) op->weights[i] = static_cast<int8_t>(c_.extreme ? low : low + Below(-2 * low));
  }

  struct Stats {
    double mean, deviation;
  };

  // Of the accumulators of one channel, from a few of its pixels.
  Stats Accumulators(const Net &net, int channel) {
    const tetra_desc &d = net.g.values[net.g.output].d;
    double sum = 0, squares = 0;
    for (int i = 0; i < 16; i++) {
      const double acc =
          tetra_op_accumulator(&net.g, Last(net), net.t.data(), Below(d.n), Below(d.h), Below(d.w), channel);
      sum += acc, squares += acc * acc;
    }
    return {sum / 16, std::sqrt(std::fmax(1, squares / 16 - sum * sum / 256))};
  }

  // Parameters that spread the accumulators over the output's codes, with an eccentric channel now and then.
  tetra_requant Requant(const Net &net, int o) {
    const tetra_op &op = net.g.ops[Last(net)];
    const tetra_desc &out = net.g.values[op.output[o]].d;
    tetra_requant q = {c_.round, out.zero_point, tetra_fmt_min(out.fmt), tetra_fmt_max(out.fmt), nullptr};
    if (2 * q.zp < q.lo + q.hi && Below(2)) q.lo = q.zp;  // ReLU
    q.ch = static_cast<tetra_requant_channel *>(calloc(static_cast<size_t>(c_.cout), sizeof *q.ch));
    const double deviation = tetra_fmt_bits(out.fmt) == 8 ? 40 : 3;  // in codes
    const double res_factor = deviation / (tetra_fmt_bits(c_.res) == 8 ? 100 : 7);
    for (int i = 0; i < c_.cout; i++) {
      tetra_requant_channel *p = &q.ch[i];
      const Stats acc = Accumulators(net, i);
      const double factor = deviation / acc.deviation * (0.5 + Below(1000) / 1000.0);
      p->bias = static_cast<int32_t>(-acc.mean) + Below(11) - 5;
      EXPECT_EQ(tetra_dyadic(factor, 62, &p->m, &p->s, nullptr), TETRA_OK);
      if (c_.form == TETRA_RES_JOINT) {
        p->lr = static_cast<uint8_t>(p->s < 31 ? 0 : std::min(p->s - 31, 20));
        uint8_t unused;
        EXPECT_EQ(tetra_dyadic(std::fmin(std::ldexp(res_factor, p->s - p->lr), INT32_MAX), 0, &p->mr, &unused, nullptr),
                  TETRA_OK);
      } else if (c_.form == TETRA_RES_SEPARATE) {
        EXPECT_EQ(tetra_dyadic(res_factor, 62, &p->mr, &p->sr, nullptr), TETRA_OK);
      } else if (c_.form == TETRA_RES_PRE) {
        // The residual's term is at most 2^28; 2^30 bounds what a shifted accumulator may reach over all inputs.
        const double worst = c_.kind == TETRA_CONV ? 256.0 * 128 * c_.kh * c_.kw * c_.cin : 256.0 * c_.kh * c_.kw;
        p->lr = static_cast<uint8_t>(Below(1 + std::max(0, std::min(19, static_cast<int>(29 - std::log2(worst))))));
        EXPECT_EQ(tetra_dyadic(std::ldexp(factor, -p->lr), 62, &p->m, &p->s, nullptr), TETRA_OK);
        const double fixed_point = acc.deviation * std::ldexp(res_factor / deviation, p->lr) * 2048;
        EXPECT_EQ(tetra_dyadic(std::fmin(fixed_point, INT32_MAX), 31, &p->mr, &p->sr, nullptr), TETRA_OK);
        if (p->mr > 0) p->sr = std::min<uint8_t>(p->sr, 31);
      }
      if (c_.seed % 3) p->frac = static_cast<int16_t>(random_());
      if (c_.regular) continue;
      if (i % 7 == 3) p->s = 0;
      if (i % 7 == 5 && c_.form != TETRA_RES_JOINT) p->m = INT32_MAX, p->s = 62;
    }
    return q;
  }

  // The graph has one input, so something must make the residual: a conv of zeros that gives its shape. Its tensor is
  // filled with random codes all the same; only the last op is run.
  void AddResidualProducer(Net *net, const tetra_op &consumer) {
    tetra_op op = {};
    const tetra_desc &in = net->g.values[consumer.input].d, &res = net->g.values[consumer.residual].d;
    snprintf(op.name, sizeof op.name, "residual");
    op.kind = TETRA_CONV;
    op.input = consumer.input, op.residual = -1, op.win.kh = op.win.kw = op.win.dilation_y = op.win.dilation_x = 1;
    op.win.stride_y = consumer.win.stride_y, op.win.stride_x = consumer.win.stride_x;
    op.win.pad.bottom = (res.h - 1) * op.win.stride_y + 1 - in.h,
    op.win.pad.right = (res.w - 1) * op.win.stride_x + 1 - in.w;
    if (op.win.pad.bottom < 0) op.win.stride_y = 1, op.win.kh = in.h - res.h + 1, op.win.pad.bottom = 0;
    if (op.win.pad.right < 0) op.win.stride_x = 1, op.win.kw = in.w - res.w + 1, op.win.pad.right = 0;
    op.pad_code = in.zero_point, op.wbits = 4, op.cout = res.c, op.groups = 1, op.n_outputs = 1,
    op.output[0] = consumer.residual;
    op.weights =
        static_cast<int8_t *>(calloc(static_cast<size_t>(op.win.kh * op.win.kw * in.c), static_cast<size_t>(res.c)));
    op.rq[0] = {TETRA_FLOOR, res.zero_point, tetra_fmt_min(res.fmt), tetra_fmt_max(res.fmt), nullptr};
    op.rq[0].ch = static_cast<tetra_requant_channel *>(calloc(static_cast<size_t>(res.c), sizeof *op.rq[0].ch));
    EXPECT_GE(tetra_graph_add_op(&net->g, &op), 0);
  }

  void Tensors(Net *net, const tetra_op &op) {
    net->t.assign(static_cast<size_t>(net->g.n_values), tetra_tensor{});
    for (int v : {op.input, op.residual}) {
      if (v < 0) continue;
      tetra_tensor *t = &net->t[static_cast<size_t>(v)];
      ASSERT_EQ(tetra_tensor_init(t, &net->g.values[v].d, nullptr), TETRA_OK);
      const tetra_desc &d = t->d;
      std::vector<int16_t> codes(static_cast<size_t>(d.n) * static_cast<size_t>(d.h * d.w) * static_cast<size_t>(d.c));
      const int far = tetra_fmt_signed(d.fmt) ? tetra_fmt_min(d.fmt) : tetra_fmt_max(d.fmt);
      const int near = far > 0 ? far - 1 : far + 1;
      for (size_t i = 0; i < codes.size(); i++)
        codes[i] = static_cast<int16_t>(!c_.extreme || v != op.input ? Code(d.fmt) : i % 7 ? far : near);
      tetra_tensor_pack(t, codes.data());
    }
  }

  Case c_;
  std::mt19937 random_;
};

#endif
