// Random one-operator files with the oracle's answer. Every choice follows from the seed, which a failing test prints.
#ifndef TETRA_TESTS_IMPORT_TFLITE_CASE_H
#define TETRA_TESTS_IMPORT_TFLITE_CASE_H

#include <random>
#include <string>
#include <vector>

#include "../model.h"
#include "builder.h"
#include "oracle.h"

struct Case {
  std::vector<uint8_t> file;
  std::vector<int> input, want;
  std::string text;
};

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int Int(int lo, int hi) { return lo + static_cast<int>(engine_() % static_cast<unsigned>(hi - lo + 1)); }
  // Between lo and hi, logarithmically.
  float Scale(double lo, double hi) {
    return static_cast<float>(lo * std::pow(hi / lo, static_cast<double>(engine_() % 100003) / 100002));
  }
  std::vector<int> Codes(size_t n, int lo = -128, int hi = 127) {
    std::vector<int> v(n);
    for (int &x : v) x = Int(lo, hi);
    return v;
  }

 private:
  std::mt19937 engine_;
};

inline std::string Describe(const oracle::Shape &s) {
  return std::to_string(s.h) + "x" + std::to_string(s.w) + "x" + std::to_string(s.c);
}

inline std::vector<uint8_t> Bytes(const std::vector<int> &codes, bool nibbles = false) {
  std::vector<uint8_t> b(nibbles ? (codes.size() + 1) / 2 : codes.size());
  for (size_t i = 0; i < codes.size(); i++) {
    if (nibbles) {
      b[i / 2] = static_cast<uint8_t>(b[i / 2] | (codes[i] & 15) << (4 * (i & 1)));
    } else {
      b[i] = static_cast<uint8_t>(codes[i]);
    }
  }
  return b;
}

inline int Dim(const oracle::Shape &s, int k) { return k == 0 ? s.n : k == 1 ? s.h : k == 2 ? s.w : s.c; }
inline std::vector<int> Dims(const oracle::Shape &s) { return {s.n, s.h, s.w, s.c}; }

// Output size, padding in front; false where the window does not fit.
inline bool Place(const oracle::Shape &is, const Opt &o, int kh, int kw, bool same, oracle::Shape *os,
                  oracle::Window *w) {
  *w = {kh, kw, o.stride_h, o.stride_w, o.dilation_h, o.dilation_w, 0, 0};
  os->n = is.n;
  if (same) {
    oracle::Same(is.h, kh, o.stride_h, o.dilation_h, &os->h, &w->top);
    oracle::Same(is.w, kw, o.stride_w, o.dilation_w, &os->w, &w->left);
    return true;
  }
  const int h = is.h - (kh - 1) * o.dilation_h, x = is.w - (kw - 1) * o.dilation_w;
  os->h = (h - 1) / o.stride_h + 1;
  os->w = (x - 1) / o.stride_w + 1;
  return h >= 1 && x >= 1;
}

struct Weights {
  std::vector<int> codes, bias;
  std::vector<float> scales;
  bool int4;
};

inline Weights MakeWeights(Random *r, int cout, int k, bool int4, bool per_channel, bool with_bias) {
  Weights w;
  w.int4 = int4;
  w.codes = int4 ? r->Codes(static_cast<size_t>(cout * k), -8, 7) : r->Codes(static_cast<size_t>(cout * k));
  for (int c = 0; c < (per_channel ? cout : 1); c++) w.scales.push_back(r->Scale(0.0005, 0.05));
  if (with_bias) w.bias = r->Codes(static_cast<size_t>(cout), -20000, 20000);
  return w;
}

inline int AddWeights(Builder *b, const Weights &w, const std::vector<int> &shape, int dimension = 0) {
  return b->Tensor(shape, w.int4 ? tfl::TensorType::INT4 : tfl::TensorType::INT8, w.scales,
                   std::vector<int64_t>(w.scales.size(), 0), Bytes(w.codes, w.int4), dimension);
}

enum class Channels { kDense, kGrouped, kDepthwise };

