"""Static timing of the flat netlist for the sizing of cells (sizing.py): the library's tables, worst slews, an ideal clock and
no wires. It is incremental, which OpenSTA is not for a change of nets; what is reported is OpenSTA's (sta.py)."""
import bisect
import heapq

from .liberty import axis, flop, pins

NEVER = -1e30          # arrival of what no register drives
RISE, FALL = 0, 1


class Table:
    """A table of the library over an input's slew and an output's load (or a scalar)."""

    def __init__(self, group, templates, first):
        """first: what the first index must be; the other way round the table is turned."""
        template = templates.get(group.args[0] if group.args else "")
        self.xs, self.ys = (axis(group, template, n) or [0.0] for n in (1, 2))
        variable = template.get("variable_1", "") if template else ""
        flat = [v for row in group.rows("values") for v in row]
        if len(flat) != len(self.xs) * len(self.ys):
            self.xs, self.ys, flat = [0.0], [0.0], flat[:1]
        self.rows = [flat[i * len(self.ys):(i + 1) * len(self.ys)] for i in range(len(self.xs))]
        if variable and first not in variable:
            self.xs, self.ys, self.rows = self.ys, self.xs, [list(r) for r in zip(*self.rows)]

    def at(self, x, y):
        """Bilinear, beyond the table's ends as between its last two points."""
        xs, ys, rows = self.xs, self.ys, self.rows
        if len(xs) > 1:
            i = min(max(bisect.bisect_right(xs, x) - 1, 0), len(xs) - 2)
            fx = (x - xs[i]) / (xs[i + 1] - xs[i])
        else:
            i, fx = 0, 0.0
        low, high = rows[i], rows[i + 1] if fx else rows[i]
        if len(ys) == 1:
            return low[0] + fx * (high[0] - low[0])
        j = min(max(bisect.bisect_right(ys, y) - 1, 0), len(ys) - 2)
        fy = (y - ys[j]) / (ys[j + 1] - ys[j])
        a = low[j] + fy * (low[j + 1] - low[j])
        return a + fx * (high[j] + fy * (high[j + 1] - high[j]) - a)


class Kind:
    """What timing needs of a cell: caps by pin; arcs by input pin: (output pin, input's edge, output's edge, delay, slew);
    setup by pin: (clock pin, rise table, fall table)."""

    def __init__(self, cell, templates):
        self.name, self.area, self.flop = cell.args[0], cell.number("area"), flop(cell) is not None
        self.caps, self.arcs, self.setup, self.outputs, self.clock = {}, {}, {}, [], None
        for p in pins(cell):
            pin = p.args[0]
            if p.get("direction") == "output":
                self.outputs.append(pin)
            else:
                self.caps[pin] = max(p.number("capacitance"), p.number("rise_capacitance"), p.number("fall_capacitance"))
            for t in p.all("timing"):
                self.arc(pin, t, templates)

    def arc(self, pin, t, templates):
        kind, related = t.get("timing_type", "combinational"), (t.get("related_pin") or "").strip()
        if kind in ("setup_rising", "setup_falling"):
            tables = [Table(t.all(k)[0], templates, "related") if t.all(k) else None for k in ("rise_constraint", "fall_constraint")]
            self.clock = related
            self.setup[pin] = tables
            return
        if kind not in ("combinational", "rising_edge", "falling_edge"):
            return
        sense = t.get("timing_sense", "non_unate")
        for out, (delay, slew) in enumerate((("cell_rise", "rise_transition"), ("cell_fall", "fall_transition"))):
            if not t.all(delay) or not t.all(slew):
                continue
            tables = (Table(t.all(delay)[0], templates, "input"), Table(t.all(slew)[0], templates, "input"))
            if kind != "combinational":
                edges = (RISE if kind == "rising_edge" else FALL,)
            else:
                edges = {"positive_unate": (out,), "negative_unate": (1 - out,)}.get(sense, (RISE, FALL))
            for into in edges:
                self.arcs.setdefault(related, []).append((pin, into, out, *tables))


