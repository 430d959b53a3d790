// ONNX models made in tests: nodes and constants, written as the protobuf wire format has them.
#ifndef TETRA_TESTS_IMPORT_ONNX_MODEL_H
#define TETRA_TESTS_IMPORT_ONNX_MODEL_H

#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace onnx {

enum Type { kFloat = 1, kU8 = 2, kS8 = 3, kS32 = 6, kS64 = 7, kBool = 9, kHalf = 10, kDouble = 11, kU4 = 21, kS4 = 22 };

struct Array {
  Type type = kFloat;
  std::vector<int64_t> shape;
  std::vector<double> v;
  bool external = false;                             // says that its data is in another file
  std::map<std::string, std::string> location = {};  // and where: location, offset, length
  bool typed = false;                                // the numbers are in the field of their type, not as raw bytes
};

inline int64_t Count(const std::vector<int64_t> &shape) {
  int64_t n = 1;
  for (int64_t d : shape) n *= d;
  return n;
}

struct Node {
  std::string op;
  std::vector<std::string> in, out;
  std::map<std::string, std::vector<int64_t>> ints;  // one number: an int where the attribute is one
  std::map<std::string, double> floats;
  std::map<std::string, std::string> strings;
  std::string domain;
  std::string name;
  std::map<std::string, Array> tensors = {};
};

// Protobuf's wire format.
inline std::string Varint(uint64_t v) {
  std::string s;
  for (; v > 127; v >>= 7) s += static_cast<char>((v & 127) | 128);
  return s + static_cast<char>(v);
}
inline std::string Number(int field, uint64_t v) { return Varint(static_cast<uint64_t>(field) << 3) + Varint(v); }
inline std::string Bytes(int field, const std::string &s) {
  return Varint(static_cast<uint64_t>(field) << 3 | 2) + Varint(s.size()) + s;
}
inline std::string Fixed32(int field, double v) {
  const float f = static_cast<float>(v);
  char b[4];
  std::memcpy(b, &f, 4);
  return Varint(static_cast<uint64_t>(field) << 3 | 5) + std::string(b, 4);
}

// Of a normal IEEE half that is the number exactly.
inline std::string HalfBytes(double v) {
  int exponent;
  const double fraction = std::frexp(std::fabs(v), &exponent);
  const unsigned bits = v == 0 ? 0
                               : (v < 0 ? 0x8000u : 0u) | static_cast<unsigned>(exponent + 14) << 10 |
                                     (static_cast<unsigned>(std::ldexp(fraction, 11)) & 1023);
  return {static_cast<char>(bits & 255), static_cast<char>(bits >> 8)};
}

inline std::string RawData(const Array &a) {
  std::string raw;
  for (size_t i = 0; i < a.v.size(); i++) {
    const bool real = a.type == kFloat || a.type == kDouble;
    const int64_t integer = real ? 0 : static_cast<int64_t>(a.v[i]);
    const auto f = static_cast<float>(a.v[i]);
    if (a.type == kHalf) {
      raw += HalfBytes(a.v[i]);
      continue;
    }
    const int bytes = a.type == kFloat || a.type == kS32 ? 4 : a.type == kS64 || a.type == kDouble ? 8 : 1;
    char b[8];
    std::memcpy(b, &integer, 8);
    if (a.type == kFloat) std::memcpy(b, &f, 4);
    if (a.type == kDouble) std::memcpy(b, &a.v[i], 8);
    if (a.type != kU4 && a.type != kS4)
      raw.append(b, static_cast<size_t>(bytes));
    else if (i % 2 == 0)
      raw += static_cast<char>(integer & 15);
    else
      raw.back() = static_cast<char>((raw.back() & 15) | (integer & 15) << 4);
  }
  return raw;
}

// Fields of a tensor that are numbers of one type; what has less than 32 bits is in that of int32.
inline std::string TypedData(const Array &a) {
  const std::string raw = RawData(a);
  const auto byte = [&](size_t i) { return static_cast<uint64_t>(static_cast<uint8_t>(raw[i])); };
  const bool nibbles = a.type == kU4 || a.type == kS4;
  std::string packed;
  if (a.type == kFloat || a.type == kDouble) return Bytes(a.type == kFloat ? 4 : 10, raw);
  for (size_t i = 0; i < (nibbles ? raw.size() : a.v.size()); i++)
    packed += Varint(nibbles           ? byte(i)
                     : a.type == kHalf ? byte(2 * i) | byte(2 * i + 1) << 8
                                       : static_cast<uint64_t>(static_cast<int64_t>(a.v[i])));
  return Bytes(a.type == kS64 ? 7 : 5, packed);
}

