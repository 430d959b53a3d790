// The only file that knows FlatBuffers. Its verifier proves that every offset stays inside of the file; the range
// checks below prove that the numbers mean something.
#include "tflite/file.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tflite_min_generated.h"

extern "C" {
#include "common/report.h"
}

namespace {

namespace tfl = tetra::tfl;

// Length of a vector that the file may leave out.
template <class V>
flatbuffers::uoffset_t Size(const V *v) {
  return v == nullptr ? 0 : v->size();
}

// The verifier aligns a vector's length, which is 4 bytes, and not its elements.
int64_t At(const flatbuffers::Vector<int64_t> *v, flatbuffers::uoffset_t k) {
  int64_t x;
  std::memcpy(&x, v->Data() + k * sizeof x, sizeof x);
  return flatbuffers::EndianScalar(x);
}

struct KindName {
  int code;
  const char *name;
};

// Operations that we run, and those that users most often meet without.
const KindName kKinds[] = {{TFL_ADD, "ADD"},
                           {TFL_AVERAGE_POOL_2D, "AVERAGE_POOL_2D"},
                           {2, "CONCATENATION"},
                           {TFL_CONV_2D, "CONV_2D"},
                           {TFL_DEPTHWISE_CONV_2D, "DEPTHWISE_CONV_2D"},
                           {TFL_DEQUANTIZE, "DEQUANTIZE"},
                           {TFL_FULLY_CONNECTED, "FULLY_CONNECTED"},
                           {14, "LOGISTIC"},
                           {TFL_MAX_POOL_2D, "MAX_POOL_2D"},
                           {TFL_MUL, "MUL"},
                           {TFL_RELU_ALONE, "RELU"},
                           {TFL_RELU_N1_TO_1_ALONE, "RELU_N1_TO_1"},
                           {TFL_RELU6_ALONE, "RELU6"},
                           {TFL_RESHAPE, "RESHAPE"},
                           {23, "RESIZE_BILINEAR"},
                           {TFL_SOFTMAX, "SOFTMAX"},
                           {TFL_PAD, "PAD"},
                           {36, "GATHER"},
                           {TFL_BATCH_TO_SPACE_ND, "BATCH_TO_SPACE_ND"},
                           {TFL_SPACE_TO_BATCH_ND, "SPACE_TO_BATCH_ND"},
                           {39, "TRANSPOSE"},
                           {TFL_MEAN, "MEAN"},
                           {41, "SUB"},
                           {42, "DIV"},
                           {TFL_SQUEEZE, "SQUEEZE"},
                           {TFL_STRIDED_SLICE, "STRIDED_SLICE"},
                           {47, "EXP"},
                           {49, "SPLIT"},
                           {54, "PRELU"},
                           {TFL_MAXIMUM, "MAXIMUM"},
                           {56, "ARG_MAX"},
                           {TFL_MINIMUM, "MINIMUM"},
                           {60, "PADV2"},
                           {65, "SLICE"},
                           {67, "TRANSPOSE_CONV"},
                           {70, "EXPAND_DIMS"},
                           {TFL_SHAPE, "SHAPE"},
                           {TFL_REDUCE_MAX, "REDUCE_MAX"},
                           {TFL_PACK, "PACK"},
                           {97, "RESIZE_NEAREST_NEIGHBOR"},
                           {98, "LEAKY_RELU"},
                           {TFL_QUANTIZE, "QUANTIZE"},
                           {117, "HARD_SWISH"}};

int NameKind(const tfl::Opcode *code, int index, struct tfl_op *op, struct tetra_error *err) {
  // Codes above 127 do not fit into the old field, which then holds 127; older files have only the old one.
  op->code = code->code() > code->old_code() ? code->code() : code->old_code();
  if (op->code < 0) return tetra_fail(err, TETRA_EINVAL, "operator code %d is %d, below 0", index, op->code);
  if (op->code == 32 && code->custom() != nullptr) {
    char name[TETRA_NAME_MAX];
    import_name(name, code->custom()->c_str());
    std::snprintf(op->kind, sizeof op->kind, "custom %.50s", name);
    return TETRA_OK;
  }
  for (const KindName &k : kKinds) {
    if (k.code == op->code) {
      std::snprintf(op->kind, sizeof op->kind, "%s", k.name);
      return TETRA_OK;
    }
  }
  std::snprintf(op->kind, sizeof op->kind, "operation %d", op->code);
  return TETRA_OK;
}

int ReadShape(const tfl::Tensor *t, int i, struct tfl_tensor *out, struct tetra_error *err) {
  const auto *shape = t->shape();
  if (Size(shape) > TFL_MAX_RANK) {
    return tetra_fail(err, TETRA_EINVAL, "tensor %d '%s' has %u dimensions, at most %d are accepted", i, out->name,
                      Size(shape), TFL_MAX_RANK);
  }
  out->rank = static_cast<int>(Size(shape));
  out->elements = 1;
  for (int k = 0; k < out->rank; k++) {
    const int d = shape->Get(static_cast<unsigned>(k));
    if (d < 1 || (out->elements *= d) > INT32_MAX) {
      return tetra_fail(err, TETRA_EINVAL,
                        "tensor %d '%s': dimension %d is %d; dimensions of at least 1 are accepted, below 2^31 "
                        "elements in all",
                        i, out->name, k, d);
    }
    out->dims[k] = d;
  }
  return TETRA_OK;
}

// Bytes of the contents; 0 for types that we do not read.
size_t BytesOf(const struct tfl_tensor *t) {
  const size_t n = static_cast<size_t>(t->elements);
  switch (t->type) {
    case TFL_FLOAT32:
    case TFL_INT32:
      return 4 * n;
    case TFL_INT8:
    case TFL_UINT8:
      return n;
    case TFL_INT4:
      return (n + 1) / 2;
    default:
      return 0;
  }
}

int ReadContents(const tfl::Model *m, const tfl::Tensor *t, int i, struct tfl_tensor *out, struct tetra_error *err) {
  if (t->buffer() >= Size(m->buffers())) {
    return tetra_fail(err, TETRA_EINVAL, "tensor %d '%s': buffer %u of %u", i, out->name, t->buffer(),
                      Size(m->buffers()));
  }
  const tfl::Buffer *b = m->buffers()->Get(t->buffer());
  if (b->offset() > 1) {
    return tetra_fail(err, TETRA_EINVAL, "tensor %d '%s' has its data outside of the FlatBuffer, which is not accepted",
                      i, out->name);
  }
  out->bytes = Size(b->data());
  if (out->bytes == 0) return TETRA_OK;
  out->data = b->data()->data();
  const size_t needed = BytesOf(out);
  if (needed != 0 && out->bytes != needed) {
    return tetra_fail(err, TETRA_EINVAL, "tensor %d '%s' has %zu bytes of data, its shape needs %zu", i, out->name,
                      out->bytes, needed);
  }
  return TETRA_OK;
}

int ReadZeroPoints(const tfl::Quantization *q, int i, struct tfl_tensor *out, struct tetra_error *err) {
  const int64_t lo = out->type == TFL_UINT8 ? 0 : out->type == TFL_INT8 ? -128 : out->type == TFL_INT4 ? -8 : INT32_MIN;
  const int64_t hi = out->type == TFL_UINT8 ? 255 : out->type == TFL_INT8 ? 127 : out->type == TFL_INT4 ? 7 : INT32_MAX;
  for (flatbuffers::uoffset_t k = 0; k < Size(q->zero_point()); k++) {
    const int64_t z = At(q->zero_point(), k);
    if (z < lo || z > hi) {
      return tetra_fail(err, TETRA_EINVAL, "tensor %d '%s': zero point %lld is not in %lld..%lld of its type", i,
                        out->name, static_cast<long long>(z), static_cast<long long>(lo), static_cast<long long>(hi));
    }
    if (k == 0) out->zero_point = static_cast<int>(z);
    if (z != 0) out->all_zero = 0;
  }
  return TETRA_OK;
}

int ReadQuantization(const tfl::Tensor *t, int i, float *scales, struct tfl_tensor *out, struct tetra_error *err) {
  const tfl::Quantization *q = t->quantization();
  out->all_zero = 1;
  if (q == nullptr || Size(q->scale()) == 0) return TETRA_OK;
  const unsigned n = Size(q->scale());
  out->n_scales = static_cast<int>(n);
  out->dimension = q->dimension();
  out->scales = scales;
  if (n > 1 &&
      (out->dimension < 0 || out->dimension >= out->rank || n != static_cast<unsigned>(out->dims[out->dimension]))) {
    return tetra_fail(err, TETRA_EINVAL, "tensor %d '%s' has %u scales along dimension %d", i, out->name, n,
                      out->dimension);
  }
  for (unsigned k = 0; k < n; k++) {
    scales[k] = q->scale()->Get(k);
    if (!(scales[k] > 0) || std::isinf(scales[k])) {
      return tetra_fail(err, TETRA_EINVAL, "tensor %d '%s': scale %g must be positive and finite", i, out->name,
                        static_cast<double>(scales[k]));
    }
  }
  if (Size(q->zero_point()) > 1 && Size(q->zero_point()) != n) {
    return tetra_fail(err, TETRA_EINVAL, "tensor %d '%s' has %u scales and %u zero points", i, out->name, n,
                      Size(q->zero_point()));
  }
  return ReadZeroPoints(q, i, out, err);
}

int ReadTensor(const tfl::Model *m, const tfl::Tensor *t, int i, float *scales, struct tfl_tensor *out,
               struct tetra_error *err) {
  import_name(out->name, t->name() == nullptr ? "" : t->name()->c_str());
  out->type = static_cast<int>(t->type());
  out->has_sparsity = t->sparsity() != nullptr;
  int rc = ReadShape(t, i, out, err);
  if (rc == TETRA_OK) rc = ReadContents(m, t, i, out, err);
  if (rc == TETRA_OK) rc = ReadQuantization(t, i, scales, out, err);
  return rc;
}

int ReadTensors(const tfl::Model *m, const tfl::Subgraph *g, size_t size, struct tfl_file *f, struct tetra_error *err) {
  size_t n_scales = 0;
  const unsigned n = Size(g->tensors());
  for (unsigned i = 0; i < n; i++) {
    const tfl::Quantization *q = g->tensors()->Get(i)->quantization();
    if (q != nullptr) n_scales += Size(q->scale());
  }
  // Tables may share a vector, so that a small file could ask for a lot of memory; no writer of models does.
  if (n_scales > size) return tetra_fail(err, TETRA_EINVAL, "%zu scales in a file of %zu bytes", n_scales, size);
  f->tensors = static_cast<struct tfl_tensor *>(calloc(n + 1u, sizeof *f->tensors));
  f->scales = static_cast<float *>(calloc(n_scales + 1, sizeof *f->scales));
  if (f->tensors == nullptr || f->scales == nullptr)
    return tetra_fail(err, TETRA_ENOMEM, "no memory for %u tensors", n);
  f->n_tensors = static_cast<int>(n);
  float *scales = f->scales;
  for (unsigned i = 0; i < n; i++) {
    const int rc = ReadTensor(m, g->tensors()->Get(i), static_cast<int>(i), scales, &f->tensors[i], err);
    if (rc != TETRA_OK) return rc;
    scales += f->tensors[i].n_scales;
  }
  return TETRA_OK;
}

template <class O>
void ReadWindow(const O *o, struct tfl_op *op) {
  op->has_options = 1;
  op->padding = static_cast<int>(o->padding());
  op->activation = static_cast<int>(o->activation());
  op->win.stride_y = o->stride_h();
  op->win.stride_x = o->stride_w();
}

void ReadOptions(const tfl::Operator *o, struct tfl_op *op) {
  op->win.dilation_y = op->win.dilation_x = 1;
  switch (op->code) {
    case TFL_CONV_2D:
      if (const auto *c = o->options_as_ConvOptions()) {
        ReadWindow(c, op);
        op->win.dilation_y = c->dilation_h();
        op->win.dilation_x = c->dilation_w();
      }
      break;
    case TFL_DEPTHWISE_CONV_2D:
      if (const auto *c = o->options_as_DepthwiseOptions()) {
        ReadWindow(c, op);
        op->multiplier = c->multiplier();
        op->win.dilation_y = c->dilation_h();
        op->win.dilation_x = c->dilation_w();
      }
      break;
    case TFL_AVERAGE_POOL_2D:
    case TFL_MAX_POOL_2D:
      if (const auto *p = o->options_as_PoolOptions()) {
        ReadWindow(p, op);
        op->win.kh = p->filter_h();
        op->win.kw = p->filter_w();
      }
      break;
    case TFL_FULLY_CONNECTED:
      if (const auto *d = o->options_as_DenseOptions()) {
        op->has_options = 1;
        op->activation = static_cast<int>(d->activation());
        op->weights_format = d->weights_format();
        op->keep_num_dims = d->keep_num_dims();
      }
      break;
    case TFL_ADD:
      if (const auto *a = o->options_as_AddOptions()) {
        op->has_options = 1;
        op->activation = static_cast<int>(a->activation());
      }
      break;
    case TFL_MUL:
      if (const auto *m = o->options_as_MulOptions()) {
        op->has_options = 1;
        op->activation = static_cast<int>(m->activation());
      }
      break;
    case TFL_STRIDED_SLICE:
      if (const auto *s = o->options_as_StridedSliceOptions()) {
        op->has_options = 1;
        op->slice = {s->begin_mask(), s->end_mask(), s->ellipsis_mask(), s->new_axis_mask(), s->shrink_axis_mask()};
      }
      break;
    case TFL_PACK:
      if (const auto *p = o->options_as_PackOptions()) {
        op->has_options = 1;
        op->axis = p->axis();
      }
      break;
    case TFL_SOFTMAX:
      if (const auto *s = o->options_as_SoftmaxOptions()) {
        op->has_options = 1;
        op->beta = s->beta();
      }
      break;
    default:
      break;
  }
}

int CheckIndex(const struct tfl_file *f, int tensor, int lowest, const char *where, int i, struct tetra_error *err) {
  if (tensor >= lowest && tensor < f->n_tensors) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "operator %d: %s tensor %d is not one of the %d", i, where, tensor,
                    f->n_tensors);
}

