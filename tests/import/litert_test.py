#!/usr/bin/env python3
"""litert_test.py RUN_MODEL WORK [NETWORK]...: Keras' ResNet50 and ResNet50V2, quantized to int8 by TensorFlow's converter,
with --tflite-rounding litert: the logits of 16 images against LiteRT's built-in reference kernels, bit for bit, and how
far the two other roundings are from them.

Needs tensorflow and ai_edge_litert in the Python that TETRA_LITERT_PYTHON names, or in the one that runs this. Exit
codes: 0 all agree, 1 they do not, 77 skipped: no packages, with a message."""

import os
import subprocess
import sys

if os.environ.get("TETRA_LITERT_PYTHON", sys.executable) != sys.executable:
    python = os.environ["TETRA_LITERT_PYTHON"]
    os.execve(python, [python] + sys.argv, dict(os.environ, TETRA_LITERT_PYTHON=python))
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
try:
    import numpy as np
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

IMAGES = 16
SIDE = 224


def images(rng, count):
    """Smooth noise: neighbouring pixels are alike, as in pictures."""
    x = rng.standard_normal((count, SIDE, SIDE, 3)).astype(np.float32)
    for axis in (1, 2):
        x = sum(np.roll(x, k, axis) for k in range(4)) / 2
    return np.clip(x / 2, -1, 1)


def convert(name):
    """An int8 file of the network with random weights and batch norms that fit its own activations."""
    tf.random.set_seed(7)
    rng = np.random.default_rng(7)
    net = getattr(tf.keras.applications, name)(weights=None, input_shape=(SIDE, SIDE, 3), classes=1000)
    for layer in net.layers:
        if isinstance(layer, tf.keras.layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            layer.set_weights([rng.uniform(0.5, 1.2, gamma.shape), rng.normal(0, 0.2, beta.shape), mean, variance])
            layer.momentum = 0.0
        if isinstance(layer, tf.keras.layers.Dense):
            weights, bias = layer.get_weights()
            layer.set_weights([weights * 3, rng.normal(0, 0.1, bias.shape)])
    x = images(rng, 8)
    net(x, training=True)
    converter = tf.lite.TFLiteConverter.from_keras_model(net)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([x[i : i + 1]] for i in range(len(x)))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def reference_logits(path, x):
    """What LiteRT's reference kernels have in front of the softmax."""
    interpreter = Interpreter(
        path, experimental_op_resolver_type=OpResolverType.BUILTIN_REF, experimental_preserve_all_tensors=True
    )
    interpreter.allocate_tensors()
    logits = [op for op in interpreter._get_ops_details() if op["op_name"] == "SOFTMAX"][-1]["inputs"][0]
    out = []
    for image in x:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image[None])
        interpreter.invoke()
        out.append(interpreter.get_tensor(logits)[0].copy())
    return np.array(out, np.int16)


def our_logits(run_model, path, x, rounding, folder):
    os.makedirs(folder, exist_ok=True)
    x.tofile(os.path.join(folder, "input"))
    options = [] if rounding == "double" else ["--tflite-rounding", rounding]
    run = subprocess.run(
        [run_model, path, os.path.join(folder, "input"), folder, "--fast"] + options, capture_output=True, text=True
    )
    if run.returncode:
        print(run.stderr.strip())
        return None
    output = next(line.split()[1] for line in run.stdout.splitlines() if line.startswith("output "))
    return np.fromfile(os.path.join(folder, output + ".bin"), np.int16).reshape(len(x), -1)


def check(run_model, name, work):
    path = os.path.join(work, name + ".tflite")
    if not os.path.exists(path):
        with open(path, "wb") as file:
            file.write(convert(name))
    x = np.clip(np.round(images(np.random.default_rng(11), IMAGES) * 127), -128, 127).astype(np.int8)
    want = reference_logits(path, x)
    failed = 0
    for rounding in ("litert", "double", "single"):
        got = our_logits(run_model, path, x, rounding, os.path.join(work, "out"))
        if got is None:
            return 1
        differ = int(np.sum(got != want))
        failed |= rounding == "litert" and differ > 0
        print(f"{name} --tflite-rounding {rounding}: {differ} of {want.size} logits differ, "
              f"top-1 {np.sum(got.argmax(1) == want.argmax(1))} of {len(x)}")
    return failed


def main():
    run_model, work = sys.argv[1:3]
    os.makedirs(work, exist_ok=True)
    return max(check(run_model, name, work) for name in sys.argv[3:] or ("ResNet50", "ResNet50V2"))


sys.exit(main())
