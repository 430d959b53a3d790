"""One module in Yosys' language, read as far as a rewriting of its cells needs."""
import re

CONSTANTS = ("0", "1", "x", "z", "-")
WIRE = re.compile(r"^  wire (.*?)(\S+)$", re.M)
CELL = re.compile(r"^(?:  attribute [^\n]*\n)*  cell (\S+) (\S+)\n(.*?)^  end\n", re.M | re.S)
CONNECT = re.compile(r"^  connect (.*)$", re.M)
TOKEN = re.compile(r"[{}]|\d+'[01xz-]+|[\\$]\S+|\[\d+(?::\d+)?\]|-?\d+")
OUTPUTS = {"Y", "Q", "X", "CO", "RD_DATA"}     # of Yosys' own cells


class Cell:
    def __init__(self, part, kind, name, body):
        self.kind, self.name = kind, name
        self.parameters = {k: int(v.split("'")[-1], 2) if "'" in v else int(v)
                           for k, v in re.findall(r"^    parameter (?:signed |real )?\\(\S+) (-?\d+(?:'[01]+)?)$", body, re.M)}
        self.pins = {pin: part.bits(text) for pin, text in re.findall(r"^    connect \\(\S+) (.*)$", body, re.M)}


class Part:
    """wires: widths by name; cells by name; bits are (wire, index) or a constant's letter, lowest first."""

    def __init__(self, text):
        self.text, self.wires, self.ports, self.same = text, {}, set(), {}
        for options, name in WIRE.findall(text):
            width = re.search(r"width (\d+)", options)
            self.wires[name] = int(width.group(1)) if width else 1
            if re.search(r"(input|output|inout) \d+", options):
                self.ports.add(name)
        self.cells = {m[2]: Cell(self, m[1], m[2], m[3]) for m in CELL.finditer(text)}
        for line in CONNECT.findall(text):
            left, right = self.sides(line)
            for a, b in zip(left, right):
                self.join(a, b)

    def sides(self, line):
        """The two sides of a connection, which are not set apart by more than a blank."""
        found, at = [], 0
        tokens = TOKEN.findall(line)
        while at < len(tokens):
            end = at + 1
            if tokens[at] == "{":
                while tokens[end] != "}":
                    end += 1
                end += 1
            elif end < len(tokens) and tokens[end].startswith("["):
                end += 1
            found.append(self.bits(" ".join(tokens[at:end])))
            at = end
        return found

    def bits(self, text):
        """A signal's bits, lowest first."""
        found, tokens = [], TOKEN.findall(text)
        for at, token in enumerate(tokens):
            if token in "{}" or token.startswith("["):
                continue
            if "'" in token and not token.startswith(("\\", "$")):
                found.append(list(token.split("'")[1][::-1]))
            elif token.startswith(("\\", "$")):
                low, high = 0, self.wires.get(token, 1) - 1
                if at + 1 < len(tokens) and tokens[at + 1].startswith("["):
                    ends = [int(n) for n in tokens[at + 1][1:-1].split(":")]
                    low, high = ends[-1], ends[0]
                found.append([(token, i) for i in range(low, high + 1)])
            else:
                found.append([str(int(token) >> i & 1) for i in range(32)])
        return [b for chunk in reversed(found) for b in chunk]

    def find(self, bit):
        while bit in self.same:
            bit = self.same[bit]
        return bit

    def join(self, a, b):
        a, b = self.find(a), self.find(b)
        if a != b:
            a, b = (b, a) if a in CONSTANTS else (a, b)
            self.same[a] = b

    def readers(self):
        """By bit, as find() has it: [(cell's name, pin, index)], None in a cell's place for the module's port."""
        found = {}
        for name, cell in self.cells.items():
            for pin, bits in cell.pins.items():
                if pin not in OUTPUTS or not cell.kind.startswith("$"):
                    for i, b in enumerate(bits):
                        found.setdefault(self.find(b), []).append((name, pin, i))
        for wire in self.ports:
            for i in range(self.wires[wire]):
                found.setdefault(self.find((wire, i)), []).append((None, wire, i))
        return found

    def replaced(self, cells, wires):
        """The module's text with other cells in the place of some and more of them ({name: text}), and more wires (lines)."""
        rest = dict(cells)

        def cell(m):
            return rest.pop(m.group(2), m.group(0))

        text = CELL.sub(cell, self.text)
        text = text[:text.rindex("\nend") + 1] + "".join(rest.values()) + text[text.rindex("\nend") + 1:]
        first = text.index("\n", text.index("\nmodule ") + 1 if not text.startswith("module ") else 0) + 1
        return text[:first] + "".join(w + "\n" for w in wires) + text[first:]


def signal(bits):
    """Bits, lowest first, as Yosys writes them."""
    return "{ " + " ".join(f"1'{b}" if b in CONSTANTS else f"{b[0]} [{b[1]}]" for b in reversed(bits)) + " }"
