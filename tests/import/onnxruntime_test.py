#!/usr/bin/env python3
"""onnxruntime_test.py RUN_MODEL QUANTIZE_MODEL DATA WORK: quantizes ResNet-20 with onnxruntime's quantizer in several ways
and with ours, runs each model on onnxruntime and on the C model, and compares every activation and every answer on
CIFAR-10 test images.

WORK is a folder for the Python packages (numpy, onnx, onnxruntime, sympy) and for models. Exit codes: 0 all agree, 1 they do
not, 77 skipped: no data or no packages, with a message."""

import os
import subprocess
import sys

IMAGES = int(os.environ.get("TETRA_TEST_IMAGES", "500"))
AGREE = 0.995  # of the images must have the same top-1


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def in_own_environment(work):
    """Runs this script again in a virtual environment with the packages, made at the first time."""
    if os.environ.get("TETRA_TEST_ENVIRONMENT"):
        return
    python = os.path.join(work, "venv", "bin", "python")
    done = os.path.join(work, "venv", "complete")
    if not os.path.exists(done):
        make = [[sys.executable, "-m", "venv", os.path.join(work, "venv")],
                [python, "-m", "pip", "install", "-q", "--no-compile", "--disable-pip-version-check", "numpy", "onnx", "onnxruntime",
                 "sympy"]]
        for command in make:
            if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
                skip(f"cannot make a Python environment with numpy, onnx and onnxruntime in {work}")
        open(done, "w").close()
    env = dict(os.environ, TETRA_TEST_ENVIRONMENT="1")
    os.execve(python, [python] + sys.argv, env)


def quantized_models(folder, data):
    """name -> path of the quantized models, made where they are missing."""
    import numpy as np
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process
    import resnet20_onnx as resnet20

    class Images(CalibrationDataReader):
        def __init__(self):
            images = np.load(os.path.join(data, "cifar10", "train_images.npy"))[:200]
            self.batches = iter(np.split(resnet20.normalized(images), 10))

        def get_next(self):
            x = next(self.batches, None)
            return None if x is None else {"image": x}

    source, prepared = os.path.join(folder, "float.onnx"), os.path.join(folder, "prepared.onnx")
    weights = np.load(os.path.join(data, "models", "resnet20_cifar10_float.npz"))
    onnx.save(resnet20.float_model(weights), source)
    quant_pre_process(source, prepared)
    ways = {
        "qdq_u8s8": dict(quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8, per_channel=True),
        "qdq_s8s8": dict(quant_format=QuantFormat.QDQ, activation_type=QuantType.QInt8, per_channel=True,
                         extra_options={"ActivationSymmetric": True}),
        "qdq_u8u8": dict(quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8, weight_type=QuantType.QUInt8,
                         per_channel=False),
        "qoperator_u8s8": dict(quant_format=QuantFormat.QOperator, activation_type=QuantType.QUInt8, per_channel=True),
    }
    paths = {}
    for name, options in ways.items():
        paths[name] = os.path.join(folder, name + ".onnx")
        options.setdefault("weight_type", QuantType.QInt8)
        quantize_static(prepared, paths[name], Images(), **options)
    return paths


def our_models(quantize_model, folder, data):
    """The same for models that our quantizer writes; ONNX's checker must accept them."""
    import numpy as np
    import onnx
    import resnet20_onnx as resnet20
    images = np.load(os.path.join(data, "cifar10", "train_images.npy"))[:100]
    calibration = os.path.join(folder, "calibration.bin")
    np.ascontiguousarray(resnet20.normalized(images).transpose(0, 2, 3, 1)).tofile(calibration)
    paths = {}
    for precision in ("w8a8", "w4a8", "w4a4-init8-dense8", "w4a4"):
        path = os.path.join(folder, f"tetra_{precision}.onnx")
        command = [quantize_model, os.path.join(folder, "float.onnx"), calibration, precision, path]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)}: {done.stderr}")
        onnx.checker.check_model(onnx.load(path), full_check=True)
        paths["tetra " + precision] = path
    return paths


