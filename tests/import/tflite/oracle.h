// TensorFlow Lite's integer arithmetic, written from its formulas (docs/import.md) with plain loops over NHWC vectors,
// independently of the library under test: no graph, no folded bias, divisions instead of shifts.
#ifndef TETRA_TESTS_IMPORT_TFLITE_ORACLE_H
#define TETRA_TESTS_IMPORT_TFLITE_ORACLE_H

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

namespace oracle {

struct Shape {
  int n, h, w, c;
  size_t size() const { return static_cast<size_t>(n) * static_cast<size_t>(h) * static_cast<size_t>(w * c); }
  size_t at(int b, int y, int x, int k) const { return static_cast<size_t>(((b * h + y) * w + x) * c + k); }
};

inline int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0)); }

struct Multiplier {
  int64_t m;  // 0 .. 2^31 - 1
  int shift;  // positive: to the left

  explicit Multiplier(double real) {
    m = std::llround(std::frexp(real, &shift) * 2147483648.0);
    if (m == int64_t{1} << 31) {
      m /= 2;
      shift++;
    }
    if (shift < -31) m = shift = 0;
  }
  Multiplier(int64_t m_, int shift_) : m(m_), shift(shift_) {}

  // round(x * m / 2^31 * 2^shift): first half up (towards +inf) to an integer, then half away from zero; or once.
  int64_t Apply(int64_t x, bool single) const {
    if (single) {
      const int64_t unit = int64_t{1} << (31 - shift);
      return FloorDiv(x * m + unit / 2, unit);
    }
    const int64_t left = shift > 0 ? int64_t{1} << shift : 1, right = shift < 0 ? int64_t{1} << -shift : 1;
    const int64_t high = FloorDiv(x * left * m + (int64_t{1} << 30), int64_t{1} << 31);
    return high < 0 ? -((-high + right / 2) / right) : (high + right / 2) / right;
  }
};

inline int Clamp(int64_t v, int lo, int hi) {
  return static_cast<int>(std::min<int64_t>(std::max<int64_t>(v, lo), hi));
}

struct Window {
  int kh, kw, stride_h, stride_w, dilation_h, dilation_w, top, left;
};

// Weight of output channel o, input channel i at a tap; 0 where o does not read i.
using WeightAt = std::function<int64_t(int o, int ky, int kx, int i)>;

// One multiplier an output channel.
inline std::vector<int> ConvOf(const Shape &is, const std::vector<int> &in, int in_zp, const Shape &os, const Window &w,
                               const WeightAt &weight, const std::vector<int> &bias, const std::vector<Multiplier> &m,
                               int out_zp, int lo, int hi, bool single) {
  std::vector<int> out(os.size());
  for (int b = 0; b < os.n; b++)
    for (int y = 0; y < os.h; y++)
      for (int x = 0; x < os.w; x++)
        for (int o = 0; o < os.c; o++) {
          int64_t acc = bias.empty() ? 0 : bias[static_cast<size_t>(o)];
          for (int ky = 0; ky < w.kh; ky++)
            for (int kx = 0; kx < w.kw; kx++)
              for (int i = 0; i < is.c; i++) {
                const int iy = y * w.stride_h - w.top + ky * w.dilation_h,
                          ix = x * w.stride_w - w.left + kx * w.dilation_w;
                if (iy < 0 || ix < 0 || iy >= is.h || ix >= is.w) continue;
                acc += int64_t{in[is.at(b, iy, ix, i)] - in_zp} * weight(o, ky, kx, i);
              }
          out[os.at(b, y, x, o)] = Clamp(out_zp + m[static_cast<size_t>(o)].Apply(acc, single), lo, hi);
        }
  return out;
}

// CONV_2D, weights [cout][kh][kw][depth]: where the input has more channels than depth, each depth of them is a group.
inline std::vector<int> Conv(const Shape &is, const std::vector<int> &in, int in_zp, const Shape &os, const Window &w,
                             const std::vector<int> &weights, const std::vector<int> &bias,
                             const std::vector<Multiplier> &m, int out_zp, int lo, int hi, bool single) {
  const int depth = static_cast<int>(weights.size()) / (os.c * w.kh * w.kw), per_group = os.c / (is.c / depth);
  const WeightAt at = [&](int o, int ky, int kx, int i) -> int64_t {
    if (i / depth != o / per_group) return 0;
    return weights[static_cast<size_t>(((o * w.kh + ky) * w.kw + kx) * depth + i % depth)];
  };
  return ConvOf(is, in, in_zp, os, w, at, bias, m, out_zp, lo, hi, single);
}

// DEPTHWISE_CONV_2D, weights [1][kh][kw][cin * multiplier].
inline std::vector<int> Depthwise(const Shape &is, const std::vector<int> &in, int in_zp, const Shape &os,
                                  const Window &w, const std::vector<int> &weights, const std::vector<int> &bias,
                                  const std::vector<Multiplier> &m, int out_zp, int lo, int hi, bool single) {
  const int multiplier = os.c / is.c;
  const WeightAt at = [&](int o, int ky, int kx, int i) -> int64_t {
    if (o < i * multiplier || o >= (i + 1) * multiplier) return 0;
    return weights[static_cast<size_t>((ky * w.kw + kx) * os.c + o)];
  };
  return ConvOf(is, in, in_zp, os, w, at, bias, m, out_zp, lo, hi, single);
}

struct Quant {
  float scale;
  int zp;
};

