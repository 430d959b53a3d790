"""Power from activity: toggles of every net in a VCD of the mapped netlist, times the library's energies.

Debian's OpenSTA (2019) reads neither VCD nor SAIF, so the sum is made here: a net's toggle costs C * V^2 / 2 of its sinks'
pins, the internal energy of the cell that drives it (mean of rise and fall, at the load that it has), and of flip-flops'
input pins their own; every flip-flop's clock pin moves twice a cycle. Without wires, and without glitches, because the
models have no delays: both are more in silicon.
"""
import re

from .liberty import axis, flop, pins

SLEW_NS = 0.1


def table_value(group, library, load, slew):
    """A power table's value at a load and slew (in the library's units): linear between its points, ends held."""
    values = group.rows("values")
    if not values:
        return 0.0
    template = library.templates.get(group.args[0] if group.args else "scalar")
    axes = []
    for n in (1, 2):
        points = axis(group, template, n)
        kind = template.get(f"variable_{n}", "") if template is not None else ""
        if points:
            axes.append((points, load if "capacitance" in kind else slew))
    flat = [x for row in values for x in row]
    if not axes:
        return flat[0]
    if len(axes) == 1 or len(values) == 1 and len(axes[0][0]) == len(flat):
        return interpolate(axes[0][0], flat, axes[0][1])
    columns = len(axes[1][0])
    rows = [flat[i * columns:(i + 1) * columns] for i in range(len(axes[0][0]))]
    return interpolate(axes[0][0], [interpolate(axes[1][0], row, axes[1][1]) for row in rows], axes[0][1])


def interpolate(xs, ys, x):
    n = min(len(xs), len(ys))
    if n == 1 or x <= xs[0]:
        return ys[0]
    for i in range(1, n):
        if x <= xs[i]:
            return ys[i - 1] + (ys[i] - ys[i - 1]) * (x - xs[i - 1]) / (xs[i] - xs[i - 1])
    return ys[n - 1]


class Energies:
    """Joule of a toggle, by cell and pin."""

    def __init__(self, lib):
        self.lib, self.joule = lib, 1e-12         # a pF times V^2
        lib.templates = {g.args[0]: g for g in lib.root.all("power_lut_template") if g.args}
        self.pins = {k: {p.args[0]: p for p in pins(c)} for k, c in lib.cells.items()}
        self.memo = {}

    def capacitance(self, kind, pin):
        return self.pins[kind][pin].number("capacitance")

    def internal(self, kind, pin, load):
        key = (kind, pin, round(load, 7))
        if key not in self.memo:
            tables = [t for g in self.pins[kind][pin].all("internal_power") for t in g.groups
                      if t.kind in ("rise_power", "fall_power", "power")]
            values = [table_value(t, self.lib, load, SLEW_NS / self.lib.ns()) for t in tables]
            self.memo[key] = max(0.0, sum(values) / len(values)) if values else 0.0
        return self.memo[key]

    def net(self, driver, sinks):
        """J of a toggle of a net: driver (kind, pin) or None, sinks [(kind, pin)]."""
        load = sum(self.capacitance(k, p) for k, p in sinks)
        energy = 0.5 * load * self.lib.volt() ** 2
        if driver is not None:
            energy += self.internal(*driver, load)
        for kind, pin in sinks:
            if flop(self.lib.cells[kind]) is not None:
                energy += self.internal(kind, pin, 0)
        return energy * self.joule

    def clock(self, kind):
        """J of a whole cycle of a flip-flop's clock pin."""
        pin = re.sub(r"[\s()!']", "", flop(self.lib.cells[kind]).get("clocked_on"))
        return (self.capacitance(kind, pin) * self.lib.volt() ** 2 + 2 * self.internal(kind, pin, 0)) * self.joule