// CONV_2D or DEPTHWISE_CONV_2D, sometimes behind a PAD.
inline Case ConvCase(unsigned seed, bool single, Channels channels = Channels::kDense) {
  for (;; seed += 1000003) {
    Random r(seed);
    Opt o;
    oracle::Shape is = {1, r.Int(1, 9), r.Int(1, 9), r.Int(1, 20)}, os = {};
    const int kh = r.Int(1, 3), kw = r.Int(1, 3);
    int cout = r.Int(1, 36), groups = 1;
    if (channels == Channels::kGrouped) groups = r.Int(2, 6), is.c = groups * r.Int(1, 6), cout = groups * r.Int(1, 6);
    if (channels == Channels::kDepthwise) groups = is.c, o.multiplier = r.Int(0, 2) ? 1 : r.Int(2, 3);
    if (channels == Channels::kDepthwise) cout = groups * o.multiplier;
    const bool depthwise = channels == Channels::kDepthwise;
    const bool same = r.Int(0, 1) != 0, pad = r.Int(0, 3) == 0;
    o.padding = same ? tfl::Padding::SAME : tfl::Padding::VALID;
    o.stride_h = r.Int(1, 2);
    o.stride_w = r.Int(1, 2);
    o.dilation_h = o.stride_h == 1 ? r.Int(1, 2) : 1;
    o.dilation_w = o.stride_w == 1 ? r.Int(1, 2) : 1;
    const int activation = r.Int(0, 3);
    o.activation = static_cast<tfl::Activation>(activation);
    const int top = pad ? r.Int(0, 2) : 0, bottom = pad ? r.Int(0, 2) : 0, left = pad ? r.Int(0, 2) : 0,
              right = pad ? r.Int(0, 2) : 0;
    const oracle::Shape padded = {1, is.h + top + bottom, is.w + left + right, is.c};
    oracle::Window w;
    os.c = cout;
    if (!Place(padded, o, kh, kw, same, &os, &w)) continue;
    const oracle::Quant qi = {r.Scale(0.005, 0.2), r.Int(-128, 127)}, qo = {r.Scale(0.05, 0.5), r.Int(-128, 127)};
    const Weights weights =
        MakeWeights(&r, cout, kh * kw * (is.c / groups), r.Int(0, 2) == 0, r.Int(0, 1) != 0, r.Int(0, 3) != 0);
    Builder b;
    const int in = b.Value(Dims(is), qi.scale, qi.zp);
    int source = in;
    if (pad) {
      source = b.Value(Dims(padded), qi.scale, qi.zp);
      b.Op(Builder::kPad,
           {in, b.Tensor({4, 2}, tfl::TensorType::INT32, {}, {},
                         [&] {
                           const int v[8] = {0, 0, top, bottom, left, right, 0, 0};
                           std::vector<uint8_t> bytes(32);
                           std::memcpy(bytes.data(), v, 32);
                           return bytes;
                         }())},
           {source});
    }
    const int out = b.Value(Dims(os), qo.scale, qo.zp);
    std::vector<int> operands = {source, depthwise ? AddWeights(&b, weights, {1, kh, kw, cout}, 3)
                                                   : AddWeights(&b, weights, {cout, kh, kw, is.c / groups})};
    operands.push_back(weights.bias.empty() ? -1 : b.Ints(weights.bias));
    b.Op(depthwise ? Builder::kDepthwise : Builder::kConv, operands, {out}, o);
    Case c;
    c.file = b.Finish(in, out);
    c.input = r.Codes(is.size());
    std::vector<oracle::Multiplier> m;
    for (size_t k = 0; k < static_cast<size_t>(cout); k++) {
      const float ws = weights.scales[weights.scales.size() == 1 ? 0 : k];
      m.emplace_back(static_cast<double>(qi.scale) * static_cast<double>(ws) / static_cast<double>(qo.scale));
    }
    int lo, hi;
    oracle::Activation(activation, qo, &lo, &hi);
    w.top += top;
    w.left += left;
    c.want = (depthwise ? oracle::Depthwise : oracle::Conv)(is, c.input, qi.zp, os, w, weights.codes, weights.bias, m,
                                                            qo.zp, lo, hi, single);
    c.text = "conv in " + std::to_string(groups) + " groups, " + Describe(is) + " " + std::to_string(kh) + "x" +
             std::to_string(kw) + " to " + Describe(os);
    return c;
  }
}

// FULLY_CONNECTED, on a flattened plane or on [n][c].
enum class Dense { kDouble, kSingle, kReal };

