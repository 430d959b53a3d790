# Tetra for Python: networks, the C model, the compiler, the cycle model and the simulated RTL.
"""Quantized ResNets on a systolic array, from Python.

    import tetra
    net = tetra.Network("resnet50", precision="w8a8")        # or a .onnx or .tflite file
    plan = net.compile(array=16, act_kib=128)
    plan.model(dram_bytes_per_cycle=8).layers                # pandas: cycles by layer, bounds, utilization
    result = tetra.run("resnet18", width=0.25, size=32)      # on the RTL, every layer compared with the C model
    result.cycles, result.output                             # numpy

Options are those of `./sim` with _ for - (`./sim --help` lists them): `dram_bytes_per_cycle=8` is `--dram-bytes-per-cycle 8`,
`no_fuse=True` is `--no-fuse`. What ./sim refuses raises `BadInput` with the same words.
"""
from __future__ import annotations

import ctypes
import dataclasses
import json
import os
import pathlib
import tempfile
from typing import Any, Callable, Mapping, Optional, Union

import numpy as np
import pandas as pd

from ._native import BadInput, Different, Progress, TetraError, check, command_line, lib, take_text

__all__ = ["BadInput", "Different", "Network", "Plan", "Result", "Tensor", "TetraError", "networks", "quantize", "run"]
__version__ = "0.1.0"

_FORMATS = ("u8", "s8", "u4", "s4")
Option = Union[str, int, float, bool, None, os.PathLike]


def networks() -> list[str]:
    """The networks that are built in."""
    return ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]


def _arguments(network: Union[str, os.PathLike], options: Mapping[str, Option]) -> list[str]:
    """The command line of ./sim."""
    line = ["tetra", os.fspath(network)]
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            line.append(option)
        elif value is not None and value is not False:
            line += [option, os.fspath(value) if isinstance(value, os.PathLike) else str(value)]
    return line


@dataclasses.dataclass(frozen=True)
class Tensor:
    """A tensor of a network: real = (code - zero_point) * scale."""

    name: str
    shape: tuple[int, int, int, int]  # batch, height, width, channels
    format: str  # u8, s8, u4 or s4
    zero_point: int
    scale: float

    def real(self, codes: np.ndarray) -> np.ndarray:
        """What codes stand for, float32."""
        return ((codes.astype(np.float64) - self.zero_point) * self.scale).astype(np.float32)

    def codes(self, real: np.ndarray) -> np.ndarray:
        """The nearest codes, ties to even, clamped to the format's range."""
        low, high = {"u8": (0, 255), "s8": (-128, 127), "u4": (0, 15), "s4": (-8, 7)}[self.format]
        return np.clip(np.rint(np.asarray(real, np.float64) / self.scale) + self.zero_point, low, high).astype(np.int16)


@dataclasses.dataclass(frozen=True)
class Result:
    """What a run, or the cycle model, says. `document` is the whole of it (docs/schema/run.schema.json)."""

    document: dict[str, Any]
    output: Optional[np.ndarray] = None  # of the network, float32, a row an image; None from the cycle model
    tensors: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)

    @property
    def cycles(self) -> int:
        return self.document["total"]["cycles"]

    @property
    def match(self) -> Optional[bool]:
        """All that was compared is equal; None: nothing was."""
        return self.document["match"]

    @property
    def layers(self) -> pd.DataFrame:
        """A row a layer: shapes, bits, MACs, cycles, bounds, utilization, DRAM bytes."""
        return _frame(self.document["layers"])

    @property
    def stalls(self) -> pd.Series:
        """Cycles by cause; they add up to `cycles`."""
        return pd.Series(self.document["total"]["stalls"], name="cycles")


def _frame(layers: list[dict[str, Any]]) -> pd.DataFrame:
    rows = []
    for layer in layers:
        row = {k: v for k, v in layer.items() if k not in ("input", "outputs", "window")}
        row["input"] = "{h}x{w}x{c} {format}".format(**layer["input"])
        row["output"] = "{h}x{w}x{c} {format}".format(**layer["outputs"][0])
        window = layer["window"]
        row["window"] = f"{window['kh']}x{window['kw']}/{window['stride_y']}" if window else ""
        rows.append(row)
    frame = pd.DataFrame(rows)
    first = ["number", "name", "kind", "window", "input", "output"]
    return frame[first + [c for c in frame.columns if c not in first]]


class Network:
    """A built-in network, or one from an .onnx or .tflite file, with the options that ./sim takes for it."""

    def __init__(self, name: Union[str, os.PathLike], **options: Option):
        self._handle = ctypes.c_void_p()
        self.name, self._options = name, dict(options)
        check(lib.tetra_py_open, ctypes.byref(self._handle), *command_line(_arguments(name, options)))
        self.tensors = [self._describe(v) for v in range(lib.tetra_py_values(self._handle))]
        self.input = self.tensors[lib.tetra_py_input(self._handle)]
        self.output = self.tensors[lib.tetra_py_output(self._handle)]

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            lib.tetra_py_close(self._handle)
            self._handle = None

    def _describe(self, value: int) -> Tensor:
        numbers, scale = (ctypes.c_int * 6)(), ctypes.c_double()
        lib.tetra_py_value(self._handle, value, numbers, ctypes.byref(scale))
        name = lib.tetra_py_value_name(self._handle, value).decode(errors="replace")
        return Tensor(name, tuple(numbers[:4]), _FORMATS[numbers[4]], numbers[5], scale.value)

    def run(self, codes: np.ndarray, reference: bool = False) -> dict[str, np.ndarray]:
        """The C model's codes of every tensor for an input of codes [n][h][w][c]; `reference` takes the plain loops that define
        the answer, which are slow. `network.input.codes(real)` makes codes."""
        data = np.ascontiguousarray(codes, np.int16)
        if data.shape != self.input.shape or not np.array_equal(data, codes):
            raise BadInput(1, f"an input of shape {np.shape(codes)}; integers in {self.input.shape} are accepted")
        check(lib.tetra_py_run, self._handle, data.ctypes.data_as(ctypes.c_void_p), int(reference))
        out = {}
        for v, tensor in enumerate(self.tensors):
            codes_of = np.empty(tensor.shape, np.int16)
            check(lib.tetra_py_codes, self._handle, v, codes_of.ctypes.data_as(ctypes.c_void_p))
            out[tensor.name] = codes_of
        return out

    def compile(self, **hardware: Option) -> "Plan":
        """For an accelerator: array, act_kib, wgt_kib, ..., or config; what is not given is as in a build without options."""
        return Plan(Network(self.name, **{**self._options, **hardware}))


