#!/usr/bin/env python3
"""random_buffers.py FOLDER [--count N] [--seed S]: accelerators of 4x4 with random buffers. Each is built in FOLDER from the RTL,
runs networks with every layer compared with the C model, and its cycles, layer by layer, are compared with the cycle model's for the
same buffers. A network that the compiler has no room for must be refused by both with the same words. Prints a line a
configuration; exit code 1 where one fails. A configuration takes about a minute on two idle cores."""
import argparse
import csv
import pathlib
import random
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Least and most as powers of two, of each of TETRA_...: what an array of 4x4 can have, but for sizes
# in which the networks have no room.
RANGES = {"ACT_KIB": (4, 8), "WGT_KIB": (1, 8), "RES_KIB": (0, 6), "PAR_ENTRIES": (3, 10), "ACC_PIXELS": (4, 11),
          "POOL_WORDS": (4, 12)}
NETWORKS = ["resnet18 --precision w4a4-init8-dense8 --width 0.25 --size 64", "resnet50 --precision w8a8 --width 0.125 --size 32",
            "resnet18 --precision w4a8 --width 0.125 --size 48 --batch 2 --no-fuse --dram-bytes-per-cycle 3"]


def run(*command, **more):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, **more)


def build(folder, sizes):
    """The simulator with these buffers."""
    options = [f"-DTETRA_{name}={value}" for name, value in sizes.items()]
    for command in (["cmake", "-S", ROOT, "-B", folder, "-DTETRA_ARRAYS=4", "-DTETRA_TESTS=OFF", *options],
                    ["cmake", "--build", folder, "-j", "2", "--target", "sim"]):
        r = run(*command)
        if r.returncode != 0:
            sys.exit(f"random_buffers.py: {' '.join(map(str, command))}\n{r.stdout}{r.stderr}")


def cycles(path):
    with open(path, newline="", encoding="utf-8") as f:
        return {row["name"]: int(row["cycles"]) for row in csv.DictReader(f)}


def compare(folder, network):
    """One network: None where all is equal, "refused" where both refuse, else what is wrong."""
    files = [folder / "rtl.csv", folder / "model.csv"]
    rtl = run(folder / "sim", *network.split(), "--array", 4, "--quiet", "--csv", files[0])
    model = run(folder / "sim", *network.split(), "--array", 4, "--quiet", "--model", "--csv", files[1])
    if rtl.returncode == 2 and model.returncode == 2 and rtl.stderr == model.stderr:
        return "refused: " + rtl.stderr.strip()
    if rtl.returncode != 0 or model.returncode != 0:
        return f"WRONG: exit codes {rtl.returncode} and {model.returncode}\n{rtl.stdout}{rtl.stderr}{model.stderr}"
    a, b = map(cycles, files)
    different = [f"{layer}: RTL {a[layer]}, model {b.get(layer)}" for layer in a if a[layer] != b.get(layer)]
    return "WRONG: " + "; ".join(different) if different or len(a) != len(b) else None


def main():
    p = argparse.ArgumentParser(description=__doc__.split(":")[0])
    p.add_argument("folder", type=pathlib.Path)
    p.add_argument("--count", type=int, default=30)
    p.add_argument("--seed", type=int, default=1)
    o = p.parse_args()
    rng = random.Random(o.seed)
    ran = refused = wrong = 0
    for i in range(o.count):
        sizes = {name: 1 << rng.randint(*bounds) for name, bounds in RANGES.items()}
        build(o.folder, sizes)
        answers = [compare(o.folder, network) for network in NETWORKS]
        ran += sum(a is None for a in answers)
        refused += sum(a is not None and a.startswith("refused") for a in answers)
        wrong += sum(a is not None and a.startswith("WRONG") for a in answers)
        print(f"{i + 1:3} {' '.join(f'{k}={v}' for k, v in sizes.items())}: {'; '.join(a or 'equal' for a in answers)}", flush=True)
    print(f"{o.count} configurations, {ran} runs equal in every layer, {refused} refused by both, {wrong} wrong")
    sys.exit(1 if wrong else 0)


main()
