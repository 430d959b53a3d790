# Tests of the Python package against itself, ./sim's rules, and figures that the documentation has.
"""pytest; the package is installed."""
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

import tetra

SMALL = {"width": 0.25, "size": 32}
CORPUS = pathlib.Path(__file__).resolve().parents[2] / "tests/fuzz/corpus/onnx"


def test_cycle_model_says_what_the_documentation_says():
    plan = tetra.Network("resnet50").compile()
    assert plan.model().cycles == 4625860
    assert plan.commands.shape == (15188, 16)
    assert plan.constants.size == 14481920
    assert tetra.Network("resnet50").compile(act_kib=128, wgt_kib=64, acc_pixels=128).model().cycles == 4786730


def test_layers_are_a_data_frame():
    layers = tetra.Network("resnet18", **SMALL).compile().layers
    assert list(layers["name"])[:2] == ["stem+maxpool", "s1b1.conv1"]
    assert layers.loc[1, "macs"] == 8 * 8 * 16 * 9 * 64
    assert set(layers["kind"]) == {"conv", "avgpool", "dense"}


def test_rtl_is_the_model_and_the_c_model():
    seen = []
    result = tetra.run("resnet18", progress=lambda *a: seen.append(a), tensors=True, **SMALL)
    assert result.match is True
    assert result.cycles == tetra.run("resnet18", backend="model", **SMALL).cycles == result.layers["model_cycles"].sum()
    assert result.stalls.sum() == result.cycles
    assert [s[2] for s in seen if s[2]] == list(result.layers["name"])
    clocks = [s[3] for s in seen]
    assert clocks[0] > 0 and clocks == sorted(clocks)
    net = tetra.Network("resnet18", **SMALL)
    codes = net.run(result.tensors[net.input.name].astype(np.int16))
    for name, tensor in result.tensors.items():
        assert np.array_equal(codes[name].reshape(tensor.shape), tensor), name


def test_reference_loops_give_the_same_codes():
    net = tetra.Network(CORPUS / "qlinearconv.onnx")
    rng = np.random.default_rng(1)
    low, high = {"u8": (0, 256), "s8": (-128, 128)}[net.input.format]
    codes = rng.integers(low, high, net.input.shape)
    fast, plain = net.run(codes), net.run(codes, reference=True)
    assert all(np.array_equal(fast[k], plain[k]) for k in fast)


def test_output_is_real():
    result = tetra.run("resnet18", **SMALL)
    assert result.output.dtype == np.float32 and result.output.shape == (1, 1000)
    assert int(np.argmax(result.output[0])) == result.document["predictions"][0]
    image = np.random.default_rng(2).integers(0, 256, (32, 32, 3), np.uint8)
    assert not np.array_equal(tetra.run("resnet18", image=image, **SMALL).output, result.output)


def test_mistakes_have_the_programs_words():
    with pytest.raises(tetra.BadInput, match="did you mean 'resnet50'"):
        tetra.Network("resnet5")
    with pytest.raises(ValueError, match="unknown option '--widht'; did you mean '--width'"):
        tetra.Network("resnet18", widht=1)
    with pytest.raises(tetra.BadInput, match="a power of two"):
        tetra.Network("resnet18").compile(act_kib=100)
    with pytest.raises(tetra.BadInput, match="code 99 at place 0"):
        tetra.Network("resnet18", precision="w4a4", **SMALL).run(np.full((1, 32, 32, 3), 99))
    with pytest.raises(tetra.BadInput, match="an input of shape"):
        tetra.Network("resnet18", **SMALL).run(np.zeros((1, 2, 3, 4)))
    with pytest.raises(tetra.BadInput, match="built-in|not accepted|backend"):
        tetra.run("resnet18", backend="gpu")


def test_a_difference_is_an_exception():
    with pytest.raises(tetra.Different, match="layer 's1b1.conv1' differs in"):
        tetra.run("resnet18", inject_weight_flip="s1b1.conv1", **SMALL)


def test_progress_that_raises_ends_the_run():
    def stop(done, *_):
        if done == 3:
            raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        tetra.run("resnet18", progress=stop, **SMALL)


def test_quantize_then_run(tmp_path):
    images = np.random.default_rng(3).normal(size=(4, 8, 8, 3)).astype(np.float32)
    snr = tetra.quantize(CORPUS / "float_network.onnx", images, tmp_path / "q.onnx", precision="w8a8")
    assert snr > 20
    assert tetra.quantize(CORPUS / "float_network.onnx", images, tmp_path / "q4.onnx", precision="w4a4") < snr
    result = tetra.run(tmp_path / "q.onnx", image=images[:1])
    assert result.match is True
    with pytest.raises(tetra.BadInput, match="images of shape"):
        tetra.quantize(CORPUS / "float_network.onnx", images[:, :4], tmp_path / "q.onnx")


def test_from_torch(tmp_path):
    for module in ("torch", "onnx"):
        pytest.importorskip(module)
    script = pathlib.Path(__file__).resolve().parents[1] / "examples/from_torch.py"
    run = subprocess.run([sys.executable, script, tmp_path], capture_output=True, text=True, check=True)
    assert "RTL = C model: True" in run.stdout
    ours, theirs = re.search(r"top class (\d+), PyTorch's (\d+)", run.stdout).groups()
    assert ours == theirs


def test_notebook_runs():
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("matplotlib")
    path = pathlib.Path(__file__).resolve().parents[1] / "examples/cycles.ipynb"
    book = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    assert any("image/png" in o.get("data", {}) for c in book.cells if c.cell_type == "code" for o in c.outputs)
