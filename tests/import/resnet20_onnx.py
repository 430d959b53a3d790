"""A float ONNX model of CIFAR-10's ResNet-20 from trained weights, with the shortcuts that have no weights: every other
pixel, and zero channels on both sides."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def normalized(images):
    """uint8 NHWC -> float32 NCHW as the weights were trained for."""
    x = (images.astype(np.float32) / np.float32(255) - MEAN) / STD
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2))


class Builder:
    def __init__(self, weights):
        self.weights, self.nodes, self.initializers = weights, [], []

    def const(self, name, value):
        self.initializers.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, op, inputs, name, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name + "_out"], name=name, **attributes))
        return name + "_out"

    def weight(self, name):
        return self.const(name, self.weights[name].astype(np.float32))

    def conv_bn(self, x, prefix, index, stride):
        conv, bn = f"{prefix}conv{index}", f"{prefix}bn{index}"
        x = self.node("Conv", [x, self.weight(conv + ".weight")], conv, kernel_shape=[3, 3], pads=[1, 1, 1, 1],
                      strides=[stride, stride])
        parts = [self.weight(f"{bn}.{p}") for p in ("weight", "bias", "running_mean", "running_var")]
        return self.node("BatchNormalization", [x] + parts, bn, epsilon=1e-5)

    def shortcut(self, x, prefix, channels):
        starts, ends = self.const(prefix + "starts", np.int64([0, 0])), self.const(prefix + "ends", np.int64([2**31 - 1] * 2))
        axes, steps = self.const(prefix + "axes", np.int64([2, 3])), self.const(prefix + "steps", np.int64([2, 2]))
        x = self.node("Slice", [x, starts, ends, axes, steps], prefix + "slice")
        side = channels // 4
        pads = self.const(prefix + "pads", np.int64([0, side, 0, 0, 0, side, 0, 0]))
        return self.node("Pad", [x, pads], prefix + "pad")


def float_model(weights, batch="n"):
    """batch: a number, or a name for any number."""
    b = Builder(weights)
    x = b.node("Relu", [b.conv_bn("image", "", 1, 1)], "relu")
    for stage, channels in enumerate((16, 32, 64), 1):
        for block in range(3):
            prefix = f"layer{stage}.{block}."
            stride = 2 if block == 0 and stage > 1 else 1
            y = b.node("Relu", [b.conv_bn(x, prefix, 1, stride)], prefix + "relu1")
            y = b.conv_bn(y, prefix, 2, 1)
            if stride == 2:
                x = b.shortcut(x, prefix, channels)
            x = b.node("Relu", [b.node("Add", [y, x], prefix + "add")], prefix + "relu2")
    x = b.node("Flatten", [b.node("GlobalAveragePool", [x], "avgpool")], "flatten")
    b.node("Gemm", [x, b.weight("linear.weight"), b.weight("linear.bias")], "linear", transB=1)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, 3, 32, 32])
    logits = helper.make_tensor_value_info("linear_out", TensorProto.FLOAT, [batch, 10])
    graph = helper.make_graph(b.nodes, "resnet20", [image], [logits], b.initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