def netlist(path, energies):
    """J of a toggle of each net of a mapped module: {"name" or "name[3]": J}, and J of a cycle of all clock pins."""
    text = open(path, encoding="utf-8").read()
    drivers, sinks, clock = {}, {}, 0.0
    for kind, body in re.findall(r"^  (\S+) (?:\\\S+ |\w+)\s*\((.*?)^  \);", text, re.M | re.S):
        if kind not in energies.pins:
            continue
        ff = flop(energies.lib.cells[kind])
        clock_pin = re.sub(r"[\s()!']", "", ff.get("clocked_on")) if ff is not None else None
        if ff is not None:
            clock += energies.clock(kind)
        for pin, net in re.findall(r"\.(\w+)\(\s*(.*?)\s*\)(?:,|\s*$)", body, re.M):
            if pin not in energies.pins[kind] or pin == clock_pin or not net or "'" in net:
                continue
            net = net.lstrip("\\").replace(" ", "")
            if energies.pins[kind][pin].get("direction") == "output":
                drivers[net] = (kind, pin)
            else:
                sinks.setdefault(net, []).append((kind, pin))
    names = set(drivers) | set(sinks)
    return {n: energies.net(drivers.get(n), sinks.get(n, [])) for n in names}, clock


def flat_energies(flat, energies):
    """Of a flat netlist: {net: (module, J of a toggle)}, for the module of the cell that drives it, of its first sink where none
    does; and {module: J of a cycle of all its clock pins}."""
    drivers, sinks, clock = {}, {}, {}
    for kind, nets, module in flat.cells:
        ff = flop(energies.lib.cells[kind])
        clock_pin = re.sub(r"[\s()!']", "", ff.get("clocked_on")) if ff is not None else None
        if ff is not None:
            clock[module] = clock.get(module, 0.0) + energies.clock(kind)
        for pin, net in nets.items():
            if pin == clock_pin or net < 2:
                continue
            if energies.pins[kind][pin].get("direction") == "output":
                drivers[net] = (kind, pin, module)
            else:
                sinks.setdefault(net, []).append((kind, pin, module))
    found = {}
    for net in set(drivers) | set(sinks):
        driver, loads = drivers.get(net), sinks.get(net, [])
        module = driver[2] if driver else loads[0][2]
        found[net] = (module, energies.net(driver[:2] if driver else None, [load[:2] for load in loads]))
    return found, clock


def toggles(vcd, windows, wanted):
    """Toggles of nets in each window [(begin, end)] of time: [{(scope, net): count}] of scopes that wanted() takes."""
    scope, names, last, counts = [], {}, {}, [dict() for _ in windows]
    time, window = 0, -1
    with open(vcd, encoding="latin-1") as f:
        for line in f:
            if line.startswith("$scope"):
                scope.append(line.split()[2])
            elif line.startswith("$upscope"):
                scope.pop()
            elif line.startswith("$var"):
                part = line.split()
                where = "/".join(scope)
                if wanted(where):
                    names.setdefault(part[3], []).append((where, part[4].lstrip("\\"), "".join(part[5:-1]), int(part[2])))
            elif line.startswith("$enddefinitions"):
                break
        for line in f:
            c = line[0]
            if c == "#":
                time = int(line[1:])
                window = next((i for i, (a, b) in enumerate(windows) if a <= time < b), -1)
                continue
            if c in "01xz":
                code, value = line[1:].rstrip(), c
            elif c == "b":
                value, code = line[1:].split()
            else:
                continue
            if code not in names:
                continue
            old, last[code] = last.get(code), value
            if window < 0 or old is None:
                continue
            if c != "b":
                counts[window][code] = counts[window].get(code, 0) + (old != value)
            else:
                n = max(len(old), len(value))
                pad = [(v[0] if v[0] in "xz" else "0") * (n - len(v)) + v for v in (old, value)]
                for i, (a, b) in enumerate(zip(reversed(pad[0]), reversed(pad[1]))):
                    if a != b:
                        counts[window][(code, i)] = counts[window].get((code, i), 0) + 1
    return names, counts


def total(energies_of, names, counts):
    """J by scope in each window. energies_of(scope): {net: J}."""
    result = []
    for window in counts:
        by = {}
        for key, n in window.items():
            code, bit = key if isinstance(key, tuple) else (key, None)
            for where, name, index, width in names[code]:
                nets = energies_of(where)
                if bit is not None:
                    j = nets.get(f"{name}[{bit}]", 0.0)
                elif index and width == 1:
                    j = nets.get(name + index, 0.0)
                else:
                    j = nets.get(name, nets.get(f"{name}[0]", 0.0))
                by[where] = by.get(where, 0.0) + n * j
        result.append(by)
    return result