def run_ours(run_model, model, x, folder, batch=50):
    """Every tensor, and the index of the output."""
    import numpy as np
    os.makedirs(folder, exist_ok=True)
    x.tofile(os.path.join(folder, "input.bin"))
    command = [run_model, model, os.path.join(folder, "input.bin"), folder, "--fast", "--batch", str(batch)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    tensors, output = {}, None  # index -> name, codes NCHW, scale, zero point, format
    for line in done.stdout.splitlines():
        words = line.split()
        if words[0] == "output":
            output = int(words[1])
        elif words[0] != "input":
            i, n, h, w, c = map(int, words[:5])
            codes = np.fromfile(os.path.join(folder, f"{i}.bin"), np.int16).reshape(-1, h, w, c)
            tensors[i] = (words[8], codes.transpose(0, 3, 1, 2), float(words[7]), int(words[6]), words[5])
    return tensors, output


def saturates():
    """Whether onnxruntime's own kernels for signed weights are inexact here: without VNNI they saturate sums of two products
    at 16 bits."""
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        return "vnni" not in info.read()


def by_onnxruntime(proto, optimized, run):
    """What run(session) gives, and whether it is exact. Where onnxruntime's kernels saturate, its optimizer can keep the
    weights from them; it fails at some files, and unoptimized integer operators use them always."""
    import onnxruntime
    from onnxruntime.capi.onnxruntime_pybind11_state import Fail
    level = onnxruntime.GraphOptimizationLevel

    def session(precise):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 4 if precise else 3
        options.graph_optimization_level = level.ORT_ENABLE_ALL if optimized else level.ORT_DISABLE_ALL
        if precise:
            options.add_session_config_entry("session.x64quantprecision", "1")
        return onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])

    if not saturates():
        return run(session(False)), True
    if not optimized:
        return run(session(False)), not any(n.op_type == "QLinearConv" for n in proto.graph.node)
    try:
        return run(session(True)), True
    except Fail:
        return run(session(False)), False


def run_theirs(model, x, tensors, optimized):
    """Codes of those of our tensors that the file has by the same name, the output's reals, and whether they are exact;
    with `optimized` no codes. Python sees no 4-bit numbers: their codes come from what DequantizeLinear makes of them."""
    import numpy as np
    import onnx
    proto = onnx.load(model)
    output = proto.graph.output[0].name
    fetch = {}
    if not optimized:
        quantizers = {"QuantizeLinear", "QLinearConv", "QLinearAdd", "QLinearGlobalAveragePool", "QGemm", "MaxPool"}
        codes = {o for n in proto.graph.node if n.op_type in quantizers for o in n.output} - {output}
        reals = {n.input[0]: n.output[0] for n in proto.graph.node if n.op_type == "DequantizeLinear"}
        fetch = {t[0]: reals[t[0]] if t[4] in ("u4", "s4") else t[0] for t in tensors if t[0] in codes}
        proto.graph.output.extend(onnx.ValueInfoProto(name=n) for n in fetch.values() if n != output)
    values, exact = by_onnxruntime(proto, optimized, lambda s: s.run([output] + list(fetch.values()), {"image": x}))
    theirs = dict(zip(fetch, values[1:]))
    for name, _, scale, zero_point, _ in tensors:
        if name in theirs and theirs[name].dtype == np.float32:
            theirs[name] = np.rint(theirs[name] / np.float32(scale)) + zero_point
    return theirs, values[0].reshape(len(x), -1), exact


def compare(name, model, run_model, x, labels, folder):
    """Prints what differs; True where answers agree."""
    import numpy as np
    tensors, output = run_ours(run_model, model, x, os.path.join(folder, name))
    codes = tensors[output]
    logits = ((codes[1] - codes[3]) * codes[2]).reshape(len(x), -1)
    layers, *plain = run_theirs(model, x, tensors.values(), False)
    _, *optimized = run_theirs(model, x, [], True)
    print(f"\n{name}: activations that differ from onnxruntime (its own operators, unoptimized), {len(x)} images")
    total = differing = 0
    for tensor, ours, _, _, _ in tensors.values():
        if tensor not in layers:
            continue
        theirs = layers[tensor].astype(np.int16).reshape(ours.shape)
        delta = np.abs(ours - theirs)
        total, differing = total + delta.size, differing + np.count_nonzero(delta)
        print(f"  {tensor:50s} {np.count_nonzero(delta) / delta.size:9.4%}  largest {delta.max()}")
    print(f"  {'all':50s} {differing / total:9.4%}")
    ok = total > 0
    for engine, (theirs, exact) in (("unoptimized", plain), ("optimized", optimized)):
        same = np.mean(logits.argmax(1) == theirs.argmax(1))
        ok &= same >= AGREE or not exact
        print(f"  top-1 as onnxruntime {engine}{'' if exact else ', inexact on this processor'}: {same:.2%}; accuracy ours "
              f"{np.mean(logits.argmax(1) == labels):.2%}, theirs {np.mean(theirs.argmax(1) == labels):.2%}")
    return ok


def main():
    run_model, quantize_model, data, work = sys.argv[1:5]
    if not os.path.exists(os.path.join(data, "models", "resnet20_cifar10_float.npz")):
        skip(f"no test data in {data}")
    in_own_environment(work)
    import numpy as np
    import resnet20_onnx as resnet20
    folder = os.path.join(work, "onnxruntime")
    os.makedirs(folder, exist_ok=True)
    x = resnet20.normalized(np.load(os.path.join(data, "cifar10", "test_images.npy"))[:IMAGES])
    labels = np.load(os.path.join(data, "cifar10", "test_labels.npy"))[:IMAGES]
    models = quantized_models(folder, data)
    models.update(our_models(quantize_model, folder, data))
    results = {n: compare(n, m, run_model, x, labels, folder) for n, m in models.items()}
    failed = [n for n, ok in results.items() if not ok]
    print(f"\nfailed: {', '.join(failed)}" if failed else "\nall agree")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