int ReadOp(const tfl::Model *m, const tfl::Operator *o, int i, const struct tfl_file *f, struct tfl_op *op,
           struct tetra_error *err) {
  if (o->opcode() >= Size(m->opcodes())) {
    return tetra_fail(err, TETRA_EINVAL, "operator %d has code %u of %u", i, o->opcode(), Size(m->opcodes()));
  }
  int rc = NameKind(m->opcodes()->Get(o->opcode()), static_cast<int>(o->opcode()), op, err);
  op->n_in = static_cast<int>(Size(o->inputs()));
  op->n_out = static_cast<int>(Size(o->outputs()));
  for (int k = 0; k < TFL_MAX_INPUTS; k++) op->in[k] = -1;
  for (int k = 0; k < op->n_in && rc == TETRA_OK; k++) {
    const int tensor = o->inputs()->Get(static_cast<unsigned>(k));
    rc = CheckIndex(f, tensor, -1, "input", i, err);
    if (k < TFL_MAX_INPUTS) op->in[k] = tensor;
  }
  for (int k = 0; k < op->n_out && rc == TETRA_OK; k++) {
    rc = CheckIndex(f, o->outputs()->Get(static_cast<unsigned>(k)), 0, "output", i, err);
  }
  if (rc == TETRA_OK && op->n_out == 0) rc = tetra_fail(err, TETRA_EINVAL, "operator %d has no output", i);
  if (rc != TETRA_OK) return rc;
  op->out = o->outputs()->Get(0);
  ReadOptions(o, op);
  return TETRA_OK;
}

