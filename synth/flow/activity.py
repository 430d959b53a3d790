"""Power of mapped modules from a simulation of them: what four modes cost a processing element."""
import pathlib
import re

from . import cells, design, power, sta

NAMES = ("a8w8", "a8w4", "a4w8", "a4w4")
MACS = {"a8w8": 1, "a8w4": 2, "a4w8": 2, "a4w4": 4}


def simulate(folder, name, sources, top, defines=(), plus=(), include=()):
    """Output of an Icarus simulation."""
    folder = pathlib.Path(folder)
    design.run("iverilog", ["-g2012", "-s", top, "-s", "tetra_seed", "-o", f"{name}.vvp", *(f"-D{d}" for d in defines), *(f"-I{i}" for i in include),
                            *map(str, sources)], folder / f"{name}.compile", folder)
    design.run("vvp", ["-n", f"{name}.vvp", *plus], folder / f"{name}.out", folder)
    return (folder / f"{name}.out").read_text(encoding="utf-8", errors="replace")


# Single PEs (synth/bench/pe_modes.sv), and the modes that each has.
PES = {"pe_four": NAMES, "pe_int8": ("a8w8",), "pe_int4": ("a4w4",)}
CYCLES = 1000


def price(s, root):
    found = []
    for pe, modes in PES.items():
        folder = s.out / f"{pe}"
        folder.mkdir(exist_ok=True)
        modules = design.elaborate("yosys", root, s.out, pe, {}, [root / "synth/bench/pe_modes.sv"])
        part = s.mapper.map(modules[pe])
        timing = sta.analyse(s.lib, s.lib_path, None, [part["verilog"]], pe, folder)
        (folder / "cells.v").write_text(cells.verilog(s.lib, set(part["by_cell"])), encoding="utf-8")
        sources = [part["verilog"], "cells.v", root / "synth/bench/pe_tb.sv"]
        out = simulate(folder, "pe", sources, "pe_tb", [f"PE={pe}", f"CYCLES={CYCLES}", f"ONLY={'0123'[NAMES.index(modes[0])]}",
                                                       f"MODES={len(modes)}", *(["FOUR"] if pe == "pe_four" else []), *(["INT8"] if pe == "pe_int8" else [])], ["+vcd=pe.vcd"])
        windows = [(int(a), int(b)) for a, b in re.findall(r"^phase \d+ (\d+) (\d+)$", out, re.M)]
        nets, clock = power.netlist(part["verilog"], power.Energies(s.lib))
        names, counts = power.toggles(folder / "pe.vcd", windows, lambda scope: scope == "pe_tb/u_pe")
        joule = [sum(w.values()) for w in power.total(lambda scope: nets, names, counts)]
        (folder / "pe.vcd").unlink()
        found.append({"pe": pe, "area_um2": part["area"], "cells": part["cells"], "flops": part["flops"], "mhz": timing["mhz"],
                      "pj_per_mac": {m: 1e12 * (j / CYCLES + clock) / MACS[m] for m, j in zip(modes, joule)}})
    return found
