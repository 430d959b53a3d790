"""The mapped parts as one flat netlist: nets are numbers, cells and SRAMs name the nets of their pins.

Every bit is a net of its own, so that a simulator sees no loop where there is none, and a net that passes through modules is
one net. Nets 0 and 1 are the constants.
"""
import re

from .liberty import Refused, pins

ADVICE = "this is a fault of the flow; make silicon ARGS=--area-only goes without the netlist's simulation"
NAME = r"(\\\S+|[A-Za-z_$][\w$]*)"
DECLARED = re.compile(r"^  (wire|input|output|reg)(?: signed)?(?: \[(\d+):(\d+)\])? " + NAME + r" ?;", re.M)
ASSIGN = re.compile(r"^  assign (.*?) = (.*);$", re.M)
INSTANCE = re.compile(r"^  " + NAME + r" " + NAME + r" *\(\n(.*?)^  \);", re.M | re.S)
PIN = re.compile(r"\.(\w+)\(\s*(.*?)\s*\)(?:,|\s*$)", re.M)
ITEM = re.compile(NAME + r"\s*(?:\[(\d+)(?::(\d+))?\])?|(\d+)'b([01xz]+)")


def plain(name):
    return name.lstrip("\\")


def register(text, cell, lib):
    """What the design calls the register that a cell of a part's netlist is: the net that it drives, or, where that has no name but
    a number, one behind inverters and buffers; None where the part has no such cell."""
    through = {kind: (into, out) for kind, into, out in lib.inverters() + lib.buffers()}
    found = {plain(name): (kind, dict(PIN.findall(body))) for kind, name, body in INSTANCE.findall(text)}
    if cell not in found:
        return None
    kind, nets = found[cell]
    first = reached = [nets[p.args[0]] for p in pins(lib.cells[kind]) if p.get("direction") == "output" and p.args[0] in nets]
    while reached:
        named = [n for n in reached if not re.fullmatch(r"_\d+_ *(\[\d+\])?", n)]
        if named:
            return plain(named[0]).replace(" ", "")
        reached = [nets[through[k][1]] for k, nets in found.values() if k in through and nets.get(through[k][0]) in reached]
    return first[0].replace(" ", "")


class Part:
    """One module's text, read: its ports and instances by name, its bits as (name, index) or "0" and "1"."""

    def __init__(self, text):
        self.widths, self.ways = {}, {}
        for way, high, low, name in DECLARED.findall(text):
            self.widths[plain(name)] = (int(high or 0), int(low or 0))
            if way in ("input", "output"):
                self.ways[plain(name)] = way
        self.assigns = [(self.bits(a), self.bits(b)) for a, b in ASSIGN.findall(text)]
        self.instances = [(plain(kind), plain(name), {pin: self.bits(net) for pin, net in PIN.findall(body)})
                          for kind, name, body in INSTANCE.findall(text)]
        ends = len(re.findall(r"(?m)^  \);$", text))
        if len(self.instances) != ends:
            raise Refused(f"{len(self.instances)} of a netlist's {ends} instances are understood; {ADVICE}")

    def bits_of(self, name):
        high, low = self.widths.get(name, (0, 0))
        return [(name, i) for i in range(high, low - 1, -1)]

    def bits(self, text):
        """The bits of an expression, which is a concatenation of names, selects and constants, highest first. A bit that
        nobody drives, x or z, is 0."""
        found = []
        for name, high, low, _, constant in ITEM.findall(text):
            if constant:
                found += ["1" if b == "1" else "0" for b in constant]
            elif high == "":
                found += self.bits_of(plain(name))
            else:
                found += [(plain(name), i) for i in range(int(high), int(low or high) - 1, -1)]
        return found


class Flat:
    """cells: [(kind, {pin: net}, module)], names: [(module, name in it)]; srams: [(kind, {port: [nets]})]; ports: {port: [nets]} of
    the top; highest bits first."""

    def __init__(self, texts, top, library):
        """texts: {module: its netlist}; a kind that is neither one of them nor in the library is an SRAM."""
        self.library, self.parts = library, {name: Part(text) for name, text in texts.items()}
        self.same, self.cells, self.names, self.srams = [0, 1], [], [], []
        self.nets = {}                                # the top's, by bit
        ports = self.walk(top, self.nets)
        self.ways = self.parts[top].ways
        self.ports = {p: [self.find(n) for n in nets] for p, nets in ports.items()}
        self.cells = [(kind, {pin: self.find(n) for pin, n in pins.items()}, module) for kind, pins, module in self.cells]
        self.srams = [(kind, {port: [self.find(n) for n in nets] for port, nets in pins.items()}) for kind, pins in self.srams]

    def find(self, net):
        while self.same[net] != net:
            self.same[net] = self.same[self.same[net]]
            net = self.same[net]
        return net

    def join(self, a, b):
        a, b = sorted((self.find(a), self.find(b)))
        if (a, b) == (0, 1):
            raise Refused(f"the mapped netlist ties 0 to 1; {ADVICE}")
        self.same[b] = a

    def walk(self, module, nets):
        """An instance of the module. nets: by bit, those that the parent connects; more are added. Returns its ports' nets."""
        part = self.parts[module]

        def net(bit):
            if bit in ("0", "1"):
                return int(bit)
            if bit not in nets:
                nets[bit] = len(self.same)
                self.same.append(nets[bit])
            return nets[bit]

        for left, right in part.assigns:
            for a, b in zip(left, right, strict=True):
                self.join(net(a), net(b))
        for kind, name, pins in part.instances:
            if kind in self.library:
                self.cells.append((kind, {pin: net(bits[0]) for pin, bits in pins.items() if bits}, module))
                self.names.append((module, name))
            elif kind in self.parts:
                inner = self.parts[kind]
                self.walk(kind, {b: net(a) for pin, bits in pins.items() for b, a in zip(inner.bits_of(pin), bits, strict=bool(bits))})
            else:
                self.srams.append((kind, {port: [net(b) for b in bits] for port, bits in pins.items()}))
        return {p: [net(b) for b in part.bits_of(p)] for p in part.ways}
