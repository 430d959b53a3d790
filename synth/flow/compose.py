"""What a part of the design grows with, and what an array of another size is made of."""

import pathlib
import re

# By module: the PEs' grid (N * N), requantizer lanes, byte-wide paths (N), control (whatever N is).
GRID = ("tetra_array", "tetra_acc", "tetra_skew")
LANES = ("tetra_requant",)
PATHS = ("tetra_load", "tetra_pack", "tetra_write", "tetra_wload", "tetra_buffers", "tetra_sfifo", "tetra_pool")
CLASSES = ("grid", "lanes", "paths", "control")


PACKAGE = pathlib.Path(__file__).resolve().parent.parent.parent / "rtl/tetra_pkg.sv"
LANE_A_COLUMN = int(re.search(r"LaneAColumn = (\d+);", PACKAGE.read_text(encoding="utf-8")).group(1))


def lanes(n):
    """Of the requantizer of an n x n array: two columns share one in small arrays."""
    return n // 2 if n < LANE_A_COLUMN else n


def class_of(base):
    return "grid" if base in GRID else "lanes" if base in LANES else "paths" if base in PATHS else "control"


def factor(kind, of, to):
    return {"grid": (to / of) ** 2, "lanes": lanes(to) / lanes(of), "paths": to / of, "control": 1.0}[kind]


def sums(parts, counts, key):
    """By class: the parts' number `key`, times their instances. parts: {module: (base, result)}."""
    total = dict.fromkeys(CLASSES, 0.0)
    for name, (base, result) in parts.items():
        total[class_of(base)] += counts.get(name, 0) * result[key]
    return total


def composed(by_class, of, to):
    return {kind: v * factor(kind, of, to) for kind, v in by_class.items()}


def line(n, at, at_twice, to):
    """On the line through `at` for n and `at_twice` for 2 n."""
    return at + (at_twice - at) * (to - n) / n


def srams(n, default=True):
    """(words, bits, count) of every SRAM of a build with the default buffers (driver/include/tetra/hw_fields.def)."""
    res = max(1024, 16384 // n)
    return [(16384, 8 * n, 1), (4096, 8 * n, 2), (res // 2, 8 * n, 2), (64, 8 * n, 16), (256, 32 * n, 4), (8192 // n, 8 * n, 1),
            (256, 8 * n, 1), (512, 32, 3), (16, 8 * n, 64 // n)]
