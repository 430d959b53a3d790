#!/usr/bin/env python3
"""coverage.py [--jobs N] [--only REGEX] [--report] [FOLDER]: what the tests reach of the C sources and of the RTL.

Builds everything in FOLDER (default build-coverage) with counters: gcov's in the C sources, Verilator's (lines, branches,
toggles) in the 4x4 models of the unit, core and top benches and of the networks with small buffers. Runs the tests, each
program as a whole and with counts of its own, and writes FOLDER/html/ (rtl, toggles, c) and a table, FOLDER/coverage.txt. A
run that was stopped goes on with the tests that are left; those whose program was built anew are run again, and all where a C
source or a model was.
  --jobs N      parallel jobs (default: every processor)
  --only REGEX  only tests of these names; the report is of what has run so far
  --report      run nothing
What need not be reached, and why: tests/rtl/coverage/waivers.txt.
Exit code 0: all targets met; 1: a test fails, or a target is missed; 2: a tool is missing, or a wrong option."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "coverage"))
from functional import Crosses  # noqa: E402
from gcov import Gcov, forget_damaged  # noqa: E402
from rtl import Rtl  # noqa: E402
from waivers import Waivers  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
C_FOLDERS = ("cmodel", "driver", "import", "equiv", "quantize", "train", "sim")
# Tests of other things than these sources, and those that take longest for what they reach.
LEFT_OUT = r"^(lint\..*|install\..*|fuzz_.*_short|import_onnxruntime|import_groups|core_kernels_cross|icarus|tlm\..*|sim_sweep_slurm|synth_flow|tools\.(?!tetra_pkg|registers).*)$"

# Of long programs, the cases that reach what others of theirs reach: later seeds; commands whose every bound the unit tests
# try; the largest networks and arrays.
CASES = {
    "top_test_4": "-Seeds/*/2:Seeds/*/3:Seeds/*/4:Seeds/*/5:Seeds/*/6:Seeds/*/7:Seeds/*/8:Seeds/*/9:Seeds/*/1?:Each/BadCommand.*/load_*:"
                  "Each/BadCommand.*/pack_*:Each/BadCommand.*/compute_*:Each/BadCommand.*/store_*:Each/BadCommand.*/pool_*:Response/AxiError.FetchOfAnyBeat/DECERR",
    "unit_test_4": "-Burst.*:Check.AddressesCodesAndSignsAreFree",
    "sim_timing_small_test": "-*resnet18_w8a8*_unfused*:*resnet50*_unfused*:*resnet50_w4a8*",
    "driver_compile_test": "-*_40000_tiles:*resnet50*:PlanDigest*",
    "driver_lower_test": "-*Buffers/32x32:*Buffers/64x64",
    "driver_timing_test": "-*batch16:*PassMostOfResnet152",
}


def fail(text):
    print(f"coverage.py: {text}", file=sys.stderr)
    sys.exit(2)


def call(*command, **options):
    return subprocess.run([str(c) for c in command], check=False, **options)


class Suite:
    """The build with counters, and its tests."""

    def __init__(self, folder, jobs):
        self.folder, self.jobs = folder, jobs
        self.counts, self.done = folder / "counts", folder / "tests-done"

    def build(self):
        options = ["-DTETRA_COVERAGE=ON", "-DTETRA_ARRAYS=4;16", "-DTETRA_TEST_ARRAYS=4", "-DTETRA_TESTS=ON", "-DTETRA_INSTALL=OFF"]
        if call("cmake", "-S", ROOT, "-B", self.folder, *options, stdout=subprocess.DEVNULL).returncode:
            fail("cannot be configured")
        if call("cmake", "--build", self.folder, "-j", self.jobs).returncode:
            fail("cannot be built")

    def forget_old(self):
        """Counts of sources and models that are not these any more."""
        def ours(path):
            parts = path.relative_to(self.folder).parts
            return parts[0] != "c" and (path.suffix == ".a" or "tests" not in parts)
        objects = [p for kind in ("*.gcno", "libV*.a") for p in self.folder.rglob(kind) if ours(p)]
        built = max((p.stat().st_mtime for p in [*objects, self.folder / "sim"]), default=0)
        begun = self.done / "begun"
        if begun.exists() and begun.stat().st_mtime >= built:
            return
        for old in (self.counts, self.done):
            shutil.rmtree(old, ignore_errors=True)
            old.mkdir()
        begun.touch()

    def listed(self):
        """The tests that count: (name, when its program was built, or its script written)."""
        answer = call("ctest", "--test-dir", self.folder, "--show-only=json-v1", stdout=subprocess.PIPE, text=True)
        for test in json.loads(answer.stdout)["tests"]:
            if not re.match(LEFT_OUT, test["name"]):
                yield test["name"], max(Path(part).stat().st_mtime for part in test["command"] if Path(part).is_file())

    def run_one(self, name):
        """Whether a test passes. Its counts are in a folder of its own: process ids come again, and what gcov counted is
        damaged where a test ends a process that writes it."""
        counts, stamp = self.counts / name, self.done / name
        shutil.rmtree(counts, ignore_errors=True)
        counts.mkdir()
        begun = time.time()
        log = counts / "log"
        command = ["ctest", "--test-dir", self.folder, "-R", f"^{re.escape(name)}$", "--output-on-failure", "-Q", "-O", log]
        # Registers begin with zeros: from random values to those of the reset is no toggle.
        environment = dict(os.environ, TETRA_COVERAGE_FILES=str(counts.resolve()), TETRA_X_SEED="0",
                           GCOV_ERROR_FILE=str(counts.resolve() / "damaged"), GCOV_PREFIX=str(counts.resolve() / "c"),
                           GCOV_PREFIX_STRIP=str(len(self.folder.parts) - 1))
        if name in CASES:
            environment["GTEST_FILTER"] = CASES[name]
        good = call(*command, env=environment).returncode == 0
        forget_damaged(counts)
        if good:
            stamp.touch()
        print(f"{name}: {'passed' if good else f'FAILS, see {log}'}, {time.time() - begun:.0f} s", flush=True)
        return good

    def run(self, only):
        """Whether all tests pass that have not done so since their programs were built."""
        left = [n for n, built in self.listed() if re.search(only, n)
                and not ((self.done / n).exists() and (self.done / n).stat().st_mtime >= built)]
        left.sort(key=lambda n: n not in CASES)  # the longest first
        with ThreadPoolExecutor(self.jobs) as pool:
            return all(list(pool.map(self.run_one, left)))


def c_lines(folder, waivers):
    if not shutil.which("gcovr"):
        fail("no gcovr; scripts/install-deps.sh --coverage installs it")
    try:
        return Gcov(ROOT, folder, C_FOLDERS, waivers)
    except subprocess.CalledProcessError as error:
        fail(f"{error.cmd[0]} cannot read the counts")


def row(name, reached, total, waived, target):
    """A line of the table, and whether its target is met."""
    share = 100 * reached / total if total else 0.0
    met = not target or (total > 0 and share >= target)
    wanted = f">= {target} %" if target else ""
    return f"{name:<22} {reached:>7} of {total:>7}   {share:6.2f} %   {waived:>6}   {wanted:<8} {'' if met else 'MISSED'}".rstrip(), met


def report(folder):
    """Prints and writes the table; whether every target is met."""
    waivers = Waivers(ROOT / "tests/rtl/coverage/waivers.txt")
    rtl, crosses = Rtl(ROOT, folder / "counts", waivers), Crosses(ROOT / "tests/rtl/coverage/crosses.txt", folder / "counts", waivers)
    rtl.write_html(folder)
    kinds = (("line", "lines", 99), ("branch", "branches", None), ("toggle", "toggles", 95))
    rows = [row(f"RTL {name}", *rtl.tally(kind), target) for kind, name, target in kinds]
    rows += [row(f"cross {name}", *crosses.tally(name), 100) for name in crosses.names]
    c = c_lines(folder, waivers)
    rows += [row(f"C {name}", *c.tally(name), None) for name in C_FOLDERS]
    rows.append(row("C lines", *(sum(c.tally(name)[i] for name in C_FOLDERS) for i in range(3)), 95))
    left = rtl.missed() + crosses.missed() + c.missed() + waivers.unused()
    (folder / "missed.txt").write_text("".join(line + "\n" for line in left))
    text = "\n".join([f"{'what':<22} {'reached':>18}   {'share':>8}   {'waived':>6}   target"] + [r for r, _ in rows])
    (folder / "coverage.txt").write_text(text + "\n")
    print(text)
    print(f"What is missed: {folder}/missed.txt; line by line: {folder}/html/")
    for line in waivers.unused():
        print(f"coverage.py: {line}", file=sys.stderr)
    return all(met for _, met in rows) and not waivers.unused()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build-coverage")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", metavar="REGEX")
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    suite, good = Suite(options.folder.resolve(), options.jobs), True
    if not options.report:
        suite.build()
        suite.forget_old()
        good = suite.run(options.only)
    return 0 if report(suite.folder) and good else 1


if __name__ == "__main__":
    sys.exit(main())
