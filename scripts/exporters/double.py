"""ONNX's (and QONNX's) definitions in double precision: what a file means where no arithmetic rounds but its quantizers
(those of the weights and of the image in float32, which these are given in). An int32 bias counts units of its
convolution's accumulator: the file's scale for it is their float32.
A runtime calculates in float32; where it differs from us, this says who is nearer. Needs numpy and onnx."""

import numpy as np
import onnx
from onnx import helper, numpy_helper


def attributes(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def along(a, like, axis):
    """A vector of parameters, shaped to be combined with `like` along its axis."""
    a = np.asarray(a)
    return a.reshape([-1 if k == axis % like.ndim else 1 for k in range(like.ndim)]) if a.size > 1 and a.ndim == 1 else a


def limits(code):
    """Lowest and highest number of an element type, 4-bit ones too."""
    if str(code) in ("int4", "uint4"):
        return (-8, 7) if str(code) == "int4" else (0, 15)
    info = np.iinfo(code)
    return info.min, info.max


def round_codes(reals, zero, low, high, rounding=np.rint):
    return np.clip(rounding(reals) + zero, low, high)


# QONNX's; those with UP and DOWN in their names are of magnitudes.
ROUNDINGS = {"ROUND": np.rint, "HALF_EVEN": np.rint, "FLOOR": np.floor, "CEIL": np.ceil, "DOWN": np.trunc,
             "UP": lambda x: np.sign(x) * np.ceil(np.abs(x)),
             "HALF_UP": lambda x: np.sign(x) * np.floor(np.abs(x) + 0.5),
             "HALF_DOWN": lambda x: np.sign(x) * np.ceil(np.abs(x) - 0.5)}


def quant(a, v, types):
    """QONNX's Quant."""
    x, scale, zero, bits = v
    narrow, signed = a.get("narrow", 0), a.get("signed", 1)
    low, high = (-(2 ** (bits - 1)) + narrow, 2 ** (bits - 1) - 1) if signed else (0, 2 ** bits - 1 - narrow)
    rounding = ROUNDINGS[a.get("rounding_mode", b"ROUND").decode().upper()]
    return (np.clip(rounding(divided(x, scale, types[0]) + zero + a.get("nudge", 0)), low, high) - zero) * scale


def divided(x, scale, given):
    """x / scale; of numbers that the file or the user gives, in float32 as they are and as ONNX defines it."""
    return np.float32(x) / np.float32(scale) if given else x / scale


def quantize_linear(a, v, types):
    axis, zero = a.get("axis", 1), v[2] if len(v) > 2 else np.zeros(1)
    return round_codes(divided(v[0], along(v[1], v[0], axis), types[0]) + a.get("nudge", 0), along(zero, v[0], axis),
                       *limits(types[2] if len(v) > 2 else "uint8"))


def dequantize_linear(a, v, types):
    axis = a.get("axis", 1)
    return (v[0] - (along(v[2], v[0], axis) if len(v) > 2 else 0)) * along(v[1], v[0], axis)


def taps(x, a, kernel, fill):
    """(row and column in the kernel, x at this tap for every window [n][c][h][w])."""
    top, left, bottom, right = a.get("pads", [0, 0, 0, 0])
    (sy, sx), (dy, dx) = a.get("strides", [1, 1]), a.get("dilations", [1, 1])
    spare = (sy - 1, sx - 1) if a.get("ceil_mode", 0) else (0, 0)
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom + spare[0]), (left, right + spare[1])), constant_values=fill)
    h, w = ((n - (k - 1) * d - 1) // s + 1 for n, k, d, s in zip(x.shape[2:], kernel, (dy, dx), (sy, sx)))
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            yield i, j, x[:, :, i * dy:i * dy + (h - 1) * sy + 1:sy, j * dx:j * dx + (w - 1) * sx + 1:sx]


def conv(a, v, types):
    x, w, groups = v[0], v[1], a.get("group", 1)
    y = 0.0
    for i, j, part in taps(x, a, w.shape[2:], 0.0):
        n, _, oh, ow = part.shape
        split = np.ascontiguousarray(part).reshape(n, groups, -1, oh * ow)
        y = y + (w[:, :, i, j].reshape(groups, -1, w.shape[1]) @ split).reshape(n, -1, oh, ow)
    return y + v[2].reshape(1, -1, 1, 1) if len(v) > 2 and v[2] is not None else y


def max_pool(a, v, types):
    y = -np.inf
    for _, _, part in taps(v[0], a, a["kernel_shape"], -np.inf):
        y = np.maximum(y, part)
    return y


def average_pool(a, v, types):
    if a.get("ceil_mode", 0):
        raise NotImplementedError("AveragePool with ceil_mode")
    inside = np.ones_like(v[0])
    if a.get("count_include_pad", 0):
        pads = a.get("pads", [0, 0, 0, 0])
        inside = np.pad(inside, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])), constant_values=1.0)
    counted = dict(a, pads=[0, 0, 0, 0]) if a.get("count_include_pad", 0) else a
    count = sum(part for _, _, part in taps(inside, counted, a["kernel_shape"], 0.0))
    return sum(part for _, _, part in taps(v[0], a, a["kernel_shape"], 0.0)) / count


