#!/usr/bin/env python3
"""ranks_test.py SIM MPIRUN: two and three processes train as one with the same global batch, up to rounding; what is wrong with one of
them is said once. Exit code 77 where SIM was built without MPI."""
import json
import math
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

if len(sys.argv) < 3:
    print("built without MPI: skipped")
    sys.exit(77)
sim, mpirun = sys.argv[1:3]
ENV = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
IMAGES = 48


def check(good, *what):
    if not good:
        sys.exit(f"FAILED: {' '.join(map(str, what))}")


def write_npy(path, shape, data):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    path.write_bytes(b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + data)


def run(ranks, folder, *more):
    """What `sim train` on that many ranks says, and the losses and accuracies of its epochs."""
    document = folder / "out.json"
    launch = [mpirun, "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
    command = [*launch, sim, "train", "--net", "resnet8", "--width", "0.5", "--data", folder / "x.npy", "--labels", folder / "y.npy", "--test",
               folder / "x.npy", "--test-labels", folder / "y.npy", "--batch", "16", "--rate", "0.05", "--epochs", "3", "--threads", "1", "-o",
               folder / "o.onnx", "--json", document, *more]
    p = subprocess.run([str(c) for c in command], env=ENV, capture_output=True, text=True, check=False, timeout=300)
    return p, json.loads(document.read_text(encoding="utf-8"))["epochs"] if p.returncode == 0 else []


with tempfile.TemporaryDirectory() as scratch:
    place = pathlib.Path(scratch)
    dice = random.Random(3)
    write_npy(place / "x.npy", (IMAGES, 8, 8, 3), bytes(60 * (i % 3) + dice.randrange(60) for i in range(IMAGES) for _ in range(192)))
    write_npy(place / "y.npy", (IMAGES,), bytes(i % 3 for i in range(IMAGES)))
    for method in ("float", "aqt"):
        alone, expected = run(1, place, "--method", method)
        check(alone.returncode == 0 and len(expected) == 3, alone.stdout, alone.stderr)
        for n in (2, 3):
            together, found = run(n, place, "--method", method)
            check(together.returncode == 0 and together.stdout.count("\n") == alone.stdout.count("\n"), together.stdout, together.stderr)
            # Codes of activations turn rounding into steps: of AQT, epochs before its freeze (in the first one) are compared.
            for e, f in zip(expected[: 3 if method == "float" else 1], found):
                check(math.isclose(e["loss"], f["loss"], rel_tol=1e-3), method, n, expected, found)
    for wrong, word in ((["--batch", "1"], "--batch 1"), (["--labels", place / "none.npy"], "none.npy"), (["--resume", place / "x.npy"], "x.npy")):
        refused, _ = run(3, place, *wrong)
        check(refused.returncode == 2 and refused.stderr.count("sim: ") == 1 and word in refused.stderr, wrong, refused.returncode, refused.stderr)
print("two and three processes train as one")
