#!/usr/bin/env python3
"""cases_test.py RUN_MODEL QUANTIZE_MODEL SIM ARRAY DATA WORK: small files made after reports about other tools and readers, one row a file: each loads and
gives the answer of double arithmetic (and onnxruntime's, nearly everywhere), or is refused in one line.

A row that does not hold yet is skipped with the reason, and fails this test as soon as it holds, so that the list stays
true. WORK is a folder for the Python packages (numpy, onnx, onnxruntime) and for outputs. Exit codes: 0 all rows hold or
are skipped, 1 one does not, 77 skipped: no data or no packages, with a message."""

import os
import subprocess
import sys

from onnxruntime_test import in_own_environment, skip

SEEDS = 4
IMAGES = 4
NEAR = 0.03


class Wrong(Exception):
    """What a row found."""


class Missing(Exception):
    """Why a row cannot be tried here."""


def arithmetic():
    """scripts/exporters/double.py, whose packages are there once in_own_environment has returned."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "exporters")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    import double
    return double


def expected(path, x, nudge=0.0):
    """The file's answer in double arithmetic. The last quantization, in codes, is moved by `nudge` before it rounds."""
    return arithmetic().Network(path).run(x, nudge=nudge)


def onnxruntime_answer(path, x):
    """The same by onnxruntime, in batches of the file's size."""
    import numpy as np
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    i = session.get_inputs()[0]
    batch = i.shape[0] if isinstance(i.shape[0], int) else 1
    return np.concatenate([session.run(None, {i.name: x[k:k + batch]})[0] for k in range(0, len(x), batch)])


def ours(run_model, path, x, work, *options):
    """The C model's answers: reals where the file's are, else codes; channels first."""
    import numpy as np
    folder = os.path.join(work, os.path.basename(path) + ".out")
    os.makedirs(folder, exist_ok=True)
    x.tofile(os.path.join(folder, "input"))
    done = subprocess.run([run_model, path, os.path.join(folder, "input"), folder, *options], capture_output=True,
                          text=True)
    if done.returncode:
        raise Wrong(f"exit code {done.returncode}: {done.stderr.strip()}")
    words = [line.split() for line in done.stdout.splitlines()]
    out = next(w[1] for w in words if w[0] == "output")
    form = next(w[2] if len(w) > 2 else "codes" for w in words if w[0] == "output")
    tail = next((w[1:] for w in words if w[0] == "tail"), None)
    if tail:
        reals = np.fromfile(os.path.join(folder, "tail.bin"), np.float32).reshape(-1, *map(int, tail))
        return reals.transpose(0, 3, 1, 2).astype(np.float64)
    d = next(w for w in words if w[0] == out)
    codes = np.fromfile(os.path.join(folder, out + ".bin"), np.int16).reshape(-1, *map(int, d[2:5]))
    codes = codes.transpose(0, 3, 1, 2).astype(np.float64)
    return (codes - int(d[6])) * float(d[7]) if form == "float" else codes


def inputs(path, seed):
    import numpy as np
    import onnx
    i = onnx.load(path, load_external_data=False).graph.input[0].type.tensor_type
    shape = [d.dim_value for d in i.shape.dim]
    shape[0] = max(shape[0], 1) * IMAGES
    spread = [0.5, 1.0, 3.0, 8.0][seed % 4]
    return (np.random.default_rng(seed).standard_normal(shape) * spread).astype(np.float32)


def outside(got, low, high, size=0.0):
    """Elements that are not low..high, but for what float32 is rounded to; `size` is that of what is summed in float32."""
    import numpy as np
    near = 1e-6 + 1e-5 * np.abs(low) + size * 2.0 ** -22
    return np.count_nonzero((got < low - near) | (got > high + near))


def same(path, run_model, work, x=None, ties=False, tail=False):
    """Double arithmetic's answers, all of them, on both paths of the C model; onnxruntime's but for NEAR of the elements:
    it multiplies in float32. With `ties` the file's scales put so many results in the middle between two codes that
    either counts. With `tail` the end is not quantized: the host's sums are float32."""
    import numpy as np
    import onnx
    has_quant = any(n.op_type in ("Quant", "IntQuant") for n in onnx.load(path, load_external_data=False).graph.node)
    for seed in range(1 if x is not None else SEEDS):
        data = inputs(path, seed) if x is None else x
        want = expected(path, data).astype(float)
        either = [expected(path, data, nudge) for nudge in (-1e-5, 1e-5)] if ties else [want, want]
        for options in ([], ["--fast"]):
            got = ours(run_model, path, data, work, *options).reshape(want.shape)
            wrong = outside(got, *either, np.abs(want).max() if tail else 0.0)
            if wrong:
                raise Wrong(f"{wrong} of {want.size} elements differ, seed {seed} {' '.join(options)}")
        if not has_quant and outside(onnxruntime_answer(path, data), *either) > NEAR * want.size:
            raise Wrong(f"differs from onnxruntime, seed {seed}")


