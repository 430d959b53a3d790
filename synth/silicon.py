#!/usr/bin/env python3
"""silicon.py [OPTIONS]: the accelerator in a technology: area by module, clock and the path that decides it, power of a layer
in each mode, an energy table for ./sim --energy. Needs yosys, sta (OpenSTA), verilator and a C++ compiler, with --price iverilog. `make silicon` calls it.

Results are kept by part in the output folder, stamped with what they were made from: a run that is ended goes on where it
was. docs/silicon.md says what is measured and what is modelled.
"""
import argparse
import concurrent.futures
import copy
import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from flow import activity, compose, design, mapping, netlist, program, sizing, sram, sta  # noqa: E402
from flow.liberty import Library, Refused  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEFAULT = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"
ARRAYS = (4, 8)
OWN_CLOCK = ("tetra_requant", "tetra_fetch", "tetra_regs")  # whose own clock is shown: they have decided the whole's
DRAM_PJ = 162.5
DRAM_FROM = "cited: M. Horowitz, Computing's energy problem, ISSCC 2014: 1.3 nJ (at least) of a 64-bit DRAM access, interface included"


class Parser(argparse.ArgumentParser):
    """Bad options are refused in one line, as other bad input is."""

    def error(self, message):
        raise Refused(f"{message}; --help lists what is accepted")


def jobs(text):
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        raise Refused(f"--jobs: '{text}' is not accepted; 1 to 999 are")
    return int(text)


def options():
    p = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--liberty", default=DEFAULT, help="the library's files, separated by blanks or commas; may be .gz")
    p.add_argument("--array", default="4", help=f"map an array of this side: {', '.join(map(str, ARRAYS))}")
    p.add_argument("--node", default="", help="feature size in nm, where the library is not known by name")
    p.add_argument("--sram", default="", help="a table of real SRAM macros instead of the model")
    p.add_argument("--out", default=str(ROOT / "build/silicon"))
    p.add_argument("--jobs", type=jobs, default=os.environ.get("JOBS") or "2")
    p.add_argument("--area-only", action="store_true", help="no simulation of the netlist, no energy table")
    p.add_argument("--quick", action="store_true", help="without the 8x8 array that composition is checked by")
    p.add_argument("--price", action="store_true", help="also the price of four modes: PEs of one precision (synth/bench)")
    return p.parse_args()


def tools(o):
    for tool, package in (("yosys", "yosys"), ("sta", "opensta"), *(() if o.area_only else (("verilator", "verilator"),)),
                          *((("iverilog", "iverilog"),) if o.price else ())):
        if shutil.which(tool) is None:
            raise Refused(f"{tool} is not installed (Debian's package {package}; scripts/install-deps.sh --silicon installs all)")
    return subprocess.run(["yosys", "-V"], capture_output=True, text=True, check=True).stdout.strip()


def library(o, out):
    files = [f for f in o.liberty.replace(",", " ").split() if f]
    if not files:
        raise Refused("LIBERTY: no file is given; a .lib or .lib.gz is accepted, or several, separated by blanks")
    if files == [DEFAULT] and not pathlib.Path(DEFAULT).exists():
        raise Refused("the default library is not installed (Debian's package qflow-tech-osu018); or give LIBERTY=FILE")
    lib = Library(files)
    path = out / f"{lib.name}.lib"
    text = lib.text()
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return lib, path


def map_all(o, mapper, modules, names):
    """Results by name; large modules first, `jobs` at once."""
    order = sorted(names, key=lambda n: -len(modules[n].text))
    done, start = {}, time.time()
    with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
        waiting = {pool.submit(mapper.map, modules[n]): n for n in order}
        try:
            for f in concurrent.futures.as_completed(waiting):
                done[waiting[f]] = f.result()
                print(f"silicon: {len(done)} of {len(order)} parts mapped, {waiting[f]}; {time.time() - start:.0f} s", file=sys.stderr)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return done


