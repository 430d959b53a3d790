"""Float ONNX models of MobileNetV2 and of ResNeXt-50 32x4d with random weights, their batch norms not yet folded."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from resnet20_onnx import Builder

CLASSES = 100


class Net(Builder):
    """Nodes are evaluated for some images as they are added, so that batch norms have the statistics of what they read:
    without them a deep network of random weights makes nearly the same of all images."""

    def __init__(self, seed, images):
        super().__init__({})
        self.random, self.values, self.side = np.random.default_rng(seed), {"image": images}, images.shape[2]

    def node(self, op, inputs, name, **attributes):
        y = super().node(op, inputs, name, **attributes)
        given = [i for i in inputs if i in self.values]
        constants = [i for i in self.initializers if i.name in inputs]
        graph = helper.make_graph([self.nodes[-1]], name,
                                  [helper.make_tensor_value_info(i, TensorProto.FLOAT, None) for i in given],
                                  [helper.make_tensor_value_info(y, TensorProto.FLOAT, None)], constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        self.values[y] = session.run(None, {i: self.values[i] for i in given})[0]
        return y

    def channels(self, x):
        return self.values[x].shape[1]

    def conv(self, x, name, cout, kernel, stride=1, groups=1):
        """With a batch norm whose factor is negative now and then."""
        r, cin = self.random, self.channels(x) // groups
        w = r.standard_normal((cout, cin, kernel, kernel)) / np.sqrt(cin * kernel * kernel)
        x = self.node("Conv", [x, self.const(name + ".weight", w.astype(np.float32))], name, kernel_shape=[kernel] * 2,
                      pads=[kernel // 2] * 4, strides=[stride] * 2, group=groups)
        plane = self.values[x].astype(np.float64)
        factors = {"gamma": r.uniform(0.5, 1.5, cout) * r.choice([1, 1, 1, -1], cout), "beta": r.uniform(1, 3, cout),
                   "mean": plane.mean((0, 2, 3)), "var": plane.var((0, 2, 3))}
        parts = [self.const(f"{name}.{n}", v.astype(np.float32)) for n, v in factors.items()]
        return self.node("BatchNormalization", [x] + parts, name + ".bn", epsilon=1e-5)

    def relu6(self, x, name):
        return self.node("Clip", [x, "zero", "six"], name)

    def model(self, x):
        """The dense layer's bias takes away what the logits of all images have in common, so that classes differ."""
        x = self.node("Flatten", [self.node("GlobalAveragePool", [x], "average")], "flatten")
        w = self.random.standard_normal((CLASSES, self.channels(x))).astype(np.float32)
        bias = -(self.values[x] @ w.T).mean(0)
        self.node("Gemm", [x, self.const("dense.weight", w), self.const("dense.bias", bias)], "logits", transB=1)
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, self.side, self.side])
        logits = helper.make_tensor_value_info("logits_out", TensorProto.FLOAT, ["n", CLASSES])
        graph = helper.make_graph(self.nodes, "groups", [image], [logits], self.initializers)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def mobilenet_v2(images):
    n = Net(1, images)
    n.const("zero", np.float32(0))
    n.const("six", np.float32(6))
    x = n.relu6(n.conv("image", "stem", 32, 3, 2), "stem.relu")
    blocks = [(t, c, s if i == 0 else 1) for t, c, repeats, s in
              ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
              for i in range(repeats)]
    for i, (expand, cout, stride) in enumerate(blocks):
        y, wide = x, n.channels(x) * expand
        if expand > 1:
            y = n.relu6(n.conv(y, f"b{i}.expand", wide, 1), f"b{i}.relu1")
        y = n.relu6(n.conv(y, f"b{i}.depthwise", wide, 3, stride, wide), f"b{i}.relu2")
        y = n.conv(y, f"b{i}.project", cout, 1)
        x = n.node("Add", [x, y], f"b{i}.add") if stride == 1 and n.channels(x) == cout else y
    return n.model(n.relu6(n.conv(x, "last", 1280, 1), "last.relu"))


def resnext50_32x4d(images):
    n = Net(2, images)
    x = n.node("Relu", [n.conv("image", "stem", 64, 7, 2)], "stem.relu")
    x = n.node("MaxPool", [x], "pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    for stage, (width, blocks) in enumerate(((128, 3), (256, 4), (512, 6), (1024, 3))):
        for block in range(blocks):
            name, stride = f"s{stage}.{block}", 2 if stage and block == 0 else 1
            y = n.node("Relu", [n.conv(x, name + ".1", width, 1)], name + ".relu1")
            y = n.node("Relu", [n.conv(y, name + ".2", width, 3, stride, 32)], name + ".relu2")
            y = n.conv(y, name + ".3", 2 * width, 1)
            x = n.conv(x, name + ".short", 2 * width, 1, stride) if block == 0 else x
            x = n.node("Relu", [n.node("Add", [y, x], name + ".add")], name + ".relu3")
    return n.model(x)