int ReadOps(const tfl::Model *m, const tfl::Subgraph *g, struct tfl_file *f, struct tetra_error *err) {
  const unsigned n = Size(g->operators());
  if (n == 0) return tetra_fail(err, TETRA_EINVAL, "the network has no operators");
  f->ops = static_cast<struct tfl_op *>(calloc(n, sizeof *f->ops));
  if (f->ops == nullptr) return tetra_fail(err, TETRA_ENOMEM, "no memory for %u operators", n);
  f->n_ops = static_cast<int>(n);
  for (unsigned i = 0; i < n; i++) {
    const int rc = ReadOp(m, g->operators()->Get(i), static_cast<int>(i), f, &f->ops[i], err);
    if (rc != TETRA_OK) return rc;
  }
  return TETRA_OK;
}

int ReadEnds(const tfl::Subgraph *g, struct tfl_file *f, struct tetra_error *err) {
  f->n_inputs = static_cast<int>(Size(g->inputs()));
  f->n_outputs = static_cast<int>(Size(g->outputs()));
  if (f->n_inputs < 1 || f->n_outputs < 1) {
    return tetra_fail(err, TETRA_EINVAL, "the network has %d inputs and %d outputs; one of each is accepted",
                      f->n_inputs, f->n_outputs);
  }
  f->input = g->inputs()->Get(0);
  f->output = g->outputs()->Get(0);
  if (f->input < 0 || f->input >= f->n_tensors || f->output < 0 || f->output >= f->n_tensors) {
    return tetra_fail(err, TETRA_EINVAL, "input %d or output %d is not one of the %d tensors", f->input, f->output,
                      f->n_tensors);
  }
  for (int k = 0; k < f->n_inputs; k++) {
    const int i = g->inputs()->Get(static_cast<unsigned>(k));
    if (i >= 0 && i < f->n_tensors) f->tensors[i].is_input = 1;
  }
  return TETRA_OK;
}

}  // namespace

