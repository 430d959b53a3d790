"""Small networks, one for each way of saying a thing that the importer takes: QONNX's rounding modes, what may be added to a
convolution, constants in other shapes, pools without quantizers. cases_test.py compares them. Needs numpy and onnx."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

QONNX, MICROSOFT = "qonnx.custom_op.general", "com.microsoft"


class Network:
    """Nodes one after another; each method returns the name of what it adds."""

    def __init__(self, seed, shape=(1, 3, 9, 7), element=TensorProto.FLOAT):
        self.random, self.shape, self.element = np.random.default_rng(seed), shape, element
        self.nodes, self.constants = [], []

    def constant(self, values, type=np.float32):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, type), name))
        return name

    def add(self, op, *inputs, **attributes):
        name = f"{op.lower()}{len(self.nodes)}"
        domain = {"domain": QONNX} if op in ("Quant", "IntQuant") else {"domain": MICROSOFT} if op.startswith("QLinear") else {}
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes, **domain))
        return name

    def uniform(self, low, high, shape):
        return self.constant(self.random.uniform(low, high, shape))

    def qdq(self, x, scale, zero):
        """Quantized to uint8 and back."""
        q = self.constant(scale), self.constant(zero, np.uint8)
        return self.add("DequantizeLinear", self.add("QuantizeLinear", x, *q), *q)

    def weights(self, *shape, axis=0):
        """int8 ones with a scale for each output."""
        outputs = shape[axis]
        codes = self.constant(self.random.integers(-127, 128, shape), np.int8)
        scales = self.uniform(0.0003, 0.001, outputs)
        return self.add("DequantizeLinear", codes, scales, self.constant(np.zeros(outputs), np.int8), axis=axis)

    def conv(self, x, cin, cout, kernel=1, weights=None):
        weights = weights or self.weights(cout, cin, kernel, kernel)
        return self.add("Conv", x, weights, self.uniform(-0.3, 0.3, cout), pads=[kernel // 2] * 4)

    def stem(self, x="x"):
        """Eight channels behind the image, quantized."""
        return self.qdq(self.add("Relu", self.conv(self.qdq(x, 0.0391, 120), 3, 8, 3)), 0.00713, 0)

    def quant(self, x, scale, bits, zero=0, signed=1, narrow=0, mode="ROUND", op="Quant"):
        return self.add(op, x, self.constant(scale), self.constant(zero), self.constant(bits), signed=signed, narrow=narrow,
                        rounding_mode=mode)

    def model(self, output, element=TensorProto.FLOAT):
        graph = helper.make_graph(self.nodes, "variant", [helper.make_tensor_value_info("x", self.element, self.shape)],
                                  [helper.make_tensor_value_info(output, element, None)], self.constants)
        opsets = [helper.make_opsetid("", 13), helper.make_opsetid(QONNX, 1), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def rounded(net, mode, where, bits, signed, zero=0, op="Quant"):
    """A convolution whose input or output is quantized in that mode."""
    kinds = {"bits": bits, "signed": signed, "zero": zero, "mode": mode, "op": op}
    x = net.quant("x", 0.0531, **kinds) if where == "input" else net.quant("x", 0.0531, 8)
    weights = net.quant(net.constant(net.random.standard_normal((8, 3, 3, 3)) * 0.2), 0.0217, 4)
    y = net.add("Conv", x, weights, net.uniform(-0.3, 0.3, 8), pads=[1] * 4)
    return net.quant(y, 0.0613, **kinds) if where == "output" else net.quant(y, 0.0613, 8)


def added(net, what):
    """What stands beside a convolution in an Add."""
    a, b = net.stem(), None
    z = net.qdq(net.conv(a, 8, 8), 0.00917, 110)
    one, two, minus = (net.uniform(*r, (1, 8, 1, 1)) for r in ((0.3, 2), (0.3, 2), (-2, -0.3)))
    y = net.conv(z, 8, 8)
    if what == "factors":
        b = net.add("Mul", a, one)
    elif what == "negative factors":
        b = net.add("Mul", minus, a)
    elif what == "a batch norm":
        b = net.add("BatchNormalization", a, *(net.uniform(0.3, 1, 8) for _ in range(4)))
    elif what == "minus a tensor":
        return net.add("Sub", y, a)
    elif what == "minus a convolution":
        return net.add("Sub", a, y)
    elif what == "two with factors":
        y, b = net.add("Mul", z, one), net.add("Mul", a, two)
    elif what == "Sum with a constant":
        return net.add("Sum", y, a, two)
    return net.add("Add", y, b)


def constants(net, how):
    """A convolution's weights through an operation on constants."""
    codes, scales = net.random.integers(-127, 128, (6, 8, 3, 3)), net.uniform(0.0003, 0.001, 6)
    zeros = net.constant(np.zeros(6), np.int8)
    if how == "ConstantOfShape":
        shape, value = net.constant([1, 6, 1, 1], np.int64), numpy_helper.from_array(np.array([0.25], np.float32))
        return net.add("Add", net.conv(net.stem(), 8, 6), net.add("ConstantOfShape", shape, value=value))
    if how == "float16":
        halves = [net.add("Cast", net.constant(net.random.uniform(*r, s), np.float16), to=1)
                  for r, s in (((-0.1, 0.1), (6, 8, 3, 3)), ((-0.3, 0.3), 6))]
        quantized = net.add("QuantizeLinear", halves[0], scales, zeros, axis=0)
        return net.add("Conv", net.stem(), net.add("DequantizeLinear", quantized, scales, zeros, axis=0), halves[1])
    shape, axis = {"Reshape": ((6, 72), 0), "Squeeze": ((1, 6, 8, 3, 3), 1), "Unsqueeze": ((6, 8), 0)}[how]
    codes = net.constant(codes[..., 0, 0] if how == "Unsqueeze" else codes.reshape(shape), np.int8)
    operand = net.constant({"Reshape": [6, 8, -1, 3], "Squeeze": [0], "Unsqueeze": [2, 3]}[how], np.int64)
    return net.add("Conv", net.stem(), net.add(how, net.add("DequantizeLinear", codes, scales, zeros, axis=axis), operand))


