"""Liberty files: read, cut down to what the flow uses, written again, and what it asks of a cell.

A library may be several files and may be compressed (.gz). Scan cells, latches, clock gates, tristate buffers and cells
that the library says not to use are left out.
"""
import gzip
import math
import pathlib
import re
import zlib

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}();:,]|[^\s{}();:,"]+', re.S)


class Refused(Exception):
    """Bad input: one line that says what to do."""


class Group:
    """`kind (args) { attributes, groups }`. An attribute is a list of its values, as texts without quotes."""

    def __init__(self, kind, args):
        self.kind, self.args, self.attrs, self.groups = kind, args, [], []

    def get(self, name, default=None):
        return next((v[0] for k, v in self.attrs if k == name and v), default)

    def number(self, name, default=0.0):
        text = self.get(name)
        return default if text is None else float(text)

    def rows(self, name):
        """An attribute's numbers, a row for each of its texts."""
        return [[float(x) for x in re.split(r"[\s,]+", text.strip()) if x] for k, v in self.attrs if k == name for text in v]

    def all(self, kind):
        return [g for g in self.groups if g.kind == kind]


def axis(table, template, n):
    """The numbers along a table's n-th variable: its own, else its template's; empty where neither has any."""
    own = table.rows(f"index_{n}") or (template.rows(f"index_{n}") if template is not None else [])
    return [x for row in own for x in row]


def text_of(path):
    """The file's text, decompressed."""
    data = pathlib.Path(path).read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return data.decode("latin-1")


def parse(path):
    """The library group of a file. Refused where it is no liberty file."""
    refusal = Refused(f"LIBERTY: '{path}' is no liberty file: it does not begin with 'library (name) {{'; give a .lib or .lib.gz")
    try:
        text = text_of(path)
    except OSError as why:
        raise Refused(f"LIBERTY: cannot read '{path}': {why.strerror or why}; give a .lib or .lib.gz") from why
    except EOFError as why:
        raise Refused(f"LIBERTY: '{path}' is cut off: not a whole .gz file") from why
    except zlib.error as why:
        raise Refused(f"LIBERTY: '{path}' is damaged: {why}; give a whole .lib or .lib.gz") from why
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"\\\r?\n", " ", text)
    text = re.sub(r"(?m)^\s*//.*$", " ", text)
    tokens = TOKEN.findall(text)
    if len(tokens) < 5 or tokens[0] != "library" or tokens[1] != "(":
        raise refusal
    try:
        group, _ = read_statement(tokens, 0)
    except IndexError as why:
        raise Refused(f"LIBERTY: '{path}' ends in the middle of a group; is the file whole?") from why
    except RecursionError as why:
        raise Refused(f"LIBERTY: '{path}' has groups in groups without end; is the file whole?") from why
    if not isinstance(group, Group):
        raise refusal
    return group


def unquote(token):
    return token[1:-1] if token.startswith('"') else token


def read_statement(tokens, at):
    """An attribute (name, values) or a Group, and where the next statement begins."""
    name = tokens[at]
    if tokens[at + 1] == ":":
        value, at = [], at + 2
        while tokens[at] not in (";", "}") and not (value and tokens[at + 1] in (":", "(")):
            value.append(tokens[at])
            at += 1
        text = unquote(value[0]) if len(value) == 1 else " ".join(unquote(v) for v in value)
        return (name, [text]), at + (tokens[at] == ";")
    if tokens[at + 1] != "(":
        raise IndexError
    args, at = [], at + 2
    while tokens[at] != ")":
        if tokens[at] != ",":
            args.append(unquote(tokens[at]))
        at += 1
    at += 1
    if at >= len(tokens) or tokens[at] != "{":
        return (name, args), at + (at < len(tokens) and tokens[at] == ";")
    group, at = Group(name, args), at + 1
    while tokens[at] != "}":
        if tokens[at] == ";":
            at += 1
            continue
        item, at = read_statement(tokens, at)
        if isinstance(item, Group):
            group.groups.append(item)
        else:
            group.attrs.append(item)
    return group, at + 1


def write(group, out, indent=""):
    out.append(f"{indent}{group.kind} ({', '.join(quote(a) for a in group.args)}) {{")
    for name, values in group.attrs:
        if name in COMPLEX:
            out.append(f"{indent}  {name} ({', '.join(quote(v) for v in values)});")
        elif values:
            out.append(f"{indent}  {name} : {quote(values[0])};")
    for g in group.groups:
        write(g, out, indent + "  ")
    out.append(indent + "}")


COMPLEX = {"values", "index_1", "index_2", "index_3", "capacitive_load_unit", "technology", "define", "voltage_map",
           "library_features"}


def quote(text):
    return text if re.fullmatch(r"[\w.+-]+", text) else f'"{text}"'


# What neither Yosys, ABC, OpenSTA nor the power calculation needs; it is most of a large library.
DROPPED = {"receiver_capacitance", "output_current_rise", "output_current_fall", "ccsn_first_stage", "ccsn_last_stage",
           "dynamic_current", "intrinsic_parasitic", "leakage_current", "pg_pin", "test_cell", "rise_capacitance_range",
           "fall_capacitance_range", "driver_waveform_rise", "driver_waveform_fall", "noise_immunity_high",
           "noise_immunity_low", "normalized_driver_waveform", "input_voltage", "output_voltage", "wire_load",
           "wire_load_selection", "statetable_dummy"}


