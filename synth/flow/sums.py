"""Sums of several numbers and products, as trees of the library's own full adders, which ABC does not use.

Yosys joins products and what is added to them to `$macc` cells. Each becomes a module of partial products (rows of Booth's
digits, or of single bits), adders that make two bits of three, and one addition at the end, which Yosys and ABC make with
the rest of the part. A sum that does nothing but wait in a register for another sum is not added up in front of the
register: what is left of its rows when the time is over waits there, and the other sum goes on with it.
"""
import heapq

from . import timing
from .gates import Function
from .liberty import flop, pins
from .rtlil import CONSTANTS, Part, signal

BOOTH = (16, 8)        # bits of the operands from which on a row is a Booth digit, not a bit
SMALL = 16             # bits of a sum that ABC makes of gates with what is around it
PARTIAL = 1.1          # delay of a partial product, in full adders'
SINGLE = 0.3           # of a product of two bits
ADDITION = 2.0         # of the addition behind a tree, at least


class Adder:
    """A cell that adds three bits or two: its pins, the latest first for the fastest, whether its outputs are complements."""

    def __init__(self, cell, kind, inputs, total, carry, inverts):
        self.name, self.area, self.total, self.carry, self.inverts = cell.args[0], cell.number("area"), total, carry, inverts
        load = 2 * max(kind.caps[p] for p in inputs)
        slow = {}
        for p in inputs:
            for to, _, _, delay, slew in kind.arcs.get(p, ()):
                slow[p, to] = max(slow.get((p, to), 0.0), delay.at(slew.at(slew.at(0.0, load), load), load))
        self.inputs = sorted(inputs, key=lambda p: slow.get((p, total), 0.0))
        self.delay = {to: max(slow.get((p, to), 0.0) for p in inputs) for to in (total, carry)}


def adder(lib, n):
    """The library's smallest cell that adds n bits, None where it has none."""
    table = {"total": 0, "carry": 0}
    for i in range(1 << n):
        ones = bin(i).count("1")
        table["total"] |= (ones & 1) << i
        table["carry"] |= (ones >> 1) << i
    full, found = (1 << (1 << n)) - 1, []
    kinds = timing.kinds(lib)
    for name, cell in lib.cells.items():
        inputs = sorted(p.args[0] for p in pins(cell) if p.get("direction") == "input")
        outputs = {p.args[0]: Function(p.get("function")) for p in pins(cell) if p.get("direction") == "output" and p.get("function")}
        if flop(cell) is not None or len(inputs) != n or len(outputs) != 2 or any(f.pins != inputs for f in outputs.values()):
            continue
        for inverts in (False, True):
            of = {role: [o for o, f in outputs.items() if f.table == (t ^ full if inverts else t)] for role, t in table.items()}
            if of["total"] and of["carry"]:
                found.append((cell.number("area"), name, Adder(cell, kinds[name], inputs, of["total"][0], of["carry"][0], inverts)))
    return min(found, key=lambda f: f[:2])[2] if found else None


class Gates:
    """In the place of an adder that the library does not have: expressions, for ABC."""
    name, inverts = None, False

    def __init__(self, ps):
        self.delay = {"total": ps, "carry": ps}
        self.total, self.carry = "total", "carry"


def shortened(bits, signed):
    """A number without the bits at its end that say nothing: (bits, signed)."""
    bits = list(bits)
    while signed and len(bits) > 1 and bits[-1] == bits[-2]:
        bits.pop()
    if signed and bits and bits[-1] == "0":
        signed = False
    while not signed and bits and bits[-1] == "0":
        bits.pop()
    return bits, signed


def factors(a, b, signed):
    """The longer and the shorter: (bits, signed) of each."""
    return sorted((shortened(a, signed), shortened(b, signed)), key=lambda o: -len(o[0]))


def digits(bits, signed):
    """Booth's digits of a number: for each two of its bits, these and the one below."""
    d = ["0", *bits, *[bits[-1] if signed else "0"] * 2]
    n = len(bits) // 2 + 1 if not signed else (len(bits) + 1) // 2
    return [d[2 * k:2 * k + 3] for k in range(n)]


