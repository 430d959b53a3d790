"""Maps one module to the library's cells: Yosys and its ABC. Results are kept, stamped with what they were made from."""
import json
import os
import pathlib
import re

from . import design, sums
from .liberty import flop, pins

# For delay: structural choices (dch) are mapped as fast as they go, then what has slack for area (map -D), high fan-out
# nets are buffered and cells sized, or one net decides the clock.
ABC = """strash
ifraig
scorr
dch -f
map -B 0.9 -D {ps}
topo
buffer -c -N 12
topo
upsize -D {ps}
dnsize -D {ps}
"""

# A second time, from what the first has made: 1 % less of the requantizer. The array becomes slower by half a percent.
AGAIN = ("tetra_requant",)

# Parts whose ways begin and end in their own registers need not be faster than the array, which decides the clock: what
# they have left becomes area. Their part of the array's clock, for the registers' own delay and set-up are none of ABC's.
# Processing elements by themselves are compared at that clock, too.
ELEMENTS = ("pe_four", "pe_int8", "pe_int4")  # bench/pe_modes.sv
SLOWER = dict.fromkeys(("tetra_requant", *ELEMENTS), 0.84)

# The array decides the clock: its sums are left to ABC, as Yosys has them. Other parts' are trees of gates, for ABC, too: cells
# that add are smaller, and slower, and only where SLOWER has it the time is known that they may take.
# So are those of its elements by themselves.
LEFT = ("tetra_array", *ELEMENTS)

MAP = """
read_ilang part.il
{sums}
memory_map
opt -fast -full
techmap
opt -fast
dfflibmap -liberty {lib}
opt -fast
abc -D {ps} -liberty {lib} -script abc.script -constr abc.constr
hilomap -hicell {hi} -locell {lo}
clean -purge
rename -top {name}
stat -liberty {lib}
write_verilog -noattr -noexpr -nohex part.v
"""


def ties(lib):
    """Cells that are constantly 1 and 0: (name, pin); None where the library has none."""
    found = {}
    for name, cell in lib.cells.items():
        outputs = [p for p in pins(cell) if p.get("direction") == "output"]
        if any(p.get("direction") == "input" for p in pins(cell)):
            continue
        for p in outputs:
            if p.get("function") in ("0", "1"):
                found.setdefault(p.get("function"), (name, p.args[0]))
    return found.get("1"), found.get("0")


NAME = r"(\\\S+ |[A-Za-z_$][\w$]*)"


def single_bits(text):
    """A netlist without concatenations left of an assignment, which OpenSTA does not read: a line a bit instead."""
    widths = {}
    for high, low, name in re.findall(r"^  (?:wire|input|output|reg)(?: signed)? \[(\d+):(\d+)\] " + NAME + r";", text, re.M):
        widths[name.strip()] = (int(high), int(low))

    def bits(side):
        found = []
        for name, high, low, constant in re.findall(
                NAME + r"\s*(?:\[(\d+)(?::(\d+))?\])?(?=\s*(?:[,}]|$))|(\d+'b[01xz]+)", side.strip().strip("{}").strip()):
            if constant:
                found += [f"1'b{b}" for b in constant.split("b")[1]]
                continue
            name = name.strip()
            spaced = name + " " if name.startswith("\\") else name
            if high == "" and name not in widths:
                found.append(spaced)
                continue
            first, last = (widths[name] if high == "" else (int(high), int(low or high)))
            found += [f"{spaced}[{i}]" for i in range(first, last - 1, -1)]
        return found

    def expand(m):
        left, right = bits(m.group(1)), bits(m.group(2))
        if len(left) != len(right):
            raise design.Refused(f"a netlist's line is not understood: {m.group(0).strip()[:120]}")
        return "\n".join(f"  assign {a} = {b};" for a, b in zip(left, right))

    return re.sub(r"(?m)^  assign (\{[^=]*\}) = (.*);$", expand, text)


