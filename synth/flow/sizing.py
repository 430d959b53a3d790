"""Sizes the cells of the mapped parts together: ABC maps each part by itself and does not know what its ports drive.

Cells on the paths that are longer than asked for are made larger or smaller, and what hangs on a chain of buffers is moved
toward its begin, as long as that shortens them. A part with several instances has one netlist: it is changed for all.
"""
import collections
import json
import os
import pathlib
import re
import sys
import time

from . import design, mapping, netlist, sram, timing
from .liberty import pins

ROUNDS = 600           # at most; a round is a batch of changes, kept if the paths above the limit get shorter
PATHS = 150            # longest ones that are looked at in a round
NEAR = 0.975           # of the longest: what is shorter waits
GAIN = 2e-4            # of the longest: a change that brings less is none
BATCH = 64             # changes at once, at first
AHEAD = 0.015          # of the clock: what other parts than the array have left, so that it decides by OpenSTA's timing, too
FAILS = 16             # rounds in a row without any that are enough


RESETS = ("rst_ni", "core_rst_n")                # nets of the whole that are no paths: a layout gives them a tree


def families(lib, kinds):
    """By cell, those that may stand for it: same pins, functions and registers."""
    groups = {}
    for name, kind in kinds.items():
        cell = lib.cells[name]
        register = [(tuple(g.args), tuple(sorted((k, tuple(v)) for k, v in g.attrs))) for g in cell.all("ff")]
        key = (str(register), *sorted((p.args[0], "".join((p.get("function") or "").split())) for p in pins(cell)))
        groups.setdefault(key, []).append(kind)
    return {kind.name: group for group in groups.values() for kind in group}