class Sum:
    """One sum modulo 2^width, as the text of a module."""

    def __init__(self, name, width, full, half):
        self.name, self.width, self.full, self.half = name, width, full, half
        self.unit = full.delay[full.total]
        self.inputs, self.lines = {}, []              # the module's input bits by what they are in the part; its text
        self.weights, self.constant, self.wires = {}, 0, 0
        self.arrival = {}                             # of what is not there at once
        self.last, self.adder = 0.0, 0                # when the tree ends; bits of the addition behind it

    # ---- Bits: Verilog expressions ----
    def bit(self, what):
        """A bit of the part: the module's input that it is."""
        if what in CONSTANTS:
            return f"1'b{1 if what == '1' else 0}"
        return f"a[{self.inputs.setdefault(what, len(self.inputs))}]"

    def wire(self, expression, time=0.0):
        name = f"w{self.wires}"
        self.wires += 1
        self.lines.append(f"  wire {name} = {expression};")
        self.arrival[name] = time
        return name

    def add_bit(self, bit, weight):
        """A bit times a number; bits that are there more than once are so only once in the tree."""
        if bit == "1'b1":
            self.constant += weight
        elif bit != "1'b0":
            self.weights[bit] = self.weights.get(bit, 0) + weight

    # ---- Operands ----
    def add_number(self, bits, signed, sign=1, at=0):
        for i, b in enumerate(bits):
            top = signed and i == len(bits) - 1
            self.add_bit(b, (-sign if top else sign) << (at + i))

    def add_product(self, a, b, signed, sign):
        x, y = factors(a, b, signed)
        if not y[0]:
            return
        if len(x[0]) >= BOOTH[0] and len(y[0]) >= BOOTH[1]:
            self.add_booth(*x, [self.coded(d) for d in digits(*y)], sign)
            return
        for i, p in enumerate(x[0]):
            for k, q in enumerate(y[0]):
                turned = (x[1] and i == len(x[0]) - 1) != (y[1] and k == len(y[0]) - 1)
                self.add_bit(self.wire(f"{self.bit(p)} & {self.bit(q)}", SINGLE * self.unit), (-sign if turned else sign) << (i + k))

    def coded(self, digit):
        """One, two, minus: of a digit's bits."""
        low, mid, top = map(self.bit, digit)
        return self.wire(f"{mid} ^ {low}"), self.wire(f"{top} ? ~{mid} & ~{low} : {mid} & {low}"), top

    def add_booth(self, x, signed, rows, sign):
        """Rows of -2..2 times x. A negative row is the complement, and one."""
        wide = [self.bit(b) for b in x + [x[-1] if signed else "0"]]
        for k, (one, two, minus) in enumerate(rows):
            row = [self.wire(f"(({bit} & {one}) | ({under} & {two})) ^ {minus}", PARTIAL * self.unit)
                   for bit, under in zip(wide, ["1'b0", *wide])]
            if not signed:
                row.append(minus)
            self.add_number(row, True, sign, 2 * k)
            self.add_bit(minus, sign << (2 * k))

    # ---- The tree ----
    def columns(self):
        """Bits by column, as (time, bit, whether it is the complement), and the constant that belongs to them."""
        columns, constant = [[] for _ in range(self.width)], self.constant
        for bit, weight in self.weights.items():
            time = self.arrival.get(bit, 0.0)
            weight &= (1 << self.width) - 1
            at = 0
            while weight and at < self.width:
                if weight & 1:
                    minus = weight & 2 and at + 1 < self.width
                    columns[at].append((time, bit, bool(minus)))
                    if minus:
                        constant -= 1 << at
                        weight += 1
                    else:
                        weight -= 1
                weight >>= 1
                at += 1
        return columns, constant & ((1 << self.width) - 1)

    def true(self, bit):
        return f"~{bit[1]}" if bit[2] else bit[1]

    def with_one(self, column, carries):
        """The constant 1 and the bits that are there first: two bits of three, or of two."""
        if len(column) == 1:
            time, bit, turned = column.pop()
            column.append((time, bit, not turned))
            carries.append((time, bit, turned))
            return
        (ta, *_), (tb, *_) = pair = heapq.heappop(column), heapq.heappop(column)
        a, b = map(self.true, pair)
        time = max(ta, tb) + 0.5 * self.unit
        heapq.heappush(column, (time, self.wire(f"~({a} ^ {b})"), False))
        carries.append((time, self.wire(f"{a} | {b}"), False))

    def add(self, cell, bits, column, carries):
        """Bits, of which there are as many as the cell adds, by their sum and carry."""
        time, total, carry = max(b[0] for b in bits), f"w{self.wires}", f"w{self.wires + 1}"
        turned = False
        if len(bits) == 3:
            turned = sum(b[2] for b in bits) >= 2
        texts = [b[1] if b[2] == turned else f"~{b[1]}" for b in sorted(bits, key=lambda b: -b[0])]
        self.wires += 2
        self.lines.append(f"  wire {total}, {carry};")
        if cell.name is None:
            either = " | ".join(f"({p} & {q})" for i, p in enumerate(texts) for q in texts[:i])
            self.lines.append(f"  assign {total} = {' ^ '.join(texts)};\n  assign {carry} = {either};")
        else:
            nets = [*zip(cell.inputs, texts), (cell.total, total), (cell.carry, carry)]
            self.lines.append(f"  {cell.name} u{self.wires} ({', '.join(f'.{p}({n})' for p, n in nets)});")
        heapq.heappush(column, (time + cell.delay[cell.total], total, turned != cell.inverts))
        carries.append((time + cell.delay[cell.carry], carry, turned != cell.inverts))

    def reduce(self, limit, rows):
        """Columns of at most `rows` bits, or of any number (None), with nothing in them later than the limit; None where
        there is no such tree."""
        columns, constant = self.columns()
        carries = []
        for at, column in enumerate(columns):
            column += carries
            heapq.heapify(column)
            carries = []
            if constant >> at & 1:
                if len(column) + 1 <= 2 or not column:
                    column.append((0.0, "1'b1", False))
                else:
                    self.with_one(column, carries)
            while len(column) > 2:
                first = heapq.nsmallest(3, column)
                if first[2][0] + self.full.delay[self.full.total] <= limit:
                    cell = self.full
                elif rows and len(column) == 3 and first[1][0] + self.half.delay[self.half.total] <= limit:
                    cell = self.half
                else:
                    break
                bits = [heapq.heappop(column) for _ in range(2 if cell is self.half else 3)]
                self.add(cell, bits, column, carries)
            if rows and len(column) > rows:
                return None
        return columns

    def tree(self, budget):
        """The columns that the time allows: of two bits as early as there are such, or with a budget of what is left then."""
        texts, wires = len(self.lines), self.wires

        def attempt(limit, rows):
            del self.lines[texts:]
            self.wires = wires
            return self.reduce(limit, rows)

        limit = 0.0
        while budget is None or limit <= budget:
            found = attempt(limit, 2)
            if found is not None:
                break
            limit += self.unit / 8
        else:
            found = attempt(budget, None)
        self.last = max(bit[0] for column in found for bit in column)
        return found

    # ---- The module ----
    def finish(self, columns):
        """Its text, with the sum as output y."""
        tall = [i for i, c in enumerate(columns) if len(c) > 1]
        low = tall[0] if tall else self.width
        for i, column in enumerate(columns[:low]):
            self.lines.append(f"  assign y[{i}] = {self.true(column[0]) if column else 0};")
        if tall:
            rows = [", ".join(self.true(c[r]) if len(c) > r else "1'b0" for c in reversed(columns[low:])) for r in range(2)]
            y, rows = f"y[{self.width - 1}:{low}]", [f"{{{r}}}" for r in rows]
            if self.full.name:
                self.adder = self.width - low
                self.lines.append(f"  tetra_add add ({rows[0]}, {rows[1]}, {y});")
            else:
                self.lines.append(f"  assign {y} = {rows[0]} + {rows[1]};")
        return self.module(self.width)

    def rows(self, columns):
        """Its text, with all bits that are left as output y, and the column of each."""
        left = [(i, bit) for i, column in enumerate(columns) for bit in column if bit[1] != "1'b1"]
        ones = sum(1 << i for i, column in enumerate(columns) for bit in column if bit[1] == "1'b1")
        self.lines += [f"  assign y[{k}] = {self.true(bit)};" for k, (_, bit) in enumerate(left)]
        return self.module(len(left)), [i for i, _ in left], ones

    def module(self, outputs):
        return "\n".join([f"module {self.name} (input [{max(len(self.inputs), 1) - 1}:0] a, output [{outputs - 1}:0] y);", *self.lines,
                          "endmodule", ""])