class Study:
    """One library, one array size: everything that is measured of it."""

    def __init__(self, o):
        self.o, self.n = o, int(o.array)
        self.version = tools(o)
        self.root_out = pathlib.Path(o.out).resolve()
        try:
            self.root_out.mkdir(parents=True, exist_ok=True)
        except OSError as why:
            raise Refused(f"--out: cannot make the folder '{self.root_out}': {why.strerror}; give another one") from why
        self.lib, self.lib_path = library(o, self.root_out)
        self.out = self.root_out / self.lib.name
        self.out.mkdir(exist_ok=True)
        self.model = sram.Model(self.lib, sram.node_of(self.lib, o.node), o.sram or None)
        # What ABC sizes cells for: 46 delays of an inverter with a load of four, which the large parts do not reach.
        self.ps = int(self.model.node * 1000 / 60)
        self.mapper = mapping.Mapper("yosys", self.version, self.lib, self.lib_path, self.out / "parts", self.ps)

    def whole(self):
        top = "tetra_top"
        self.modules = design.elaborate("yosys", ROOT, self.out, top, {"N": self.n, **design.BUFFERS})
        self.counts = design.instances(self.modules, top)
        self.srams = [m for m in self.modules.values() if m.is_sram()]
        names = [n for n in self.counts if not self.modules[n].is_sram()]
        array = map_all(self.o, self.mapper, self.modules, ["tetra_array"])
        self.mapper.array_ps = 1000 * self.array_clock(array)["ns"]
        self.mapped = {**array, **map_all(self.o, self.mapper, self.modules, [n for n in names if n not in array])}
        shared = compose.lanes(self.n) != self.n
        self.map_lanes([design.elaborate("yosys", ROOT, self.out, "tetra_requant", {"N": n, "RowCycles": 1})
                        for n in ((self.n, 2 * self.n) if shared else ())])
        self.sram_lib = self.out / f"sram-{self.n}.lib"
        self.sram_lib.write_text(sram.liberty(self.model, self.srams), encoding="utf-8")
        self.parts = sizing.sized(self.lib, self.mapped, self.model, self.srams, self.out / "sized")

    def map_lanes(self, both):
        """Requantizers with a lane a column, as larger arrays have it, where this one's columns share lanes: of as many columns, and
        of twice as many, since what they have but once is not what grows."""
        self.unshared = both
        self.unshared_um2 = [map_all(self.o, self.mapper, m, ["tetra_requant"])["tetra_requant"]["area"] for m in both]

    def composed(self, to):
        """um2 by class of an array of another size."""
        found = compose.composed(self.by_class("area"), self.n, to)
        if self.unshared_um2 and compose.lanes(to) == to:
            found["lanes"] = compose.line(self.n, *self.unshared_um2, to)
        return found

    def array_clock(self, parts):
        return sta.analyse(self.lib, self.lib_path, None, [parts["tetra_array"]["verilog"]], "tetra_array", self.out,
                           [("ports", "rst_ni")])

    def timing(self):
        netlists = [r["verilog"] for r in self.parts.values()]
        whole = sta.analyse(self.lib, self.lib_path, self.sram_lib, netlists, "tetra_top", self.out,
                            [("ports", sizing.RESETS[0]), ("nets", sizing.RESETS[1])])
        self.name_registers(whole, "tetra_top")
        array = self.array_clock(self.parts)
        self.name_registers(array, "tetra_array")
        own = {}
        for name, r in self.parts.items():
            if r["flops"] and self.modules[name].base() in OWN_CLOCK:
                try:
                    subs = [self.parts[k]["verilog"] for k in design.instances(self.modules, name) if k in self.parts]
                    own[name] = sta.analyse(self.lib, self.lib_path, self.sram_lib, subs, name, self.out, [("ports", "rst_ni")])
                    self.name_registers(own[name], name)
                except Refused as why:
                    print(f"silicon: {name}: {why}", file=sys.stderr)
        return whole, array, own

    def name_registers(self, path, top):
        """Where a path starts and ends: the nets of its flip-flops instead of their numbers, and the modules."""
        found = {p: name for p, name in design.paths(self.modules, top)}
        for key in ("start", "end"):
            parts = path[key].replace("\\", "").split("/")
            cell = parts.pop() if "/".join(parts) not in found else ""
            module = self.modules[found["/".join(parts)]]
            if cell:
                text = pathlib.Path(self.parts[module.name]["verilog"]).read_text(encoding="utf-8")
                path[key] = "/".join(parts + [netlist.register(text, cell, self.lib) or cell])
            path[key + "_module"] = module.base()

    def eight_bits(self, root):
        """The whole with its 4-bit modes tied off: what it is to the whole with them, at this size and composed at 8x8."""
        t = copy.copy(self)
        t.modules, t.out = design.tied(self.modules, design.EIGHT_BITS), self.out / "eight-bits"
        t.out.mkdir(exist_ok=True)
        changed = [n for n in self.mapped if t.modules[n] is not self.modules[n]]
        t.mapped = {**self.mapped, **map_all(self.o, self.mapper, t.modules, changed)}
        t.map_lanes([design.tied(m, design.EIGHT_BITS) for m in self.unshared])
        t.parts = sizing.sized(self.lib, t.mapped, self.model, self.srams, t.out / "sized")
        clock, _, _ = t.timing()
        return t, clock, activity.run(t, root, clock, program.MODES[:1])

    def whole_price(self, root, clock, netlist):
        """Rows of a table: four modes, and 8 bits only."""
        t, own, alone = self.eight_bits(root)
        rows = []
        for name, s, c, mode in (("four modes", self, clock, netlist["modes"]["a8w8"]), ("8 bits only", t, own, alone["modes"]["a8w8"])):
            logic = {to: sum(s.composed(to).values()) for to in (self.n, 8)}
            grid = {to: s.composed(to)["grid"] for to in (self.n, 8)}
            rows.append({"design": name, "logic_um2": logic[self.n], "logic_8_um2": logic[8], "grid_um2": grid[self.n], "grid_8_um2": grid[8],
                         "mhz": c["mhz"], "pj_per_mac": mode["pj_per_mac"], "pj_per_mac_all": mode["pj_per_mac_all"]})
        return rows

    def area(self):
        rows = []
        by_base = {}
        for name, r in self.parts.items():
            row = by_base.setdefault(self.modules[name].base(), {"instances": 0, "cells": 0, "flops": 0, "area_um2": 0.0, "leakage_uw": 0.0})
            times = self.counts[name]
            row["instances"] += times
            row["cells"] += times * r["cells"]
            row["flops"] += times * r["flops"]
            row["area_um2"] += times * r["area"]
            row["leakage_uw"] += times * r["leakage_w"] * 1e6
        for base, row in sorted(by_base.items(), key=lambda kv: -kv[1]["area_um2"]):
            rows.append({"module": base, "class": compose.class_of(base), **row})
        return rows

    def by_class(self, key):
        return compose.sums({n: (self.modules[n].base(), r) for n, r in self.parts.items()}, self.counts, key)

    def composition(self):
        """Logic of other sizes from this one's parts, and their SRAMs by the model."""
        found = []
        for to in (4, 8, 16, 32):
            logic = self.composed(to)
            macros = sum(k * self.model.macro(w, b)["area_um2"] for w, b, k in compose.srams(to))
            found.append({"array": to, "how": "mapped" if to == self.n else "composed", **{f"{k}_um2": v for k, v in logic.items()},
                          "logic_um2": sum(logic.values()), "sram_um2": macros})
        return found


