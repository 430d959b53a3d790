// Integer networks whose requantizations multiply, add, shift right and so round down, as accelerators' own toolchains
// have them: DORY's residual networks (K, lambda and a shift a layer, both operands of an addition requantized before
// it), and Deeploy's RequantShift (signed, with its rounding too). Written as QONNX; the answers are int64 arithmetic
// of this file, and every layer of a network is compared, by being the last one of a model.
#include <algorithm>

#include "cases.h"
#include "run.h"

namespace {

using Codes = std::vector<int64_t>;

struct Plane {
  int64_t c, h, w;
  Codes v;
  int64_t At(int64_t k, int64_t y, int64_t x) const {
    const bool inside = y >= 0 && y < h && x >= 0 && x < w;
    return inside ? v[static_cast<size_t>((k * h + y) * w + x)] : 0;
  }
};

// (x * mul + add) >> shift, with half a unit added where it rounds, clipped.
struct Shift {
  Codes mul, add;
  int shift;
  bool is_signed, rounds;
  int64_t Of(int64_t x, size_t c) const {
    const int64_t low = is_signed ? -128 : 0, half = rounds ? int64_t{1} << (shift - 1) : 0;
    return std::clamp((x * mul[c] + add[c] + half) >> shift, low, is_signed ? int64_t{127} : int64_t{255});
  }
};

Codes Draw(Rng *r, size_t n, int64_t lo, int64_t hi) {
  Codes v(n);
  for (int64_t &x : v) x = std::uniform_int_distribution<int64_t>(lo, hi)(*r);
  return v;
}

// Both sides of a network: the file and the integers that it must give.
class Network {
 public:
  Network(uint32_t seed, bool is_signed, bool rounds) : r_(seed), signed_(is_signed), rounds_(rounds) {
    m_ = Start({1, kIn, kSide, kSide});
    input_ = Draw(&r_, kIn * kSide * kSide, is_signed ? -128 : 0, is_signed ? 127 : 255);
    planes_[Quant("x", "image", 8, is_signed, "ROUND")] = {kIn, kSide, kSide, input_};
  }

  // Requantizes reals that are integers: the file multiplies, adds, divides and rounds down.
  std::string Requant(const std::string &x, const Plane &sums, const std::string &name, const Shift &s) {
    const int64_t c = sums.c, half = s.rounds ? int64_t{1} << (s.shift - 1) : 0;
    std::vector<double> mul(s.mul.begin(), s.mul.end()), add;
    for (int64_t a : s.add) add.push_back(static_cast<double>(a + half));
    auto y = Op(&m_, "Mul", {x, m_.Const(name + "_k", onnx::kFloat, {c, 1, 1}, mul)}, name + "_mul");
    y = Op(&m_, "Add", {y, m_.Const(name + "_l", onnx::kFloat, {c, 1, 1}, add)}, name + "_add");
    y = Op(&m_, "Div", {y, m_.Scalar(name + "_d", onnx::kFloat, std::ldexp(1, s.shift))}, name + "_div");
    Plane out = sums;
    for (size_t i = 0; i < out.v.size(); i++) out.v[i] = s.Of(sums.v[i], i / static_cast<size_t>(sums.h * sums.w));
    planes_[Quant(y, name)] = out;
    return name;
  }

  std::string Conv(const std::string &x, const std::string &name, int64_t cout, int64_t k, int64_t stride, int bits) {
    const Plane &in = planes_.at(x);
    const int64_t most = (int64_t{1} << (bits - 1)) - 1, pad = k / 2;
    const Codes w = Draw(&r_, static_cast<size_t>(cout * in.c * k * k), -most, most);
    m_.Const(name + "_w", onnx::kFloat, {cout, in.c, k, k}, {w.begin(), w.end()});
    const auto weights = Quant(name + "_w", name + "_wq", bits, true, "ROUND");
    const auto sums =
        Op(&m_, "Conv", {x, weights}, name + "_conv", {{"pads", {pad, pad, pad, pad}}, {"strides", {stride, stride}}});
    Plane out = {cout, (in.h - 1) / stride + 1, (in.w - 1) / stride + 1, {}};
    for (int64_t o = 0; o < cout; o++)
      for (int64_t y = 0; y < out.h; y++)
        for (int64_t xx = 0; xx < out.w; xx++) {
          int64_t sum = 0;
          for (int64_t i = 0; i < in.c * k * k; i++)
            sum += w[static_cast<size_t>(o * in.c * k * k + i)] *
                   in.At(i / (k * k), y * stride - pad + i / k % k, xx * stride - pad + i % k);
          out.v.push_back(sum);
        }
    return Requant(sums, out, name, Any(out.v, cout));
  }

  // Each operand by a multiplication and shift of its own, then the sum.
  std::string Add(const std::string &a, const std::string &b, const std::string &name) {
    const auto x = Requant(a, planes_.at(a), name + "_1", Any(planes_.at(a).v, planes_.at(a).c));
    const auto y = Requant(b, planes_.at(b), name + "_2", Any(planes_.at(b).v, planes_.at(b).c));
    Plane sum = planes_.at(x);
    for (size_t i = 0; i < sum.v.size(); i++) sum.v[i] += planes_.at(y).v[i];
    return Requant(Op(&m_, "Add", {x, y}, name + "_sum"), sum, name, Any(sum.v, sum.c));
  }