def box(cell):
    """A cell of the library as a black box."""
    names = ", ".join(f"{p.get('direction')} {p.args[0]}" for p in pins(cell) if p.get("direction") in ("input", "output"))
    return f"(* blackbox *) module {cell.args[0]} ({names}); endmodule\n"


# ---- Of a part ----
class Operands:
    """What a cell adds: [(bits, bits of a factor or none, signed, subtracted)], its outputs."""

    def __init__(self, part, cell):
        self.width, self.y, self.terms = cell.parameters["Y_WIDTH"], cell.pins["Y"], []
        pin = {p: [part.find(b) for b in bits] for p, bits in cell.pins.items()}
        if cell.kind == "$alu":
            for p in "AB":
                self.terms.append((pin[p], [], bool(cell.parameters[f"{p}_SIGNED"]), False))
            return
        config = [cell.parameters["CONFIG"] >> i & 1 for i in range(cell.parameters["CONFIG_WIDTH"])]
        number = lambda at, n: sum(b << i for i, b in enumerate(config[at:at + n]))  # noqa: E731
        n, at, a = number(0, 4), 4, 0
        while a < len(pin["A"]):
            signed, minus, sizes = config[at], config[at + 1], (number(at + 2, n), number(at + 2 + n, n))
            at += 2 + 2 * n
            first, second = pin["A"][a:a + sizes[0]], pin["A"][a + sizes[0]:a + sum(sizes)]
            a += sum(sizes)
            self.terms.append((first, second, bool(signed), bool(minus)))
        self.terms += [([b], [], False, False) for b in pin.get("B", [])]


