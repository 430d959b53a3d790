/* Constant tensors: checked once, then read element by element from where the file has them. */
#include <math.h>
#include <string.h>

#include "onnx/file/const.h"

int onnx_type_bits(int type) {
  switch (type) {
    case ONNX_UINT4:
    case ONNX_INT4:
      return 4;
    case ONNX_UINT8:
    case ONNX_INT8:
    case ONNX_BOOL:
      return 8;
    case ONNX_FLOAT16:
    case ONNX_UINT16:
    case ONNX_INT16:
      return 16;
    case ONNX_FLOAT:
    case ONNX_INT32:
      return 32;
    case ONNX_DOUBLE:
    case ONNX_INT64:
      return 64;
    default:
      return 0;
  }
}

int onnx_is_code_type(int type) {
  return type == ONNX_UINT8 || type == ONNX_INT8 || type == ONNX_UINT4 || type == ONNX_INT4;
}

const char *onnx_type_name(int64_t type) {
  static const char *const names[] = {"undefined",      "float",    "uint8",        "int8",           "uint16",
                                      "int16",          "int32",    "int64",        "string",         "bool",
                                      "float16",        "double",   "uint32",       "uint64",         "complex64",
                                      "complex128",     "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2",
                                      "float8e5m2fnuz", "uint4",    "int4",         "float4e2m1",     "float8e8m0"};
  const int64_t n = sizeof names / sizeof names[0];
  return type >= 0 && type < n ? names[type] : "unknown";
}

enum tetra_fmt onnx_fmt(int type) {
  return type == ONNX_UINT8 ? TETRA_U8 : type == ONNX_INT8 ? TETRA_S8 : type == ONNX_UINT4 ? TETRA_U4 : TETRA_S4;
}

int onnx_is_read_type(int type) { return onnx_type_bits(type) != 0; }

/* Number of elements of the file's shape; -1 where a dimension is negative or the product does not fit 2^40. */
static int64_t count_of(const Onnx__TensorProto *t, struct onnx_shape *s) {
  int64_t n = 1;
  s->rank = (int)t->n_dims;
  for (size_t i = 0; i < t->n_dims; i++) {
    if (t->dims[i] < 0 || t->dims[i] > (int64_t)1 << 31) return -1;
    s->dim[i] = t->dims[i];
    if (t->dims[i] && n > ((int64_t)1 << 40) / t->dims[i]) return -1;
    n *= t->dims[i];
  }
  return n;
}

/* Where the elements are, and how many the file has. 4-bit ones come two to a byte or to an int32. */
static size_t find_data(const Onnx__TensorProto *t, int bits, struct onnx_const *c) {
  if (t->has_raw_data) {
    c->storage = ONNX_RAW;
    c->data = t->raw_data.data;
    return bits == 4 ? 2 * t->raw_data.len : t->raw_data.len / ((size_t)bits / 8);
  }
  switch (c->type) {
    case ONNX_FLOAT:
      c->storage = ONNX_FLOATS;
      c->data = t->float_data;
      return t->n_float_data;
    case ONNX_DOUBLE:
      c->storage = ONNX_DOUBLES;
      c->data = t->double_data;
      return t->n_double_data;
    case ONNX_INT64:
      c->storage = ONNX_INT64S;
      c->data = t->int64_data;
      return t->n_int64_data;
    default:
      c->storage = ONNX_INT32S;
      c->data = t->int32_data;
      return bits == 4 ? 2 * t->n_int32_data : t->n_int32_data;
  }
}

static int is_elsewhere(const Onnx__TensorProto *t) {
  return t->has_data_location && t->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
}

int onnx_const_init(struct onnx_const *c, const Onnx__TensorProto *t, const char *name, int outline,
                    struct tetra_error *err) {
  char safe[TETRA_NAME_MAX];
  import_name(safe, name);
  memset(c, 0, sizeof *c);
  if (t->n_dims > ONNX_RANK_MAX)
    return tetra_fail(err, TETRA_EINVAL, "tensor '%s': rank %zu, at most %d is read", safe, t->n_dims, ONNX_RANK_MAX);
  c->type = t->data_type;
  const int bits = onnx_type_bits(c->type);
  if (!bits)
    return tetra_fail(err, TETRA_EINVAL, "tensor '%s': element type %s; read are " ONNX_READ_TYPES, safe,
                      onnx_type_name(c->type));
  if (is_elsewhere(t) && !outline)
    return tetra_fail(err, TETRA_EINVAL, "tensor '%s': its data is in another file; save the model with it inside",
                      safe);
  const int64_t count = count_of(t, &c->shape);
  if (count < 0) return tetra_fail(err, TETRA_EINVAL, "tensor '%s': dimensions are negative or too large", safe);
  c->count = (size_t)count;
  if (is_elsewhere(t)) {
    c->storage = ONNX_ABSENT;
    return TETRA_OK;
  }
  const size_t have = find_data(t, bits, c), padded = bits == 4 ? ((size_t)count + 1) / 2 * 2 : (size_t)count;
  if (have != padded)
    return tetra_fail(err, TETRA_EINVAL, "tensor '%s': %lld elements by its shape, %zu in the file", safe,
                      (long long)count, have);
  return TETRA_OK;
}

