"""The mapped netlist, simulated: equal to the RTL in a layer of each mode, and the power of that."""
import pathlib
import re
import subprocess

from . import cells, compose, design, gates, netlist, power, program
from .liberty import Refused, flop, pins

NAMES = ("a8w8", "a8w4", "a4w8", "a4w4")
BENCH = ("netlist.cc", "gates.h")
FAULTS = 8                                        # wrong cells that are tried
MACS = {"a8w8": 1, "a8w4": 2, "a4w8": 2, "a4w4": 4}


def simulate(folder, name, sources, top, defines=(), plus=(), include=()):
    """Output of an Icarus simulation."""
    folder = pathlib.Path(folder)
    design.run("iverilog", ["-g2012", "-s", top, "-s", "tetra_seed", "-o", f"{name}.vvp", *(f"-D{d}" for d in defines), *(f"-I{i}" for i in include),
                            *map(str, sources)], folder / f"{name}.compile", folder)
    design.run("vvp", ["-n", f"{name}.vvp", *plus], folder / f"{name}.out", folder)
    return (folder / f"{name}.out").read_text(encoding="utf-8", errors="replace")


def run(s, root, clock, modes=program.MODES):
    """Equality in every mode, and pJ by mode; s.energy has J by class and module."""
    stamp = design.digest(design.scripts(), s.mapper.lib_digest, str(modes), *((root / f"synth/bench/{f}").read_text(encoding="utf-8") for f in BENCH),
                          *(pathlib.Path(r["verilog"]).read_text(encoding="utf-8") for _, r in sorted(s.parts.items())))
    found = design.kept(s.out, f"netlist-{s.n}", stamp, lambda: simulated(s, root, modes))
    s.energy, result = found["energy"], {"text": found["text"], "faults": found["faults"], "modes": {}}
    grid = s.n * s.n
    base = s.energy["clock"]["grid"] + s.by_class("leakage_w")["grid"] * clock["ns"] * 1e-9
    for mode, by in zip(NAMES, s.energy["windows"]):
        dynamic = by["grid"] / (program.PIXELS * program.STEPS * grid)
        result["modes"][mode] = {"pj_per_pe": 1e12 * dynamic, "pj_per_mac": 1e12 * dynamic / MACS[mode],
                                 "pj_per_mac_all": 1e12 * (dynamic + base / grid) / MACS[mode], "cycles": by["cycles"]}
    return result


def simulated(s, root, modes):
    """The netlist beside the RTL, then with a wrong cell in each of the largest modules."""
    folder = s.out / f"netlist-{s.n}"
    folder.mkdir(exist_ok=True)
    p = program.Program(root, s.n)
    for mode in modes:
        p.layer(*mode)
    p.write(folder)
    flat = netlist.Flat({name: pathlib.Path(r["verilog"]).read_text(encoding="utf-8") for name, r in s.parts.items()}, "tetra_top",
                        s.lib.cells)
    writer = gates.Writer(s.lib, flat)
    (folder / "netlist.txt").write_text(writer.text(), encoding="utf-8")
    binary = built(s, root, folder)
    out = bench(binary, -1, folder, "toggles.txt")
    if not re.search(r"^PASS$", out, re.M):
        raise Refused(f"the mapped netlist is not equal to the RTL: {folder / 'run.out'} has the first difference; {netlist.ADVICE}")
    wrong = wrong_cells(s, flat, folder / "toggles.txt")
    faults = {flat.cells[at][2]: not re.search(r"^PASS$", bench(binary, writer.gate_of[at], folder), re.M) for at in wrong}
    if 2 * sum(faults.values()) <= len(faults):
        raise Refused(f"a wrong cell in the netlist is not noticed in {', '.join(m for m, seen in faults.items() if not seen)}, which is half of the "
                      "modules or more: the comparison of netlist and RTL shows too little")
    cycles = [int(n) for n in re.findall(r"^phase \d+ (\d+)$", out, re.M)]
    text = re.search(r"^(\d+ clocks.*)$", out, re.M).group(1)
    return {"text": f"{text}: equal to the RTL in a layer of each mode", "faults": faults, "energy": measure(s, flat, folder / "toggles.txt", cycles)}


def wrong_cells(s, flat, toggles):
    """Positions in flat.cells: in each of the modules with most of them, the gate whose output changes most often. Of the
    others many change where nobody looks: in a queue's entries that are not read, in a shifter that another mode uses."""
    changes = [sum(column) for column in zip(*(map(int, line.split()) for line in open(toggles, encoding="utf-8")))]
    by = {}
    for at, (kind, nets, module) in enumerate(flat.cells):
        outputs = [nets[p.args[0]] for p in pins(s.lib.cells[kind]) if p.get("direction") == "output" and p.args[0] in nets]
        most = max((changes[n] for n in outputs), default=0)
        if flop(s.lib.cells[kind]) is None and len(nets) > 2 and most:
            by.setdefault(module, []).append((most, at))
    largest = sorted(by.values(), key=len, reverse=True)[:FAULTS]
    return [max(cells)[1] for cells in largest]