def wide(wire, width):
    return [(wire, i) for i in range(width)]


def extended(bits, signed, width):
    return (bits + [bits[-1] if signed else "0"] * (width - len(bits)))[:width] if bits else ["0"] * width


class Rewriting:
    def __init__(self, text, full, half, budget):
        self.part, self.full, self.half, self.budget = Part(text), full, half, budget
        self.readers = self.part.readers()
        self.cells, self.wires, self.modules = {}, [], {}
        self.adders = {}              # width and delay of each addition
        self.waiting = {}             # by consumer and operand's bits: (waiting bits, their columns, constant)

    def sums(self):
        return [c for c in self.part.cells.values() if c.kind == "$macc"]

    def plain(self, cell):
        """An addition by a $alu cell: nothing is inverted, and nobody looks at its carries."""
        return cell.kind == "$alu" and all(self.part.find(b) == "0" for p in ("BI", "CI") for b in cell.pins[p]) and not any(
            self.readers.get(self.part.find(b)) for p in ("X", "CO") for b in cell.pins[p])

    def waits(self, cell):
        """(register, consumer, operand's bits) of a sum that does nothing but wait in a register for another one."""
        y = [self.part.find(b) for b in cell.pins["Y"]]
        seen = [self.readers.get(b, []) for b in y]
        if any(len(r) != 1 or r[0][1] != "D" or r[0][2] != i for i, r in enumerate(seen)) or len({r[0][0] for r in seen}) != 1:
            return None
        register = self.part.cells.get(seen[0][0][0])
        if register is None or register.kind != "$dff" or len(register.pins["D"]) != len(y):
            return None
        q = [self.part.find(b) for b in register.pins["Q"]]
        users = {(name, pin) for b in q for name, pin, _ in self.readers.get(b, [])}
        if len(users) != 1:
            return None
        name, pin = users.pop()
        consumer = self.part.cells.get(name)
        if consumer is None or not (consumer.kind == "$macc" or self.plain(consumer)):
            return None
        whole = any(first == q and not second for first, second, _, _ in Operands(self.part, consumer).terms)
        if consumer.parameters["Y_WIDTH"] > len(q) or not whole:
            return None
        return (register, consumer, tuple(q)) if all(len(self.readers[b]) == 1 for b in q) else None

    def tree(self, cell, waiting, full, half):
        """The sum of what the cell adds, some of its operands being rows that waited."""
        o = Operands(self.part, cell)
        s = Sum("tetra_sum", o.width, full, half)
        for first, second, signed, minus in o.terms:
            sign = -1 if minus else 1
            if not second and tuple(first) in waiting:
                bits, columns, ones = waiting[tuple(first)]
                s.constant += sign * ones
                for b, c in zip(bits, columns):
                    s.add_bit(s.bit(b), sign << c)
            elif second:
                s.add_product(first, second, signed, sign)
            else:
                s.add_number([s.bit(b) for b in extended(first, signed, o.width)], False, sign)
        return o, s

    def more_wires(self, width):
        names = [f"$sum_{kind}${len(self.wires)}" for kind in "dq"]
        self.wires += [f"  wire width {width} {n}" for n in names]
        return names

    def register(self, like, name, d, q, width):
        """A register of another width in the place of one."""
        values = {k: f"1'{v}" for k, v in like.parameters.items()} | {"WIDTH": str(width)}
        if "SRST_VALUE" in values:
            values["SRST_VALUE"] = f"{width}'{'0' * width}"
        parameters = "".join(f"    parameter \\{k} {v}\n" for k, v in values.items())
        pins_ = "".join(f"    connect \\{p} {signal(bits)}\n" for p, bits in like.pins.items() if p not in "DQ")
        return f"  cell {like.kind} {name}\n{parameters}{pins_}    connect \\D {d}\n    connect \\Q {q}\n  end\n"

    def instance(self, kind, name, s, y):
        return f"  cell \\{kind} {name}\n    connect \\a {signal(list(s.inputs) or ['0'])}\n    connect \\y {signal(y)}\n  end\n"

    def place(self, s, text, cell, y):
        """The cell's place taken by the module, whose addition has the time that the tree leaves it."""
        if s.adder:
            left = max(self.budget - s.last, self.full.delay[self.full.total])
            adder = f"tetra_add_{s.adder}_{round(8 * left / self.full.delay[self.full.total])}"
            self.adders[adder] = s.adder, left
            text = text.replace("  tetra_add add", f"  {adder} add", 1)
        name = self.modules.setdefault(text, f"tetra_sum_{len(self.modules)}")
        self.cells[cell.name] = self.instance(name, cell.name, s, y)

    def defer(self, cell, register, consumer, q):
        o, s = self.tree(cell, {}, self.full, self.half)
        text, columns, ones = s.rows(s.tree(self.budget))
        d, out = self.more_wires(len(columns))
        self.place(s, text, cell, wide(d, len(columns)))
        self.cells[register.name] = self.register(register, register.name, d, out, len(columns))
        self.waiting.setdefault(consumer.name, {})[q] = (wide(out, len(columns)), columns, ones)

    def add_up(self, cell):
        """The cell's sum; made of gates where it is small, or the library's adders are too slow for it."""
        waiting = self.waiting.get(cell.name, {})
        o, s = self.tree(cell, waiting, self.full, self.half)
        columns = s.tree(None)
        if o.width < SMALL or s.last + ADDITION * s.unit > self.budget:
            o, s = self.tree(cell, waiting, *(Gates(a.delay[a.total]) for a in (self.full, self.half)))
            columns = s.tree(None)
        self.place(s, s.finish(columns), cell, o.y)

    def run(self):
        """(the part's text, modules' text, delays of the additions among them by name)"""
        deferred = {c.name: self.waits(c) for c in self.sums()}
        deferred = {n: w for n, w in deferred.items() if w}
        for name, (register, consumer, q) in deferred.items():
            if consumer.name not in deferred:
                self.defer(self.part.cells[name], register, consumer, q)
        for cell in list(self.part.cells.values()):
            if cell.name not in self.cells and (cell.kind == "$macc" or cell.name in self.waiting):
                self.add_up(cell)
        verilog = "".join(text.replace("module tetra_sum ", f"module {name} ", 1) for text, name in self.modules.items())
        verilog += "".join(f"module {name} (input [{n - 1}:0] a, b, output [{n - 1}:0] y); assign y = a + b; endmodule\n"
                           for name, (n, _) in self.adders.items())
        return self.part.replaced(self.cells, self.wires), verilog, {name: d for name, (_, d) in self.adders.items()}


class Builder:
    def __init__(self, lib, ps):
        """ps: what a sum in front of a register may take, where its adders are gates."""
        self.lib, self.gates = lib, Gates(ps / 8)
        self.full, self.half = (adder(lib, n) or self.gates for n in (3, 2))

    def rewritten(self, text, budget, cells):
        """A module's text without sums of many; the modules that have taken their place, as Verilog; {addition: its delay}.
        cells: of the library's adders, where it has them."""
        if "  cell $macc " not in text:
            return text, "", {}
        full, half = (self.full, self.half) if cells else (self.gates, self.gates)
        text, verilog, delays = Rewriting(text, full, half, budget).run()
        boxes = "".join(box(self.lib.cells[c.name]) for c in (full, half) if c.name and f"  {c.name} u" in verilog)
        return text, boxes + verilog, delays
