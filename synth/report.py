#!/usr/bin/env python3
"""Prints the tables of scripts/synth.sh from the JSON statistics that the Yosys scripts beside this file leave.

report.py FOLDER: FOLDER holds coarse.json (word-level cells), gates.json (mapped), elaborate8.json, pe.json.
"""
import collections
import json
import pathlib
import re
import sys


def load(folder, name):
    modules = json.loads((folder / name).read_text())["modules"]
    return {key.lstrip("\\"): value for key, value in modules.items()}


def base(name):
    """Module name without its parameters."""
    return re.search(r"tetra_\w+", name).group(0)


def instances(modules):
    """How often each (parameterized) module occurs below the top."""
    count = collections.Counter()

    def walk(name, times):
        count[name] += times
        for kind, n in modules[name]["num_cells_by_type"].items():
            if kind.lstrip("\\") in modules:
                walk(kind.lstrip("\\"), times * n)

    walk(next(name for name in modules if base(name) == "tetra_top"), 1)
    return count


def total(modules, wanted):
    """Sums `wanted(module)` over all instances, by base name."""
    sums = collections.Counter()
    for name, times in instances(modules).items():
        sums[base(name)] += times * wanted(modules[name])
    return sums


def cells(modules, pattern):
    """A function that counts the cells of one module whose type matches, sub-modules aside."""
    return lambda m: sum(n for kind, n in m["num_cells_by_type"].items()
                         if kind.lstrip("\\") not in modules and re.fullmatch(pattern, kind.lstrip("\\")))


def bits(module):
    return module["num_memory_bits"]


def main():
    folder = pathlib.Path(sys.argv[1])
    coarse, gates = load(folder, "coarse.json"), load(folder, "gates.json")
    count = collections.Counter()
    for name, times in instances(coarse).items():
        count[base(name)] += times
    gate = total(gates, cells(gates, r"\$_(?!.*(DFF|LATCH)).*"))
    flop = total(gates, cells(gates, r"\$_.*DFF.*"))
    latch = sum(total(gates, cells(gates, r"\$_.*LATCH.*")).values())
    mult = total(coarse, cells(coarse, r"\$mul"))
    memory = total(coarse, bits)
    # The array's shadow weights were turned into flip-flops.
    memory["tetra_array"] = 0

    print("tetra_top, 4x4, small buffers: cells by module (all instances, sub-modules not counted)")
    row = "{:<16} {:>9} {:>9} {:>11} {:>11} {:>12}"
    print(row.format("module", "instances", "gates", "flip-flops", "multipliers", "memory bits"))
    for name in sorted(count, key=lambda k: -(gate[k] + flop[k])):
        print(row.format(name, count[name], gate[name], flop[name], mult[name], memory[name]))
    print(row.format("total", "", sum(gate.values()), sum(flop.values()), sum(mult.values()), sum(memory.values())))
    sram, queue = memory["tetra_sram"], memory["tetra_fifo"]
    print(f"memories: {sram} bits in SRAMs, {queue} in queues, {sum(memory.values()) - sram - queue} elsewhere; latches: {latch}")

    pe = load(folder, "pe.json")["tetra_pe"]
    print(f"one processing element's arithmetic, combinational: {pe['num_cells']} gates")

    large = load(folder, "elaborate8.json")
    memory = total(large, bits)
    print(f"tetra_top, 8x8, default buffers: elaborates and passes Yosys' checks; {sum(instances(large).values())} module"
          f" instances, {sum(total(large, cells(large, r'[$]mul')).values())} multipliers,"
          f" {memory['tetra_sram']} bits ({memory['tetra_sram'] / 8192:.1f} KiB) of SRAM")
    if latch:
        sys.exit("latches found")


if __name__ == "__main__":
    main()
