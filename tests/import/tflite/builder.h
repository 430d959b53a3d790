// Writes small TensorFlow Lite files for tests.
#ifndef TETRA_TESTS_IMPORT_TFLITE_BUILDER_H
#define TETRA_TESTS_IMPORT_TFLITE_BUILDER_H

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "tflite_min_generated.h"

namespace tfl = tetra::tfl;

// What an operator's option table may hold; each code takes what it has.
struct Opt {
  tfl::Padding padding = tfl::Padding::VALID;
  int stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1, filter_h = 1, filter_w = 1, multiplier = 1;
  tfl::Activation activation = tfl::Activation::NONE;
  float beta = 1;
  int shrink_axis = 0;
};

class Builder {
 public:
  static constexpr int kAdd = 0, kAveragePool = 1, kConv = 3, kDepthwise = 4, kDequantize = 6, kDense = 9,
                       kMaxPool = 17, kMul = 18, kRelu = 19, kRelu6 = 21, kReshape = 22, kSoftmax = 25, kPad = 34,
                       kMean = 40, kStridedSlice = 45, kMinimum = 57, kShape = 77, kReduceMax = 82, kPack = 83,
                       kQuantize = 114;

  // An int8 activation.
  int Value(const std::vector<int> &shape, float scale, int zero_point) {
    return Tensor(shape, tfl::TensorType::INT8, {scale}, {zero_point}, {});
  }
  int Tensor(const std::vector<int> &shape, tfl::TensorType type, const std::vector<float> &scales,
             const std::vector<int64_t> &zero_points, const std::vector<uint8_t> &data, int dimension = 0) {
    int buffer = 0;
    if (!data.empty()) {
      buffers_.push_back(tfl::CreateBuffer(b_, b_.CreateVector(data)));
      buffer = static_cast<int>(buffers_.size());
    }
    flatbuffers::Offset<tfl::Quantization> q;
    if (!scales.empty()) {
      q = tfl::CreateQuantization(b_, 0, 0, b_.CreateVector(scales), b_.CreateVector(zero_points), tfl::Details::NONE,
                                  0, dimension);
    }
    const std::string name = "t" + std::to_string(tensors_.size());
    tensors_.push_back(
        tfl::CreateTensor(b_, b_.CreateVector(shape), type, static_cast<uint32_t>(buffer), b_.CreateString(name), q));
    return static_cast<int>(tensors_.size()) - 1;
  }
  // An INT32 tensor that an operator gives.
  int Numbers(const std::vector<int> &shape) { return Tensor(shape, tfl::TensorType::INT32, {}, {}, {}); }
  int Number(int value) {
    std::vector<uint8_t> bytes(4);
    std::memcpy(bytes.data(), &value, bytes.size());
    return Tensor({}, tfl::TensorType::INT32, {}, {}, bytes);
  }
  int Ints(const std::vector<int> &values, const std::vector<float> &scales = {}) {
    std::vector<uint8_t> bytes(values.size() * 4);
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return Tensor({static_cast<int>(values.size())}, tfl::TensorType::INT32, scales,
                  std::vector<int64_t>(scales.size(), 0), bytes);
  }
  void Op(int code, const std::vector<int> &in, const std::vector<int> &out, const Opt &o = Opt()) {
    codes_.push_back(tfl::CreateOpcode(b_, static_cast<int8_t>(code < 127 ? code : 127), 0, 1, code));
    tfl::Options type = tfl::Options::NONE;
    const flatbuffers::Offset<void> options = Options(code, o, &type);
    ops_.push_back(tfl::CreateOperator(b_, static_cast<uint32_t>(codes_.size() - 1), b_.CreateVector(in),
                                       b_.CreateVector(out), type, options));
  }
  std::vector<uint8_t> Finish(int input, int output) {
    const std::vector<int> in = {input}, out = {output};
    const auto graph = tfl::CreateSubgraph(b_, b_.CreateVector(tensors_), b_.CreateVector(in), b_.CreateVector(out),
                                           b_.CreateVector(ops_));
    std::vector<flatbuffers::Offset<tfl::Buffer>> buffers = {tfl::CreateBuffer(b_)};
    buffers.insert(buffers.end(), buffers_.begin(), buffers_.end());
    const std::vector<flatbuffers::Offset<tfl::Subgraph>> graphs = {graph};
    b_.Finish(tfl::CreateModel(b_, 3, b_.CreateVector(codes_), b_.CreateVector(graphs), 0, b_.CreateVector(buffers)),
              "TFL3");
    return std::vector<uint8_t>(b_.GetBufferPointer(), b_.GetBufferPointer() + b_.GetSize());
  }

 private:
  flatbuffers::Offset<void> Options(int code, const Opt &o, tfl::Options *type) {
    switch (code) {
      case kConv:
        *type = tfl::Options::ConvOptions;
        return tfl::CreateConvOptions(b_, o.padding, o.stride_w, o.stride_h, o.activation, o.dilation_w, o.dilation_h)
            .Union();
      case kDepthwise:
        *type = tfl::Options::DepthwiseOptions;
        return tfl::CreateDepthwiseOptions(b_, o.padding, o.stride_w, o.stride_h, o.multiplier, o.activation,
                                           o.dilation_w, o.dilation_h)
            .Union();
      case kMaxPool:
      case kAveragePool:
        *type = tfl::Options::PoolOptions;
        return tfl::CreatePoolOptions(b_, o.padding, o.stride_w, o.stride_h, o.filter_w, o.filter_h, o.activation)
            .Union();
      case kDense:
        *type = tfl::Options::DenseOptions;
        return tfl::CreateDenseOptions(b_, o.activation).Union();
      case kAdd:
        *type = tfl::Options::AddOptions;
        return tfl::CreateAddOptions(b_, o.activation).Union();
      case kMul:
        *type = tfl::Options::MulOptions;
        return tfl::CreateMulOptions(b_, o.activation).Union();
      case kStridedSlice:
        *type = tfl::Options::StridedSliceOptions;
        return tfl::CreateStridedSliceOptions(b_, 0, 0, 0, 0, o.shrink_axis).Union();
      case kPack:
        *type = tfl::Options::PackOptions;
        return tfl::CreatePackOptions(b_, 2, 0).Union();
      case kSoftmax:
        *type = tfl::Options::SoftmaxOptions;
        return tfl::CreateSoftmaxOptions(b_, o.beta).Union();
      default:
        return 0;
    }
  }
  flatbuffers::FlatBufferBuilder b_;
  std::vector<flatbuffers::Offset<tfl::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<tfl::Tensor>> tensors_;
  std::vector<flatbuffers::Offset<tfl::Opcode>> codes_;
  std::vector<flatbuffers::Offset<tfl::Operator>> ops_;
};

#endif