// kReal: once rounded, half away from zero, of a product in double, as LiteRT's reference kernel does.
inline Case DenseCase(unsigned seed, Dense rounding) {
  Random r(seed);
  const bool flatten = r.Int(0, 1) != 0;
  const oracle::Shape is = {1, flatten ? r.Int(1, 4) : 1, flatten ? r.Int(1, 4) : 1, r.Int(1, 40)};
  const int k = is.h * is.w * is.c, cout = r.Int(1, 40);
  const oracle::Quant qi = {r.Scale(0.005, 0.2), r.Int(-128, 127)}, qo = {r.Scale(0.05, 0.5), r.Int(-128, 127)};
  const Weights weights = MakeWeights(&r, cout, k, r.Int(0, 2) == 0, false, r.Int(0, 3) != 0);
  Builder b;
  const int in = b.Value(Dims(is), qi.scale, qi.zp);
  int source = in;
  if (flatten) {
    source = b.Value({1, k}, qi.scale, qi.zp);
    b.Op(Builder::kReshape, {in}, {source});
  }
  const int out = b.Value({1, cout}, qo.scale, qo.zp);
  const int w = AddWeights(&b, weights, {cout, k});
  b.Op(Builder::kDense, {source, w, weights.bias.empty() ? -1 : b.Ints(weights.bias)}, {out});
  Case c;
  c.file = b.Finish(in, out);
  c.input = r.Codes(is.size());
  const double real = static_cast<double>(qi.scale * weights.scales[0]) / static_cast<double>(qo.scale);
  const std::vector<oracle::Multiplier> m(static_cast<size_t>(cout), oracle::Multiplier(real));
  const oracle::Shape os = {1, 1, 1, cout};
  const oracle::Window whole = {is.h, is.w, 1, 1, 1, 1, 0, 0};
  if (rounding == Dense::kReal)
    c.want = oracle::DenseInDouble(is, c.input, qi, os, weights.codes, weights.bias, weights.scales, qo);
  else
    c.want = oracle::Conv(is, c.input, qi.zp, os, whole, weights.codes, weights.bias, m, qo.zp, -128, 127,
                          rounding == Dense::kSingle);
  c.text = "dense " + Describe(is) + " to " + std::to_string(cout);
  return c;
}

// ADD of the input and of a convolution of it that only rescales, so that the two have formats of their own.
// What a batch norm in front of a ReLU becomes: MUL and ADD of constants, one a channel or one, in either order of the
// operands, with factors of both signs now and then.
inline Case AffineCase(unsigned seed, bool single, bool in_float) {
  Random r(seed);
  const oracle::Shape is = {1, r.Int(1, 4), r.Int(4, 8), r.Int(1, 20)};
  const oracle::Quant qi = {r.Scale(0.01, 0.2), r.Int(-128, 127)}, qm = {r.Scale(0.005, 0.02), r.Int(0, 3) ? -128 : 7},
                      qp = {r.Scale(0.01, 0.2), r.Int(-128, 127)}, qa = {r.Scale(0.002, 0.05), r.Int(-128, 127)},
                      qo = {r.Scale(0.01, 0.2), r.Int(-128, 127)};
  const int n = r.Int(0, 3) ? is.c : 1;
  std::vector<int> factors(static_cast<size_t>(n)), addends(static_cast<size_t>(n));
  for (int &v : factors) v = r.Int(0, 3) ? r.Int(-128, 127) : 127;
  for (int &v : addends) v = r.Int(-128, 127);
  Builder b;
  const auto constant = [&b, n](const std::vector<int> &v, oracle::Quant q) {
    return b.Tensor({1, 1, 1, n}, tfl::TensorType::INT8, {q.scale}, {q.zp}, std::vector<uint8_t>(v.begin(), v.end()));
  };
  const int in = b.Value(Dims(is), qi.scale, qi.zp), product = b.Value(Dims(is), qp.scale, qp.zp),
            out = b.Value(Dims(is), qo.scale, qo.zp);
  const int f = constant(factors, qm), a = constant(addends, qa);
  Opt relu;
  relu.activation = tfl::Activation::RELU;
  b.Op(Builder::kMul, r.Int(0, 1) ? std::vector<int>{in, f} : std::vector<int>{f, in}, {product});
  b.Op(Builder::kAdd, r.Int(0, 1) ? std::vector<int>{product, a} : std::vector<int>{a, product}, {out}, relu);
  Case c;
  c.file = b.Finish(in, out);
  c.input = r.Codes(is.size());
  const std::vector<int> mid = oracle::Mul(c.input, qi, factors, qm, qp, -128, 127, single, in_float);
  std::vector<int> all(is.size());
  for (size_t i = 0; i < all.size(); i++) all[i] = addends[i % addends.size()];
  int lo, hi;
  oracle::Activation(1, qo, &lo, &hi);
  c.want = oracle::Add(mid, qp, all, qa, qo, lo, hi, single);
  c.text = "mul and add of " + std::to_string(n) + ", " + Describe(is);
  return c;
}

