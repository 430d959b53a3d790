"""Crosses: which combinations there are, and which the benches have counted."""

from itertools import product


class Crosses:
    def __init__(self, path, counts, waivers):
        self.wanted = {}
        for line in path.read_text().splitlines():
            if line.strip() and not line.startswith("#"):
                name, values = line.split(":", 1)
                self.wanted[name] = {" ".join(c) for c in product(*(v.split() for v in values.split(" x ")))}
        self.names = list(self.wanted)
        self.hit = {name: set() for name in self.names}
        for file in sorted(counts.rglob("*.crosses")):
            for line in file.read_text().splitlines():
                name, rest = line.split(" ", 1)
                combination = rest.rsplit(" ", 1)[0]
                if name not in self.wanted or combination not in self.wanted[name]:
                    raise SystemExit(f"{path}: the benches have counted '{name} {combination}', which is in no cross")
                self.hit[name].add(combination)
        self.left = {n: sorted(self.wanted[n] - self.hit[n]) for n in self.names}
        self.waived = {n: {c for c in self.left[n] if waivers.cover("cross", n, c)} for n in self.names}

    def tally(self, name):
        """(reached, all but the waived, waived)"""
        return len(self.hit[name]), len(self.wanted[name]) - len(self.waived[name]), len(self.waived[name])

    def missed(self):
        return [f"cross {n} {c}" for n in self.names for c in self.left[n] if c not in self.waived[n]]
