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
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "scripts", "exporters"))
try:
    import numpy as np
    import common
    import double
    import make_brevitas
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

IMAGES = 4
ALLOWED = 1e-5  # share of a layer's elements that may be one code off
ALLOWED_LOGITS = 1e-3  # share of the logits that may differ from Brevitas' own


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


class Comparison:
    """Puts our tensors in the place of those that double arithmetic gives, and counts what differs."""

    def __init__(self, name, ours):
        self.name, self.ours, self.failed = name, ours, 0
        self.layers = self.elements = self.differing = 0

    def __call__(self, node, value):
        name, is_codes = node.output[0], node.op_type == "QuantizeLinear"
        if name not in self.ours:
            return value
        codes, zero, scale = self.ours[name]
        got = codes.transpose(0, 3, 1, 2).astype(np.float64)
        got = (got if is_codes else (got - zero) * scale).reshape(value.shape)
        step = 1 if is_codes else scale
        differing = np.sum(np.abs(got - value) > step / 2)
        self.layers, self.elements, self.differing = self.layers + 1, self.elements + got.size, self.differing + differing
        # Of a small layer's elements none may differ; the sum over all layers counts, too.
        if differing > ALLOWED * got.size or np.abs(got - value).max() > 1.5 * step:
            self.failed = 1
            print(f"{self.name}: {name}: {differing} of {got.size} differ")
        return got

    def result(self):
        print(f"{self.name}: {self.layers} tensors, {self.differing} of {self.elements} elements differ from double arithmetic")
        return int(self.failed or not self.layers or self.differing > ALLOWED * self.elements)


def teacher_forced(run_model, path, x, folder):
    """(1 where a layer differs in more than ALLOWED, the network's output)."""
    compare = Comparison(os.path.basename(path), read_tensors(run_model, path, x, folder))
    output = double.Network(path).run(x, compare)
    return compare.result(), output


def as_brevitas(model, logits):
    """1 where the first class of an image is not Brevitas' in float64, or more than ALLOWED_LOGITS differ. In float32 it
    rounds as it happens to add, which is printed."""
    failed, step = 0, np.abs(np.diff(np.unique(logits))).min()
    for name, brevitas in zip(("float32", "double"), make_brevitas.answers(model, IMAGES)):
        top = np.sum(logits.argmax(1) == brevitas.argmax(1))
        differing = np.sum(np.abs(logits - brevitas) > step / 2)
        print(f"as Brevitas in {name}: top-1 {top} of {IMAGES}, {differing} of {logits.size} logits differ")
        failed = int(top != IMAGES or differing > ALLOWED_LOGITS * logits.size)
    return failed  # of the last one, float64


def random_input(path):
    """For a model without data of its own: 64 images of normal numbers."""
    dims = double.Network(path).shape
    return np.random.default_rng(3).standard_normal((64, *dims[1:])).astype(np.float32)


def main():
    run_model, work = sys.argv[1:3]
    os.makedirs(work, exist_ok=True)
    path = os.path.join(work, "resnet18_w4a4.onnx")
    model = make_brevitas.network(4, 4)
    error = make_brevitas.export("QONNX", model, path)
    if error:
        sys.exit(f"Brevitas' export: {error}")
    failed, logits = teacher_forced(run_model, path, common.test_images()[:IMAGES], os.path.join(work, "out"))
    failed |= as_brevitas(model, logits)
    for file, data in zip(sys.argv[3::2], sys.argv[4::2]):
        if not os.path.exists(file):
            print(f"no {file}")
            continue
        x = np.load(data) if os.path.exists(data) else random_input(file)
        failed |= teacher_forced(run_model, file, x, os.path.join(work, "out"))[0]
    return failed


if __name__ == "__main__":
    sys.exit(main())