FARAD = {"ff": 1e-15, "pf": 1e-12, "nf": 1e-9}
CAPACITANCES = {"capacitance", "rise_capacitance", "fall_capacitance", "max_capacitance", "min_capacitance", "default_output_pin_cap",
                "default_input_pin_cap", "default_inout_pin_cap", "default_max_capacitance"}
ENERGIES = {"rise_power", "fall_power", "power"}
# What is asked for its name, and for numbers: one, or a list.
NAMED = {"library", "cell", "pin", "ff", "lu_table_template", "power_lut_template"}
NUMBERS = CAPACITANCES | {"area", "cell_leakage_power", "nom_voltage"}
LISTS = {"index_1", "index_2", "index_3", "values"}
UNITS = {"time_unit": "1ns", "leakage_power_unit": "1nW"}


def prune(group):
    group.groups = [g for g in group.groups if g.kind not in DROPPED]
    group.attrs = [a for a in group.attrs if a[0] not in ("related_power_pin", "related_ground_pin", "define",
                                                          "default_wire_load_selection", "default_wire_load",
                                                          "library_features", "power_down_function",
                                                          "receiver_capacitance1_rise")]
    for g in group.groups:
        prune(g)


def pins(cell):
    return cell.all("pin") + [p for b in cell.all("bus") + cell.all("bundle") for p in b.all("pin")]


def flop(cell):
    """The cell's ff group, None where it has none."""
    return next(iter(cell.all("ff")), None)


def numbers(text):
    """The numbers of a text, None where it has anything else."""
    try:
        found = [float(x) for x in re.split(r"[\s,]+", text.strip()) if x]
    except ValueError:
        return None
    return found if all(map(math.isfinite, found)) else None


def check_group(group, where):
    """Refused where a name, a number or a unit is missing that is asked for later."""
    if group.kind in NAMED and not group.args:
        raise Refused(f"{where} has a '{group.kind} ()' without a name; is the file whole?")
    for name, values in group.attrs:
        single = name in NUMBERS or (name == "value" and group.kind == "leakage_power")
        for text in values if single or name in LISTS else ():
            found = numbers(text)
            if found is None or (single and (len(found) != 1 or "," in text)):
                raise Refused(f"{where}, {group.kind} ({', '.join(group.args)}): {name}: '{text[:40]}' is not accepted; "
                              f"{'a number is' if single else 'numbers are'}")
        if name in UNITS and not re.match(r"\d+(\.\d+)?\s*([munpf]?[sW])$", values[0] if values else ""):
            raise Refused(f"{where}: {name}: '{values[0] if values else ''}' is not accepted; a unit like {UNITS[name]} is")
    for g in group.groups:
        check_group(g, where)


def load_unit(root, where):
    """Farad of its capacitance unit."""
    given = next((v for k, v in root.attrs if k == "capacitive_load_unit"), ["1", "pf"])
    value, unit = numbers(given[0]) if given else None, given[-1].strip().lower() if given else ""
    if len(given) != 2 or value is None or len(value) != 1 or value[0] <= 0 or unit not in FARAD:
        raise Refused(f"{where}: capacitive_load_unit ({', '.join(given)}) is not accepted; a number and {', '.join(FARAD)}, like (1, pf), is")
    return value[0] * FARAD[unit]


def units(root, where):
    return load_unit(root, where), *(root.get(name) for name in sorted(UNITS))


def in_picofarad(root, where):
    """The library's capacitances in pF, and so its internal energies, which are in that unit times V^2. ABC compares loads to within 1, whatever the unit is, and ends where sums of thousands of
    them, in fF, are not that near."""
    scale = load_unit(root, where) / FARAD["pf"]
    if scale == 1:
        return

    def scaled(text):
        return ", ".join(f"{x * scale:.9g}" for x in numbers(text))

    def loads_of(group):
        return [f"index_{n}" for n in (1, 2, 3) if group.get(f"variable_{n}") == "total_output_net_capacitance"]

    def walk(group, along):
        """along: {template: its index of a load, "index_1" and so on}."""
        loads = loads_of(group) or along.get(group.args[0] if group.args else "", [])
        for i, (k, v) in enumerate(group.attrs):
            if k in CAPACITANCES or k in loads or (k == "values" and group.kind in ENERGIES):
                group.attrs[i] = (k, [scaled(x) for x in v])
        for g in group.groups:
            walk(g, along)

    walk(root, {t.args[0]: loads_of(t) for t in root.groups if t.kind in ("lu_table_template", "power_lut_template")})
    root.attrs = [(k, ["1", "pf"]) if k == "capacitive_load_unit" else (k, v) for k, v in root.attrs]


