#!/usr/bin/env python3
"""exporters.py [options] [NAME]...: quantized ResNet-18s as other people's tools write them, run by ./sim.

Each exporter is a script make_NAME.py beside this one that needs packages of PyPI. One whose packages no Python has is
listed as skipped. The models, and the answers of each tool's own runtime, are made in a folder and stay there; what is
printed is a line a model: whether it loads, whether RTL and C model are equal in every layer, and how its answers
agree with the runtime's. Exit codes: 0 as it should be, 1 a model is not, 2 bad arguments, 77 nothing could be run."""

import argparse
import json
import os
import re
import subprocess
import sys

import table

HERE = os.path.dirname(os.path.abspath(__file__))
NEEDS = {  # maker -> modules and what to install for them
    "onnxruntime": (["torch", "torchvision", "onnx", "onnxruntime", "sympy", "onnxscript"], "torch torchvision onnxruntime sympy onnxscript"),
    "brevitas": (["brevitas", "qonnx", "onnxoptimizer", "torchvision"], "torch torchvision brevitas qonnx onnxoptimizer"),
    "pt2e": (["torchao", "torchvision", "onnxscript", "onnxruntime"], "torch torchvision torchao onnxscript onnxruntime"),
    "nncf": (["nncf", "torchvision", "onnxruntime", "onnxscript"], "nncf torch torchvision onnxruntime onnxscript"),
    "modelopt": (["modelopt", "torchvision", "onnxruntime"], "nvidia-modelopt[onnx] torch torchvision onnxruntime"),
    "quark": (["quark", "torchvision", "onnxruntime"], "amd-quark torch torchvision onnxruntime"),
    "tflite": (["tensorflow", "tf_keras", "ai_edge_litert"], "tensorflow tf_keras ai-edge-litert"),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"exporters: {', '.join(NEEDS)} (all)")
    parser.add_argument("--sim", default="./sim", help="the program (./sim)")
    parser.add_argument("--folder", default="build/exporters", help="for the models (build/exporters)")
    parser.add_argument("--python", action="append", default=[], metavar="PROGRAM",
                        help="a Python to look for packages in, may be given more than once (the one that runs this)")
    parser.add_argument("--setting", action="append", default=[], metavar="WORD", help="only settings that contain it")
    parser.add_argument("--keep", action="store_true", help="run models that an earlier run has made, make none")
    parser.add_argument("--rtl-images", type=int, default=1, metavar="N", help="images on the RTL, of 16 (1)")
    parser.add_argument("--markdown", action="store_true", help="print the table for a page")
    args = parser.parse_args()
    for name in args.names:
        if name not in NEEDS:
            parser.error(f"no exporter {name}: {', '.join(NEEDS)}")
    if not os.access(args.sim, os.X_OK):
        parser.error(f"no program {args.sim}: --sim names it")
    return args


def python_with(modules, pythons):
    """The first Python that has all modules, or None."""
    code = "import importlib.util as u, sys; sys.exit(any(u.find_spec(m) is None for m in sys.argv[1:]))"
    for python in pythons:
        if subprocess.run([python, "-c", code] + modules, stderr=subprocess.DEVNULL).returncode == 0:
            return python
    return None


def made(name, args):
    """The list of a maker's models, or a text that says why there is none."""
    folder = os.path.join(os.path.abspath(args.folder), name)
    listed = os.path.join(folder, name + ".json")
    if not args.keep:
        modules, packages = NEEDS[name]
        python = python_with(modules, args.python or [sys.executable])
        if python is None:
            return f"no Python here has all of: {packages}"
        print(f"making {name} ...", file=sys.stderr, flush=True)
        os.makedirs(folder, exist_ok=True)
        if os.path.exists(listed):
            os.remove(listed)
        env = dict(os.environ, CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")
        with open(os.path.join(folder, "log"), "w") as log:
            subprocess.run([python, os.path.join(HERE, f"make_{name}.py"), folder] + args.setting, stdout=log, stderr=log, env=env,
                           cwd=folder)  # where some tools leave files
    if not os.path.exists(listed):
        return "not made before" if args.keep else f"its maker failed: {os.path.join(folder, 'log')}"
    with open(listed) as file:
        return [m for m in json.load(file) if not args.setting or any(w in m["setting"] for w in args.setting)]


def sim(args, model, *options):
    command = [args.sim, model["file"], "--input", model["input"], "--quiet", *model.get("options", []), *options]
    return subprocess.run(command, capture_output=True, text=True)


def run(args, model):
    """Fills in what ./sim makes of a model: refusal or error, rtl, output."""
    if "failed" in model:
        return
    output = model["file"] + ".out.npy"
    fast = sim(args, model, "--backend", "fast", "--output", output)
    if fast.returncode:
        model["refusal"] = fast.stderr.strip() or fast.stdout.strip()
        return
    model["output"] = output
    rtl = sim(args, model, "--limit", str(args.rtl_images))
    cycles = re.search(r"^cycles +([\d,]+)", rtl.stdout, re.M)
    model["rtl"] = rtl.returncode == 0
    model["cycles"] = cycles.group(1) if cycles else "?"
    if rtl.returncode:
        model["rtl_error"] = (rtl.stderr.strip() or rtl.stdout.strip()).split("\n")[-1]


def main():
    args = arguments()
    lines, skipped, bad = [], [], 0
    for name in args.names or NEEDS:
        models = made(name, args)
        if isinstance(models, str):
            skipped.append(f"skipped: {name}: {models}")
            print(skipped[-1], file=sys.stderr, flush=True)
            continue
        for model in models:
            run(args, model)
            line, right = table.line(name, model)
            bad += not right
            lines.append(line)
            if not args.markdown:
                print(table.text(line), flush=True)
    if args.markdown:
        print(table.markdown(lines))
    for text in skipped:
        print(text)
    print(f"{len(lines)} models, {bad} not as they should be, {len(skipped)} exporters skipped")
    return 77 if not lines else bad > 0


if __name__ == "__main__":
    sys.exit(main())