def pad(a, v, types):
    amounts = np.array(a["pads"] if "pads" in a else v[1]).astype(int).reshape(2, -1).T
    value = v[2] if len(v) > 2 and v[2] is not None else a.get("value", 0.0)
    y = np.pad(v[0], np.maximum(amounts, 0), constant_values=float(value))
    return y[tuple(slice(max(0, -before), n - max(0, -after)) for (before, after), n in zip(amounts, y.shape))]


def batch_norm(a, v, types):
    gamma, beta, mean, var = (along(p, v[0], 1) for p in v[1:])
    return (v[0] - mean) / np.sqrt(var + a.get("epsilon", 1e-5)) * gamma + beta


def gemm(a, v, types):
    product = (v[0].T if a.get("transA") else v[0]) @ (v[1].T if a.get("transB") else v[1])
    return a.get("alpha", 1.0) * product + (a.get("beta", 1.0) * v[2] if len(v) > 2 else 0)


def reduce_mean(a, v, types):
    axes = tuple(int(i) for i in (a["axes"] if "axes" in a else v[1]))
    return v[0].mean(axes, keepdims=bool(a.get("keepdims", 1)))


def clip(a, v, types):
    low, high = (v[i] if len(v) > i and v[i] is not None else a.get(n) for i, n in ((1, "min"), (2, "max")))
    return v[0] if low is None and high is None else np.clip(v[0], low, high)


def reals(v, i, axis=1):
    """Operand i of an operator with codes, its scale and its zero point behind it."""
    return (v[i] - along(v[i + 2], v[i], axis)) * along(v[i + 1], v[i], axis)


def codes(y, v, types, i):
    return round_codes(y / v[i], v[i + 1], *limits(types[i + 1]))


def qlinear_conv(a, v, types):
    weights = reals(v, 3, 0)
    bias = [v[8] * v[1] * np.broadcast_to(v[4].reshape(-1), v[8].shape)] if len(v) > 8 else []
    return codes(conv(a, [reals(v, 0), weights] + bias, types), v, types, 6)


def qgemm(a, v, types):
    """onnxruntime's QGemm."""
    weights = reals(v, 3, 0 if a.get("transB") else 1)
    product = a.get("alpha", 1.0) * (reals(v, 0) @ (weights.T if a.get("transB") else weights))
    if len(v) > 6 and v[6] is not None:
        product = product + v[6] * a.get("alpha", 1.0) * v[1] * v[4]
    return codes(product, v, types, 7) if len(v) > 8 else product


def reshape(x, shape):
    """A number of images that the file fixes is that of x."""
    fixed = min(shape) > 0 and np.prod(shape) != x.size
    return x.reshape([len(x)] + shape[1:] if fixed else shape)