def built(s, root, folder):
    """The program made of RTL, bench and the netlist's simulator. Verilator takes gigabytes for the netlist itself."""
    params = [f"-G{k}={v}" for k, v in {"N": s.n, **design.BUFFERS}.items()]
    design.run("verilator", ["--cc", "--exe", "--build", "-j", str(s.o.jobs), "-O3", "--x-initial", "unique", "-Wno-fatal", "-Wno-lint",
                             "-Wno-style", "--top-module", "tetra_top", "--Mdir", "obj", "-o", "netlist", *params,
                             "-CFLAGS", f"-std=c++17 -I{root / 'synth/bench'} -I{root / 'driver/include'} -I{root / 'cmodel/include'}", "-MAKEFLAGS", "OPT_FAST=-O1", "-MAKEFLAGS", "OPT_SLOW=-O0",
                             f"-I{root / 'rtl/compute'}", f"-I{root / 'rtl/output'}", f"-I{root / 'rtl/control'}", *map(str, design.files(root)), str(root / "synth/bench/netlist.cc")],
               folder / "verilator.log", folder)
    return folder / "obj/netlist"


def bench(binary, fault, folder, *toggles):
    """What a run prints; it ends with 1 where the outputs differ."""
    out = subprocess.run([str(binary), str(fault), *toggles], cwd=folder, capture_output=True, text=True, check=False)
    if fault < 0:
        (folder / "run.out").write_text(out.stdout + out.stderr, encoding="utf-8")
    return out.stdout


def measure(s, flat, toggles, cycles):
    """{"clock": J a cycle by class, "windows": [J by class, by module, cycles]}"""
    weights, clock = power.flat_energies(flat, power.Energies(s.lib))
    classes = {name: compose.class_of(s.modules[name].base()) for name in s.parts}
    by_class = dict.fromkeys(compose.CLASSES, 0.0)
    for module, joule in clock.items():
        by_class[classes[module]] += joule
    found = []
    with open(toggles, encoding="utf-8") as f:
        for line, n in zip(f, cycles):
            by = dict.fromkeys(compose.CLASSES, 0.0)
            for net, count in enumerate(map(int, line.split())):
                module, joule = weights.get(net, (None, 0.0))
                if module is not None and count:
                    base = s.modules[module].base()
                    by[base] = by.get(base, 0.0) + count * joule
                    by[classes[module]] += count * joule
            found.append({**by, "cycles": n})
    return {"clock": by_class, "windows": found}


def table(s, d, dram_pj, dram_from):
    """An energy table for ./sim --energy."""
    n, windows = s.n, s.energy["windows"]
    cycles = sum(w["cycles"] for w in windows)
    total = lambda key: sum(w.get(key, 0.0) for w in windows)  # noqa: E731
    rows = sum(program.PIXELS * (1 if wgt8 else 2) * 2 for _, wgt8 in program.MODES)
    weights = len(program.MODES) * program.STEPS * n * n
    commands = len(program.MODES) * 7
    leak = s.by_class("leakage_w")
    units = {"grid": n * n, "lanes": compose.lanes(n), "paths": n, "control": 1}
    measured = f"measured: {d['library']}, {d['tools']}, {n}x{n} mapped, a layer in each mode with random operands, no wires, no glitches"

    def per_cycle(kind, dynamic):
        return {"pj": 1e12 * (s.energy["clock"][kind] + dynamic / cycles) / units[kind], "nw": 1e9 * leak[kind] / units[kind],
                "from": measured + ("; clock pins" if not dynamic else "; clock pins and what moves in every cycle")}

    fetching = total("tetra_fetch") + total("tetra_check")
    events = {f"mac_{m}": {"pj": d["netlist"]["modes"][m]["pj_per_pe"], "from": measured} for m in NAMES}
    events |= {"weight": {"pj": 1e12 * total("tetra_wload") / weights, "from": measured + "; tetra_wload alone"},
               "array_cycle": per_cycle("grid", 0),
               "requant": {"pj": 1e12 * total("lanes") / (rows * n), "from": measured},
               "lane_cycle": per_cycle("lanes", 0),
               "command": {"pj": 1e12 * fetching / commands, "from": measured + "; tetra_fetch and tetra_check"},
               "column_cycle": per_cycle("paths", total("paths") - total("tetra_wload")),
               "cycle": per_cycle("control", total("control") - fetching),
               "dram_read": {"pj": dram_pj, "from": dram_from}, "dram_write": {"pj": dram_pj, "from": dram_from}}
    f = s.model.formula()
    from_model = f"modelled at {s.model.node:g} nm (docs/silicon.md): cited figures at 45 nm, scaled by feature size and voltage squared"
    return {"schema": "tetra-energy-1", "name": f"{d['library']}", "clock_mhz": d["clock"]["whole"]["mhz"],
            "about": "written by synth/silicon.py; docs/silicon.md says how", "events": events,
            "sram": {"read": {**f["read"], "from": from_model}, "write": {**f["write"], "from": from_model},
                     "leakage": {"nw_per_bit": f["nw_per_bit"], "from": "modelled: two of the library's smallest inverters a bit"}}}


# ---- The price of four modes: single PEs (synth/bench/pe_modes.sv) ----
PES = {"pe_four": NAMES, "pe_int8": ("a8w8",), "pe_int4": ("a4w4",)}
CYCLES = 1000


def price(s, root):
    found = []
    for pe, modes in PES.items():
        folder = s.out / f"{pe}"
        folder.mkdir(exist_ok=True)
        from . import sta
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
