#!/usr/bin/env python3
"""rtl_packages_test.py SOURCE SCRATCH lists|fusesoc: tetra.core and Bender.yml name every file of the accelerator, the package
before those that use it, and their version is CMake's (lists); FuseSoC takes the core and its lint target finds nothing, but does
where there is something (fusesoc). Exit code 77 where FuseSoC is not installed."""
import pathlib
import re
import shutil
import subprocess
import sys

source, scratch, what = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]


def listed(file):
    """The names of the sources in the order of the file."""
    return re.findall(r"- (rtl/[\w/]+\.svh?)\b", (source / file).read_text())


def check_lists():
    rtl = [p for kind in ("*.sv", "*.svh") for p in (source / "rtl").rglob(kind) if "formal" not in p.parts]
    want = {str(p.relative_to(source)) for p in rtl}
    headers = {name for name in want if name.endswith(".svh")}
    bad = []
    for file, names in (("tetra.core", want), ("Bender.yml", want - headers)):
        found = listed(file)
        bad += [f"{file}: {name} is missing" for name in sorted(names - set(found))]
        bad += [f"{file}: {name} does not exist" for name in sorted(set(found) - names)]
        bad += [f"{file}: {name} is there twice" for name in sorted({n for n in found if found.count(n) > 1})]
        if [n for n in found if n not in headers][:1] != ["rtl/tetra_pkg.sv"]:
            bad.append(f"{file}: rtl/tetra_pkg.sv is not the first")
    version = re.search(r"project\(tetra VERSION ([\d.]+)", (source / "CMakeLists.txt").read_text()).group(1)
    if f"name: tetra:tetra:tetra:{version}\n" not in (source / "tetra.core").read_text():
        bad.append(f"tetra.core: its version is not CMake's, {version}")
    if f"\nversion: {version}\n" not in (source / "CITATION.cff").read_text():
        bad.append(f"CITATION.cff: its version is not CMake's, {version}")
    return bad


def lint(root):
    """FuseSoC's lint of the core below root; returns what is wrong with it, nothing where it passes."""
    work = scratch / "work"
    shutil.rmtree(work, ignore_errors=True)
    run = subprocess.run(["fusesoc", "--cores-root", root, "run", "--work-root", work, "--target", "lint", "tetra:tetra:tetra"],
                         cwd=scratch, capture_output=True, text=True)
    return "" if run.returncode == 0 else run.stdout + run.stderr


def check_fusesoc():
    if not shutil.which("fusesoc"):
        print("fusesoc is not installed ('pip install fusesoc' has it): skipped")
        sys.exit(77)
    shutil.rmtree(scratch, ignore_errors=True)
    copy = scratch / "core"
    shutil.copytree(source / "rtl", copy / "rtl")
    shutil.copy(source / "tetra.core", copy)
    said = lint(copy)
    if said:
        return [said]
    top = copy / "rtl" / "tetra_top.sv"
    top.write_text(top.read_text().replace("endmodule", "  logic [N:0] too_wide = 3'd1;\nendmodule"))
    return [] if "too_wide" in lint(copy) else ["fusesoc: its lint does not see a signal of another width"]


bad = check_lists() if what == "lists" else check_fusesoc()
for line in bad:
    print(line)
sys.exit(1 if bad else 0)