def turn(cell):
    """A register that keeps the complement of its data, as one that keeps the data: its two states change names, its clear and
    its preset their parts. The cell is the same, but until 2025 Yosys' dfflibmap took such a cell's clear for its preset
    (yosys issues 5186 and 5445), so that every register came out of a reset with the wrong value."""
    ff = flop(cell)
    if ff is None or len(ff.args) != 2:
        return
    words = re.findall(r"\w+|[^\s()]", ff.get("next_state", ""))     # "D R'", an AND, has three
    if len(words) != 2 or not (words[0] == "!" or words[1] == "'"):
        return
    names = {"clear": "preset", "preset": "clear", "clear_preset_var1": "clear_preset_var2", "clear_preset_var2": "clear_preset_var1"}
    ff.args.reverse()
    ff.attrs = [(names.get(k, k), [words[words[0] == "!"]] if k == "next_state" else v) for k, v in ff.attrs]


def usable(cell):
    if not cell.args:
        return True                               # for check_group to refuse
    if cell.get("dont_use") == "true" or cell.all("test_cell") or cell.all("latch") or cell.all("statetable"):
        return False
    if cell.get("clock_gating_integrated_cell") or cell.all("ff_bank") or cell.all("latch_bank"):
        return False
    outputs = [p for p in pins(cell) if p.get("direction") == "output"]
    if any(p.get("three_state") for p in outputs) or len(outputs) == 0:
        return False
    if re.search(r"lpflow|clkdlybuf|dlygate|dlymetal|dlclk|sdf|^SDF|ICG|DLY|dlh|probe", cell.args[0]):
        return False
    return flop(cell) is not None or all(p.get("function") for p in outputs)


class Library:
    """One library out of one or several files."""

    def __init__(self, files):
        parsed = [parse(f) for f in files]
        self.root, self.files = parsed[0], [str(f) for f in files]
        templates = {(g.kind, tuple(g.args)) for g in self.root.groups}
        for other, file in zip(parsed[1:], self.files[1:]):
            if units(other, f"LIBERTY: '{file}'") != units(self.root, f"LIBERTY: '{self.files[0]}'"):
                raise Refused(f"LIBERTY: '{file}' has other units than '{self.files[0]}'; give the files of one library")
            for g in other.groups:
                if g.kind == "cell" or (g.kind, tuple(g.args)) not in templates:
                    self.root.groups.append(g)
                    templates.add((g.kind, tuple(g.args)))
        self.root.groups = [g for g in self.root.groups if g.kind != "cell" or usable(g)]
        prune(self.root)
        where = f"LIBERTY: '{self.files[0]}'"
        check_group(self.root, where)
        for cell in self.root.all("cell"):
            turn(cell)
        in_picofarad(self.root, where)
        self.name = self.root.args[0]
        self.cells = {g.args[0]: g for g in self.root.all("cell")}
        self.check()

    def check(self):
        where = f"LIBERTY: '{self.files[0]}'"
        flops = [c for c in self.cells.values() if flop(c) is not None]
        if not flops:
            raise Refused(f"{where} has no flip-flop (a cell with an 'ff' group); give all files of the library, separated by blanks")
        if not any(flop(c).get("clear") or flop(c).get("preset") for c in flops):
            raise Refused(f"{where} has no flip-flop with an asynchronous reset ('clear'), which the accelerator's registers need")
        if not self.inverters():
            raise Refused(f"{where} has no inverter (one input A, function !A); give all files of the library, separated by blanks")

    def unit(self, name, base):
        """A unit such as time_unit in `base`: ("1ns", 1e-9)."""
        text = self.root.get(name, "1")
        m = re.match(r"([\d.]+)\s*([munpf]?)", text)
        scale = {"": 1, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}[m.group(2)]
        return float(m.group(1)) * scale / base

    def ns(self):
        """Nanoseconds of the library's time unit."""
        return self.unit("time_unit", 1e-9)

    def leakage_watt(self):
        return self.unit("leakage_power_unit", 1.0)

    def volt(self):
        return float(self.root.get("nom_voltage", "1"))

    def corner(self):
        g = self.root
        return (f"{self.name}, process {g.get('nom_process', '?')}, {g.get('nom_voltage', '?')} V, "
                f"{g.get('nom_temperature', '?')} C")

    def unary(self, pattern):
        """Cells of one input and one output with such a function, smallest first: (name, input, output)."""
        found = []
        for name, cell in self.cells.items():
            outs = [p for p in pins(cell) if p.get("direction") == "output"]
            ins = [p for p in pins(cell) if p.get("direction") == "input"]
            if len(outs) != 1 or len(ins) != 1 or flop(cell) is not None:
                continue
            function = re.sub(r"[\s()]", "", outs[0].get("function", ""))
            if function in [pattern.format(a=ins[0].args[0]), pattern.format(a=ins[0].args[0]).replace("!", "") + "'"] and (
                    "!" in pattern or "'" not in function):
                found.append((cell.number("area"), name, ins[0].args[0], outs[0].args[0]))
        return [f[1:] for f in sorted(found)]

    def inverters(self):
        return self.unary("!{a}")

    def buffers(self):
        return self.unary("{a}")

    def text(self):
        out = []
        write(self.root, out)
        return "\n".join(out) + "\n"
