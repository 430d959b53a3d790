#!/usr/bin/env python3
"""mutate.py [--area AREA] [--count N] [--seed S] [--again] [--only KEY] [FOLDER]: would the tests notice?

Makes N random changes (default 20) to an area of the design, one at a time, and runs the area's test programs with each:
a change that no test notices is a hole. Areas, their files and programs: scripts/mutate/areas.py; kinds of changes:
scripts/mutate/operators.py. All changes are built together and chosen when a program starts (scripts/mutate/switch.py);
what cannot be chosen so late has a build of its own. Works on a copy in FOLDER (default build/mutate), where
results.jsonl gets a line for each change, so that a run that was stopped goes on where it was, and a larger N adds to what
is there.
  --area AREA   rtl-control, rtl-data, cmodel, fast, driver or timing (default: all, N changes of each)
  --count N     changes an area
  --seed S      which changes (default 1)
  --again       what survived in FOLDER once more: after tests were added
  --only KEY    this change again, as the list of survivors names it, in a build of its own
Changes that mean the same are listed with a reason in scripts/mutate/equivalent.txt (a key and a reason a line) and are not
counted; neither are those that do not build. Prints the survivors and a table, with the interval in which 95 % of such
samples have the whole area's score. Exit code 0: at least 95 % noticed in every area; 1: fewer; 2: the unchanged programs
fail, or a wrong option."""

import argparse
import json
import random
import sys
from math import sqrt
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "mutate"))
from areas import AREAS  # noqa: E402
from operators import sites  # noqa: E402
from tree import ROOT, Tree, fail  # noqa: E402

WANTED = 95  # per cent


def key_of(file, site):
    """A name that stays while the line stays, wherever it moves: file, the line's text's hash, column, new text."""
    number, column, old, new, _ = site
    line = (ROOT / file).read_text().splitlines()[number - 1]
    digest = sum((i + 1) * b for i, b in enumerate(line.strip().encode())) % 0xFFFFFF
    return f"{file}:{digest:06x}:{column}:{old.strip()[:12].replace(' ', '_')}>{new.strip()[:12].replace(' ', '_')}"


def all_sites(area):
    """Key -> (file, site) of every change there is."""
    found = {}
    for pattern in AREAS[area].files:
        for path in sorted(ROOT.glob(pattern)):
            file = str(path.relative_to(ROOT))
            found.update((key_of(file, site), (file, site)) for site in sites(path))
    return found


def equivalents():
    lines = (ROOT / "scripts/mutate/equivalent.txt").read_text().splitlines()
    return {line.split(None, 1)[0] for line in lines if line.strip() and not line.startswith("#")}


def interval(noticed, counted):
    """Wilson's interval of 95 %, in per cent."""
    z, p = 1.96, noticed / counted
    middle, half = p + z * z / (2 * counted), z * sqrt(p * (1 - p) / counted + z * z / (4 * counted * counted))
    return tuple(100 * (middle + sign * half) / (1 + z * z / counted) for sign in (-1, 1))


def table(results, areas, known):
    print(f"\n{'area':<12} {'changes':>8} {'noticed':>8} {'equivalent':>11} {'survive':>8} {'score':>7}   of all, 95 %")
    enough = True
    for area in areas:
        mine = [r for r in results.values() if r["area"] == area and r["noticed by"] != "unbuilt"]
        survive = [r for r in mine if r["noticed by"] == "nobody"]
        same = [r for r in survive if r["key"] in known]
        counted, noticed = len(mine) - len(same), len(mine) - len(survive)
        if not counted:
            continue
        score, (low, high) = 100 * noticed / counted, interval(noticed, counted)
        enough = enough and score >= WANTED
        print(f"{area:<12} {counted:>8} {noticed:>8} {len(same):>11} {len(survive) - len(same):>8} {score:6.1f} %"
              f"   {low:.1f} to {high:.1f} %")
    return enough


class Run:
    """The results so far, and what adds to them."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "results.jsonl"
        old = [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []
        self.results = {r["key"]: r for r in old}
        self.known = equivalents()
        self.tree = Tree(folder)

    def note(self, area, key, place, who, left):
        file, site = place
        self.results[key] = {"area": area, "key": key, "file": file, "line": site[0], "kind": site[4], "old": site[2],
                             "new": site[3], "noticed by": who}
        with self.log.open("a") as out:
            out.write(json.dumps(self.results[key]) + "\n")
        note = " (equivalent)" if key in self.known else ""
        print(f"{area}, {left} left: {file}:{site[0]} {site[2]} -> {site[3]}: {who}{note}", flush=True)

    def area(self, area, places):
        """Every change of `places`, key -> (file, site): those that can be built together, then the others."""
        keys, programs = list(places), AREAS[area].programs
        inside = self.tree.switch({i + 1: places[k] for i, k in enumerate(keys)}, programs)
        left = len(keys)
        for number in sorted(inside):
            left -= 1
            key = keys[number - 1]
            self.note(area, key, places[key], self.tree.noticed_by(programs, number), left)
        for number in sorted(set(range(1, len(keys) + 1)) - inside):
            left -= 1
            self.alone(area, keys[number - 1], places[keys[number - 1]], left)

    def alone(self, area, key, place, left=0):
        self.note(area, key, place, self.tree.alone(*place, AREAS[area].programs), left)


def chosen(run, area, options):
    """Key -> (file, site) of the changes to try."""
    there = all_sites(area)
    if options.again:
        survive = [k for k, r in run.results.items() if r["noticed by"] == "nobody" and r["area"] == area]
        return {k: there[k] for k in survive if k in there and k not in run.known}
    # A larger sample begins with the smaller one.
    keys = sorted(there)
    random.Random(options.seed).shuffle(keys)
    return {k: there[k] for k in keys[: options.count] if k not in run.results}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build/mutate")
    parser.add_argument("--area", choices=list(AREAS))
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--only", metavar="KEY")
    options = parser.parse_args()
    areas = [options.area] if options.area else list(AREAS)
    if options.only:
        areas = [a for a in areas if options.only in all_sites(a)]
        if not areas:
            fail(f"no change '{options.only}' in the sources as they are; the list of survivors names them")
    run = Run(options.folder.resolve())
    for area in areas:
        if options.only:
            run.alone(area, options.only, all_sites(area)[options.only])
        elif places := chosen(run, area, options):
            run.area(area, places)
    for r in run.results.values():
        if r["area"] in areas and r["noticed by"] == "nobody" and r["key"] not in run.known:
            print(f"survives: {r['file']}:{r['line']} {r['old']} -> {r['new']}   --area {r['area']} --only '{r['key']}'")
    return 0 if table(run.results, areas, run.known) else 1


if __name__ == "__main__":
    sys.exit(main())