inline std::string TensorMessage(const std::string &name, const Array &a) {
  std::string s;
  for (int64_t d : a.shape) s += Number(1, static_cast<uint64_t>(d));
  if (!a.location.empty()) {
    for (const auto &[key, value] : a.location) s += Bytes(13, Bytes(1, key) + Bytes(2, value));
    return s + Number(2, a.type) + Bytes(8, name) + Number(14, 1);
  }
  return s + Number(2, a.type) + Bytes(8, name) + (a.typed ? TypedData(a) : Bytes(9, RawData(a))) +
         (a.external ? Number(14, 1) : "");
}

// Attributes that are lists although they may have one number.
inline bool IsList(const std::string &name) {
  for (const char *l : {"kernel_shape", "strides", "pads", "dilations", "axes", "perm", "value_ints"})
    if (name == l) return true;
  return false;
}

inline std::string NodeMessage(const Node &n) {
  std::string s;
  for (const auto &i : n.in) s += Bytes(1, i);
  for (const auto &o : n.out) s += Bytes(2, o);
  if (!n.name.empty()) s += Bytes(3, n.name);
  s += Bytes(4, n.op);
  for (const auto &[name, v] : n.ints) {
    std::string a = Bytes(1, name);
    if (IsList(name))
      for (int64_t i : v) a += Number(8, static_cast<uint64_t>(i));
    else
      a += Number(3, static_cast<uint64_t>(v[0]));
    s += Bytes(5, a + Number(20, IsList(name) ? 7 : 2));
  }
  for (const auto &[name, v] : n.floats) s += Bytes(5, Bytes(1, name) + Fixed32(2, v) + Number(20, 1));
  for (const auto &[name, v] : n.strings) s += Bytes(5, Bytes(1, name) + Bytes(4, v) + Number(20, 3));
  for (const auto &[name, a] : n.tensors)
    s += Bytes(5, Bytes(1, name) + Bytes(5, TensorMessage("", a)) + Number(20, 4));
  if (!n.domain.empty()) s += Bytes(7, n.domain);
  return s;
}

inline std::string ValueMessage(const std::string &name, Type type, const std::vector<int64_t> &shape) {
  std::string dims;
  for (int64_t d : shape) dims += Bytes(1, Number(1, static_cast<uint64_t>(d)));
  return Bytes(1, name) + Bytes(2, Bytes(1, Number(1, type) + Bytes(2, dims)));
}

struct Model {
  std::string input = "x";
  Type input_type = kFloat;
  std::vector<int64_t> input_shape;
  std::vector<Node> nodes;
  std::map<std::string, Array> constants;
  std::string output;
  int opset = 21;

  std::string Const(const std::string &name, Type type, std::vector<int64_t> shape, std::vector<double> v) {
    constants[name] = {type, std::move(shape), std::move(v), false};
    return name;
  }
  std::string Scalar(const std::string &name, Type type, double v) { return Const(name, type, {}, {v}); }
  // Adds a node with one output, named after it.
  std::string Add(Node n, const std::string &name) {
    n.out = {name};
    n.name = "node_" + name;
    nodes.push_back(std::move(n));
    output = name;
    return name;
  }
  std::string Q(const std::string &x, const std::string &name, double scale, double zp, Type type) {
    return Add({"QuantizeLinear",
                {x, Scalar(name + "_s", kFloat, scale), Scalar(name + "_z", type, zp)},
                {},
                {},
                {},
                {},
                "",
                ""},
               name);
  }
  std::string Dq(const std::string &q, const std::string &name) { return Dq(q, name, q); }
  // With the scale and zero point of another tensor of Q's.
  std::string Dq(const std::string &q, const std::string &name, const std::string &as) {
    return Add({"DequantizeLinear", {q, as + "_s", as + "_z"}, {}, {}, {}, {}, "", ""}, name);
  }
  // Quantized and dequantized again, as quantizers leave it between two layers.
  std::string Qdq(const std::string &x, const std::string &name, double scale, double zp, Type type) {
    return Dq(Q(x, name, scale, zp, type), name + "_real");
  }

  std::string Bytes() const {
    std::string g, m;
    for (const auto &n : nodes) g += onnx::Bytes(1, NodeMessage(n));
    g += onnx::Bytes(2, "test");
    for (const auto &[name, a] : constants) g += onnx::Bytes(5, TensorMessage(name, a));
    g += onnx::Bytes(11, ValueMessage(input, input_type, input_shape));
    g += onnx::Bytes(12, ValueMessage(output, kFloat, {}));
    m += Number(1, 10);
    for (const char *domain : {"", "com.microsoft", "qonnx.custom_op.general"})
      m += onnx::Bytes(8, onnx::Bytes(1, domain) + Number(2, static_cast<uint64_t>(*domain ? 1 : opset)));
    return m + onnx::Bytes(7, g);
  }
};

}  // namespace onnx
#endif
