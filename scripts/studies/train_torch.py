#!/usr/bin/env python3
"""train_torch.py --data X.npy --labels Y.npy --test X.npy --test-labels Y.npy [options]: trains the float network of
`./sim train --net resnetN --shortcut b` with PyTorch and the same recipe, to compare accuracy and images/s. PyTorch is no part of
Tetra: this runs in a virtual environment that has torch, numpy and pillow."""
import argparse
import io
import math
import time

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def read_images(path):
    """uint8 [n][h][w][3], or the bytes of JPEG files with their offsets beside them."""
    array = numpy.load(path)
    if array.ndim == 4:
        return array
    offsets = numpy.load(path[:-4] + "_offsets.npy")
    data = array.tobytes()
    return numpy.stack([numpy.asarray(Image.open(io.BytesIO(data[a:b])).convert("RGB")) for a, b in zip(offsets, offsets[1:])])


class Block(nn.Module):
    """A basic block; a 1x1 convolution where the shape changes."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        self.shortcut = nn.Identity()
        if stride != 1 or cin != cout:
            self.shortcut = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


def make_network(depth, width, classes):
    """The same network with the same random distributions."""
    layers = [nn.Conv2d(3, int(16 * width), 3, 1, 1, bias=False), nn.BatchNorm2d(int(16 * width)), nn.ReLU()]
    cin = int(16 * width)
    for stage in range(3):
        cout = int(16 * width * 2**stage)
        for index in range((depth - 2) // 6):
            layers.append(Block(cin, cout, 2 if stage and not index else 1))
            cin = cout
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(cin, classes))
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.normal_(module.weight, 0, math.sqrt(2 / module.weight[0].numel()))
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0, math.sqrt(1 / module.in_features))
            nn.init.zeros_(module.bias)
    return network.to(memory_format=torch.channels_last)


def rate_at(step, base, warmup, cooldown, total):
    """The paper's schedule (docs/training.md)."""
    r = min(max((step - warmup) / (total - warmup - cooldown), 0), 1)
    return base * (0.999 * (1 + math.cos(math.pi * r)) / 2 + 0.001) * min(1, step / warmup) * min(1, (total - step) / cooldown)


def cut(images, generator):
    """Each image up to 4 pixels beside its place, black beyond the edge, every second one turned round."""
    n, h, w, _ = images.shape
    padded = numpy.pad(images, ((0, 0), (4, 4), (4, 4), (0, 0)))
    out = numpy.empty_like(images)
    for i in range(n):
        y, x, flip = generator.integers(9), generator.integers(9), generator.integers(2)
        crop = padded[i, y : y + h, x : x + w]
        out[i] = crop[:, ::-1] if flip else crop
    return out


def normalized(images):
    x = (torch.from_numpy(images).float() / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    return x.permute(0, 3, 1, 2)  # of channels-last memory


def accuracy(network, images, labels):
    network.eval()
    right = 0
    with torch.no_grad():
        for i in range(0, len(images), 500):
            right += int((network(normalized(images[i : i + 500])).argmax(1) == labels[i : i + 500]).sum())
    network.train()
    return right / len(images)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "labels", "test", "test-labels"):
        parser.add_argument("--" + name, required=True)
    for name, kind, default in (("depth", int, 20), ("width", float, 1), ("epochs", int, 100), ("batch", int, 128), ("rate", float, 0.05),
                                ("seed", int, 1), ("limit", int, 0), ("threads", int, 2)):
        parser.add_argument("--" + name, type=kind, default=default)
    o = parser.parse_args()
    torch.manual_seed(o.seed)
    torch.set_num_threads(o.threads)
    generator = numpy.random.default_rng(o.seed)
    images, labels = read_images(o.data), torch.from_numpy(numpy.load(o.labels).astype(numpy.int64))
    test, test_labels = read_images(o.test), torch.from_numpy(numpy.load(o.test_labels).astype(numpy.int64))
    if o.limit:
        images, labels = images[: o.limit], labels[: o.limit]
    network = make_network(o.depth, o.width, int(labels.max()) + 1)
    kernels = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    optimizer = torch.optim.SGD([{"params": kernels, "weight_decay": 1e-4}, {"params": others}], o.rate, 0.9, nesterov=True)
    steps = len(images) // o.batch
    total = steps * o.epochs
    for epoch in range(o.epochs):
        order, start, loss_sum, right = generator.permutation(len(images)), time.time(), 0.0, 0
        cpu = time.process_time()
        for step in range(steps):
            batch = order[step * o.batch : (step + 1) * o.batch]
            rate = rate_at(epoch * steps + step, o.rate, total / 50, total / 5, total)
            for group in optimizer.param_groups:
                group["lr"] = rate
            logits = network(normalized(cut(images[batch], generator)))
            loss = functional.cross_entropy(logits, labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += float(loss.detach())
            right += int((logits.argmax(1) == labels[batch]).sum())
        speed = steps * o.batch / (time.time() - start)
        per_cpu = steps * o.batch / (time.process_time() - cpu)
        print(f"epoch {epoch + 1:3d}  loss {loss_sum / steps:.4f}  {100 * right / (steps * o.batch):6.2f} %  "
              f"test {100 * accuracy(network, test, test_labels):6.2f} %  rate {rate:.5f}  {speed:.0f} images/s  "
              f"{per_cpu:.0f} per processor second", flush=True)


if __name__ == "__main__":
    main()