def of_codes(net, op):
    """QLinearAdd or QLinearMul with constant codes, one a channel."""
    x, k, y = ((net.constant(scale), net.constant(zero, np.uint8)) for scale, zero in ((0.0391, 120), (0.0173, 90), (0.0459, 110)))
    codes = net.constant(net.random.integers(0, 256, (1, 3, 1, 1)), np.uint8)
    return net.add("DequantizeLinear", net.add(op, codes, *k, net.add("QuantizeLinear", "x", *x), *x, *y), *y)


def pooled(net, how):
    """Max-pools that nothing quantizes."""
    p = net.add("MaxPool", net.stem(), kernel_shape=[2, 2], strides=[1, 1])
    if how == "two":
        return net.conv(net.add("MaxPool", p, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4), 8, 6)
    if how == "flat":
        return net.add("MatMul", net.add("Flatten", net.add("ReduceMax", p, axes=[2, -1])), net.weights(8, 5, axis=1))
    return net.add("GlobalMaxPool", p)


def prepared(net, how):
    """The host's part in front of the first quantizer."""
    if how == "Neg":
        return net.conv(net.stem(net.add("Neg", "x")), 8, 6)
    return net.conv(net.stem(net.add("BatchNormalization", "x", *(net.uniform(0.5, 1, 3) for _ in range(4)))), 8, 6)


def all_variants():
    """(name, model) of each; the last quantization is qdq's unless the network has its own."""
    every = []

    def variant(name, build, *arguments, quantize=True, **more):
        net = Network(len(every) + 1)
        output = build(net, *arguments, **more)
        every.append((name, net.model(net.qdq(output, 0.01193, 110) if quantize else output)))

    modes = ["ROUND", "HALF_EVEN", "FLOOR", "CEIL", "HALF_UP", "HALF_DOWN", "UP", "DOWN", "floor"]
    for mode in modes:
        variant(f"input rounded {mode}", rounded, mode, "input", 8, 1, quantize=False)
        variant(f"unsigned input rounded {mode}", rounded, mode, "input", 4, 0, zero=3, quantize=False)
        variant(f"unsigned output rounded {mode}", rounded, mode, "output", 8, 0, zero=4, quantize=False)
        if mode not in ("HALF_DOWN", "UP", "DOWN"):
            variant(f"output rounded {mode}", rounded, mode, "output", 6, 1, quantize=False)
    variant("IntQuant", rounded, "ROUND", "output", 7, 1, op="IntQuant", quantize=False)
    for what in ("factors", "negative factors", "a batch norm", "minus a tensor", "minus a convolution", "two with factors",
                 "Sum with a constant"):
        variant(f"added: {what}", added, what)
    for how in ("Reshape", "Squeeze", "Unsqueeze", "ConstantOfShape", "float16"):
        variant(f"constants through {how}", constants, how)
    for op in ("QLinearAdd", "QLinearMul"):
        variant(op, of_codes, op, quantize=False)
    for how in ("two", "global", "flat"):
        variant(f"max-pools: {how}", pooled, how)
    variant("max-pool as output", pooled, "global", quantize=False)
    for how in ("Neg", "BatchNormalization"):
        variant(f"in front: {how}", prepared, how)
    return every


def refused_variants():
    """(name, model, what the refusal says)."""
    signed = Network(1)
    three = Network(2)
    a = three.stem()
    total = three.add("Sum", a, three.qdq(three.conv(a, 8, 8), 0.01, 100), three.qdq(three.conv(a, 8, 8), 0.01, 90))
    return [("signed output rounded DOWN", signed.model(rounded(signed, "DOWN", "output", 6, 1)), "by their sign"),
            ("Sum of three", three.model(three.qdq(total, 0.01, 3)), "insert a QuantizeLinear")]


def save(model, path):
    onnx.save(model, path)
    return path