class Mapper:
    def __init__(self, yosys, version, lib, lib_path, folder, ps):
        self.yosys, self.version, self.lib, self.lib_path = yosys, version, lib, str(lib_path)
        self.folder, self.ps, self.array_ps = pathlib.Path(folder), ps, 0
        self.lib_digest = design.digest(pathlib.Path(lib_path).read_text(encoding="utf-8"))
        names = lib.buffers()
        self.builder = sums.Builder(lib, ps * 1e-3 / lib.ns())
        self.driver = names[len(names) // 2][0] if names else lib.inverters()[0][0]

    def delay(self, module):
        return int(SLOWER[module.base()] * self.array_ps) if module.base() in SLOWER and self.array_ps else self.ps

    def script(self, name, ps, delays=None):
        """delays: of the additions in sums.v, None where the part has no sums."""
        text = MAP.format(lib=self.lib_path, ps=ps, name=name, hi="", lo="", sums=self.trees(name, delays))
        hi, lo = ties(self.lib)
        line = f"hilomap -hicell {hi[0]} {hi[1]} -locell {lo[0]} {lo[1]}" if hi and lo else ""
        text = re.sub(r"(?m)^hilomap.*$", line, text)
        return text.replace(f"rename -top {name}\n", "")

    def trees(self, name, delays):
        """Reads the sums in the place of cells; additions behind trees are mapped by themselves, for their own delay."""
        if delays is None:
            return ""
        each = [f"cd {tree}\ntechmap\nopt -fast\nabc -D {d} -liberty {self.lib_path} -script {d}.script -constr abc.constr\ncd .."
                for tree, d in delays.items()]
        return "\n".join(["read_verilog sums.v", *each, f"hierarchy -top {name}", "flatten"])

    def map(self, module):
        """Area, cells and netlist of the module; from an earlier run where nothing that it depends on has changed."""
        ps = self.delay(module)
        text, trees, delays = module.text, "", {}
        if module.base() not in LEFT:
            text, trees, delays = self.builder.rewritten(text, ps * 1e-3 / self.lib.ns(), module.base() in SLOWER)
        abc = ABC.replace("topo\n", "strash\ndch -f\nmap -B 0.9 -D {ps}\ntopo\n", 1) if module.base() in AGAIN else ABC
        delays = {tree: int(d * 1e3 * self.lib.ns()) for tree, d in delays.items()}
        script = self.script(module.name, ps, delays if trees else None)
        stamp = design.digest(text, trees, script.replace(self.lib_path, "LIB"), abc, self.lib_digest, self.version, self.driver)
        saved = self.folder / f"{module.name}-{stamp}"
        result = saved / "result.json"
        if result.exists():
            return {**json.loads(result.read_text(encoding="utf-8")), "verilog": str(saved / "part.v")}
        work = self.folder / f"{module.name}-{stamp}.{os.getpid()}"
        work.mkdir(parents=True, exist_ok=True)
        (work / "part.il").write_text("autoidx 100000\n" + text + "\n", encoding="utf-8")
        (work / "sums.v").write_text(trees, encoding="utf-8")
        (work / "part.ys").write_text(script, encoding="utf-8")
        for file, d in (("abc", ps), *((d, d) for d in delays.values())):
            (work / f"{file}.script").write_text(abc.format(ps=d), encoding="utf-8")
        (work / "abc.constr").write_text(f"set_driving_cell {self.driver}\nset_load 0.03\n",
                                         encoding="utf-8")
        design.run(self.yosys, ["part.ys"], work / "part.log", work)
        found = self.read(module, work)
        netlist = work / "part.v"
        netlist.write_text(single_bits(netlist.read_text(encoding="utf-8")), encoding="utf-8")
        (work / "result.json").write_text(json.dumps(found), encoding="utf-8")
        work.rename(saved)
        return {**found, "verilog": str(saved / "part.v")}

    def read(self, module, work):
        log = (work / "part.log").read_text(encoding="utf-8", errors="replace")
        stat = log[log.rindex("=== "):] if "=== " in log else ""
        cells = {kind: int(n) for kind, n in re.findall(r"^\s+(\S+)\s+(\d+)$", stat, re.M) if kind in self.lib.cells}
        cells.update({kind: int(n) for n, kind in re.findall(r"^\s+(\d+)(?:\s+\S+)?\s+(\S+)$", stat, re.M)
                      if kind in self.lib.cells})
        left = [kind for kind in re.findall(r"\$_\w+_|\$\w+", stat) if kind.startswith("$_") or kind == "$lut"]
        if left:
            raise design.Refused(f"LIBERTY: {self.lib.name} has no cell for {sorted(set(left))[0]} of {module.name}")
        return figures(self.lib, module.name, cells)


def figures(lib, name, cells):
    """What a part is, of its cells by kind; its netlist is still to be named."""
    area = sum(n * lib.cells[kind].number("area") for kind, n in cells.items())
    flops = {kind: n for kind, n in cells.items() if flop(lib.cells[kind]) is not None}
    return {"name": name, "area": area, "cells": sum(cells.values()), "flops": sum(flops.values()),
            "flop_area": sum(n * lib.cells[kind].number("area") for kind, n in flops.items()),
            "leakage_w": sum(n * leakage_of(lib, kind) for kind, n in cells.items()), "by_cell": cells, "verilog": ""}


def leakage_of(lib, kind):
    """Watt. The cell's own number, or the mean over its states."""
    cell = lib.cells[kind]
    values = [g.number("value") for g in cell.all("leakage_power")]
    own = cell.get("cell_leakage_power")
    value = float(own) if own is not None else (sum(values) / len(values) if values else 0.0)
    return value * lib.leakage_watt()