def print_report(d):
    print(f"\n{d['library']}; {d['array']}x{d['array']}; {d['tools']}; SRAMs: {d['sram_model']}")
    print("\narea by module (all instances; SRAMs apart)")
    print(f"{'module':<18} {'inst.':>5} {'cells':>8} {'flip-flops':>10} {'um2':>12} {'share':>6} {'leakage uW':>10}")
    total = sum(r["area_um2"] for r in d["area"])
    for r in d["area"]:
        print(f"{r['module']:<18} {r['instances']:>5} {r['cells']:>8} {r['flops']:>10} {r['area_um2']:>12,.0f} "
              f"{100 * r['area_um2'] / total:>5.1f}% {r['leakage_uw']:>10.4g}")
    print(f"{'sum':<18} {'':>5} {sum(r['cells'] for r in d['area']):>8} {sum(r['flops'] for r in d['area']):>10} {total:>12,.0f}")
    print("\narrays: logic by what it grows with, and the default buffers' SRAMs by the model, um2")
    print(f"{'array':>6} {'':<9} {'grid':>13} {'lanes':>12} {'paths':>12} {'control':>12} {'logic':>14} {'SRAM':>14}")
    for r in d["arrays"]:
        print(f"{r['array']:>6} {r['how']:<9} {r['grid_um2']:>13,.0f} {r['lanes_um2']:>12,.0f} {r['paths_um2']:>12,.0f} "
              f"{r['control_um2']:>12,.0f} {r['logic_um2']:>14,.0f} {r['sram_um2']:>14,.0f}")
    if "check" in d:
        c = d["check"]
        print(f"check    an array of 8x8 is composed of {c['composed_um2']:,.0f} um2 and mapped to {c['mapped_um2']:,.0f}: "
              f"{100 * (c['composed_um2'] / c['mapped_um2'] - 1):+.1f}%")
    w, a = d["clock"]["whole"], d["clock"]["array"]
    print(f"\nclock    {w['mhz']:.1f} MHz ({w['ns']:.3f} ns): {w['start']} ({w['start_module']}) -> {w['end']} ({w['end_module']}), {w['cells']} points")
    print(f"         tetra_array alone {a['mhz']:.1f} MHz ({a['ns']:.3f} ns): {a['start']} -> {a['end']}; the whole reaches {100 * a['ns'] / w['ns']:.0f}% of it")
    for name, t in sorted(d["clock"]["modules"].items()):
        print(f"         {name} alone {t['mhz']:.1f} MHz: {t['start']} -> {t['end']}")
    if "netlist" in d:
        faults = d["netlist"]["faults"]
        print(f"\nnetlist  {d['netlist']['text']}; of {len(faults)} wrong cells, one a module, {sum(faults.values())} are noticed" +
              "".join(f"; not in {m}" for m, noticed in faults.items() if not noticed))
        print("mode     pJ a MAC: array's dynamic energy, random operands; with clock pins and leakage at the clock above")
        for mode, m in d["netlist"]["modes"].items():
            print(f"  {mode:<6} {m['pj_per_mac']:>9.4f} {m['pj_per_mac_all']:>9.4f}")
        ratio = d["netlist"]["modes"]["a4w4"]["pj_per_mac"] / d["netlist"]["modes"]["a8w8"]["pj_per_mac"]
        print(f"         a 4-bit MAC takes {ratio:.2f} of the energy of an 8-bit one")
        print(f"energy table for ./sim --energy: {d['energy_table']}")
    if "price" in d:
        print("\nprice of four modes: one PE with its registers")
        print(f"{'PE':<12} {'um2':>10} {'cells':>6} {'MHz':>8}   pJ a MAC by mode")
        for p in d["price"]:
            print(f"{p['pe']:<12} {p['area_um2']:>10,.0f} {p['cells']:>6} {p['mhz']:>8.1f}   " +
                  ", ".join(f"{k} {v:.4f}" for k, v in p["pj_per_mac"].items()))


    if "whole_price" in d:
        print("\n4-bit modes tied off: logic and the array with its accumulators' (um2, mapped, and composed at 8x8), pJ an 8-bit MAC")
        print(f"{'design':<12} {'logic':>13} {'array':>12} {'logic, 8x8':>13} {'array, 8x8':>12} {'MHz':>7} {'pJ':>9} {'with clock':>10}")
        for r in d["whole_price"]:
            print(f"{r['design']:<12} {r['logic_um2']:>13,.0f} {r['grid_um2']:>12,.0f} {r['logic_8_um2']:>13,.0f} {r['grid_8_um2']:>12,.0f} "
                  f"{r['mhz']:>7.1f} {r['pj_per_mac']:>9.4f} {r['pj_per_mac_all']:>10.4f}")


