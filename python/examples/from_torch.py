#!/usr/bin/env python3
"""from_torch.py [FOLDER]: from a PyTorch network to cycles by layer. Exports a small residual network (yours goes in its place) to ONNX,
quantizes it to 4-bit weights with calibration images, and runs one image on the RTL, compared layer by layer. Needs torch and onnx."""
import pathlib
import sys

import numpy as np
import torch
from torch import nn

import tetra


class Block(nn.Module):
    """Two convolutions and a shortcut."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
                                  nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return torch.relu(x + self.body(x))


def network():
    """Untrained, so that nothing has to be downloaded; batch norms have seen some images, so that they have statistics."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), Block(16), nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(), Block(32),
                          nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
    with torch.no_grad():
        model(torch.randn(64, 3, 32, 32))
    return model.eval()


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    folder.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(network(), torch.zeros(1, 3, 32, 32), str(folder / "network.onnx"), opset_version=13, input_names=["image"],
                      output_names=["logits"], dynamo=False)
    images = np.random.default_rng(1).normal(size=(32, 32, 32, 3)).astype(np.float32)  # [n][h][w][c]
    snr = tetra.quantize(folder / "network.onnx", images, folder / "network-w4a8.onnx", precision="w4a8")
    result = tetra.run(folder / "network-w4a8.onnx", image=images[:1])
    with torch.no_grad():
        wanted = network()(torch.from_numpy(images[:1].transpose(0, 3, 1, 2))).numpy()
    print(result.layers[["name", "kind", "macs", "cycles"]].to_string(index=False))
    print(f"{result.cycles} cycles, RTL = C model: {result.match}; logits' signal to noise over the calibration images {snr:.1f} dB")
    print(f"top class {int(np.argmax(result.output[0]))}, PyTorch's {int(np.argmax(wanted[0]))}")


if __name__ == "__main__":
    main()
