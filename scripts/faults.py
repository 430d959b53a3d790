#!/usr/bin/env python3
"""faults.py [--count N] [--seed S] [--only NAME] [--at K] [BUILD]: what happens where memory runs out?

Runs programs of BUILD (default build) again and again, and lets one allocation fail in each run: another place of the
program every time, all of them or N chosen at random. The program must say so in one line on stderr and end with exit code 2,
or do without and print what it prints otherwise. A signal, another exit code, or silence is a finding.
  --count N    places a program (default: all)
  --seed S     which places (default 1)
  --only NAME[,NAME...]  of model, rtl, quantize, read
  --at K       place K alone, and what the program prints
Exit code 0: no finding but those that are known (KNOWN below); 1: others; 2: a wrong option or a missing program;
77: not on this system (glibc is needed)."""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Findings that are not ours to mend: Verilator's runtime does not look at what malloc gives it when it names a scope.
KNOWN = {"rtl": 1}


def fail(text, code=2):
    print(f"faults.py: {text}", file=sys.stderr)
    sys.exit(code)


def programs(build, folder):
    """Name -> command: a network's cycles by the model, a file on the RTL, a file quantized, another file's cycles."""
    sim, corpus = str(build / "sim"), ROOT / "tests/fuzz/corpus/onnx"
    small, floats = str(corpus / "conv_relu_maxpool_quantized_after.onnx"), str(corpus / "float_network.onnx")
    return {
        "model": [sim, "resnet18", "--model", "--size", "32", "--json", f"{folder}/model.json"],
        "rtl": [sim, small, "--json", f"{folder}/rtl.json", "--timeline", f"{folder}/rtl.timeline.json"],
        "quantize": [sim, "quantize", floats, "--data-free", "-o", f"{folder}/quantized.onnx"],
        "read": [sim, str(corpus / "groups_depthwise_bn_relu6_then_pointwise_and_add.onnx"), "--model"],
    }


class Program:
    def __init__(self, command, folder, library):
        self.command, self.folder = command, folder
        self.environment = {**os.environ, "LD_PRELOAD": str(library), "OPENBLAS_NUM_THREADS": "1"}
        code, self.good, said, self.places = self.run(0)
        if code:
            fail(f"'{' '.join(command)}' fails when nothing does: exit code {code}: {said.strip()}")

    def run(self, k):
        """Exit code, what was printed and said, places met."""
        count = Path(self.folder) / "count"
        environment = {**self.environment, "FAIL_MALLOC": str(k), "FAIL_MALLOC_COUNT": str(count)}
        run = subprocess.run(self.command, env=environment, cwd=self.folder, capture_output=True, text=True,
                             errors="replace", timeout=600, check=False)
        return run.returncode, run.stdout, run.stderr, int(count.read_text()) if count.exists() else 0

    def finding(self, k):
        """What is wrong where place k fails, or None."""
        code, _, said, _ = self.run(k)
        if code < 0:
            return f"signal {-code}"
        if code not in (0, 2):
            return f"exit code {code}: {said.strip()[:120]}"
        if code == 2 and not said.strip():
            return "exit code 2 and no message"
        return None


def report(name, program, options):
    """Prints the findings of a program; gives their number."""
    places = list(range(1, program.places + 1))
    if options.count:
        places = sorted(random.Random(options.seed).sample(places, min(options.count, len(places))))
    wrong = [(k, text) for k in places if (text := program.finding(k))]
    for k, text in wrong:
        print(f"{name}: {text}   --only {name} --at {k}")
    print(f"{name}: {len(places)} of {program.places} places, {len(wrong)} findings", flush=True)
    return len(wrong)


def build_library(folder):
    """Compiles what makes allocations fail."""
    library = Path(folder) / "fail_malloc.so"
    source = ROOT / "scripts/faults/fail_malloc.c"
    compiled = subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, source], capture_output=True, text=True, check=False)
    if compiled.returncode:
        fail(f"skipped, the allocator cannot be replaced here: {compiled.stderr.strip()[:200]}", 77)
    return library


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", nargs="?", type=Path, default=ROOT / "build")
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only")
    parser.add_argument("--at", type=int)
    options = parser.parse_args()
    findings = 0
    with tempfile.TemporaryDirectory() as folder:
        library = build_library(folder)
        commands = programs(options.build.resolve(), folder)
        names = options.only.split(",") if options.only else list(commands)
        for name in names:
            if name not in commands:
                fail(f"--only: '{name}' is not accepted; of {', '.join(commands)} some are")
            program = Program(commands[name], folder, library)
            if options.at:
                code, printed, said, _ = program.run(options.at)
                print(f"{printed}{said}exit code {code}")
                continue
            findings = max(findings, report(name, program, options) - KNOWN.get(name, 0))
    return 1 if findings > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