def write_csv(path, d):
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f)
        w.writerow(["table", "name", "key", "value"])
        for r in d["area"]:
            w.writerows(["area", r["module"], k, v] for k, v in r.items() if k != "module")
        for r in d["arrays"]:
            w.writerows(["arrays", r["array"], k, v] for k, v in r.items() if k != "array")
        for name, t in (("whole", d["clock"]["whole"]), ("array", d["clock"]["array"]), *d["clock"]["modules"].items()):
            w.writerows(["clock", name, k, v] for k, v in t.items() if k != "report")
        for mode, m in d.get("netlist", {}).get("modes", {}).items():
            w.writerows(["energy", mode, k, v] for k, v in m.items())
        for r in d.get("whole_price", []):
            w.writerows(["whole price", r["design"], k, v] for k, v in r.items() if k != "design")
        for p in d.get("price", []):
            w.writerows(["price", p["pe"], k, v] for k, v in p.items() if k not in ("pe", "pj_per_mac"))
            w.writerows(["price", p["pe"], f"pj_per_mac_{k}", v] for k, v in p["pj_per_mac"].items())


def study(o):
    if o.array not in map(str, ARRAYS):
        raise Refused(f"ARRAY: '{o.array}' cannot be mapped in reasonable memory and time; {' or '.join(map(str, ARRAYS))} is accepted; "
                      "16 and 32 are composed of it")
    s = Study(o)
    s.whole()
    whole, array, own = s.timing()
    d = {"schema": "tetra-silicon-1", "library": s.lib.corner(), "node_nm": s.model.node, "array": s.n, "tools": s.version,
         "sram_model": o.sram or f"modelled at {s.model.node:g} nm (docs/silicon.md)", "area": s.area(), "arrays": s.composition(),
         "clock": {"whole": whole, "array": array, "modules": own}}
    if s.n == 4 and not o.quick:
        eight = design.elaborate("yosys", ROOT, s.out, "tetra_array", {"N": 8, "FreeRun": 1})
        r = map_all(o, s.mapper, eight, ["tetra_array"])["tetra_array"]
        d["check"] = {"composed_um2": 4 * s.mapped["tetra_array"]["area"], "mapped_um2": r["area"]}
    if not o.area_only and s.n == 4:
        d["netlist"] = activity.run(s, ROOT, whole)
        d["energy_table"] = str(s.out / "energy.json")
        pathlib.Path(d["energy_table"]).write_text(json.dumps(activity.table(s, d, DRAM_PJ, DRAM_FROM), indent=2) + "\n", encoding="utf-8")
    if o.price:
        d["price"] = activity.price(s, ROOT)
        if "netlist" in d:
            d["whole_price"] = s.whole_price(ROOT, whole, d["netlist"])
    (s.out / "silicon.json").write_text(json.dumps(d, indent=2) + "\n", encoding="utf-8")
    write_csv(s.out / "silicon.csv", d)
    print_report(d)
    print(f"\nfor programs: {s.out / 'silicon.json'}, {s.out / 'silicon.csv'}")


def main():
    try:
        study(options())
    except Refused as why:
        print(f"silicon: {why}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("silicon: interrupted; what is mapped is kept, the same command goes on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
