#!/usr/bin/env python3
"""mutate.py [--area AREA] [--count N] [--seed S] [--only KEY] [FOLDER]: would the tests notice?

Makes N random changes (default 20) to an area of the design, one at a time, builds the area's test programs with each and
runs them: a change that no test notices is a hole. Areas, their files and programs: scripts/mutate/areas.py; kinds of
changes: scripts/mutate/operators.py. Works on a copy in FOLDER (default build/mutate), where results.jsonl gets a line for
each change, so that a run that was stopped goes on where it was, and a larger N adds to what is there.
  --area AREA   rtl-control, rtl-data, cmodel, driver or timing (default: all, N changes of each)
  --count N     changes an area
  --seed S      which changes (default 1)
  --only KEY    this change again, as the list of survivors names it
Changes that mean the same are listed with a reason in scripts/mutate/equivalent.txt (a key and a reason a line) and are not
counted; neither are those that do not build. Prints the survivors and a table. Exit code 0: at least 95 % noticed in every
area; 1: fewer; 2: the unchanged programs fail, or a wrong option."""

import argparse
import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "mutate"))
from areas import AREAS  # noqa: E402
from operators import sites  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
WANTED = 95  # per cent


def fail(text):
    print(f"mutate.py: {text}", file=sys.stderr)
    sys.exit(2)


def key_of(file, site):
    """A name that stays while the line stays, wherever it moves: file, the line's text's hash, column, new text."""
    number, column, old, new, _ = site
    line = (ROOT / file).read_text().splitlines()[number - 1]
    digest = sum((i + 1) * b for i, b in enumerate(line.strip().encode())) % 0xFFFFFF
    return f"{file}:{digest:06x}:{column}:{old.strip()[:12].replace(' ', '_')}>{new.strip()[:12].replace(' ', '_')}"


def all_sites(area):
    found = []
    for pattern in AREAS[area][0]:
        for path in sorted(ROOT.glob(pattern)):
            file = str(path.relative_to(ROOT))
            found += [(file, site) for site in sites(path)]
    return found


class Tree:
    """The copy that is changed, built and run."""

    def __init__(self, folder, areas):
        self.source, self.build = folder / "source", folder / "build"
        self.source.mkdir(parents=True, exist_ok=True)
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, listed.split("\0")):
            old, new = ROOT / name, self.source / name
            if not new.exists() or new.read_bytes() != old.read_bytes():
                new.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(old, new)
        options = ["-G", "Ninja", "-DTETRA_ARRAYS=4;8;16", "-DTETRA_TEST_ARRAYS=4"]
        if subprocess.run(["sh", "-c", "command -v ccache"], capture_output=True, check=False).returncode == 0:
            options += ["-DCMAKE_C_COMPILER_LAUNCHER=ccache", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"]
        self.call(["cmake", "-S", self.source, "-B", self.build, *options])
        self.limits = {}
        for program in dict.fromkeys(p for a in areas for p in AREAS[a][1]):
            if not self.make(program):
                fail(f"{program} does not build unchanged; see cmake --build {self.build} --target {program}")
            start = time.monotonic()
            if not self.run(program, 3600):
                fail(f"{program} fails unchanged: {self.build / program}")
            self.limits[program] = 30 + 10 * (time.monotonic() - start)

    def call(self, command):
        return subprocess.run([str(c) for c in command], capture_output=True, check=False).returncode == 0

    def make(self, program):
        return self.call(["cmake", "--build", self.build, "--target", program])

    def run(self, program, seconds):
        """Whether all its tests pass in time."""
        command = [str(self.build / program), "--gtest_fail_fast", "--gtest_brief=1"]
        try:
            return subprocess.run(command, cwd=self.build, capture_output=True, timeout=seconds, check=False).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def outcome(self, file, site, programs):
        """Who notices the change: a program's name, "nobody", or "unbuilt"."""
        number, column, old, new, _ = site
        path = self.source / file
        text = path.read_text()
        lines = text.split("\n")
        line = lines[number - 1]
        lines[number - 1] = line[:column] + new + line[column + len(old):]
        try:
            path.write_text("\n".join(lines))
            for program in programs:
                if not self.make(program):
                    return "unbuilt"
                if not self.run(program, self.limits[program]):
                    return program
            return "nobody"
        finally:
            path.write_text(text)


def equivalents():
    path = ROOT / "scripts/mutate/equivalent.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return {line.split(None, 1)[0] for line in lines if line.strip() and not line.startswith("#")}


def table(results, areas, known):
    print(f"\n{'area':<12} {'changes':>8} {'noticed':>8} {'equivalent':>11} {'survive':>8} {'score':>7}")
    enough = True
    for area in areas:
        mine = [r for r in results.values() if r["area"] == area and r["noticed by"] != "unbuilt"]
        survive = [r for r in mine if r["noticed by"] == "nobody"]
        same = [r for r in survive if r["key"] in known]
        counted, noticed = len(mine) - len(same), len(mine) - len(survive)
        score = 100 * noticed / counted if counted else 100
        enough = enough and score >= WANTED
        print(f"{area:<12} {counted:>8} {noticed:>8} {len(same):>11} {len(survive) - len(same):>8} {score:6.1f} %")
    return enough


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build/mutate")
    parser.add_argument("--area", choices=list(AREAS))
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", metavar="KEY")
    options = parser.parse_args()
    areas = [options.area] if options.area else list(AREAS)
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "results.jsonl"
    old = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    results = {r["key"]: r for r in old}
    tree = Tree(folder, areas)
    known, begin, done = equivalents(), time.monotonic(), 0
    for area in areas:
        found = all_sites(area)
        keys = {key_of(file, site): (file, site) for file, site in found}
        if options.only:
            chosen = [k for k in keys if k == options.only]
        else:
            chosen = random.Random(options.seed).sample(sorted(keys), min(options.count, len(keys)))
        for i, key in enumerate(chosen):
            if key in results and not options.only:
                continue
            file, site = keys[key]
            who = tree.outcome(file, site, AREAS[area][1])
            results[key] = {"area": area, "key": key, "file": file, "line": site[0], "kind": site[4], "old": site[2],
                            "new": site[3], "noticed by": who}
            with log.open("a") as out:
                out.write(json.dumps(results[key]) + "\n")
            done += 1
            left = (time.monotonic() - begin) / done * (len(chosen) - i - 1)
            note = " (equivalent)" if key in known else ""
            print(f"{area} {i + 1}/{len(chosen)}, {left / 60:.0f} min left: {file}:{site[0]} {site[2]} -> {site[3]}: "
                  f"{who}{note}", flush=True)
    survivors = [r for r in results.values() if r["area"] in areas and r["noticed by"] == "nobody" and r["key"] not in known]
    for r in survivors:
        print(f"survives: {r['file']}:{r['line']} {r['old']} -> {r['new']}   --area {r['area']} --only '{r['key']}'")
    return 0 if table(results, areas, known) else 1


if __name__ == "__main__":
    sys.exit(main())