class Plan:
    """A network compiled for an accelerator: `commands` is [n][16] of uint32, `constants` bytes for DRAM."""

    def __init__(self, network: Network):
        self.network = network
        commands, n = ctypes.POINTER(ctypes.c_uint32)(), ctypes.c_uint32()
        constants, size = ctypes.POINTER(ctypes.c_uint8)(), ctypes.c_uint64()
        check(lib.tetra_py_compile, network._handle, ctypes.byref(commands), ctypes.byref(n), ctypes.byref(constants),
              ctypes.byref(size))
        self.commands = np.ctypeslib.as_array(commands, (n.value, 16)).copy()
        self.constants = np.ctypeslib.as_array(constants, (size.value,)).copy() if size.value else np.empty(0, np.uint8)

    @property
    def layers(self) -> pd.DataFrame:
        """As `model()` has them, with the memory of the network's options."""
        return self.model().layers

    def model(self, **memory: Option) -> Result:
        """The cycle model: exact for dram_bytes_per_cycle and dram_latency, which may be others than the network's."""
        options = {**self.network._options, **memory}
        text = ctypes.c_void_p()
        check(lib.tetra_py_model, self.network._handle, *command_line(_arguments(self.network.name, options)),
              ctypes.byref(text))
        return Result(json.loads(take_text(text)))


def run(network: Union[str, os.PathLike], backend: str = "rtl", progress: Optional[Callable[[int, int, str, int], Any]] = None,
        image: Union[np.ndarray, str, os.PathLike, None] = None, tensors: bool = False, **options: Option) -> Result:
    """Runs a network: backend "rtl" simulates it and compares every layer with the C model (check="none" does not), "model" asks
    the cycle model. `progress(done, all, layer, clocks)` is called as layers complete, and between them with layer ""; the run
    ends if it raises. `image`: a file, or an array as ./sim takes it from .npy. `tensors`: codes of every tensor that the accelerator
    writes, by name. Raises `Different` where RTL and C model differ."""
    if backend == "model":
        return Network(network, **options).compile().model()
    if backend != "rtl":
        raise BadInput(1, f"backend '{backend}' is not accepted; 'rtl' and 'model' are (the C model: Network.run)")
    raised: list[BaseException] = []

    def watch(done: int, count: int, layer: Optional[bytes], clocks: int) -> int:
        try:
            if progress is not None:
                progress(done, count, (layer or b"").decode(errors="replace"), clocks)
            return 0
        except BaseException as error:  # it goes on in Python behind the C code
            raised.append(error)
            return 1

    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        if isinstance(image, np.ndarray):
            np.save(folder / "image.npy", image)
            image = folder / "image.npy"
        files: dict[str, Option] = {"image": image}
        if tensors:
            files |= {"dump_tensors": folder / "tensors", "output_codes": True}
        elif "layers" not in options:
            files["output"] = folder / "output.npy"
        text = ctypes.c_void_p()
        try:
            check(lib.tetra_py_simulate, *command_line(_arguments(network, {**options, **files})), Progress(watch),
                  ctypes.byref(text))
        except TetraError:
            if raised:
                raise raised[0] from None
            raise
        document = json.loads(take_text(text))
        dumped = {p.stem.split("-", 1)[1]: np.load(p) for p in sorted((folder / "tensors").glob("*.npy"))}
        output = np.load(folder / "output.npy") if (folder / "output.npy").exists() else None
    return Result(document, output, dumped)


def quantize(network: Union[str, os.PathLike], images: np.ndarray, output: Union[str, os.PathLike],
             precision: str = "w4a4-init8-dense8", method: Optional[str] = None) -> float:
    """Quantizes a trained float network (.onnx, or a CIFAR-10 ResNet's .npz) from calibration images, float32 [n][h][w][c],
    normalized as the network wants them, by one of the methods of ./sim quantize, and writes an ONNX file that `Network` and `run` take. Returns the logits'
    signal-to-noise ratio over the images, in dB."""
    shape = (ctypes.c_int * 3)()
    path = os.fspath(network).encode()
    check(lib.tetra_py_quantize_input, path, shape)
    data = np.ascontiguousarray(images, np.float32)
    if data.ndim != 4 or data.shape[0] < 1 or data.shape[1:] != tuple(shape):
        raise BadInput(1, f"images of shape {data.shape}; [n][{shape[0]}][{shape[1]}][{shape[2]}] is accepted")
    snr = ctypes.c_double()
    check(lib.tetra_py_quantize, path, data.ctypes.data_as(ctypes.c_void_p), data.shape[0], precision.encode(), method.encode() if method else None,
          os.fspath(output).encode(), ctypes.byref(snr))
    return snr.value
