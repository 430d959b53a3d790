#!/usr/bin/env python3
"""brevitas_test.py RUN_MODEL WORK [MODEL INPUT.npy]...: every layer of a w4a4 ResNet-18 that Brevitas exports as QONNX,
teacher-forced: each tensor of the C model against double arithmetic over the C model's own tensors before it. Then the
same for the files named, and for the network as a whole Brevitas' own answers.

Needs torch, brevitas, qonnx and onnx in the Python that TETRA_BREVITAS_PYTHON names, or in the one that runs this. Exit
codes: 0 all agree, 1 they do not, 77 skipped: no packages, with a message."""

import os
import subprocess
import sys

if os.environ.get("TETRA_BREVITAS_PYTHON", sys.executable) != sys.executable:
    python = os.environ["TETRA_BREVITAS_PYTHON"]
    os.execve(python, [python] + sys.argv, dict(os.environ, TETRA_BREVITAS_PYTHON=python))
try:
    import brevitas.nn as qnn
    import numpy as np
    import onnx
    import torch
    from brevitas.export import export_qonnx
    from brevitas.quant import Int8ActPerTensorFloat, Int8WeightPerChannelFloat, Uint8ActPerTensorFloat
    from torch import nn
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

IMAGES = 4
SIDE = 64
ALLOWED = 1e-5  # share of a layer's elements that may be one code off
CHANNELS = (64, 128, 256, 512)


class Weight4(Int8WeightPerChannelFloat):
    bit_width = 4


class Act4(Uint8ActPerTensorFloat):
    bit_width = 4


class Sum4(Int8ActPerTensorFloat):
    bit_width = 4


def conv(cin, cout, kernel, stride):
    return qnn.QuantConv2d(cin, cout, kernel, stride=stride, padding=kernel // 2, bias=False, weight_quant=Weight4)


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(cin, cout, 3, stride), nn.BatchNorm2d(cout)
        self.relu1 = qnn.QuantReLU(act_quant=Act4)
        self.conv2, self.bn2 = conv(cout, cout, 3, 1), nn.BatchNorm2d(cout)
        self.short = None
        if stride != 1 or cin != cout:
            self.short = nn.Sequential(conv(cin, cout, 1, stride), nn.BatchNorm2d(cout), qnn.QuantIdentity(act_quant=Sum4))
        self.relu2 = qnn.QuantReLU(act_quant=Act4)

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        return self.relu2(y + (self.short(x) if self.short else x))


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.input = qnn.QuantIdentity(act_quant=Sum4)
        self.conv, self.bn, self.relu = conv(3, 64, 7, 2), nn.BatchNorm2d(64), qnn.QuantReLU(act_quant=Act4)
        self.pool, self.pooled = nn.MaxPool2d(3, 2, 1), qnn.QuantIdentity(act_quant=Act4)
        blocks, cin = [], 64
        for cout in CHANNELS:
            blocks += [Block(cin, cout, 1 if cout == cin else 2), Block(cout, cout, 1)]
            cin = cout
        self.blocks = nn.Sequential(*blocks)
        self.average, self.mean = nn.AdaptiveAvgPool2d(1), qnn.QuantIdentity(act_quant=Act4)
        self.dense = qnn.QuantLinear(512, 100, bias=True, weight_quant=Weight4)
        self.output = qnn.QuantIdentity(act_quant=Int8ActPerTensorFloat)

    def forward(self, x):
        x = self.pooled(self.pool(self.relu(self.bn(self.conv(self.input(x))))))
        x = self.mean(self.average(self.blocks(x)))
        return self.output(self.dense(torch.flatten(x, 1)))


def network(path):
    """Seeded and with batch-norm statistics and scales from random images; exported to `path`."""
    torch.manual_seed(1)
    model = ResNet18()
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-0.5, 0.5)
        model.train()
        for _ in range(8):
            model(torch.randn(4, 3, SIDE, SIDE))
        model.eval()
        export_qonnx(model, torch.randn(1, 3, SIDE, SIDE), path)
    return model


def read_tensors(run_model, model, x, folder):
    """What the C model makes of x: {name: (codes NHWC, zero point, scale)}."""
    os.makedirs(folder, exist_ok=True)
    x.astype(np.float32).tofile(os.path.join(folder, "x.bin"))
    run = subprocess.run([run_model, model, os.path.join(folder, "x.bin"), folder, "--fast"], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"run_model: {run.stderr}")
    tensors = {}
    for line in run.stdout.splitlines()[1:-1]:
        index, _, h, w, c, _, zero, scale, name = line.split(" ", 8)
        codes = np.fromfile(os.path.join(folder, f"{index}.bin"), np.int16).reshape(-1, int(h), int(w), int(c))
        tensors[name] = codes, int(zero), float(scale)
    return tensors


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def per_channel(a, like, axis):
    return a.reshape([-1 if k == axis else 1 for k in range(like.ndim)]) if a.size > 1 and a.ndim == 1 else a


