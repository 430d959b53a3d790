#!/usr/bin/env python3
"""groups_test.py RUN_MODEL QUANTIZE_MODEL DATA WORK: MobileNetV2 and ResNeXt-50 32x4d, whole, with random weights, quantized by
onnxruntime's quantizer in several ways and by ours. Every tensor of the C model against double arithmetic over its own
tensors before it (teacher-forced); logits against onnxruntime's.

WORK is a folder for the Python packages (numpy, onnx, onnxruntime) and for models. Exit codes: 0 all agree, 1 they do
not, 77 skipped: no data or no packages, with a message."""

import os
import subprocess
import sys

from onnxruntime_test import by_onnxruntime, in_own_environment, run_ours, skip

IMAGES = int(os.environ.get("TETRA_TEST_IMAGES", "16"))
ALLOWED = 1e-5  # share of all elements that may be one code off
# dB by which two engines may be further from each other than from the float network: errors that know nothing of each
# other add up to twice their power, and such networks magnify every code that differs.
APART = 3


def pictures(data, name, count, side):
    """The first `count` images, scaled up; normalized, channels first."""
    import numpy as np
    import resnet20_onnx as resnet20
    x = resnet20.normalized(np.load(os.path.join(data, "cifar10", name))[:count])
    return np.ascontiguousarray(x.repeat(side // 32, 2).repeat(side // 32, 3))


def answers(model, x, optimized=False):
    """onnxruntime's logits, image by image, and whether they are exact."""
    import numpy as np
    import onnx
    return by_onnxruntime(onnx.load(model), optimized,
                          lambda s: np.concatenate([s.run(None, {"image": i[None]})[0] for i in x]))


def quantized_by_onnxruntime(source, folder, name, calibration, **options):
    from onnxruntime.quantization import CalibrationDataReader, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Images(CalibrationDataReader):
        def __init__(self):
            self.images = iter(calibration)

        def get_next(self):
            x = next(self.images, None)
            return None if x is None else {"image": x[None]}

    prepared, path = source + ".prepared", os.path.join(folder, name + ".onnx")
    quant_pre_process(source, prepared)
    quantize_static(prepared, path, Images(), **options)
    return path


def by_us(quantize_model, source, folder, name, calibration):
    import numpy as np
    import onnx
    images, path = os.path.join(folder, "calibration.bin"), os.path.join(folder, name + ".onnx")
    np.ascontiguousarray(calibration.transpose(0, 2, 3, 1)).tofile(images)
    precision = name.split("_")[-1]
    done = subprocess.run([quantize_model, source, images, precision, path], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"quantize_model {source}: {done.stderr}")
    onnx.checker.check_model(onnx.load(path), full_check=True)
    return path


def check(name, path, run_model, x, want, folder):
    """want: the float network's logits. True where all is as it must be."""
    import numpy as np
    from cases_test import arithmetic
    ours, output = run_ours(run_model, path, x, os.path.join(folder, "out"), 1)
    mine = {t[0]: t[1] for t in ours.values()}
    counts = {"tensors": 0, "elements": 0, "differing": 0, "most": 0}

    def seen(node, value):
        if node.output[0] not in mine or node.op_type != "QuantizeLinear":
            return value
        codes = mine[node.output[0]].reshape(value.shape).astype(np.float64)
        off = np.abs(codes - value)
        counts["tensors"] += 1
        counts["elements"] += off.size
        counts["differing"] += np.count_nonzero(off)
        counts["most"] = max(counts["most"], off.max())
        return codes

    print(f"{name}: ", end="")
    ok = True
    if not name.endswith("dense8"):  # Python has no 4-bit numbers
        arithmetic().Network(path).run(x, check=seen)
        ok = counts["tensors"] > 40 and counts["differing"] <= ALLOWED * counts["elements"] and counts["most"] < 2
        print("{tensors} tensors, {differing} of {elements} elements differ from double arithmetic; ".format(**counts), end="")
    _, codes, scale, zero, _ = ours[output]
    logits = (codes.reshape(len(x), -1) - zero) * scale
    noise = {"the float network": 10 * np.log10((want ** 2).sum() / ((logits - want) ** 2).sum())}
    for engine, optimized in (("onnxruntime", False), ("onnxruntime optimized", True)):
        theirs, exact = answers(path, x, optimized)
        theirs = theirs.reshape(logits.shape)
        noise[engine] = 10 * np.log10((theirs ** 2).sum() / max(((logits - theirs) ** 2).sum(), 1e-30))
        top1 = np.mean(logits.argmax(1) == theirs.argmax(1))
        print(f"top-1 as {engine} {top1:.0%}, ", end="")
        if not exact:
            print("which is inexact on this processor, ", end="")
            continue
        ok &= noise[engine] > noise["the float network"] - APART
    print("logits, " + ", ".join(f"{n:.1f} dB to {engine}" for engine, n in noise.items()))
    return ok


def main():
    run_model, quantize_model, data, work = sys.argv[1:5]
    if not os.path.exists(os.path.join(data, "cifar10", "test_images.npy")):
        skip(f"no test data in {data}")
    in_own_environment(work)
    import groups_onnx
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType
    u8s8 = dict(quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                per_channel=True)
    ways = {"qdq_u8s8": u8s8, "qdq_u8u8": dict(u8s8, weight_type=QuantType.QUInt8)}
    folder = os.path.join(work, "groups")
    os.makedirs(folder, exist_ok=True)
    failed = []
    for make, side, names in ((groups_onnx.mobilenet_v2, 96, ["qdq_u8s8", "qdq_u8u8", "w8a8", "w4a4-init8-dense8"]),
                              (groups_onnx.resnext50_32x4d, 64, ["qdq_u8s8", "w8a8"])):
        calibration, x = pictures(data, "train_images.npy", 32, side), pictures(data, "test_images.npy", IMAGES, side)
        source = os.path.join(folder, make.__name__ + ".onnx")
        onnx.save(make(calibration), source)
        want, _ = answers(source, x)
        for way in names:
            name = f"{make.__name__}_{way}"
            path = (quantized_by_onnxruntime(source, folder, name, calibration, **ways[way]) if way in ways
                    else by_us(quantize_model, source, folder, name, calibration))
            if not check(name, path, run_model, x, want, folder):
                failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all agree")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