  // floor(sum / n).
  std::string Average(const std::string &a, const std::string &name) {
    const Plane &in = planes_.at(a);
    Plane out = {in.c, 1, 1, {}};
    const int64_t n = in.h * in.w;
    for (int64_t c = 0; c < in.c; c++) {
      int64_t sum = 0;
      for (int64_t i = 0; i < n; i++) sum += in.v[static_cast<size_t>(c * n + i)];
      out.v.push_back(sum >= 0 ? sum / n : -((-sum + n - 1) / n));
    }
    planes_[Quant(Op(&m_, "GlobalAveragePool", {a}, name + "_mean"), name)] = out;
    return name;
  }

  // Runs the file up to `layer`, its last quantization in this rounding mode: how many elements are not what the
  // integers say.
  size_t Differing(const std::string &layer, const char *mode, tetra_backend backend) const {
    Model part = m_;
    part.output = layer;
    const auto end =
        std::find_if(part.nodes.begin(), part.nodes.end(), [&](const auto &n) { return n.out[0] == layer; });
    end->strings["rounding_mode"] = mode;
    part.nodes.erase(end + 1, part.nodes.end());
    const Imported i(part.Bytes());
    EXPECT_EQ(i.rc, TETRA_OK) << layer << ": " << i.Why();
    if (i.rc) return SIZE_MAX;
    const std::vector<double> got = RunModel(i, {input_.begin(), input_.end()}, backend);
    const Codes &want = planes_.at(layer).v;
    EXPECT_EQ(got.size(), want.size());
    size_t n = 0;
    for (size_t k = 0; k < std::min(got.size(), want.size()); k++) n += got[k] != static_cast<double>(want[k]);
    return n;
  }

  std::vector<std::string> Layers() const {
    std::vector<std::string> names;
    for (const auto &n : m_.nodes)
      if (planes_.count(n.out[0]) && n.out[0] != "image") names.push_back(n.out[0]);
    return names;
  }

 private:
  static constexpr int64_t kIn = 4, kSide = 14;

  // QONNX's Quant of scale 1: codes are reals.
  std::string Quant(const std::string &x, const std::string &name, int bits, bool is_signed, const char *mode) {
    onnx::Node n = {"Quant",
                    {x, m_.Scalar(name + "_s", onnx::kFloat, 1), m_.Scalar(name + "_z", onnx::kFloat, 0),
                     m_.Scalar(name + "_b", onnx::kFloat, bits)},
                    {},
                    {{"signed", {is_signed}}, {"narrow", {0}}},
                    {},
                    {{"rounding_mode", mode}},
                    "qonnx.custom_op.general",
                    ""};
    return m_.Add(n, name);
  }
  std::string Quant(const std::string &x, const std::string &name) { return Quant(x, name, 8, signed_, "FLOOR"); }

  // Factors of 8 or 16 bits that spread these sums over the codes.
  Shift Any(const Codes &sums, int64_t channels) {
    const int wider = Draw(&r_, 1, 0, 1)[0] ? 8 : 0;
    int64_t most = 1;
    for (int64_t s : sums) most = std::max(most, std::abs(s));
    Shift s = {Draw(&r_, static_cast<size_t>(channels), 20 << wider, (256 << wider) - 1), {}, 1, signed_, rounds_};
    while ((most << (7 + wider)) >> s.shift > 250) s.shift++;
    s.add = Draw(&r_, static_cast<size_t>(channels), -(int64_t{20} << s.shift), int64_t{40} << s.shift);
    return s;
  }

  Rng r_;
  bool signed_, rounds_;
  Model m_;
  Codes input_;
  std::map<std::string, Plane> planes_;
};

// A stem, a block with a plain shortcut, one with a convolution in it, an average and a dense layer.
void ResidualNetwork(uint32_t seed, bool is_signed, bool rounds, int bits) {
  Network n(seed, is_signed, rounds);
  const auto stem = n.Conv("image", "stem", 8, 3, 1, 8);
  const auto a = n.Conv(n.Conv(stem, "a1", 8, 3, 1, bits), "a2", 8, 3, 1, bits);
  const auto first = n.Add(a, stem, "a");
  const auto b = n.Conv(n.Conv(first, "b1", 12, 3, 2, bits), "b2", 12, 3, 1, bits);
  const auto second = n.Add(b, n.Conv(first, "b0", 12, 1, 2, bits), "b");
  n.Conv(n.Average(second, "mean"), "dense", 10, 1, 1, bits);
  for (const auto &layer : n.Layers()) {
    for (tetra_backend backend : {TETRA_REFERENCE, TETRA_FAST})
      EXPECT_EQ(n.Differing(layer, "FLOOR", backend), 0) << layer;
    EXPECT_GT(n.Differing(layer, "ROUND", TETRA_FAST), 0) << layer << " does not show how it rounds";
  }
}

TEST(FloorRequant, DoryResidualNetwork) {
  for (uint32_t seed = 1; seed <= 6; seed++) ResidualNetwork(seed, false, false, seed % 2 ? 8 : 4);
}

TEST(FloorRequant, DeeployRequantShift) {
  for (uint32_t seed = 1; seed <= 6; seed++) ResidualNetwork(seed, true, seed % 2 == 0, 8);
}

}  // namespace
