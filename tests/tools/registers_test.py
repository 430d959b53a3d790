#!/usr/bin/env python3
"""registers_test.py FOLDER GENERATOR: the generated forms of the register map (tetra_regs.h, tetra.rdl, tetra.svd) say the same,
and what the generator makes of them; it says no to other forms;
peakrdl makes HTML, a C header, UVM and IP-XACT of the SystemRDL, and the CMSIS-SVD schema accepts the SVD, where PyPI's peakrdl,
and cmsis-svd with lxml, are there (`pip install peakrdl cmsis-svd lxml`; $PEAKRDL and $PYTHON name those of a virtual environment)."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

FOLDER, GENERATOR = Path(sys.argv[1]), sys.argv[2]


def from_header():
    """(register, offset, field, lsb, width) of every field"""
    found, offset, lsb = set(), {}, {}
    text = (FOLDER / "tetra_regs.h").read_text()
    registers = dict(re.findall(r"#define TETRA_(\w+)_OFFSET (0x\w+?)u", text))
    for name, low, mask in re.findall(r"#define TETRA_(\w+)_LSB (\d+)\n#define TETRA_\w+_MASK (0x\w+?)u", text):
        register = max((r for r in registers if name.startswith(r + "_")), key=len)
        width = bin(int(mask, 16) >> int(low)).count("1")
        found.add((register, int(registers[register], 16), name[len(register) + 1:], int(low), width))
    return found


def from_rdl():
    found = set()
    for body, register, offset in re.findall(r"  reg \{\n(.*?)\n  \} (\w+) @ (0x\w+);", (FOLDER / "tetra.rdl").read_text(), re.S):
        for field, high, low in re.findall(r"\} (\w+)\[(\d+):(\d+)\]", body):
            found.add((register, int(offset, 16), field, int(low), int(high) - int(low) + 1))
    return found


def from_svd():
    found = set()
    for r in ET.parse(FOLDER / "tetra.svd").iter("register"):
        for f in r.iter("field"):
            high, low = map(int, re.findall(r"\d+", f.findtext("bitRange")))
            found.add((r.findtext("name"), int(r.findtext("addressOffset"), 16), f.findtext("name"), low, high - low + 1))
    return found


def check_peakrdl():
    peakrdl = os.environ.get("PEAKRDL") or shutil.which("peakrdl")
    if not peakrdl:
        print("not checked: SystemRDL, because there is no peakrdl")
        return
    with tempfile.TemporaryDirectory() as out:
        for exporter, name in (("html", "html"), ("c-header", "tetra.h"), ("uvm", "tetra.sv"), ("ip-xact", "tetra.xml")):
            run = subprocess.run([peakrdl, exporter, FOLDER / "tetra.rdl", "-o", f"{out}/{name}"], capture_output=True, text=True)
            if run.returncode != 0 or "error" in run.stderr.lower() or "warning" in run.stderr.lower():
                sys.exit(f"peakrdl {exporter}: exit code {run.returncode}\n{run.stderr}")
            made = Path(out) / name
            if not made.exists():
                sys.exit(f"peakrdl {exporter} made nothing")
            print(f"peakrdl {exporter}: {sum(f.stat().st_size for f in [made, *made.rglob('*')] if f.is_file())} bytes")
        subprocess.run(["cc", "-fsyntax-only", "-x", "c", f"{out}/tetra.h"], check=True)


SCHEMA = """
import glob, os, sys
from lxml import etree
import cmsis_svd
newest = max(glob.glob(os.path.join(os.path.dirname(cmsis_svd.__file__), "schemas", "CMSIS-SVD_1_3_*.xsd")), key=lambda f: int(f[:-4].split("_")[-1]))
schema = etree.XMLSchema(etree.parse(newest))
if not schema.validate(etree.parse(sys.argv[1])):
    sys.exit(str(schema.error_log))
print("SVD accepted by", os.path.basename(newest))
"""


def check_schema():
    python = os.environ.get("PYTHON") or sys.executable
    if subprocess.run([python, "-c", "import lxml, cmsis_svd"], capture_output=True).returncode != 0:
        print("not checked: the SVD's schema, because there are no cmsis-svd and lxml")
        return
    if subprocess.run([python, "-c", SCHEMA, FOLDER / "tetra.svd"]).returncode != 0:
        sys.exit("the schema refuses tetra.svd")


def check_generator():
    for form, name in (("h", "tetra_regs.h"), ("rdl", "tetra.rdl"), ("svd", "tetra.svd")):
        made = subprocess.run([GENERATOR, form], capture_output=True, text=True, check=True).stdout
        if made != (FOLDER / name).read_text():
            sys.exit(f"{name} is not what the generator makes")
    for wrong in (["xml"], ["h", "rdl"]):
        run = subprocess.run([GENERATOR, *wrong], capture_output=True, text=True, check=False)
        if run.returncode == 0 or run.stdout or run.stderr.count("\n") != 1:
            sys.exit(f"the generator accepts {wrong}: {run}")


header, rdl, svd = from_header(), from_rdl(), from_svd()
if len(header) < 50 or header != rdl or header != svd:
    sys.exit(f"the forms differ: header and SystemRDL {sorted(header ^ rdl)}, header and SVD {sorted(header ^ svd)}")
print(f"{len(header)} fields in each of the three forms")
check_generator()
check_peakrdl()
check_schema()