def litert(path, run_model, work):
    """LiteRT's answers by its reference kernels, where Python has LiteRT."""
    import numpy as np
    try:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
    except ImportError:
        raise Missing("no ai_edge_litert")
    i = Interpreter(path, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    i.allocate_tensors()
    d, out = i.get_input_details()[0], i.get_output_details()[0]["index"]
    limits = np.iinfo(d["dtype"])
    x = np.random.default_rng(1).integers(limits.min, limits.max + 1, [64, *d["shape"][1:]]).astype(d["dtype"])
    want = []
    for image in x:
        i.set_tensor(d["index"], image[None])
        i.invoke()
        want.append(i.get_tensor(out)[0])
    want = np.stack(want).transpose(0, 3, 1, 2).astype(float)
    codes = x ^ 0x80 if d["dtype"] == np.uint8 else x  # run_model takes the graph's codes
    for options in ([], ["--fast"]):
        wrong = np.count_nonzero(ours(run_model, path, codes, work, *options) != want)
        if wrong:
            raise Wrong(f"{wrong} of {want.size} elements differ from LiteRT {' '.join(options)}")


def refused(path, run_model, work, text):
    """Refused with `text`."""
    done = subprocess.run([run_model, path, os.devnull, work], capture_output=True, text=True)
    if done.returncode != 2 or text not in done.stderr:
        raise Wrong(f"must be refused with '{text}', exit code {done.returncode}: {done.stderr.strip()}")


def float_form(path):
    """The model without quantizers: what was its float network."""
    import onnx
    model = onnx.load(path)
    graph, same_as, kept = model.graph, {}, []
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    for n in graph.node:
        inputs = [same_as.get(i, i) for i in n.input]
        if n.op_type in ("QuantizeLinear", "DequantizeLinear") and inputs[0] not in constants:
            same_as[n.output[0]] = inputs[0]
        elif n.op_type == "DequantizeLinear":
            axis = {"axis": next((a.i for a in n.attribute if a.name == "axis"), 1)}
            real = arithmetic().dequantize_linear(axis, [constants[i].astype("float64") for i in inputs], None).astype("float32")
            constants[n.output[0]] = real
            graph.initializer.append(onnx.numpy_helper.from_array(real, n.output[0]))
        else:
            kept.append(n)
            kept[-1].input[:] = inputs
    del graph.node[:]
    graph.node.extend(kept)
    graph.output[0].name = same_as.get(graph.output[0].name, graph.output[0].name)
    return model


def quantized(path, run_model, work, quantize_model, x=None, undo=False, decibels=30.0, then=None):
    """./sim quantize's library takes the float network, and w8a8 answers are as near to it as `decibels`. With `undo` the
    network is what is left of the file's without its quantizers. `then` looks at the answers."""
    import numpy as np
    import onnx
    name = os.path.join(work, os.path.basename(path))
    source = name + ".float.onnx" if undo else path
    if undo:
        onnx.save(float_form(path), source)
    data = inputs(path, 1) if x is None else x
    nhwc = data if data.shape[1] > data.shape[-1] else data.transpose(0, 2, 3, 1)
    np.ascontiguousarray(nhwc, np.float32).tofile(name + ".images")
    done = subprocess.run([quantize_model, source, name + ".images", "w8a8", name + ".w8a8.onnx"], capture_output=True,
                          text=True)
    if done.returncode:
        raise Wrong(f"exit code {done.returncode}: {done.stderr.strip()}")
    want = expected(source, data)
    got = ours(run_model, name + ".w8a8.onnx", data, work).reshape(want.shape)
    noise = 10 * np.log10((want ** 2).sum() / ((want - got) ** 2).sum())
    if noise < decibels:
        raise Wrong(f"{noise:.1f} dB to the float network")
    if then:
        then(want, got)


def external(path, run_model, work, sim):
    """./sim quantize reads the tensors beside the model, in its folder and nowhere else."""
    import shutil
    import numpy as np
    import onnx
    images = os.path.join(work, "external.npy")
    np.save(images, inputs(path, 1))
    for place, code in ((None, 0), ("../" + os.path.basename(path) + ".data", 2), (os.path.abspath(path + ".data"), 2)):
        model = onnx.load(path, load_external_data=False)
        for tensor in model.graph.initializer:
            for entry in tensor.external_data:
                if entry.key == "location" and place:
                    entry.value = place
        folder = os.path.join(work, "external")
        os.makedirs(folder, exist_ok=True)
        shutil.copy(path + ".data", folder)
        shutil.copy(path + ".data", work)
        with open(os.path.join(folder, "model.onnx"), "wb") as f:
            f.write(model.SerializeToString())
        done = subprocess.run([sim, "quantize", os.path.join(folder, "model.onnx"), "--calibrate", images, "-o",
                               os.path.join(folder, "model.tetra.onnx")], capture_output=True, text=True)
        if done.returncode != code:
            raise Wrong(f"data in {place}: exit code {done.returncode}: {done.stderr.strip()}")
        if place:
            continue
        data = os.path.join(folder, os.path.basename(path) + ".data")
        done = subprocess.run([sim, "quantize", os.path.join(folder, "model.onnx"), "--calibrate", images, "-o", data],
                              capture_output=True, text=True)
        if done.returncode != 2 or "has tensors of the float network" not in done.stderr:
            raise Wrong(f"the tensors' file as output: exit code {done.returncode}: {done.stderr.strip()}")


def dead_channel_is_its_bias(want, got):
    import numpy as np
    dead = [c for c in range(want.shape[1]) if np.ptp(want[:, c]) == 0 and abs(want[0, c, 0, 0] - 0.5) < 1e-6]
    step = np.diff(np.unique(got)).min()
    if len(dead) != 1 or np.abs(got[:, dead[0]] - 0.5).max() > step / 2 + 1e-6:
        raise Wrong(f"channels {dead} should be one, and 0.5 within half of {step}")


def batch_of_the_file(path, run_model, work, sim, array, labels, images):
    """All labels right on every backend, also with images that do not fill the last batch; cycles are an image's."""
    import json
    cycles = []
    for backend in ("rtl", "cmodel", "fast"):
        for n in (8, 5):
            done = subprocess.run([sim, path, "--input", images, "--labels", labels, "--backend", backend, "--array",
                                   array, "--limit", str(n), "--quiet", "--json", "-"], capture_output=True, text=True)
            if done.returncode:
                raise Wrong(f"{backend}, {n} images: exit code {done.returncode}: {done.stderr.strip()}")
            found = json.loads(done.stdout)
            if found["top1"] != 100 or found["done"] != n:
                raise Wrong(f"{backend}: {found['top1']} % of {found['done']} images")
            if backend == "rtl":
                cycles.append(found["cycles"] / n)
    if abs(cycles[0] / cycles[1] - 1) > 0.01:
        raise Wrong(f"cycles an image of 8 and of 5 images: {cycles}")


def everywhere(path, run_model, work, sim, array):
    """As double arithmetic, and the RTL as the C model."""
    same(path, run_model, work)
    done = subprocess.run([sim, path, "--array", array, "--quiet"], capture_output=True, text=True)
    if done.returncode or "RTL = C in everything compared" not in done.stdout:
        raise Wrong(f"on the RTL: exit code {done.returncode}: {done.stderr.strip()}")


def refused_labels(path, run_model, work, sim, data):
    """Refused in one line, exit code 2."""
    network, images = (os.path.join(data, i) for i in ("models/mlperf_resnet8_int8.tflite", "cifar10/test_images.npy"))
    if not os.path.exists(network) or not os.path.exists(images):
        raise Missing("no ResNet-8 or no images")
    done = subprocess.run([sim, network, "--input", images, "--labels", path, "--backend", "fast"], capture_output=True,
                          text=True)
    if done.returncode != 2 or done.stderr.count("\n") != 1 or "labels" not in done.stderr:
        raise Wrong(f"exit code {done.returncode}: {done.stderr.strip()}")


def rows(data, quantize_model, sim, array):
    import numpy as np

    def npy(name):
        return np.load(os.path.join(data, name))

    return [
        # file, check, its arguments, and why it does not hold yet
        ("float_bias_rounding_4bit.onnx", same, {"x": npy("float_bias_rounding_4bit_x.npy")}, None),
        ("float_bias_qdq.onnx", same, {}, None),
        ("batch4.onnx", same, {}, None),
        ("batch4.onnx", batch_of_the_file, {"sim": sim, "array": array, "labels": os.path.join(data, "batch4_labels.npy"),
                                            "images": os.path.join(data, "batch4_8_images.npy")}, None),
        ("nhwc_ties.onnx", same, {"x": npy("nhwc_ties_x.npy")}, None),
        ("brevitas417_input_s4_clip.onnx", same, {}, None),
        ("brevitas417_input_s8_narrow.onnx", same, {}, None),
        ("brevitas417_mid_u2_clip.onnx", same, {}, None),
        ("brevitas417_mid_u4_clip.onnx", same, {}, None),
        ("brevitas417_weights_2bit.onnx", same, {}, None),
        ("brevitas1328_negative_scale.onnx", same, {}, None),
        ("trt1826_dead_channel_scale0.onnx", same, {}, None),
        ("qdq_maxpool_conv.onnx", same, {}, None),
        ("qonnx_quant_maxpool_conv.onnx", same, {}, None),
        ("mp_qdq_noq_2.onnx", same, {"ties": True}, None),
        ("mp_qonnx_noq_1.onnx", same, {}, None),
        ("add_mul.onnx", same, {}, None),
        ("add_relu_float_shortcut.onnx", refused, {"text": "insert"}, None),
        ("conv_relu_float_gap.onnx", refused, {"text": "insert"}, None),
        ("no_output_q.onnx", same, {"tail": True}, None),
        ("preproc_sub_div.onnx", same, {}, None),
        ("preact_bn_relu_conv.onnx", same, {}, None),
        ("preact_bn_relu_conv.onnx", quantized, {"quantize_model": quantize_model, "undo": True}, None),
        ("qdq_mul_const_channel.onnx", same, {}, None),
        ("qdq_mul_const_channel.onnx", quantized, {"quantize_model": quantize_model, "undo": True}, None),
        ("float_nhwc_transpose.onnx", quantized, {"quantize_model": quantize_model, "x": npy("x_nhwc.npy")}, None),
        ("dead_channel_gamma_0.onnx", quantized, {"quantize_model": quantize_model, "x": npy("dead_channel_cal.npy"),
                                                  "then": dead_channel_is_its_bias}, None),
        ("grouped_conv.onnx", same, {}, None),
        ("depthwise_conv.onnx", same, {}, None),
        ("qonnx_bits_w6a7.onnx", same, {}, None),
        ("q_HALF_UP.onnx", same, {}, None),
        ("qonnx_bias32.onnx", same, {"ties": True}, None),
        ("ort12800_transpose_weights_after_dq.onnx", same, {}, None),
        ("input_rank2_mlp.onnx", same, {"x": npy("input_rank2_mlp_x.npy")}, None),
        ("relu_then_mul_neg.onnx", same, {}, None),
        ("sum_op.onnx", same, {}, None),
        ("uint8_ends.tflite", litert, {}, None),
        ("requantize_in_middle.tflite", litert, {}, None),
        ("softmax_plane.tflite", refused, {"text": "its classes are not the channels of one pixel"}, None),
        ("out_of_order_nodes.onnx", refused, {"text": "out of order"}, None),
        ("stride_1024.onnx", everywhere, {"sim": sim, "array": array}, None),
        ("labels_nul_kind.npy", refused_labels, {"sim": sim, "data": os.path.dirname(data)}, None),
        ("float_torch_default_external.onnx", refused, {"text": "./sim quantize"}, None),
        ("float_torch_default_external.onnx", external, {"sim": sim}, None),
    ]


def variant_rows(work):
    """Rows of the networks of variants.py, which are written into a folder of their own."""
    import variants
    folder = os.path.join(os.path.abspath(work), "variants")
    os.makedirs(folder, exist_ok=True)
    made = []
    for name, model, *says in variants.all_variants() + variants.refused_variants():
        path = variants.save(model, os.path.join(folder, name.replace(" ", "_").replace(":", "") + ".onnx"))
        made.append((path, refused, {"text": says[0]}, None) if says else (path, same, {"x": inputs(path, 1)}, None))
    return made


def main():
    run_model, quantize_model, sim, array, data, work = sys.argv[1:7]
    data = os.path.join(data, "cases")
    if not os.path.isdir(data):
        skip(f"no folder {data}")
    in_own_environment(work)
    failed = skipped = held = 0
    for name, check, arguments, why in rows(data, quantize_model, sim, array) + variant_rows(work):
        try:
            check(os.path.join(data, name), run_model, work, **arguments)
            found = None
        except Missing as missing:
            why = found = str(missing)
        except Wrong as wrong:
            found = str(wrong)
        if why and found:
            skipped += 1
            print(f"SKIPPED {name}: {why}")
        elif why:
            failed += 1
            print(f"FAILED  {name}: holds, but is listed as open: {why}")
        elif found:
            failed += 1
            print(f"FAILED  {os.path.basename(name)}: {found}")
        else:
            held += 1
            print(f"holds   {os.path.basename(name)}")
    print(f"{held} rows hold, {skipped} skipped, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
