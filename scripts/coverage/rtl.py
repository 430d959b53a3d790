"""Lines, branches and toggles of the RTL, from the files that Verilated models write: a place counts once, however many
instances there are of it in however many benches. A bit has gone there and back where one instance's has, in one model."""

import shutil
import subprocess
from collections import defaultdict

TOGGLES = 2  # there and back


def fields(point):
    """Of a line `C 'point' count`: what its parts are called."""
    return dict(part.split("\x02", 1) for part in point.split("\x01")[1:])


def lines_of(text):
    """"3-5,7": the lines 3, 4, 5 and 7."""
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


class Rtl:
    def __init__(self, root, counts, waivers):
        self.root = root
        self.text = {}
        self.counts = {"line": defaultdict(int), "branch": defaultdict(int), "toggle": defaultdict(int)}
        for file in sorted(counts.rglob("*.dat")):
            for line in file.read_text(errors="replace").splitlines():
                if line.startswith("C '"):
                    point, count = line[3:].rsplit("' ", 1)
                    self.add(fields(point), int(count))
        enough = {"line": 1, "branch": 1, "toggle": TOGGLES}
        self.left = {k: sorted(p for p, n in self.counts[k].items() if n < enough[k]) for k in self.counts}
        self.waived = {k: {p for p in self.left[k] if waivers.cover(k, p[0], p[2])} for k in self.counts}

    def source(self, file, number):
        if file not in self.text:
            self.text[file] = (self.root / file).read_text().splitlines()
        return self.text[file][number - 1].strip()

    def add(self, point, count):
        """Adds a point to the places (file, line, what)."""
        file = point["f"].replace(str(self.root) + "/", "")
        if not file.startswith("rtl/"):
            return
        number, page = int(point["l"]), point["page"]
        if page.startswith("v_toggle"):
            place = file, number, point["o"]
            self.counts["toggle"][place] = max(self.counts["toggle"][place], count)
            return
        if page.startswith("v_branch"):
            self.counts["branch"][file, number, f"{point['o']}: {self.source(file, number)}"] += count
        for line in lines_of(point.get("S", "")):
            self.counts["line"][file, line, self.source(file, line)] += count

    def tally(self, kind):
        """(reached, all but the waived, waived)"""
        total, waived = len(self.counts[kind]), len(self.waived[kind])
        return total - len(self.left[kind]), total - waived, waived

    def missed(self):
        return [f"{kind} {file}:{number} {what}" for kind in self.counts
                for file, number, what in self.left[kind] if (file, number, what) not in self.waived[kind]]

    def write_html(self, folder):
        """Pages of lines with branches, and of toggles: of the signals that a line declares, the one that moved least."""
        for name, kinds in (("rtl", ("line", "branch")), ("toggles", ("toggle",))):
            info = folder / f"{name}.info"
            info.write_text("".join(self.record(file, kinds) for file in sorted({p[0] for p in self.counts[kinds[0]]})))
            if not shutil.which("genhtml"):
                print("coverage.py: no genhtml, no pages of the RTL; scripts/install-deps.sh --coverage installs it")
                return
            command = ["genhtml", "-q", "--branch-coverage", "--prefix", self.root, "-o", folder / "html" / name, info]
            subprocess.run([str(c) for c in command], check=False, stdout=subprocess.DEVNULL)

    def record(self, file, kinds):
        """A file in lcov's format."""
        out, branches, lines = [f"SF:{self.root / file}"], defaultdict(list), {}
        for (its_file, number, _), count in self.counts[kinds[0]].items():
            if its_file == file:
                lines[number] = min(lines.get(number, count), count)
        for (its_file, number, _), count in self.counts[kinds[1]].items() if len(kinds) > 1 else ():
            if its_file == file:
                branches[number].append(count)
        out += [f"BRDA:{n},0,{i},{c}" for n, counts in sorted(branches.items()) for i, c in enumerate(counts)]
        out += [f"DA:{n},{c}" for n, c in sorted(lines.items())]
        return "\n".join([*out, "end_of_record", ""])