OPERATORS = {
    "Quant": quant, "IntQuant": quant, "QuantizeLinear": quantize_linear, "DequantizeLinear": dequantize_linear, "Conv": conv, "Gemm": gemm,
    "QLinearConv": qlinear_conv, "QGemm": qgemm, "MaxPool": max_pool, "AveragePool": average_pool,
    "BatchNormalization": batch_norm, "ReduceMean": reduce_mean, "Clip": clip, "Pad": pad,
    "Sum": lambda a, v, t: sum(v), "Max": lambda a, v, t: np.maximum.reduce(np.broadcast_arrays(*v)),
    "Min": lambda a, v, t: np.minimum.reduce(np.broadcast_arrays(*v)),
    "GlobalMaxPool": lambda a, v, t: v[0].max((2, 3), keepdims=True),
    "ConstantOfShape": lambda a, v, t: np.full(v[0].astype(int), numpy_helper.to_array(a["value"]).item() if "value" in a else 0.0),
    "GlobalAveragePool": lambda a, v, t: v[0].mean((2, 3), keepdims=True),
    "QLinearMatMul": lambda a, v, t: codes(reals(v, 0) @ reals(v, 3), v, t, 6),
    "QLinearAdd": lambda a, v, t: codes(reals(v, 0) + reals(v, 3), v, t, 6),
    "QLinearMul": lambda a, v, t: codes(reals(v, 0) * reals(v, 3), v, t, 6),
    "ReduceMax": lambda a, v, t: v[0].max(tuple(a["axes"]), keepdims=bool(a.get("keepdims", 1))),
    "QLinearGlobalAveragePool": lambda a, v, t: codes(reals(v, 0).mean((2, 3), keepdims=True), v, t, 3),
    "Relu": lambda a, v, t: np.maximum(v[0], 0), "Neg": lambda a, v, t: -v[0], "MatMul": lambda a, v, t: v[0] @ v[1],
    "Add": lambda a, v, t: v[0] + v[1], "Sub": lambda a, v, t: v[0] - v[1], "Mul": lambda a, v, t: v[0] * v[1],
    "Div": lambda a, v, t: v[0] / v[1], "Identity": lambda a, v, t: v[0], "Floor": lambda a, v, t: np.floor(v[0]),
    "Cast": lambda a, v, t: v[0], "Dropout": lambda a, v, t: v[0], "Round": lambda a, v, t: np.rint(v[0]),
    "Flatten": lambda a, v, t: v[0].reshape(len(v[0]), -1) if a.get("axis", 1) else v[0].reshape(1, -1),
    "Transpose": lambda a, v, t: v[0].transpose(a.get("perm")),
    "Shape": lambda a, v, t: np.array(v[0].shape[a.get("start", 0):a.get("end")], np.float64),
    "Gather": lambda a, v, t: np.take(v[0], v[1].astype(int), a.get("axis", 0)),
    "Concat": lambda a, v, t: np.concatenate(v, a["axis"]),
    "Unsqueeze": lambda a, v, t: np.expand_dims(v[0], tuple(int(i) for i in (a["axes"] if "axes" in a else v[1]))),
    "Squeeze": lambda a, v, t: np.squeeze(v[0], tuple(int(i) for i in (a["axes"] if "axes" in a else v[1]))),
    "Reshape": lambda a, v, t: reshape(v[0], [int(d) or v[0].shape[i] for i, d in enumerate(v[1])]),
}


def constant(node):
    """The value of a Constant node, with its type."""
    a = attributes(node)
    return numpy_helper.to_array(a["value"]) if "value" in a else np.array(next(iter(a.values())))


UNITS = {"DequantizeLinear", "Quant"}  # the operators whose second operand is a scale


class Network:
    """A file's nodes with its constants in double. `check(name, value)`, if given to run, may replace each value before
    the nodes behind it read it."""

    def __init__(self, path):
        self.graph = onnx.load(path).graph
        self.constants, self.types = {}, {}
        for tensor in self.graph.initializer:
            self.keep(tensor.name, numpy_helper.to_array(tensor))
        for node in self.graph.node:
            if node.op_type == "Constant":
                self.keep(node.output[0], constant(node))
        given = [i for i in self.graph.input if i.name not in self.constants]
        self.input = given[0].name
        self.shape = [d.dim_value for d in given[0].type.tensor_type.shape.dim]  # 0 where it has a name
        self.types[self.input] = np.dtype(np.float32)
        self.exact_bias_units()

    def keep(self, name, array):
        self.types[name] = array.dtype
        self.constants[name] = array.astype(np.float64)

    def exact_bias_units(self):
        makers = {o: n for n in self.graph.node for o in n.output}
        for node in self.graph.node:
            inputs = [makers.get(i) for i in node.input]
            if node.op_type in ("Conv", "Gemm") and len(inputs) > 2 and all(i and i.op_type in UNITS for i in inputs):
                x, w, bias = (i.input[1] for i in inputs)
                units, written = self.constants[x] * self.constants[w].reshape(-1), self.constants[bias]
                if np.allclose(units, written.reshape(-1), rtol=1e-6, atol=0):
                    self.constants[bias] = units.reshape(written.shape)

    def run(self, x, check=lambda node, value: value, nudge=0.0):
        """The output for x, in one go. The last quantization, in codes, is moved by `nudge` before it rounds."""
        last = [n for n in self.graph.node if n.op_type in ("QuantizeLinear", "Quant", "IntQuant")][-1:]
        values = dict(self.constants, **{self.input: x.astype(np.float64)})
        for node in self.graph.node:
            if node.op_type == "Constant":
                continue
            if node.op_type not in OPERATORS:
                raise NotImplementedError(f"no {node.op_type} in the arithmetic of double.py")
            names = list(node.input)
            operands = [values[n] if n else None for n in names]
            facts = dict(attributes(node), nudge=nudge if node in last else 0.0)
            value = OPERATORS[node.op_type](facts, operands, [self.types.get(n) for n in names])
            values[node.output[0]] = check(node, value)
        return values[self.graph.output[0].name]


def answers(path, x):
    """[images][classes]: the output for every image."""
    return Network(path).run(x).reshape(len(x), -1)