def evaluate(node, v):
    """One node in double precision; v are its operands."""
    a, op = attributes(node), node.op_type
    pads, strides = a.get("pads", [0, 0, 0, 0]), a.get("strides", [1, 1])
    if op == "Quant":
        x, scale, zero, bits = v
        low, high = (-(2 ** (bits - 1)) + a["narrow"], 2 ** (bits - 1) - 1) if a["signed"] else (0, 2**bits - 1 - a["narrow"])
        return (np.clip(np.rint(x / scale) + zero, low, high) - zero) * scale
    if op == "QuantizeLinear":
        limits = np.iinfo(node_types[node.input[2]])
        x = np.rint(v[0] / per_channel(v[1], v[0], a.get("axis", 1))) + per_channel(v[2], v[0], a.get("axis", 1))
        return np.clip(x, limits.min, limits.max)
    if op == "DequantizeLinear":
        axis = a.get("axis", 1)
        return (v[0] - (per_channel(v[2], v[0], axis) if len(v) > 2 else 0)) * per_channel(v[1], v[0], axis)
    if op == "Conv":
        x = nn.functional.pad(torch.from_numpy(v[0]), (pads[1], pads[3], pads[0], pads[2]))
        bias = torch.from_numpy(v[2]) if len(v) > 2 else None
        return nn.functional.conv2d(x, torch.from_numpy(v[1]), bias, tuple(strides)).numpy()
    if op == "BatchNormalization":
        gamma, beta, mean, var = (p.reshape(1, -1, 1, 1) for p in v[1:])
        return (v[0] - mean) / np.sqrt(var + a.get("epsilon", 1e-5)) * gamma + beta
    if op == "MaxPool":
        kernel = a["kernel_shape"]
        return nn.functional.max_pool2d(torch.from_numpy(v[0]), kernel, strides, pads[0]).numpy()
    if op in ("GlobalAveragePool", "ReduceMean"):
        return v[0].mean((2, 3), keepdims=True)
    if op == "Gemm":
        return v[0] @ (v[1].T if a.get("transB") else v[1]) + (v[2] if len(v) > 2 else 0)
    simple = {"Relu": lambda x: np.maximum(x, 0), "Add": np.add, "Mul": np.multiply, "Div": np.divide, "MatMul": np.matmul,
              "Identity": lambda x: x, "Flatten": lambda x: x.reshape(len(x), -1), "Transpose": lambda x: x.T,
              "Reshape": lambda x, shape: x.reshape([len(x)] + [int(d) for d in shape[1:]])}
    if op not in simple:
        sys.exit(f"no {op} in this script's arithmetic")
    return simple[op](*v)


node_types = {}


def teacher_forced(run_model, path, x, folder):
    """Compares every tensor that both have; 1 where a layer differs in more than ALLOWED."""
    model = onnx.load(path)
    ours = read_tensors(run_model, path, x, folder)
    values = {model.graph.input[0].name: x.astype(np.float64)}
    for t in model.graph.initializer:
        array = onnx.numpy_helper.to_array(t)
        node_types[t.name] = array.dtype
        values[t.name] = array.astype(np.float64)
    failed, layers, elements, all_differing = 0, 0, 0, 0
    for node in model.graph.node:
        if node.op_type == "Constant":
            values[node.output[0]] = onnx.numpy_helper.to_array(attributes(node)["value"]).astype(np.float64)
            continue
        name = node.output[0]
        values[name] = evaluate(node, [values[i] for i in node.input if i])
        if name not in ours:
            continue
        codes, zero, scale = ours[name]
        got = codes.transpose(0, 3, 1, 2).astype(np.float64)
        got = (got if node.op_type == "QuantizeLinear" else (got - zero) * scale).reshape(values[name].shape)
        step = 1 if node.op_type == "QuantizeLinear" else scale
        differing = np.abs(got - values[name]) > step / 2
        layers, elements, all_differing = layers + 1, elements + got.size, all_differing + differing.sum()
        # Of a small layer's elements none may differ; the sum over all layers counts, too.
        if differing.sum() > ALLOWED * got.size or np.abs(got - values[name]).max() > 1.5 * step:
            failed = 1
            print(f"{os.path.basename(path)}: {name}: {differing.sum()} of {got.size} differ")
        values[name] = got
    if not layers or all_differing > ALLOWED * elements:
        failed = 1
    print(f"{os.path.basename(path)}: {layers} tensors, {all_differing} of {elements} elements differ from double arithmetic")
    return failed, ours, values[model.graph.output[0].name]


def main():
    run_model, work = sys.argv[1:3]
    os.makedirs(work, exist_ok=True)
    path = os.path.join(work, "resnet18_w4a4.onnx")
    model = network(path)
    x = np.random.default_rng(2).standard_normal((IMAGES, 3, SIDE, SIDE)).astype(np.float32)
    failed, _, logits = teacher_forced(run_model, path, x, os.path.join(work, "out"))
    with torch.no_grad():
        brevitas = model(torch.from_numpy(x)).numpy()
    step = np.abs(np.diff(np.unique(logits))).min()
    print(f"as Brevitas itself: top-1 {np.sum(logits.argmax(1) == brevitas.argmax(1))} of {IMAGES}, "
          f"{np.sum(np.abs(logits - brevitas) > step / 2)} of {logits.size} logits differ")
    for file, data in zip(sys.argv[3::2], sys.argv[4::2]):
        if not os.path.exists(file):
            print(f"no {file}")
            continue
        x = np.load(data) if os.path.exists(data) else random_input(file)
        failed |= teacher_forced(run_model, file, x, os.path.join(work, "out"))[0]
    return failed


def random_input(path):
    """For a model without data of its own: IMAGES images of normal numbers."""
    dims = onnx.load(path).graph.input[0].type.tensor_type.shape.dim
    return np.random.default_rng(3).standard_normal((64, *[d.dim_value for d in dims[1:]])).astype(np.float32)


sys.exit(main())