static uint64_t load_le(const uint8_t *p, int bytes) {
  uint64_t v = 0;
  for (int i = 0; i < bytes; i++) v |= (uint64_t)p[i] << (8 * i);
  return v;
}

static uint64_t raw_bits(const struct onnx_const *c, size_t i) {
  const int bits = onnx_type_bits(c->type);
  const uint8_t *p = c->data;
  if (bits == 4) return (p[i / 2] >> (4 * (i & 1))) & 15;
  return load_le(p + i * (size_t)(bits / 8), bits / 8);
}

static int64_t sign_extend(uint64_t v, int bits) {
  const uint64_t sign = (uint64_t)1 << (bits - 1);
  const uint64_t mask = sign | (sign - 1);
  return (int64_t)(((v & mask) ^ sign) - sign);
}

/* A number beyond int64 saturates, NaN is 0. */
static int64_t to_int(double v) {
  return v >= 9.2e18 ? INT64_MAX : v <= -9.2e18 ? INT64_MIN : isnan(v) ? 0 : (int64_t)v;
}

int64_t onnx_const_int(const struct onnx_const *c, size_t i) {
  if (c->storage == ONNX_ONES || c->storage == ONNX_ABSENT) return c->storage == ONNX_ONES;
  if (c->type == ONNX_FLOAT || c->type == ONNX_DOUBLE || c->type == ONNX_FLOAT16) return to_int(onnx_const_real(c, i));
  if (c->storage == ONNX_INT64S || c->storage == ONNX_FOLDED) return ((const int64_t *)c->data)[i];
  const int bits = onnx_type_bits(c->type);
  uint64_t v;
  if (c->storage == ONNX_INT32S) {
    const int32_t *p = c->data;
    v = bits == 4 ? (uint32_t)p[i / 2] >> (4 * (i & 1)) : (uint64_t)(int64_t)p[i];
  } else {
    v = raw_bits(c, i);
  }
  const int is_unsigned =
      c->type == ONNX_UINT4 || c->type == ONNX_UINT8 || c->type == ONNX_UINT16 || c->type == ONNX_BOOL;
  return is_unsigned ? (int64_t)(v & (((uint64_t)1 << bits) - 1)) : sign_extend(v, bits);
}

/* Bits of an IEEE half. */
static double half(unsigned bits) {
  const int exponent = (int)(bits >> 10 & 31), fraction = (int)(bits & 1023);
  const double size = exponent == 31 ? (fraction ? NAN : INFINITY)
                      : exponent     ? ldexp(1024 + fraction, exponent - 25)
                                     : ldexp(fraction, -24);
  return bits >> 15 & 1 ? -size : size;
}

double onnx_const_real(const struct onnx_const *c, size_t i) {
  if (c->storage == ONNX_ONES || c->storage == ONNX_ABSENT) return c->storage == ONNX_ONES;
  if (c->storage == ONNX_FLOATS) return (double)((const float *)c->data)[i];
  if (c->storage == ONNX_DOUBLES) return ((const double *)c->data)[i];
  if (c->type == ONNX_FLOAT16) {
    const uint32_t v = c->storage == ONNX_INT32S ? (uint32_t)((const int32_t *)c->data)[i] : (uint32_t)raw_bits(c, i);
    return half(v & 0xffff);
  }
  if (c->type == ONNX_FLOAT) {
    const uint32_t v = (uint32_t)raw_bits(c, i);
    float f;
    memcpy(&f, &v, sizeof f);
    return (double)f;
  }
  if (c->type == ONNX_DOUBLE) {
    const uint64_t v = raw_bits(c, i);
    double f;
    memcpy(&f, &v, sizeof f);
    return f;
  }
  return (double)onnx_const_int(c, i);
}

double onnx_tensor_real(const struct onnx_tensor *t, size_t i) {
  if (!t->c_scale) return onnx_const_real(t->c, i);
  size_t inner = 1;
  for (int k = t->c_axis + 1; k < t->c->shape.rank; k++) inner *= (size_t)t->c->shape.dim[k];
  const size_t along = t->c_scale->count == 1 ? 0 : i / inner % t->c_scale->count;
  const int64_t zp = t->c_zp ? onnx_const_int(t->c_zp, onnx_channel(t->c_zp, along)) : 0;
  return (double)(onnx_const_int(t->c, i) - zp) * onnx_const_real(t->c_scale, along);
}