// QUANTIZE from int8 to int8, or RELU or RELU6 of its own, behind a 1x1 max-pool, with uint8 at some networks' ends.
inline Case RequantizeCase(unsigned seed, bool single) {
  Random r(seed);
  const oracle::Shape is = {1, r.Int(1, 6), r.Int(1, 6), r.Int(1, 20)};
  const oracle::Quant qi = {r.Scale(0.01, 0.2), r.Int(-128, 127)},
                      qo = {r.Int(0, 3) == 0 ? qi.scale : r.Scale(0.01, 0.2), r.Int(-128, 127)};
  const int kind = r.Int(0, 2), code = kind == 0 ? Builder::kQuantize : kind == 1 ? Builder::kRelu : Builder::kRelu6;
  const bool uint8_in = r.Int(0, 1) != 0, uint8_out = r.Int(0, 1) != 0;
  Builder b;
  int in = b.Value(Dims(is), qi.scale, qi.zp), mid = b.Value(Dims(is), qi.scale, qi.zp);
  const int last = b.Value(Dims(is), qo.scale, qo.zp);
  const int first = in;
  if (uint8_in) {
    in = b.Tensor(Dims(is), tfl::TensorType::UINT8, {qi.scale}, {qi.zp + 128}, {});
    b.Op(Builder::kQuantize, {in}, {first});
  }
  b.Op(Builder::kMaxPool, {first}, {mid});
  b.Op(code, {mid}, {last});
  int out = last;
  if (uint8_out) {
    out = b.Tensor(Dims(is), tfl::TensorType::UINT8, {qo.scale}, {qo.zp + 128}, {});
    b.Op(Builder::kQuantize, {last}, {out});
  }
  Case c;
  c.file = b.Finish(in, out);
  c.input = r.Codes(is.size());
  const oracle::Multiplier m(static_cast<double>(qi.scale) / static_cast<double>(qo.scale));
  int lo, hi;
  oracle::Activation(kind == 0 ? 0 : kind == 1 ? 1 : 3, qo, &lo, &hi);
  for (const int v : c.input)
    c.want.push_back(oracle::Clamp(m.Apply(v - qi.zp, single) + qo.zp, lo, hi) + (uint8_out ? 128 : 0));
  c.text = "requantize " + Describe(is) + ", scales " + std::to_string(qi.scale) + " and " + std::to_string(qo.scale);
  return c;
}

inline Case AddCase(unsigned seed, bool single) {
  Random r(seed);
  const oracle::Shape is = {1, r.Int(1, 6), r.Int(1, 6), r.Int(1, 20)};
  const oracle::Quant qa = {r.Scale(0.01, 0.2), r.Int(-128, 127)},
                      qb = {r.Int(0, 4) == 0 ? qa.scale : r.Scale(0.01, 0.2), r.Int(-128, 127)},
                      qo = {r.Scale(0.05, 0.5), r.Int(-128, 127)};
  Weights identity;
  identity.int4 = false;
  identity.scales = {r.Scale(0.005, 0.02)};
  for (int o = 0; o < is.c; o++)
    for (int i = 0; i < is.c; i++) identity.codes.push_back(o == i ? r.Int(50, 127) : 0);
  Opt o;
  const int activation = r.Int(0, 3);
  o.activation = static_cast<tfl::Activation>(activation);
  Builder b;
  const int in = b.Value(Dims(is), qa.scale, qa.zp), other = b.Value(Dims(is), qb.scale, qb.zp),
            out = b.Value(Dims(is), qo.scale, qo.zp);
  b.Op(Builder::kConv, {in, AddWeights(&b, identity, {is.c, 1, 1, is.c}), -1}, {other});
  const bool swap = r.Int(0, 1) != 0;
  b.Op(Builder::kAdd, {swap ? other : in, swap ? in : other}, {out}, o);
  Case c;
  c.file = b.Finish(in, out);
  c.input = r.Codes(is.size());
  const double real =
      static_cast<double>(qa.scale) * static_cast<double>(identity.scales[0]) / static_cast<double>(qb.scale);
  const std::vector<oracle::Multiplier> m(static_cast<size_t>(is.c), oracle::Multiplier(real));
  const std::vector<int> second =
      oracle::Conv(is, c.input, qa.zp, is, {1, 1, 1, 1, 1, 1, 0, 0}, identity.codes, {}, m, qb.zp, -128, 127, single);
  int lo, hi;
  oracle::Activation(activation, qo, &lo, &hi);
  c.want = swap ? oracle::Add(second, qb, c.input, qa, qo, lo, hi, single)
                : oracle::Add(c.input, qa, second, qb, qo, lo, hi, single);
  c.text = "add " + Describe(is) + ", scales " + std::to_string(qa.scale) + " and " + std::to_string(qb.scale);
  return c;
}