def kinds(lib):
    templates = {g.args[0]: g for g in lib.root.all("lu_table_template")}
    return {name: Kind(cell, templates) for name, cell in lib.cells.items()}


class Timing:
    """cells: [Kind]; pins: [{pin: net}] of the cells; srams: [({"input": nets, "output": nets}, (clock to output, slew, setup, load))].
    Arrivals and slews by net and edge; everything in the library's units. quiet: nets that nothing
    arrives at."""

    def __init__(self, cells, pin_nets, srams, nets, quiet=()):
        self.cells, self.pins, self.quiet = cells, pin_nets, quiet
        self.fanout = [[] for _ in range(nets)]       # (cell, pin)
        self.driver = [None] * nets
        self.load = [0.0] * nets
        self.time = [[NEVER, NEVER] for _ in range(nets)]
        self.slew = [[0.0, 0.0] for _ in range(nets)]
        for i, kind in enumerate(cells):
            self.connect(i, kind)
        self.setup = {}                               # SRAM inputs: net: setup
        for ports, (delay, slew, setup, load) in srams:
            for n in ports["input"]:
                self.load[n] += load
                self.setup[n] = max(setup, self.setup.get(n, 0.0))
            for n in ports["output"]:
                self.time[n], self.slew[n] = [delay, delay], [slew, slew]
        self.ahead = {}                               # by cell: how much earlier than at the clock its data is to be there
        self.found, self.dirty = {}, set()            # ends by input; nets that have moved since they were worked out
        self.step = 0.0
        self.order()
        for i in self.sorted:
            self.evaluate(i)
        self.step = 3e-6 * max(t for times in self.time for t in times)   # less is no change

    def connect(self, i, kind):
        for pin, n in self.pins[i].items():
            if pin in kind.caps:
                self.load[n] += kind.caps[pin]
                self.fanout[n].append((i, pin))
            else:
                self.driver[n] = i

    def replace(self, i, kind):
        """Another cell in its place; which are to be updated."""
        touched, old = [i], self.cells[i]
        for pin, n in self.pins[i].items():
            if pin in kind.caps:
                self.load[n] += kind.caps[pin] - old.caps[pin]
                if self.driver[n] is not None:
                    touched.append(self.driver[n])
        self.cells[i] = kind
        self.dirty.update(self.pins[i].values())
        return touched

    def reconnect(self, i, pin, net):
        """Its input at another net; which are to be updated."""
        old, cap = self.pins[i][pin], self.cells[i].caps[pin]
        self.fanout[old].remove((i, pin))
        self.fanout[net].append((i, pin))
        self.load[old] -= cap
        self.load[net] += cap
        self.pins[i][pin] = net
        self.dirty.update((old, net))
        return [i] + [self.driver[n] for n in (old, net) if self.driver[n] is not None]

    def order(self):
        """Cells, each behind those that drive it; a register has its clock only in front of it."""
        waits, ready = [0] * len(self.cells), []
        for i, kind in enumerate(self.cells):
            if not kind.flop:
                waits[i] = sum(1 for pin, n in self.pins[i].items() if pin in kind.caps and self.driver[n] is not None)
            if waits[i] == 0:
                ready.append(i)
        self.sorted, self.rank = [], [0] * len(self.cells)
        while ready:
            i = ready.pop()
            self.rank[i] = len(self.sorted)
            self.sorted.append(i)
            for pin in self.cells[i].outputs:
                n = self.pins[i].get(pin)
                for j, _ in self.fanout[n] if n is not None else ():
                    if not self.cells[j].flop:
                        waits[j] -= 1
                        if waits[j] == 0:
                            ready.append(j)

    def arcs_of(self, i):
        """(arc, input net or None for the clock) of a cell."""
        kind, nets = self.cells[i], self.pins[i]
        for pin, arcs in kind.arcs.items():
            n = nets.get(pin)
            if n is None:
                continue
            for arc in arcs:
                yield pin, arc, None if kind.flop else n

    def evaluate(self, i):
        """Arrivals and slews of its outputs; whether they moved."""
        kind, nets, moved = self.cells[i], self.pins[i], False
        for out in kind.outputs:
            n = nets.get(out)
            if n is None or n in self.quiet:
                continue
            load, times, slews = self.load[n], [NEVER, NEVER], [0.0, 0.0]
            for pin, arcs in kind.arcs.items():
                source = nets.get(pin)
                if source is None:
                    continue
                if kind.flop:
                    if pin != kind.clock:
                        continue
                    t_in, s_in = (0.0, 0.0), (0.0, 0.0)
                else:
                    t_in, s_in = self.time[source], self.slew[source]
                for to, into, edge, delay, slew in arcs:
                    if to != out:
                        continue
                    t = t_in[into] + delay.at(s_in[into], load)
                    if t > times[edge]:
                        times[edge] = t
                    if t_in[into] > NEVER / 2:
                        s = slew.at(s_in[into], load)
                        if s > slews[edge]:
                            slews[edge] = s
            if times != self.time[n] or slews != self.slew[n]:
                moved = moved or any(abs(a - b) > self.step for a, b in zip(times + slews, self.time[n] + self.slew[n]))
                self.time[n], self.slew[n] = times, slews
                self.dirty.add(n)
        return moved

    def update(self, changed):
        """After changes of these cells, or of the loads that they drive."""
        heap = [(self.rank[i], i) for i in set(changed)]
        heapq.heapify(heap)
        waiting = {i for _, i in heap}
        while heap:
            _, i = heapq.heappop(heap)
            waiting.discard(i)
            if not self.evaluate(i):
                continue
            for pin in self.cells[i].outputs:
                n = self.pins[i].get(pin)
                for j, _ in self.fanout[n] if n is not None else ():
                    if not self.cells[j].flop and j not in waiting:
                        waiting.add(j)
                        heapq.heappush(heap, (self.rank[j], j))

    def margin(self, tables, edge, slew):
        table = tables[edge]
        return table.at(0.0, slew) if table else 0.0

    def end(self, n, tables, i, pin):
        """(time with setup and what it is to be ahead, net, edge, cell or None, pin) of an input, None where no register drives it."""
        if self.time[n][RISE] < NEVER / 2:
            return None
        t, e = max((self.time[n][e] + (self.margin(tables, e, self.slew[n][e]) if tables else self.setup[n]), e) for e in (RISE, FALL))
        return t + self.ahead.get(i, 0.0), n, e, i, pin

    def ends(self):
        """Of every register's and SRAM's input that a register drives; only those that have moved are worked out again."""
        if not self.found:
            for i, kind in enumerate(self.cells):
                self.found.update({(i, pin): None for pin in kind.setup if pin in self.pins[i]})
            self.found.update({(None, n): None for n in self.setup})
            self.dirty = set(range(len(self.load)))
        for n in self.dirty:
            for i, pin in self.fanout[n]:
                if pin in self.cells[i].setup:
                    self.found[i, pin] = self.end(n, self.cells[i].setup[pin], i, pin)
            if n in self.setup:
                self.found[None, n] = self.end(n, None, None, "")
        self.dirty.clear()
        return [e for e in self.found.values() if e]

    def longest(self):
        """The longest path with its setup."""
        return max(e[0] - self.ahead.get(e[3], 0.0) for e in self.ends())

    def path(self, net, edge):
        """Steps of the path that decides an arrival, from its register on: (cell, input pin, input's edge, output pin, edge)."""
        steps = []
        while self.driver[net] is not None:
            i = self.driver[net]
            kind, best = self.cells[i], None
            out = next(p for p in kind.outputs if self.pins[i].get(p) == net)
            for pin, (to, into, e, delay, _), source in self.arcs_of(i):
                if to != out or e != edge or (kind.flop and pin != kind.clock):
                    continue
                t = delay.at(0.0, self.load[net]) if source is None else self.time[source][into] + delay.at(self.slew[source][into], self.load[net])
                if best is None or t > best[0]:
                    best = (t, pin, into, source)
            steps.append((i, best[1], best[2], out, edge))
            if best[3] is None:
                break
            net, edge = best[3], best[2]
        return steps[::-1]
