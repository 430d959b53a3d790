"""The design, elaborated for one array size: modules, as Yosys' text, that are mapped apart."""
import hashlib
import json
import os
import pathlib
import re
import subprocess

from .liberty import Refused

# Small buffers, whose sizes say nothing about the logic around them: SRAMs are black boxes with a model.
BUFFERS = {"ActWords": 1024, "WgtWords": 512, "ResWords": 512, "ParEntries": 16, "AccPixels": 64, "PoolWords": 64}

ELABORATE = """
read_verilog -sv -defer -I{root}/rtl/compute -I{root}/rtl/output -I{root}/rtl/control {files}
chparam {params} {top}
hierarchy -check -top {top}
proc
chformal -remove
opt
wreduce
peepopt
opt_clean
alumacc
opt
memory -nomap
opt_clean
write_ilang {out}
"""


def run(tool, arguments, log, folder, timeout=None):
    """Runs a tool with its output in a file; Refused with its last line where it fails."""
    with open(log, "w", encoding="utf-8") as out:
        try:
            code = subprocess.run([tool, *arguments], cwd=folder, stdout=out, stderr=subprocess.STDOUT, timeout=timeout,
                                  check=False).returncode
        except FileNotFoundError as why:
            raise Refused(f"{tool} is not installed; scripts/install-deps.sh --silicon installs it") from why
    if code != 0:
        lines = [line for line in pathlib.Path(log).read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        bad = [line for line in lines if "ERROR" in line or "Error" in line]
        if code in (-9, 137):
            raise Refused(f"{tool} was killed, probably for want of memory; try a smaller ARRAY; {log} has what it said")
        raise Refused(f"{tool} fails: {(bad or lines or ['no output'])[-1].strip()[:200]}; {log} has the rest")


def digest(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:20]


def kept(folder, name, stamp, work):
    """What work() gives, as JSON; from an earlier run where the stamp is the same."""
    saved = pathlib.Path(folder) / f"{name}-{stamp}.json"
    if not saved.exists():
        part = saved.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(work()), encoding="utf-8")
        part.rename(saved)
    return json.loads(saved.read_text(encoding="utf-8"))


def scripts():
    """The flow's own text: a change of it makes old measurements void."""
    return digest(*(p.read_text(encoding="utf-8") for p in sorted(pathlib.Path(__file__).parent.glob("*.py"))
                    if p.name in ("power.py", "cells.py", "program.py", "activity.py", "sta.py", "sram.py", "netlist.py", "gates.py")))


def files(root):
    """rtl/'s sources, package first."""
    rtl = pathlib.Path(root) / "rtl"
    found = sorted(rtl.glob("tetra_*.sv")) + sorted(rtl.glob("[!f]*/tetra_*.sv"))
    package = rtl / "tetra_pkg.sv"
    return [package] + [f for f in found if f != package]


class Module:
    """A module of the elaborated design: its text in Yosys' language, without paths and running numbers."""

    def __init__(self, name, text):
        self.name, self.text = name, text
        self.cells = re.findall(r"^  cell \\(\S+) \\(\S+)$", text, re.M)
        self.ports = {m[3]: (int(m[1] or 1), m[2]) for m in
                      re.findall(r"^  wire( width (\d+))?(?: \w+ -?\d+)*? (input|output) \d+(?: signed)? \\(\S+)$", text, re.M)}

    def base(self):
        return re.match(r"tetra_[a-z_]+?(?=(_\d+)?$)|\w+", self.name).group(0)

    def is_sram(self):
        return self.base() == "tetra_sram"

    def sram(self):
        """(words, bits, masked)"""
        return 1 << self.ports["waddr_i"][0], self.ports["wdata_i"][0]


def canonical(text):
    """One module's text with names that do not change with other modules, or with where the sources are."""
    text = re.sub(r"(?m)^ *attribute \\src .*\n", "", text)
    seen = {}

    def rename(m):
        return seen.setdefault(m.group(0), f"$n{len(seen)}")

    return re.sub(r"\$[a-z_A-Z0-9]+\$[^\s\]]*\$\d+(?:_[A-Z_0-9a-z]*)?", rename, text)


def elaborate(yosys, root, out, top, params, extra=()):
    """Modules by name. The top keeps its name; others are tetra_fifo_2 and so on."""
    sources = [str(f) for f in [*files(root), *extra]]
    script = ELABORATE.format(root=root, files=" ".join(sources), top=top, out=out / f"{top}.il",
                              params=" ".join(f"-set {k} {v}" for k, v in params.items()))
    if not params:
        script = re.sub(r"(?m)^chparam.*\n", "", script)
    text = script.replace(str(out), "OUT").replace(str(root), "ROOT")
    stamp = digest(text, *(pathlib.Path(s).read_text(encoding="utf-8") for s in sources),
                   *(p.read_text(encoding="utf-8") for p in sorted(pathlib.Path(root).glob("rtl/*/*.svh"))))
    saved = out / f"{top}-{stamp}.il"
    if not saved.exists():
        (out / f"{top}.ys").write_text(script, encoding="utf-8")
        run(yosys, ["-q", f"{top}.ys"], out / f"{top}.log", out)
        (out / f"{top}.il").rename(saved)
    return split(saved.read_text(encoding="utf-8"))


def split(text):
    names, modules = {}, {}
    for full in re.findall(r"^module (\S+)$", text, re.M):
        base = full.split("\\")[1] if full.startswith("$paramod\\") else full.split("\\")[-1]
        number = sum(1 for n in names.values() if n == base or re.fullmatch(base + r"_\d+", n))
        names[full] = base if number == 0 else f"{base}_{number + 1}"
    pattern = re.compile("|".join(re.escape(f) + r"(?=\s)" for f in sorted(names, key=len, reverse=True)))
    for m in re.finditer(r"^module (\S+)$.*?^end$", text, re.M | re.S):
        body = pattern.sub(lambda f: "\\" + names[f.group(0)], m.group(0))
        name = names[m.group(1)]
        modules[name] = Module(name, canonical(body))
    return modules


# What an accelerator of 8-bit operands only would have in the place of these ports.
EIGHT_BITS = {"tetra_array": {"act8_i": 1, "wgt8_i": 1}, "tetra_acc": {"wgt8_i": 1}, "tetra_requant": {"bits4_i": 0},
              "tetra_pool": {"bits4_i": 0}}


def tied(modules, ties):
    """The modules with constants in the place of those ports, which stay, unconnected."""
    found = {}
    for name, module in modules.items():
        text = module.text
        for port, value in ties.get(module.base(), {}).items():
            if port not in module.ports:
                raise Refused(f"{name} has no port {port} any more; synth/flow/design.py ties it")
            text = re.sub(r"(?m)^(?!  wire )(.*)$", lambda m, port=port, value=value: re.sub(rf"\\{port}(?!\S)", f"1'{value}", m.group(1)), text)
        found[name] = module if text == module.text else Module(name, text)
    return found


def instances(modules, top):
    """How often each module is there below (and with) the top."""
    count = {}

    def walk(name):
        count[name] = count.get(name, 0) + 1
        for kind, _ in modules[name].cells:
            if kind in modules:
                walk(kind)

    walk(top)
    return count


def paths(modules, top):
    """Instance paths of every module: [(path, module name)], the top's is ""."""
    found = []

    def walk(name, path):
        found.append((path, name))
        for kind, instance in modules[name].cells:
            if kind in modules:
                walk(kind, f"{path}/{instance}" if path else instance)

    walk(top, "")
    return found