// A pool, and behind it a MAX_POOL_2D of 1x1 that passes the codes on.
inline Case PoolCase(unsigned seed, oracle::Pool kind) {
  for (;; seed += 1000003) {
    Random r(seed);
    Opt o;
    const oracle::Shape is = {1, r.Int(1, 9), r.Int(1, 9), r.Int(1, 36)};
    oracle::Shape os = {0, 0, 0, is.c};
    const bool same = r.Int(0, 1) != 0;
    o.padding = same ? tfl::Padding::SAME : tfl::Padding::VALID;
    o.filter_h = r.Int(1, 4);
    o.filter_w = r.Int(1, 4);
    o.stride_h = r.Int(1, 3);
    o.stride_w = r.Int(1, 3);
    const int activation = r.Int(0, 3);
    o.activation = static_cast<tfl::Activation>(activation);
    oracle::Window w;
    if (!Place(is, o, o.filter_h, o.filter_w, same, &os, &w)) continue;
    const int zero_points[] = {-128, 0, 127, r.Int(-128, 127)};
    const oracle::Quant q = {r.Scale(0.01, 0.1), zero_points[r.Int(0, 3)]};
    Builder b;
    const int in = b.Value(Dims(is), q.scale, q.zp), mid = b.Value(Dims(os), q.scale, q.zp),
              out = b.Value(Dims(os), q.scale, q.zp);
    b.Op(kind == oracle::Pool::kMax ? Builder::kMaxPool : Builder::kAveragePool, {in}, {mid}, o);
    b.Op(Builder::kMaxPool, {mid}, {out});
    Case c;
    c.file = b.Finish(in, out);
    c.input = r.Int(0, 1) != 0 ? r.Codes(is.size()) : r.Codes(is.size(), -3, 3);
    int lo, hi;
    oracle::Activation(activation, q, &lo, &hi);
    c.want = oracle::Pools(kind, is, c.input, os, w, lo, hi);
    c.text = std::string(kind == oracle::Pool::kMax ? "max" : "average") + " pool " + Describe(is) + " window " +
             std::to_string(o.filter_h) + "x" + std::to_string(o.filter_w) + (same ? " same" : " valid") + " to " +
             Describe(os) + ", zero point " + std::to_string(q.zp);
    return c;
  }
}

inline Case MeanCase(unsigned seed, bool single) {
  Random r(seed);
  const oracle::Shape is = {1, r.Int(1, 9), r.Int(1, 9), r.Int(1, 36)};
  const oracle::Quant qi = {r.Scale(0.005, 0.2), r.Int(-128, 127)}, qo = {r.Scale(0.005, 0.2), r.Int(-128, 127)};
  Builder b;
  const int in = b.Value(Dims(is), qi.scale, qi.zp), out = b.Value({1, is.c}, qo.scale, qo.zp);
  b.Op(Builder::kMean, {in, b.Ints({1, -2})}, {out});
  Case c;
  c.file = b.Finish(in, out);
  c.input = r.Codes(is.size());
  c.want = oracle::Mean(is, c.input, qi, qo, single);
  c.text = "mean " + Describe(is);
  return c;
}

#endif