class Sizer:
    """The parts below a top, timed as one, and what becomes of them."""

    def __init__(self, lib, kinds, texts, top, srams, quiet=()):
        """kinds: the library's (timing.kinds); texts: {part: netlist}; srams: {kind: ({port: way}, (clock to output, slew, setup, load))};
        quiet: the top's nets that are left out, as resets are."""
        self.texts, self.family = texts, families(lib, kinds)
        self.buffers = {name: into for name, into, _ in lib.buffers()}
        flat = netlist.Flat(texts, top, lib.cells)
        self.names, self.copies, self.place = flat.names, {}, []
        for i, key in enumerate(flat.names):
            copies = self.copies.setdefault(key, [])
            self.place.append(len(copies))
            copies.append(i)
        macros = []
        for kind, ports in flat.srams:
            ways, figures = srams[kind]
            macros.append(({way: [n for port, nets in ports.items() if ways[port] == way and port != "clk_i" for n in nets]
                            for way in ("input", "output")}, figures))
        self.timing = timing.Timing([kinds[kind] for kind, _, _ in flat.cells], [p for _, p, _ in flat.cells], macros, len(flat.same) + 1,
                                    {flat.find(flat.nets[bit]) for bit in flat.nets if bit[0] in quiet})
        self.nowhere = len(flat.same)                 # a net for the inputs of buffers that nothing hangs on any more
        self.held = set(self.timing.setup) | {n for nets in flat.ports.values() for n in nets}
        self.bodies, self.nets = {}, {}               # by part and cell: pins as in the netlist's text, and as they are now

    def ahead(self, of, time):
        """Registers of all parts but that one have their data so much earlier than at the clock."""
        self.timing.ahead = {i: time for i, kind in enumerate(self.timing.cells) if kind.flop and self.names[i][0] != of}
        self.timing.found = {}                     # ends that were worked out without

    # ---- Changes: each gives what undoes it ----
    def resize(self, i, kind):
        old, touched = self.timing.cells[i], []
        for j in self.copies[self.names[i]]:
            touched += self.timing.replace(j, kind)
        self.timing.update(touched)
        return lambda: self.resize(i, old)

    def hoist(self, i, pin, b, pin_b):
        """The cell's pin goes from the output of a buffer in its part to the buffer's input; all copies. A buffer that is then
        of no use goes."""
        t, moves = self.timing, []
        for j, k in zip(self.copies[self.names[i]], self.copies[self.names[b]]):
            moves.append((j, t.pins[j][pin], t.pins[k][pin_b]))
        here, old = self.text_nets(i), self.text_nets(i)[pin]
        here[pin] = self.text_nets(b)[pin_b]
        back = [self.reconnect(i, pin, moves)]
        out = t.cells[b].outputs[0]
        if all(not t.fanout[t.pins[k][out]] and t.pins[k][out] not in self.held for k in self.copies[self.names[b]]):
            back.append(self.reconnect(b, pin_b, [(k, t.pins[k][pin_b], self.nowhere) for k in self.copies[self.names[b]]]))

        def undo():
            here[pin] = old
            for step in reversed(back):
                step()
        return undo

    def text_nets(self, i):
        """The cell's {pin: net}, as text of its part's netlist."""
        part, name = self.names[i]
        if part not in self.bodies:
            self.bodies[part] = {netlist.plain(n): body for _, n, body in netlist.INSTANCE.findall(self.texts[part])}
        if (part, name) not in self.nets:
            self.nets[part, name] = dict(netlist.PIN.findall(self.bodies[part][name]))
        return self.nets[part, name]

    def reconnect(self, i, pin, moves):
        touched = []
        for j, _, net in moves:
            touched += self.timing.reconnect(j, pin, net)
        self.timing.update(touched)
        return lambda: self.reconnect(i, pin, [(j, new, old) for j, old, new in moves])

    # ---- What a change would bring along a path ----
    def along(self, path, k, kinds, loads, skip=None):
        """Delay of up to three steps of the path around step k, with other cells (by step) and loads (added, by net)."""
        t, total, slew = self.timing, 0.0, None
        for at in range(max(k - 1, 0), min(k + 2, len(path))):
            if at == skip:
                continue
            i, pin, into, out, edge = path[at]
            kind = kinds.get(at, t.cells[i])
            net = t.pins[i][out]
            if slew is None:
                slew = 0.0 if kind.flop else t.slew[t.pins[i][pin]][into]
            load = t.load[net] + loads.get(net, 0.0)
            best = None
            for to, a, e, delay, s in kind.arcs.get(pin, ()):
                if to == out and a == into and e == edge:
                    d = delay.at(slew, load)
                    if best is None or d > best[0]:
                        best = (d, s.at(slew, load))
            if best is None:
                return None
            total, slew = total + best[0], best[1]
        return total, slew

    def changes(self, path, gain):
        """[(what it brings, cells that it concerns, its name, change)] of a path."""
        t, found = self.timing, []
        for k, (i, pin, _, out, _) in enumerate(path):
            kind = t.cells[i]
            now = self.along(path, k, {}, {})
            for other in self.family[kind.name]:
                if other is kind:
                    continue
                source = t.pins[i][pin]
                then = self.along(path, k, {k: other}, {source: other.caps[pin] - kind.caps[pin]})
                if then is not None and now[0] - then[0] > gain:
                    # What is won, less a little for area, so that of two that win the same the smaller is taken.
                    found.append((now[0] - then[0] - 0.05 * gain * max(0.0, other.area / max(kind.area, 1e-9) - 1), (i,), other.name,
                                  lambda i=i, other=other: self.resize(i, other)))
            if kind.name in self.buffers and 0 < k < len(path) - 1 and self.names[path[k + 1][0]][0] == self.names[i][0]:
                j, pin_j = path[k + 1][0], path[k + 1][1]
                if len(self.copies[self.names[j]]) == len(self.copies[self.names[i]]) and self.place[i] == self.place[j]:
                    source = t.pins[i][pin]
                    then = self.along(path, k, {}, {source: t.cells[j].caps[pin_j]}, skip=k)
                    if then is not None and now[0] - then[0] > gain:
                        found.append((now[0] - then[0], (i, j), pin_j, lambda i=i, j=j, pin=pin, pin_j=pin_j: self.hoist(j, pin_j, i, pin)))
        return found

    def ends(self, limit):
        """Ends above the limit, longest first."""
        return sorted((e for e in self.timing.ends() if e[0] > limit), key=lambda e: -e[0])

    def offers(self, ends, gain, barred):
        """{change's name: (what it brings in sum over the paths to these ends, the change)} but those that are barred."""
        found = {}
        for _, net, edge, _, _ in ends:
            for won, cells, what, change in self.changes(self.timing.path(net, edge), gain):
                if (cells, what) not in barred:
                    old = found.get((cells, what))
                    found[cells, what] = (won + (old[0] if old else 0.0), change)
        return found

    def take(self, offers, most):
        """Makes the changes that bring most, no two of neighbours: [what undoes each], [names]."""
        locked, undo, done = set(), [], []
        for (cells, what), (_, change) in sorted(offers.items(), key=lambda o: -o[1][0]):
            if len(undo) == most:
                break
            if not locked & set(cells):
                locked |= self.around(cells)
                undo.append(change())
                done.append((cells, what))
        return undo, done

    def run(self, target, log=None):
        """Until no path is longer than the target or none gets shorter; the longest."""
        batch, barred, failed = BATCH, set(), 0
        for turn in range(ROUNDS):
            ends = self.ends(target)
            if not ends:
                break
            worst = ends[0][0]
            limit = max(target, NEAR * worst)
            before = (worst, sum(e[0] - limit for e in ends if e[0] > limit))
            offers = self.offers([e for e in ends if e[0] > limit][:PATHS], GAIN * worst, barred)
            undo, done = self.take(offers, batch)
            if not undo:
                break
            ends = self.ends(limit)
            after = (ends[0][0] if ends else limit, sum(e[0] - limit for e in ends))
            if log:
                log(f"{turn}: {before[0]:.4f} {before[1]:.4f} -> {after[0]:.4f} {after[1]:.4f}, {len(undo)} changes")
            if after[1] < before[1] * (1 - 1e-4) and after[0] <= before[0] * (1 + 1e-5):
                batch, failed = min(2 * batch, BATCH), 0
                continue
            for back in reversed(undo):
                back()
            if len(undo) == 1:
                barred.add(done[0])
            batch, failed = max(1, min(batch, len(undo)) // 4), failed + 1
            if failed == FAILS:
                break
        return self.timing.longest()

    def results(self):
        """{part: (netlist, {kind: cells})}, of the parts that have cells."""
        t, cells = self.timing, {}
        for (part, name), copies in self.copies.items():
            gone = self.nowhere in t.pins[copies[0]].values()
            cells.setdefault(part, {})[name] = None if gone else t.cells[copies[0]].name
        return {part: (self.rewritten(part, kinds), dict(collections.Counter(k for k in kinds.values() if k)))
                for part, kinds in cells.items()}

    def rewritten(self, part, kinds):
        def instance(m):
            name = netlist.plain(m.group(2))
            if name not in kinds:
                return m.group(0)
            if kinds[name] is None:
                return ""
            nets = self.nets.get((part, name))
            body = m.group(3) if nets is None else "".join(f"    .{pin}({net}),\n" for pin, net in nets.items())[:-2] + "\n"
            return f"  {kinds[name]} {m.group(2)} (\n{body}  );\n"

        return re.sub(netlist.INSTANCE.pattern + r"\n", instance, self.texts[part], flags=re.M | re.S)

    def around(self, cells):
        """Those cells and their neighbours, whose changes do not add up with theirs."""
        t, found = self.timing, set(cells)
        for i in cells:
            for n in t.pins[i].values():
                if t.driver[n] is not None:
                    found.add(t.driver[n])
            for out in t.cells[i].outputs:
                n = t.pins[i].get(out)
                if n is not None and len(t.fanout[n]) < 64:
                    found.update(j for j, _ in t.fanout[n])
        return found


def sized(lib, parts, model, srams, folder):
    """The mapped parts' results with cells sized: first the array by itself, as fast as it gets, then the whole, to the array's
    clock. From an earlier run where nothing that it depends on has changed."""
    folder.mkdir(exist_ok=True)
    own = [pathlib.Path(m.__file__).read_text(encoding="utf-8") for m in (sys.modules[__name__], timing, netlist, sram)]
    stamp = design.digest(*own, *(f"{n} {r['verilog']}" for n, r in sorted(parts.items())), sram.liberty(model, srams))

    def work():
        start, kinds = time.time(), timing.kinds(lib)
        texts = {name: pathlib.Path(r["verilog"]).read_text(encoding="utf-8") for name, r in parts.items()}

        def size(names, top, macros, target):
            sizer = Sizer(lib, kinds, {n: texts[n] for n in names}, top, macros, RESETS)
            sizer.ahead("tetra_array", AHEAD * target)
            before = sizer.timing.longest()
            after = sizer.run(target)
            print(f"silicon: {top}'s cells sized, {before * lib.ns():.3f} to {after * lib.ns():.3f} ns; {time.time() - start:.0f} s", file=sys.stderr)
            texts.update((n, text) for n, (text, _) in sizer.results().items())
            return after, {n: cells for n, (_, cells) in sizer.results().items()}

        clock, _ = size(["tetra_array"], "tetra_array", {}, 0.0)
        _, found = size(list(parts), "tetra_top", {m.name: sram.timing(model, m) for m in srams}, clock)
        results = {}
        for name, r in parts.items():
            path = folder / f"{name}-{stamp}.v"
            path.with_suffix(f".{os.getpid()}").write_text(texts[name], encoding="utf-8")
            path.with_suffix(f".{os.getpid()}").rename(path)
            results[name] = {**(mapping.figures(lib, name, found[name]) if name in found else r), "verilog": str(path)}
        return results

    return design.kept(folder, "sized", stamp, work)
