#!/usr/bin/env python3
"""rtl_packages_test.py SOURCE SCRATCH lists|bender|fusesoc: tetra.core and Bender.yml name every file of the accelerator, the package
before those that use it, and their version is CMake's (lists); Bender.yml is a manifest by Bender's documented rules, and Verilator
takes its files in its order (bender: Bender itself is in no package registry that this test could have it from); FuseSoC takes the
core and its lint target finds nothing, but does where there is something (fusesoc). Exit code 77 where Verilator or FuseSoC is not
installed."""
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
    rtl = [p for kind in ("*.sv", "*.svh") for p in (source / "rtl").rglob(kind) if "formal" not in p.relative_to(source).parts]
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


# What a manifest may have at its top, of https://github.com/pulp-platform/bender, "Manifest": anything else is warned of.
MANIFEST = {"package", "remotes", "dependencies", "sources", "export_include_dirs", "plugins", "frozen", "workspace", "vendor_package"}


def manifest(text):
    """The manifest as a dictionary: the part of YAML that it is written in, mappings and lists of plain texts, and no more."""
    found, key = {}, None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        top, entry = re.fullmatch(r"(\w+):", line), re.fullmatch(r"  (?:- ([\w./-]+)|(\w+): ([\w.-]+))", line)
        if top and top.group(1) not in found:
            key = top.group(1)
            found[key] = None
        elif entry and key and isinstance(found[key], (list if entry.group(1) else dict, type(None))):
            if entry.group(1):
                found[key] = (found[key] or []) + [entry.group(1)]
            else:
                found[key] = {**(found[key] or {}), entry.group(2): entry.group(3)}
        else:
            raise ValueError(f"Bender.yml:{number}: not understood: {line}")
    return found


def manifest_faults(text, root):
    """What Bender would say of it: errors, and warnings of fields and files that there are not."""
    try:
        m = manifest(text)
    except ValueError as fault:
        return [str(fault)]
    bad = [f"Bender.yml: unknown field {key}" for key in sorted(set(m) - MANIFEST)]
    if not isinstance(m.get("package"), dict) or set(m["package"]) - {"name", "authors", "description"} or not m["package"].get("name"):
        bad.append("Bender.yml: package needs a name, and may have authors and a description")
    for key, is_there in (("sources", pathlib.Path.is_file), ("export_include_dirs", pathlib.Path.is_dir)):
        names = m.get(key)
        if not isinstance(names, list):
            bad.append(f"Bender.yml: {key} is no list")
            continue
        bad += [f"Bender.yml: {key}: {name} is not there" for name in names if not is_there(root / name)]
    return bad


def verilate(m, root):
    """Verilator over what `bender script verilator` would give it; returns what is wrong."""
    arguments = [f"+incdir+{root / d}" for d in m["export_include_dirs"]] + [str(root / f) for f in m["sources"]]
    run = subprocess.run(["verilator", "--lint-only", "-Wall", "-GN=4", "--top-module", "tetra_top", str(root / "rtl/tetra.vlt"),
                          *arguments], capture_output=True, text=True)
    return [] if run.returncode == 0 else [run.stdout + run.stderr]


def check_bender():
    if not shutil.which("verilator"):
        print("verilator is not installed: skipped")
        sys.exit(77)
    text = (source / "Bender.yml").read_text()
    bad = manifest_faults(text, source)
    if bad:
        return bad
    broken = {"unknown field": text + "files:\n  - rtl/tetra_pkg.sv\n", "needs a name": text.replace("  name: tetra\n", "  description: x\n"),
              "is not there": text.replace("tetra_top.sv", "tetra_tip.sv"), "is no list": text.replace("sources:", "plugins:"),
              "not understood": text.replace("  - rtl/tetra_pkg.sv", "  - {rtl: 1}")}
    bad = [f"Bender.yml: its check does not see '{what}'" for what, t in broken.items() if what not in "".join(manifest_faults(t, source))]
    m = manifest(text)
    bad += verilate(m, source)
    late = {**m, "sources": m["sources"][1:] + m["sources"][:1]} # the package behind those that use it
    return bad or ([] if verilate(late, source) else ["Verilator takes Bender.yml's files in another order, too"])


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


bad = {"lists": check_lists, "bender": check_bender, "fusesoc": check_fusesoc}[what]()
for line in bad:
    print(line)
sys.exit(1 if bad else 0)
