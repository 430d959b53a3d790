// ONNX operators as their specification has them, in double precision over NCHW arrays: what an imported network is
// compared with. Slow, plain, and only as general as the tests need.
#ifndef TETRA_TESTS_IMPORT_ONNX_EVAL_H
#define TETRA_TESTS_IMPORT_ONNX_EVAL_H

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "model.h"

namespace onnx {

using Tensors = std::map<std::string, Array>;

inline void Range(Type t, double *lo, double *hi) {
  *lo = t == kS8 ? -128 : t == kS4 ? -8 : 0;
  *hi = t == kS8 ? 127 : t == kS4 ? 7 : t == kU4 ? 15 : 255;
}

// Index of element i along axis.
inline size_t Along(const Array &a, size_t i, int64_t axis) {
  if (axis < 0) axis += static_cast<int64_t>(a.shape.size());
  size_t inner = 1;
  for (size_t k = static_cast<size_t>(axis) + 1; k < a.shape.size(); k++) inner *= static_cast<size_t>(a.shape[k]);
  return i / inner % static_cast<size_t>(a.shape[static_cast<size_t>(axis)]);
}

inline int64_t Int(const Node &n, const std::string &name, int64_t otherwise) {
  const auto i = n.ints.find(name);
  return i == n.ints.end() ? otherwise : i->second[0];
}
inline std::vector<int64_t> Ints(const Node &n, const std::string &name, std::vector<int64_t> otherwise) {
  const auto i = n.ints.find(name);
  return i == n.ints.end() ? otherwise : i->second;
}

inline Array Quantize(const Node &n, const Array &x, const Array &s, const Array &z, double lo, double hi,
                      double (*rounding)(double) = std::nearbyint) {
  Array y = x;
  y.type = z.type;
  for (size_t i = 0; i < x.v.size(); i++) {
    const size_t k = s.v.size() == 1 ? 0 : Along(x, i, Int(n, "axis", 1));
    const double v = x.v[i] / s.v[k];
    y.v[i] = std::min(hi, std::max(lo, rounding(v) + z.v[z.v.size() == 1 ? 0 : k]));
  }
  return y;
}

inline Array Dequantize(const Node &n, const Array &q, const Array &s, const Array *z) {
  Array y = q;
  y.type = kFloat;
  for (size_t i = 0; i < q.v.size(); i++) {
    const size_t k = s.v.size() == 1 ? 0 : Along(q, i, Int(n, "axis", 1));
    y.v[i] = (q.v[i] - (z ? z->v[z->v.size() == 1 ? 0 : k] : 0)) * s.v[k];
  }
  return y;
}

// Every window of a plane: f(y, x, elements), elements being indices into x's plane, -1 for padding, -2 for what
// ceil_mode adds behind that.
inline void Windows(const Node &n, const Array &x, std::vector<int64_t> kernel, int64_t *oh, int64_t *ow,
                    const std::function<void(int64_t, int64_t, const std::vector<int64_t> &)> &f) {
  const auto s = Ints(n, "strides", {1, 1}), d = Ints(n, "dilations", {1, 1}), p = Ints(n, "pads", {0, 0, 0, 0});
  const int64_t h = x.shape[2], w = x.shape[3];
  const auto outputs = [&](int64_t in, size_t a) {
    const int64_t span = in + p[a] + p[a + 2] - ((kernel[a] - 1) * d[a] + 1);
    const int64_t o = (span + (Int(n, "ceil_mode", 0) ? s[a] - 1 : 0)) / s[a] + 1;
    return (o - 1) * s[a] >= in + p[a] ? o - 1 : o;  // a window must not start in the padding at the end
  };
  *oh = outputs(h, 0);
  *ow = outputs(w, 1);
  for (int64_t oy = 0; oy < *oh; oy++)
    for (int64_t ox = 0; ox < *ow; ox++) {
      std::vector<int64_t> at;
      for (int64_t ky = 0; ky < kernel[0]; ky++)
        for (int64_t kx = 0; kx < kernel[1]; kx++) {
          const int64_t y = oy * s[0] - p[0] + ky * d[0], xx = ox * s[1] - p[1] + kx * d[1];
          const bool beyond = y >= h + p[2] || xx >= w + p[3];
          at.push_back(beyond ? -2 : y < 0 || y >= h || xx < 0 || xx >= w ? -1 : y * w + xx);
        }
      f(oy, ox, at);
    }
}

inline Array Conv(const Node &n, const Array &x, const Array &w, const Array *b) {
  const auto planes = static_cast<size_t>(x.shape[2] * x.shape[3]), all = static_cast<size_t>(x.shape[1]);
  const auto groups = static_cast<size_t>(Int(n, "group", 1)), cin = static_cast<size_t>(w.shape[1]);
  Array y;
  int64_t oh = 0, ow = 0;
  std::vector<std::vector<int64_t>> windows;
  Windows(n, x, {w.shape[2], w.shape[3]}, &oh, &ow,
          [&](int64_t, int64_t, const std::vector<int64_t> &at) { windows.push_back(at); });
  y.shape = {x.shape[0], w.shape[0], oh, ow};
  for (int64_t i = 0; i < x.shape[0]; i++)
    for (int64_t co = 0; co < w.shape[0]; co++)
      for (const auto &at : windows) {
        double sum = b ? b->v[static_cast<size_t>(co)] : 0;
        const size_t first = static_cast<size_t>(co) * groups / static_cast<size_t>(w.shape[0]) * cin;
        for (size_t ci = 0; ci < cin; ci++)
          for (size_t k = 0; k < at.size(); k++)
            if (at[k] >= 0)
              sum += x.v[(static_cast<size_t>(i) * all + first + ci) * planes + static_cast<size_t>(at[k])] *
                     w.v[(static_cast<size_t>(co) * cin + ci) * at.size() + k];
        y.v.push_back(sum);
      }
  return y;
}

inline Array Pool(const Node &n, const Array &x, std::vector<int64_t> kernel, bool max) {
  const auto planes = static_cast<size_t>(x.shape[2] * x.shape[3]);
  Array y = x;
  y.v.clear();
  std::vector<std::vector<int64_t>> windows;
  Windows(n, x, kernel, &y.shape[2], &y.shape[3],
          [&](int64_t, int64_t, const std::vector<int64_t> &at) { windows.push_back(at); });
  for (size_t p = 0; p < static_cast<size_t>(x.shape[0] * x.shape[1]); p++)
    for (const auto &at : windows) {
      double r = max ? -std::numeric_limits<double>::infinity() : 0;
      int64_t count = 0;
      const bool padding_counts = Int(n, "count_include_pad", 0) != 0;
      for (int64_t k : at) {
        count += k >= 0 || (k == -1 && padding_counts);
        if (k < 0) continue;
        const double v = x.v[p * planes + static_cast<size_t>(k)];
        r = max ? std::max(r, v) : r + v;
      }
      y.v.push_back(max ? r : r / static_cast<double>(count));
    }
  return y;
}

inline Array MatMul(const Array &a, const Array &b, bool transposed, const Array *c) {
  const auto rows = static_cast<size_t>(a.shape[0]), k = static_cast<size_t>(a.shape[1]);
  const auto cols = static_cast<size_t>(b.shape[transposed ? 0 : 1]);
  Array y;
  y.shape = {a.shape[0], static_cast<int64_t>(cols)};
  for (size_t r = 0; r < rows; r++)
    for (size_t o = 0; o < cols; o++) {
      double sum = c ? c->v[c->v.size() == 1 ? 0 : o] : 0;
      for (size_t i = 0; i < k; i++) sum += a.v[r * k + i] * b.v[transposed ? o * k + i : i * cols + o];
      y.v.push_back(sum);
    }
  return y;
}

// Broadcasts a constant of one number or one per channel, or combines equal shapes.
inline Array Combine(const Array &a, const Array &b, const std::function<double(double, double)> &f) {
  const bool swap = a.v.size() < b.v.size();
  const Array &big = swap ? b : a, &small = swap ? a : b;
  int64_t axis = 0;  // of big, along which small goes
  for (size_t k = 0; k < small.shape.size(); k++)
    if (small.shape[k] != 1) axis = static_cast<int64_t>(k + big.shape.size() - small.shape.size());
  Array y = big;
  y.type = kFloat;
  for (size_t i = 0; i < big.v.size(); i++) {
    const double s = small.v[small.v.size() == 1 ? 0 : small.v.size() == big.v.size() ? i : Along(big, i, axis)];
    y.v[i] = swap ? f(s, big.v[i]) : f(big.v[i], s);
  }
  return y;
}

inline Array Slice(const Array &x, const std::vector<int64_t> &starts, const std::vector<int64_t> &ends,
                   const std::vector<int64_t> &axes, const std::vector<int64_t> &steps) {
  std::vector<int64_t> from(x.shape.size(), 0), to = x.shape, by(x.shape.size(), 1);
  for (size_t i = 0; i < axes.size(); i++) {
    const auto a = static_cast<size_t>(axes[i]);
    const auto clip = [&](int64_t v) { return std::min(x.shape[a], std::max<int64_t>(0, v < 0 ? v + x.shape[a] : v)); };
    from[a] = clip(starts[i]);
    to[a] = clip(ends[i]);
    by[a] = steps[i];
  }
  Array y = x;
  y.v.clear();
  for (size_t a = 0; a < 4; a++) y.shape[a] = (to[a] - from[a] + by[a] - 1) / by[a];
  for (int64_t n = from[0]; n < to[0]; n += by[0])
    for (int64_t c = from[1]; c < to[1]; c += by[1])
      for (int64_t h = from[2]; h < to[2]; h += by[2])
        for (int64_t w = from[3]; w < to[3]; w += by[3])
          y.v.push_back(x.v[static_cast<size_t>(((n * x.shape[1] + c) * x.shape[2] + h) * x.shape[3] + w)]);
  return y;
}

inline Array Pad(const Array &x, const std::vector<double> &pads, double value) {
  Array y = x;
  for (size_t a = 0; a < 4; a++) y.shape[a] += static_cast<int64_t>(pads[a] + pads[a + 4]);
  y.v.assign(static_cast<size_t>(Count(y.shape)), value);
  for (size_t i = 0; i < x.v.size(); i++) {
    int64_t at = 0;
    bool inside = true;  // pads below 0 leave elements out
    for (size_t a = 0; a < 4; a++) {
      const int64_t k = static_cast<int64_t>(Along(x, i, static_cast<int64_t>(a))) + static_cast<int64_t>(pads[a]);
      inside = inside && k >= 0 && k < y.shape[a];
      at = at * y.shape[a] + k;
    }
    if (inside) y.v[static_cast<size_t>(at)] = x.v[i];
  }
  return y;
}

inline std::vector<int64_t> ToInts(const Array &a) { return std::vector<int64_t>(a.v.begin(), a.v.end()); }

inline Array BatchNorm(const Node &n, const Array &x, const std::vector<const Array *> &p) {
  Array y = x;
  const auto eps = n.floats.count("epsilon") ? static_cast<double>(static_cast<float>(n.floats.at("epsilon"))) : 1e-5;
  for (size_t i = 0; i < x.v.size(); i++) {
    const size_t c = Along(x, i, 1);
    y.v[i] = (x.v[i] - p[3]->v[c]) / std::sqrt(p[4]->v[c] + eps) * p[1]->v[c] + p[2]->v[c];
  }
  return y;
}

inline Array Transpose(const Array &x, const std::vector<int64_t> &perm) {
  Array y = x;
  for (size_t k = 0; k < perm.size(); k++) y.shape[k] = x.shape[static_cast<size_t>(perm[k])];
  for (size_t i = 0; i < y.v.size(); i++) {
    std::vector<size_t> at(perm.size());  // index along x's axes
    for (size_t k = 0; k < perm.size(); k++) at[static_cast<size_t>(perm[k])] = Along(y, i, static_cast<int64_t>(k));
    size_t from = 0;
    for (size_t k = 0; k < perm.size(); k++) from = from * static_cast<size_t>(x.shape[k]) + at[k];
    y.v[i] = x.v[from];
  }
  return y;
}

inline Array QuantNode(const Node &n, const std::vector<const Array *> &in) {
  const int bits = static_cast<int>(in[3]->v[0]);
  const bool is_signed = Int(n, "signed", 1) != 0, narrow = Int(n, "narrow", 0) != 0;
  const double lo = is_signed ? -std::ldexp(1, bits - 1) + narrow : 0;
  const double hi = is_signed ? std::ldexp(1, bits - 1) - 1 : std::ldexp(1, bits) - 1 - narrow;
  Node axis = n;
  for (size_t k = 0; k < in[1]->shape.size(); k++)
    if (in[1]->shape[k] != 1) axis.ints["axis"] = {static_cast<int64_t>(k + in[0]->shape.size() - in[1]->shape.size())};
  const std::string mode = n.strings.count("rounding_mode") ? n.strings.at("rounding_mode") : "ROUND";
  const auto rounding = mode == "FLOOR"     ? static_cast<double (*)(double)>(std::floor)
                        : mode == "HALF_UP" ? static_cast<double (*)(double)>(std::round)  // of magnitudes
                                            : static_cast<double (*)(double)>(std::nearbyint);
  return Dequantize(axis, Quantize(axis, *in[0], *in[1], *in[2], lo, hi, rounding), *in[1], in[2]);
}

// Result of one node.
inline Array Eval(const Node &n, const std::vector<const Array *> &in) {
  double lo, hi;
  const auto dq = [&](size_t i, int64_t axis) {
    Node with = n;
    with.ints["axis"] = {axis};
    return Dequantize(with, *in[i], *in[i + 1], in[i + 2]);
  };
  const auto q = [&](const Array &y, size_t i) {
    Range(in[i + 1]->type, &lo, &hi);
    return Quantize(n, y, *in[i], *in[i + 1], lo, hi);
  };
  if (n.op == "QuantizeLinear") return q(*in[0], 1);
  if (n.op == "DequantizeLinear") return Dequantize(n, *in[0], *in[1], in.size() > 2 ? in[2] : nullptr);
  if (n.op == "Quant") return QuantNode(n, in);
  if (n.op == "Conv") return Conv(n, *in[0], *in[1], in.size() > 2 ? in[2] : nullptr);
  if (n.op == "ConvInteger") {
    const Array one = {kFloat, {}, {1}, false};
    const Array zero = {kU8, {}, {0}, false};
    return Conv(n, Dequantize(n, *in[0], one, in.size() > 2 ? in[2] : &zero),
                Dequantize(n, *in[1], one, in.size() > 3 ? in[3] : &zero), nullptr);
  }
  if (n.op == "QLinearConv") {
    const Array w = dq(3, 0);
    Array b;
    if (in.size() > 8) {
      b = *in[8];
      for (size_t i = 0; i < b.v.size(); i++) b.v[i] *= in[1]->v[0] * in[4]->v[in[4]->v.size() == 1 ? 0 : i];
    }
    return q(Conv(n, dq(0, 1), w, in.size() > 8 ? &b : nullptr), 6);
  }
  if (n.op == "MatMulInteger") {
    const Array one = {kFloat, {}, {1}, false};
    return MatMul(Dequantize(n, *in[0], one, in[2]), Dequantize(n, *in[1], one, in[3]), false, nullptr);
  }
  if (n.op == "QGemm") {
    Array b = *in[6];
    const bool rows = Int(n, "transB", 0) != 0;
    for (size_t i = 0; i < b.v.size(); i++) b.v[i] *= in[1]->v[0] * in[4]->v[in[4]->v.size() == 1 ? 0 : i];
    return q(MatMul(dq(0, 1), dq(3, rows ? 0 : 1), rows, &b), 7);
  }
  if (n.op == "QLinearMatMul") return q(MatMul(dq(0, 1), dq(3, 1), false, nullptr), 6);
  if (n.op == "QLinearAdd") return q(Combine(dq(0, 1), dq(3, 1), std::plus<>()), 6);
  if (n.op == "QLinearMul") return q(Combine(dq(0, 1), dq(3, 1), std::multiplies<>()), 6);
  if (n.op == "QLinearAveragePool") return q(Pool(n, dq(0, 1), Ints(n, "kernel_shape", {}), false), 3);
  if (n.op == "QLinearGlobalAveragePool") return q(Pool(n, dq(0, 1), {in[0]->shape[2], in[0]->shape[3]}, false), 3);
  if (n.op == "Gemm") {
    Array a = *in[0];
    for (double &v : a.v) v *= n.floats.count("alpha") ? n.floats.at("alpha") : 1;
    return MatMul(a, *in[1], Int(n, "transB", 0) != 0, in.size() > 2 ? in[2] : nullptr);
  }
  if (n.op == "MatMul") return MatMul(*in[0], *in[1], false, nullptr);
  if (n.op == "MaxPool") return Pool(n, *in[0], Ints(n, "kernel_shape", {}), true);
  if (n.op == "AveragePool") return Pool(n, *in[0], Ints(n, "kernel_shape", {}), false);
  if (n.op == "ReduceMean" || n.op == "ReduceMax") {
    Array y = Pool({}, *in[0], {in[0]->shape[2], in[0]->shape[3]}, n.op == "ReduceMax");
    if (Int(n, "keepdims", 1) == 0) y.shape.resize(2);
    return y;
  }
  if (n.op == "GlobalAveragePool") return Pool({}, *in[0], {in[0]->shape[2], in[0]->shape[3]}, false);
  if (n.op == "GlobalMaxPool") return Pool({}, *in[0], {in[0]->shape[2], in[0]->shape[3]}, true);
  if (n.op == "Max") return Combine(*in[0], *in[1], [](double a, double b) { return std::max(a, b); });
  if (n.op == "Min") return Combine(*in[0], *in[1], [](double a, double b) { return std::min(a, b); });
  if (n.op == "Transpose") return Transpose(*in[0], Ints(n, "perm", {}));
  if (n.op == "Add" || n.op == "Sum") {
    Array sum = *in[0];
    for (size_t i = 1; i < in.size(); i++) sum = Combine(sum, *in[i], std::plus<>());
    return sum;
  }
  if (n.op == "Sub") return Combine(*in[0], *in[1], std::minus<>());
  if (n.op == "Mul") return Combine(*in[0], *in[1], std::multiplies<>());
  if (n.op == "Div") return Combine(*in[0], *in[1], std::divides<>());
  if (n.op == "Pad") return Pad(*in[0], in[1]->v, in.size() > 2 ? in[2]->v[0] : 0);
  if (n.op == "BatchNormalization") return BatchNorm(n, *in[0], in);
  if (n.op == "Slice") return Slice(*in[0], ToInts(*in[1]), ToInts(*in[2]), ToInts(*in[3]), ToInts(*in[4]));
  Array y = *in[0];
  if (n.op == "Relu") {
    for (double &v : y.v) v = std::max(v, 0.0);
  } else if (n.op == "Clip") {
    for (double &v : y.v) v = std::min(std::max(v, in[1]->v[0]), in[2]->v[0]);
  } else if (n.op == "Squeeze") {
    y.shape.resize(2);
  } else if (n.op == "Unsqueeze") {
    y.shape.resize(4, 1);
  } else if (n.op == "Reshape") {
    y.shape = in[1]->v.size() == 2 ? std::vector<int64_t>{y.shape[0], Count(y.shape) / y.shape[0]} : y.shape;
    y.shape.resize(in[1]->v.size(), 1);
  } else if (n.op == "Flatten") {
    y.shape = {y.shape[0], Count(y.shape) / y.shape[0]};
  } else if (n.op == "Neg") {
    for (double &v : y.v) v = -v;
  } else if (n.op != "Cast" && n.op != "Identity" && n.op != "Softmax") {
    throw std::runtime_error("the test's evaluator has no " + n.op);
  }
  return y;
}

// Every tensor of a model for one input.
inline Tensors EvalModel(const Model &m, const Array &x) {
  Tensors t = m.constants;
  for (auto &[name, a] : t)
    if (a.type == kFloat)
      for (double &v : a.v) v = static_cast<double>(static_cast<float>(v));  // as the file has them
  t[m.input] = x;
  for (const Node &n : m.nodes) {
    std::vector<const Array *> in;
    for (const auto &i : n.in) in.push_back(&t.at(i));
    t[n.out[0]] = Eval(n, in);
  }
  return t;
}

}  // namespace onnx
#endif