// FULLY_CONNECTED with one multiplication in double, rounded once, half away from zero; weights [cout][h * w * c].
inline std::vector<int> DenseInDouble(const Shape &is, const std::vector<int> &in, Quant qi, const Shape &os,
                                      const std::vector<int> &weights, const std::vector<int> &bias,
                                      const std::vector<float> &scales, Quant qo) {
  std::vector<int> out(os.size());
  const size_t k = static_cast<size_t>(is.h * is.w * is.c);
  for (size_t o = 0; o < out.size(); o++) {
    int64_t acc = bias.empty() ? 0 : bias[o];
    for (size_t i = 0; i < k; i++) acc += int64_t{in[i] - qi.zp} * weights[o * k + i];
    const double scale = scales[scales.size() > 1 ? o : 0];
    const double real = static_cast<double>(qi.scale) * scale / static_cast<double>(qo.scale);
    out[o] = Clamp(std::llround(static_cast<double>(acc) * real) + qo.zp, -128, 127);
  }
  return out;
}

inline std::vector<int> Add(const std::vector<int> &a, Quant qa, const std::vector<int> &b, Quant qb, Quant qo, int lo,
                            int hi, bool single) {
  const double twice = 2 * static_cast<double>(std::max(qa.scale, qb.scale));
  const Multiplier ma(qa.scale / twice), mb(qb.scale / twice), mo(twice / ((1 << 20) * static_cast<double>(qo.scale)));
  std::vector<int> out(a.size());
  for (size_t i = 0; i < a.size(); i++) {
    const int64_t x = ma.Apply(int64_t{a[i] - qa.zp} * (1 << 20), single);
    const int64_t y = mb.Apply(int64_t{b[i] - qb.zp} * (1 << 20), single);
    out[i] = Clamp(mo.Apply(x + y, single) + qo.zp, lo, hi);
  }
  return out;
}

// MUL of a[i] and k[i mod its length].
inline std::vector<int> Mul(const std::vector<int> &a, Quant qa, const std::vector<int> &k, Quant qk, Quant qo, int lo,
                            int hi, bool single, bool in_float) {
  const double real = in_float ? static_cast<double>(qa.scale * qk.scale / qo.scale)
                               : static_cast<double>(qa.scale) * qk.scale / static_cast<double>(qo.scale);
  const Multiplier m(real);
  std::vector<int> out(a.size());
  for (size_t i = 0; i < a.size(); i++)
    out[i] = Clamp(m.Apply(int64_t{a[i] - qa.zp} * (k[i % k.size()] - qk.zp), single) + qo.zp, lo, hi);
  return out;
}

enum class Pool { kMax, kAverage };

inline std::vector<int> Pools(Pool kind, const Shape &is, const std::vector<int> &in, const Shape &os, const Window &w,
                              int lo, int hi) {
  std::vector<int> out(os.size());
  for (int b = 0; b < os.n; b++)
    for (int y = 0; y < os.h; y++)
      for (int x = 0; x < os.w; x++)
        for (int c = 0; c < os.c; c++) {
          int64_t sum = 0, count = 0, most = -128;
          for (int ky = 0; ky < w.kh; ky++)
            for (int kx = 0; kx < w.kw; kx++) {
              const int iy = y * w.stride_h - w.top + ky, ix = x * w.stride_w - w.left + kx;
              if (iy < 0 || ix < 0 || iy >= is.h || ix >= is.w) continue;
              const int v = in[is.at(b, iy, ix, c)];
              sum += v;
              count++;
              most = std::max<int64_t>(most, v);
            }
          const int64_t mean = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
          out[os.at(b, y, x, c)] = Clamp(kind == Pool::kMax ? most : mean, lo, hi);
        }
  return out;
}

inline std::vector<int> Mean(const Shape &is, const std::vector<int> &in, Quant qi, Quant qo, bool single) {
  std::vector<int> out(static_cast<size_t>(is.n * is.c));
  const Multiplier real(static_cast<double>(qi.scale) / static_cast<double>(qo.scale));
  const int64_t count = is.h * is.w;
  const int l = std::min(static_cast<int>(std::log2(static_cast<double>(count)) + 1e-9), 31 + real.shift);
  const Multiplier m(real.m * (int64_t{1} << l) / count, real.shift - l);
  for (int b = 0; b < is.n; b++)
    for (int c = 0; c < is.c; c++) {
      int64_t sum = 0;
      for (int y = 0; y < is.h; y++)
        for (int x = 0; x < is.w; x++) sum += in[is.at(b, y, x, c)] - qi.zp;
      out[static_cast<size_t>(b * is.c + c)] = Clamp(m.Apply(sum, single) + qo.zp, -128, 127);
    }
  return out;
}

// The clamp of a fused activation: 0 none, 1 ReLU, 2 -1..1, 3 ReLU6.
inline void Activation(int kind, Quant q, int *lo, int *hi) {
  const auto code = [q](float x) { return Clamp(q.zp + std::lround(x / q.scale), -128, 127); };
  *lo = kind == 0 ? -128 : code(kind == 2 ? -1.0f : 0.0f);
  *hi = kind == 2 ? code(1) : kind == 3 ? code(6) : 127;
}

// Padding in front and output size of SAME.
inline void Same(int in, int k, int stride, int dilation, int *out, int *before) {
  *out = (in + stride - 1) / stride;
  const int total = std::max(0, (*out - 1) * stride + (k - 1) * dilation + 1 - in);
  *before = total / 2;
}

}  // namespace oracle

#endif
