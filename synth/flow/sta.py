"""Static timing by OpenSTA: the clock that a netlist can have, and the path that decides it. No wires' load."""
import pathlib
import re

from . import design

SCRIPT = """
read_liberty {lib}
{srams}
{netlists}
link_design {top}
create_clock -name clk -period {period} [get_ports clk_i]
set_input_transition {slew} [all_inputs]
{resets}
report_checks -path_delay max -from [all_registers -clock_pins] -to [all_registers -data_pins] -format full -digits 4
exit
"""


def analyse(lib, lib_path, sram_path, netlists, top, folder, resets=()):
    """{"ns": least period, "start": (instance, cell), "end": ..., "text": report}. `resets`: nets that are left out, as the
    clock's are: a layout gives them a tree."""
    folder = pathlib.Path(folder)
    period = 1000 / lib.ns() if lib.ns() < 0.01 else 1000.0
    script = SCRIPT.format(lib=lib_path, srams=f"read_liberty {sram_path}" if sram_path else "", top=top, period=period,
                           netlists="\n".join(f"read_verilog {n}" for n in netlists), slew=0.05 / lib.ns(),
                           resets="\n".join(f"set_false_path -through [get_{kind} {name}]" for kind, name in resets))
    (folder / f"{top}.tcl").write_text(script, encoding="utf-8")
    log = folder / f"{top}.sta"

    def measure():
        design.run("sta", ["-exit", f"{top}.tcl"], log, folder)
        return read(log.read_text(encoding="utf-8", errors="replace"), period, lib.ns(), log)

    srams = pathlib.Path(sram_path).read_text(encoding="utf-8") if sram_path else ""
    return design.kept(folder, f"{top}-sta", design.digest(script, srams, design.scripts()), measure)


def read(text, period, ns, log):
    start = re.search(r"Startpoint: (\S+)(?:\s+\(([^)]*)\))?", text)
    end = re.search(r"Endpoint: (\S+)(?:\s+\(([^)]*)\))?", text)
    slack = re.findall(r"(-?[\d.]+)\s+slack", text)
    if not (start and end and slack):
        last = [line for line in text.splitlines() if "rror" in line] or ["no path"]
        raise design.Refused(f"sta finds no path between registers: {last[0][:160]}; {log} has its report")
    steps = re.findall(r"^\s*-?[\d.]+\s+(-?[\d.]+)\s+[v^]\s+(\S+)\s+\((\S+)\)", text, re.M)
    return {"ns": (period - float(slack[0])) * ns, "mhz": 1e3 / ((period - float(slack[0])) * ns), "start": start.group(1),
            "end": end.group(1), "cells": len(steps), "report": str(log)}
