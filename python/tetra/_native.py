# The C functions of python/src/binding.h, and how their failures become exceptions.
"""Loads the library that pip built beside this file."""
from __future__ import annotations

import ctypes
import pathlib
from typing import Any, Sequence

_ERROR_BYTES = 512
Progress = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint64)


class TetraError(Exception):
    """What the C libraries refuse or find wrong; `status` is enum tetra_status."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


class BadInput(TetraError, ValueError):
    """An argument, option or file is not what is accepted."""


class Different(TetraError, AssertionError):
    """The RTL's codes are not the C model's."""


_KINDS = {1: BadInput, 3: BadInput, 4: BadInput, 7: Different}


def _load() -> ctypes.CDLL:
    here = pathlib.Path(__file__).parent
    try:
        lib = ctypes.CDLL(str(here / "libtetra_python.so"))
    except OSError as error:
        raise ImportError(f"tetra's library does not load ({error}); install the package with: pip install ./python") from error
    c, p = ctypes, ctypes.POINTER
    arguments = [c.c_int, p(c.c_char_p)]
    failure = [c.c_char_p, c.c_int]
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "tetra_py_open": (c.c_int, [p(c.c_void_p), *arguments, *failure]),
        "tetra_py_close": (None, [c.c_void_p]),
        "tetra_py_values": (c.c_int, [c.c_void_p]),
        "tetra_py_input": (c.c_int, [c.c_void_p]),
        "tetra_py_output": (c.c_int, [c.c_void_p]),
        "tetra_py_value_name": (c.c_char_p, [c.c_void_p, c.c_int]),
        "tetra_py_value": (None, [c.c_void_p, c.c_int, p(c.c_int), p(c.c_double)]),
        "tetra_py_run": (c.c_int, [c.c_void_p, c.c_void_p, c.c_int, *failure]),
        "tetra_py_codes": (c.c_int, [c.c_void_p, c.c_int, c.c_void_p, *failure]),
        "tetra_py_compile": (c.c_int, [c.c_void_p, p(p(c.c_uint32)), p(c.c_uint32), p(p(c.c_uint8)), p(c.c_uint64), *failure]),
        "tetra_py_model": (c.c_int, [c.c_void_p, *arguments, p(c.c_void_p), *failure]),
        "tetra_py_simulate": (c.c_int, [*arguments, Progress, p(c.c_void_p), *failure]),
        "tetra_py_quantize_input": (c.c_int, [c.c_char_p, p(c.c_int), *failure]),
        "tetra_py_quantize": (c.c_int, [c.c_char_p, c.c_void_p, c.c_int, c.c_char_p, c.c_char_p, c.c_char_p, p(c.c_double), *failure]),
        "tetra_py_free": (None, [c.c_void_p]),
    }
    for name, (result, types) in signatures.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, types
    return lib


lib = _load()


def check(function: Any, *arguments: Any) -> None:
    """Calls a function that fails by status and message."""
    text = ctypes.create_string_buffer(_ERROR_BYTES)
    status = function(*arguments, text, _ERROR_BYTES)
    if status != 0:
        raise _KINDS.get(status, TetraError)(status, text.value.decode(errors="replace"))


def command_line(texts: Sequence[str]) -> tuple[int, Any]:
    """argc and argv."""
    encoded = [t.encode() for t in texts]
    return len(encoded), (ctypes.c_char_p * len(encoded))(*encoded)


def take_text(pointer: ctypes.c_void_p) -> str:
    """The text, which is freed."""
    try:
        return ctypes.string_at(pointer.value or 0).decode()
    finally:
        lib.tetra_py_free(pointer)
