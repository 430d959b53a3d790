#!/usr/bin/env python3
"""The tables of docs/quantization.md: every method at every precision, over calibration sets, on sets of images.

Each network is written by `sim quantize`, and run by `sim --backend fast`. A set is NAME=IMAGES.npy,LABELS.npy,LOGITS.npy:
uint8 images, their classes, and what the float network makes of them, [n][classes], from any framework. Printed are the
accuracy, how many images keep the float network's class, and the Kullback-Leibler divergence of the softmax from its
softmax: mean and, in brackets, least and most over the calibration sets. What is in --cache is not made again.

    scripts/studies/quantization_table.py model.onnx --calibrate c0.npy c1.npy c2.npy --mean .485,.456,.406 --std .229,.224,.225 \\
        --set test=test.npy,labels.npy,logits.npy --cache table.json
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

METHODS = "max squant gptq gpfq cd adaround best".split()
PRECISIONS = "w4a4 w4a4-init8-dense8 w8a8".split()


def log_softmax(x):
    x = x - x.max(1, keepdims=True)
    return x - np.log(np.exp(x).sum(1, keepdims=True))


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")


def judge(a, network, folder):
    """Accuracy, agreement and divergence on every set."""
    found = {}
    for name, (images, labels, logits) in a.sets.items():
        out = os.path.join(folder, "out.npy")
        run([a.sim, network, "--input", images, "--backend", "fast", "--limit", str(len(labels)), "--output", out]
            + a.pixels)
        got = np.load(out).reshape(len(labels), -1).astype(np.float64)
        want, own = log_softmax(logits), log_softmax(got)
        found[name] = [100 * float((got.argmax(1) == labels).mean()),
                       100 * float((got.argmax(1) == logits.argmax(1)).mean()),
                       float((np.exp(want) * (want - own)).sum(1).mean())]
    return found


def quantize(a, precision, method, images, folder):
    network = os.path.join(folder, "q.onnx")
    how = ["--data-free"] if images is None else ["--calibrate", images, "--limit", "1000000"]
    run([a.sim, "quantize", a.model, "--precision", precision, "--method", method, "-o", network] + how + a.pixels)
    return network


def measure(a, key, precision, method, images):
    if key not in a.known:
        with tempfile.TemporaryDirectory() as folder:
            a.known[key] = judge(a, quantize(a, precision, method, images, folder), folder)
        if a.cache:
            with open(a.cache, "w", encoding="utf-8") as f:
                json.dump(a.known, f, indent=1)
    return a.known[key]


def text(values, digits):
    mean = f"{np.mean(values):.{digits}f}"
    if len(values) == 1:
        return mean
    return f"{mean} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def table(a, precision):
    print(f"\n| {precision} |" + "".join(f" {s} % | same class % | KL |" for s in a.sets))
    print("|---|" + "---|" * 3 * len(a.sets))
    free = [m for m in ("max", "squant") if a.data_free and m in a.methods]
    for method, sets in [(m, [None]) for m in free] + [(m, a.calibrate) for m in a.methods]:
        got = [measure(a, f"{precision} {method} {c}", precision, method, c) for c in sets]
        cells = [text([g[s][i] for g in got], (1, 1, 3)[i]) for s in a.sets for i in range(3)]
        print(f"| `{method}{' --data-free' if sets == [None] else ''}` | " + " | ".join(cells) + " |", flush=True)


def read_set(argument, limit):
    name, _, files = argument.partition("=")
    images, labels, logits = files.split(",")
    n = min(limit, len(np.load(labels)))
    return name, (images, np.load(labels)[:n], np.load(logits)[:n].astype(np.float64))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model")
    p.add_argument("--sim", default="./sim")
    p.add_argument("--calibrate", nargs="+", required=True)
    p.add_argument("--set", action="append", required=True, dest="set_texts")
    p.add_argument("--limit", type=int, default=1 << 30, help="images of a set")
    p.add_argument("--methods", nargs="+", default=METHODS)
    p.add_argument("--precisions", nargs="+", default=PRECISIONS)
    p.add_argument("--no-data-free", action="store_false", dest="data_free")
    p.add_argument("--mean")
    p.add_argument("--std")
    p.add_argument("--cache")
    a = p.parse_args()
    a.sets = dict(read_set(s, a.limit) for s in a.set_texts)
    a.pixels = (["--mean", a.mean] if a.mean else []) + (["--std", a.std] if a.std else [])
    a.known = json.load(open(a.cache, encoding="utf-8")) if a.cache and os.path.exists(a.cache) else {}
    print("Float: " + ", ".join(f"{s} {100 * (z.argmax(1) == y).mean():.1f} %" for s, (_, y, z) in a.sets.items()))
    for precision in a.precisions:
        table(a, precision)


if __name__ == "__main__":
    main()
