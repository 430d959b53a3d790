#!/usr/bin/env python3
"""bench_models.py FOLDER: writes what scripts/bench.sh measures inference with: resnet50.onnx and resnet20.onnx, int8 QDQ
networks with seeded weights (untrained: only speed matters), and images.npy and small.npy for them. Needs numpy and onnx."""

import os
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

IMAGES = {"images": (40, 224), "small": (4000, 32)}


class Network:
    """Nodes in QDQ form: every tensor passes through QuantizeLinear and DequantizeLinear, a ReLU ahead of u8 codes."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.initializers, self.count = [], [], 0

    def const(self, value):
        self.count += 1
        name = f"c{self.count}"
        self.initializers.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, op, inputs, **attributes):
        self.count += 1
        name = f"{op.lower()}{self.count}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def quantized(self, x, kind, scale):
        """x rounded to codes: `kind` is np.uint8 or np.int8."""
        parameters = [self.const(np.float32(scale)), self.const(kind(0))]
        return self.node("DequantizeLinear", [self.node("QuantizeLinear", [x] + parameters)] + parameters)

    def weights(self, shape, in_scale, gain):
        """Codes of both signs up to 127 and a bias; a channel's real weights have the variance gain / fan-in."""
        fan_in = int(np.prod(shape[1:]))
        codes = np.clip(np.rint(self.random.normal(0, 36, shape)), -127, 127).astype(np.int8)
        scale = np.full(shape[0], np.sqrt(gain / fan_in) / 36, np.float32)
        w = self.node("DequantizeLinear", [self.const(codes), self.const(scale), self.const(np.zeros(shape[0], np.int8))],
                      axis=0)
        bias_scale = (np.float32(in_scale) * scale).astype(np.float32)
        bias = np.rint(self.random.normal(0, 0.1, shape[0]) / bias_scale).astype(np.int32)
        b = self.node("DequantizeLinear", [self.const(bias), self.const(bias_scale),
                                           self.const(np.zeros(shape[0], np.int32))], axis=0)
        return [w, b]

    def conv(self, x, cin, cout, k, stride, in_scale, gain=2.0):
        return self.node("Conv", [x] + self.weights((cout, cin, k, k), in_scale, gain), kernel_shape=[k, k],
                         strides=[stride, stride], pads=[k // 2] * 4)

    def relu(self, x, scale):
        return self.quantized(self.node("Relu", [x]), np.uint8, scale)

    def save(self, path, size, y, classes):
        x = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, size, size])
        out = helper.make_tensor_value_info(y, TensorProto.FLOAT, ["n", classes])
        graph = helper.make_graph(self.nodes, "bench", [x], [out], self.initializers)
        save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)


S = 6 / 255  # one scale for all activations: they are of the order of 1 by construction


def head(net, cin, size, classes, x, path):
    x = net.quantized(net.node("GlobalAveragePool", [x]), np.uint8, S / 4)
    x = net.node("Flatten", [x])
    w, b = net.weights((classes, cin), S / 4, 1.0)
    net.save(path, size, net.quantized(net.node("Gemm", [x, w, b], transB=1), np.int8, 8 / 127), classes)


def resnet50(path):
    net = Network(50)
    x = net.quantized("image", np.int8, 2.7 / 127)
    x = net.relu(net.conv(x, 3, 64, 7, 2, 2.7 / 127), S)
    x = net.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    x, cin = net.quantized(x, np.uint8, S), 64
    for stage, blocks in enumerate([3, 4, 6, 3]):
        mid = 64 << stage
        for block in range(blocks):
            stride = 2 if block == 0 and stage > 0 else 1
            shortcut = x
            if block == 0:
                shortcut = net.quantized(net.conv(x, cin, 4 * mid, 1, stride, S, 1.0), np.int8, 6 / 127)
            y = net.relu(net.conv(x, cin, mid, 1, 1, S), S)
            y = net.relu(net.conv(y, mid, mid, 3, stride, S), S)
            y = net.quantized(net.conv(y, mid, 4 * mid, 1, 1, S, 0.2), np.int8, 6 / 127)
            x, cin = net.relu(net.node("Add", [y, shortcut]), S), 4 * mid
    head(net, cin, 224, 1000, x, path)


def resnet20(path):
    net = Network(20)
    x = net.quantized("image", np.int8, 2.7 / 127)
    x, cin = net.relu(net.conv(x, 3, 16, 3, 1, 2.7 / 127), S), 16
    for stage in range(3):
        mid = 16 << stage
        for block in range(3):
            stride = 2 if block == 0 and stage > 0 else 1
            shortcut = x
            if cin != mid:
                shortcut = net.quantized(net.conv(x, cin, mid, 1, stride, S, 1.0), np.int8, 6 / 127)
            y = net.relu(net.conv(x, cin, mid, 3, stride, S), S)
            y = net.quantized(net.conv(y, mid, mid, 3, 1, S, 0.2), np.int8, 6 / 127)
            x, cin = net.relu(net.node("Add", [y, shortcut]), S), mid
    head(net, cin, 32, 10, x, path)


def main():
    folder = sys.argv[1]
    resnet50(os.path.join(folder, "resnet50.onnx"))
    resnet20(os.path.join(folder, "resnet20.onnx"))
    for name, (count, size) in IMAGES.items():
        pixels = np.random.default_rng(size).normal(0, 1, (count, 3, size, size)).astype(np.float32)
        np.save(os.path.join(folder, name + ".npy"), pixels)


main()