extern "C" int tfl_file_read(const uint8_t *bytes, size_t size, struct tfl_file *f, struct tetra_error *err) {
  std::memset(f, 0, sizeof *f);
  if (size < 16) return tetra_fail(err, TETRA_EINVAL, "not a TensorFlow Lite file: %zu bytes", size);
  if (size > FLATBUFFERS_MAX_BUFFER_SIZE) return tetra_fail(err, TETRA_EINVAL, "larger than 2 GiB");
  f->copy = static_cast<uint8_t *>(malloc(size));
  if (f->copy == nullptr) return tetra_fail(err, TETRA_ENOMEM, "no memory for %zu bytes", size);
  std::memcpy(f->copy, bytes, size);
  if (!tfl::ModelBufferHasIdentifier(f->copy)) {
    return tetra_fail(err, TETRA_EINVAL, "not a TensorFlow Lite file: bytes 4 to 7 are not TFL3");
  }
  flatbuffers::Verifier verifier(f->copy, size);
  if (!tfl::VerifyModelBuffer(verifier)) {
    return tetra_fail(err, TETRA_EINVAL, "damaged TensorFlow Lite file: an offset of its FlatBuffer leads astray");
  }
  const tfl::Model *m = tfl::GetModel(f->copy);
  if (m->version() != 3) return tetra_fail(err, TETRA_EINVAL, "format version %u, only 3 is accepted", m->version());
  if (Size(m->subgraphs()) != 1) {
    return tetra_fail(err, TETRA_EINVAL, "%u subgraphs, one is accepted", Size(m->subgraphs()));
  }
  const tfl::Subgraph *g = m->subgraphs()->Get(0);
  int rc = ReadTensors(m, g, size, f, err);
  if (rc == TETRA_OK) rc = ReadOps(m, g, f, err);
  if (rc == TETRA_OK) rc = ReadEnds(g, f, err);
  return rc;
}

extern "C" void tfl_file_free(struct tfl_file *f) {
  free(f->copy);
  free(f->tensors);
  free(f->scales);
  free(f->ops);
  std::memset(f, 0, sizeof *f);
}

extern "C" const char *tfl_type_name(int type) {
  switch (type) {
    case TFL_FLOAT32:
      return "FLOAT32";
    case TFL_INT32:
      return "INT32";
    case TFL_UINT8:
      return "UINT8";
    case TFL_INT16:
      return "INT16";
    case TFL_INT8:
      return "INT8";
    case TFL_INT4:
      return "INT4";
    default:
      return "another type";
  }
}
