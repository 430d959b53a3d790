"""What the makers of models share: the images, a ResNet-18 with sane statistics, and the list of what was made.

A maker is a script make_NAME.py FOLDER [WORD]...: it writes quantized models with the answers of their own runtime into
FOLDER, and FOLDER/NAME.json says what they are. With words, only settings that contain one of them are made."""

import json
import os
import sys
import traceback

import numpy as np

IMAGES, CALIBRATION, SIDE, CLASSES = 16, 32, 64, 100


def images(count, seed):
    """Seeded smooth pictures with some noise, float32 NCHW, about normal: what a normalised photograph is like."""
    rng = np.random.default_rng(seed)
    coarse = rng.standard_normal((count, 3, 9, 9))
    at = np.linspace(0, 8, SIDE, endpoint=False)
    low, part = at.astype(int), (at % 1)[:, None]
    rows = coarse[:, :, low] * (1 - part) + coarse[:, :, low + 1] * part
    smooth = rows[..., low] * (1 - part[:, 0]) + rows[..., low + 1] * part[:, 0]
    return (1.2 * smooth + 0.3 * rng.standard_normal(smooth.shape)).astype(np.float32)


def pictures():
    """One of each class."""
    return images(CLASSES, 2)


def test_images():
    return pictures()[:IMAGES]


def calibration_images():
    return images(CALIBRATION, 3)


def settle(model):
    """What random weights lack to be like trained ones: batch norms with statistics of the images and parameters around one
    and zero, and a last layer that tells the classes' pictures apart."""
    import torch
    from torch import nn
    features = []
    dense = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    watch = dense.register_forward_pre_hook(lambda module, inputs: features.append(getattr(inputs[0], "value", inputs[0])))
    with torch.no_grad():
        for norm in [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]:
            norm.weight.uniform_(0.5, 1.5)
            norm.bias.uniform_(-0.5, 0.5)
            norm.momentum = None
            norm.reset_running_stats()
        model.train()
        model(torch.from_numpy(images(32, 4)))
        model.eval()
        model(torch.from_numpy(pictures()))
        mean = features[-1].mean(0)
        rows = features[-1] - mean
        dense.weight.copy_(rows / rows.square().sum(1, keepdim=True))  # 1 for the class's own picture
        dense.bias.copy_(-dense.weight @ mean)
    watch.remove()
    return model


def resnet18():
    """torchvision's ResNet-18, float."""
    import torch
    import torchvision
    torch.manual_seed(1)
    return settle(torchvision.models.resnet18(num_classes=CLASSES))


def run_onnxruntime(path, x):
    """onnxruntime's answers, each node by its own definition: without the optimizations that merge nodes."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name, shape = session.get_inputs()[0].name, session.get_inputs()[0].shape
    step = shape[0] if isinstance(shape[0], int) else len(x)
    parts = [session.run(None, {name: x[i:i + step]})[0] for i in range(0, len(x), step)]
    return np.concatenate(parts).reshape(len(x), -1)


def in_double(path):
    import double
    return double.answers(path, test_images())


class Made:
    """The list of a maker's models."""

    def __init__(self, name):
        self.name, self.folder, self.words = name, sys.argv[1], sys.argv[2:]
        self.models = []
        os.makedirs(self.folder, exist_ok=True)
        self.input = self.path("images", ".npy")
        np.save(self.input, test_images())

    def path(self, setting, suffix=".onnx"):
        return os.path.join(self.folder, self.name + "_" + setting.replace(" ", "_").replace("/", "_") + suffix)

    def add(self, setting, make, suffix=".onnx", **facts):
        """make(path) writes a model and returns its runtime's answers, [images][classes], or a pair of these and of what the
        runtime gives in float64. An exporter that fails is a line of the table, not the end of the others. `facts` may hold
        refused: what the refusal must say, where this kind of file is not for the accelerator;
        top1:    the share of images that must have the same class first, where it is not the table's;
        double:  the share of logits that must be those of double arithmetic, where it is not the table's;
        equal:   the share of logits that must be the runtime's: 1 where its arithmetic is exact;
        float64: the share that must be the runtime's in float64, and then all images' classes are its;
        input:   the images, where they are not the float32 NCHW ones;
        options: more of ./sim's."""
        if self.words and not any(w in setting for w in self.words):
            return
        path = self.path(setting, suffix)
        entry = dict(setting=setting, file=path, **{"input": self.input, **facts})
        try:
            answers = make(path)
            answers, float64 = answers if isinstance(answers, tuple) else (answers, None)
            exact = in_double(path) if suffix == ".onnx" and "refused" not in facts else None
            for key, values in (("answers", answers), ("float64_answers", float64), ("exact", exact)):
                if values is not None:
                    entry[key] = f"{path}.{key}.npy"
                    np.save(entry[key], values.astype(np.float32))
        except Exception as error:  # whatever another tool raises
            traceback.print_exc()
            entry["failed"] = f"{type(error).__name__}: {error}".split("\n")[0][:120]
        self.models.append(entry)
        with open(os.path.join(self.folder, self.name + ".json"), "w") as file:
            json.dump(self.models, file, indent=1)
