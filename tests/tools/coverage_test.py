#!/usr/bin/env python3
"""coverage_test.py SOURCES: scripts/coverage.py says no where something is missed: a combination, a line, a toggle, C lines, or a
waiver that is of nothing. Its counts, sources and lists are made here."""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCES = Path(sys.argv.pop(1)).resolve()
sys.path.insert(0, str(SOURCES / "scripts"))
import coverage  # noqa: E402
import quicker  # noqa: E402  (coverage has its folder)

SOURCE = "module a;\n  logic q;\n  assign q = 0;\nendmodule\n"
CROSSES = "# two crosses\nplane: a b x 1 2\ntoken: - load\n"
HIT = ["plane a 1 7", "plane a 2 1", "plane b 1 1", "plane b 2 3", "token - 1", "token load 1"]


class Counted(unittest.TestCase):
    """A project of one module; everything is reached but for what a test leaves out."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        self.lists, self.folder = self.root / "tests/rtl/coverage", self.root / "build"
        for folder in (self.root / "rtl", self.lists, self.folder / "counts/one", self.folder / "counts/two"):
            folder.mkdir(parents=True)
        (self.root / "rtl/a.sv").write_text(SOURCE)
        (self.lists / "crosses.txt").write_text(CROSSES)
        self.waive("")
        self.count(HIT)
        self.point("one", line=1, toggle=1)
        self.point("two", line=0, toggle=2)
        self.c_lines = [95, 100]
        for name, other in (("ROOT", self.root), ("c_lines", lambda *_: self), ("C_FOLDERS", ("sim",))):
            self.addCleanup(setattr, coverage, name, getattr(coverage, name))
            setattr(coverage, name, other)
        self.addCleanup(setattr, coverage.Rtl, "write_html", coverage.Rtl.write_html)
        coverage.Rtl.write_html = lambda *_: None

    def tally(self, _):
        """Of the C lines."""
        return *self.c_lines, 0

    def missed(self):
        return []

    def waive(self, text):
        (self.lists / "waivers.txt").write_text(text)

    def count(self, lines):
        (self.folder / "counts/one/1.crosses").write_text("".join(f"{line}\n" for line in lines))

    def point(self, test, line, toggle):
        """What the models of a test count; the numbers of two tests' processes are the same."""
        points = (("v_line/a", "block", "S\x023", line), ("v_toggle/a", "q[0]", "S\x02", toggle))
        text = "".join(f"C '\x01f\x02{self.root}/rtl/a.sv\x01l\x023\x01page\x02{page}\x01o\x02{what}\x01{more}' {count}\n"
                       for page, what, more, count in points)
        (self.folder / f"counts/{test}/1.dat").write_text(text)

    def report(self):
        """Whether all is well, and what is missed."""
        with contextlib.redirect_stdout(io.StringIO()) as self.table, contextlib.redirect_stderr(io.StringIO()):
            good = coverage.report(self.folder)
        return good, (self.folder / "missed.txt").read_text()

    def test_all_reached(self):
        self.assertEqual(self.report(), (True, ""))
        self.assertIn("cross plane                  4 of       4   100.00 %", self.table.getvalue())

    def test_a_combination_is_missing(self):
        self.count(HIT[1:])
        self.assertEqual(self.report(), (False, "cross plane a 1\n"))
        self.waive("cross plane a 1: it cannot be\n")
        self.assertEqual(self.report(), (True, ""))
        self.waive("cross token a 1: the wrong cross\n")
        self.assertEqual(self.report()[0], False)

    def test_a_combination_that_is_in_no_cross(self):
        self.count([*HIT, "plane c 1 1"])
        with self.assertRaises(SystemExit):
            self.report()

    def test_a_line_is_missed(self):
        self.point("one", line=0, toggle=1)
        self.assertEqual(self.report(), (False, "line rtl/a.sv:3 assign q = 0;\n"))

    def test_half_a_toggle(self):
        self.point("two", line=1, toggle=1)
        self.assertEqual(self.report(), (False, "toggle rtl/a.sv:3 q[0]\n"))
        self.waive("toggle rtl/a.sv q.0.: it is tied\n")
        self.assertFalse(self.report()[0], "nothing is left to be counted")

    def test_too_few_c_lines(self):
        self.c_lines = [9499, 10000]
        self.assertFalse(self.report()[0])

    def test_a_waiver_of_what_is_reached(self):
        self.waive("cross plane a 1: it cannot be\n")
        self.assertEqual(self.report(), (False, "waiver of nothing that is missed: cross plane a 1\n"))

    def test_a_waiver_without_a_reason(self):
        self.waive("cross plane a 1\n")
        with self.assertRaises(SystemExit):
            self.report()


class Again(unittest.TestCase):
    """What has run stays counted until it is another."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.suite = coverage.Suite(self.folder, 1)
        self.files = [self.folder / name for name in ("sim", "cmodel/a.gcno", "tests/t.gcno", "libVa.a")]
        for file in self.files:
            file.parent.mkdir(exist_ok=True)
            file.touch()
        self.suite.forget_old()
        self.counts = self.suite.counts / "some_test"
        self.counts.mkdir()
        (self.suite.done / "some_test").touch()

    def stays(self):
        self.suite.forget_old()
        return (self.suite.done / "some_test").exists(), self.counts.exists()

    def test_sums_are_no_sources(self):
        (self.folder / "c/cmodel").mkdir(parents=True)
        (self.folder / "c/cmodel/gone.gcno").symlink_to(self.folder / "gone")
        self.assertEqual(self.stays(), (True, True))

    def test_nothing_new(self):
        self.assertEqual(self.stays(), (True, True))

    def test_built_anew(self):
        for i, forgotten in enumerate((True, True, False, True)):
            self.setUp()
            later = (self.suite.done / "begun").stat().st_mtime + 5
            os.utime(self.files[i], (later, later))
            self.assertEqual(self.stays(), (not forgotten, not forgotten), self.files[i])


PROGRAM = """\
#include <stdlib.h>
int twice(int x);
int main(int argc, char **argv) {
  if (argc > 1) {
    return twice(atoi(argv[1]));
  }
  return twice(0);
}
"""
TWICE = "int twice(int x) {\n  if (x < 0)\n    return 9;\n  return 2 * x;\n}\n"


@unittest.skipUnless(shutil.which("gcovr") and shutil.which("gcov-tool") and shutil.which("gcc"), "no gcc, gcov-tool or gcovr")
class CLines(unittest.TestCase):
    """A program of two files, counted in two tests."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        self.build = self.root / "build"
        (self.root / "sim").mkdir()
        (self.build / "sim").mkdir(parents=True)
        objects = []
        for name, text in (("main", PROGRAM), ("twice", TWICE)):
            (self.root / f"sim/{name}.c").write_text(text)
            objects.append(self.build / f"sim/{name}.o")
            subprocess.run(["gcc", "--coverage", "-O0", "-c", self.root / f"sim/{name}.c", "-o", objects[-1]], check=True)
        subprocess.run(["gcc", "--coverage", *objects, "-o", self.build / "program"], check=True)

    def counts(self, test):
        return self.build / "counts" / test

    def count(self, test, *arguments):
        self.counts(test).mkdir(parents=True, exist_ok=True)
        environment = dict(os.environ, GCOV_PREFIX=str(self.counts(test) / "c"), GCOV_PREFIX_STRIP=str(len(self.build.parts) - 1),
                           GCOV_ERROR_FILE=str(self.counts(test) / "damaged"))
        subprocess.run([self.build / "program", *arguments], check=False, env=environment)

    def lines(self, rules=""):
        """(reached, all but the waived, waived), what is missed, waivers of nothing."""
        (self.root / "waivers.txt").write_text(rules)
        waivers = coverage.Waivers(self.root / "waivers.txt")
        with contextlib.redirect_stderr(io.StringIO()) as self.said:
            for test in (self.build / "counts").iterdir():
                coverage.forget_damaged(test)
            found = coverage.Gcov(self.root, self.build, ("sim",), waivers)
        return found.tally("sim"), found.missed(), waivers.unused()

    def test_what_one_test_or_the_other_reaches(self):
        self.count("one")
        self.assertEqual(self.lines()[1], ["c sim/main.c:5 return twice(atoi(argv[1]));", "c sim/twice.c:3 return 9;"])
        self.count("two", "3")
        missed = ["c sim/twice.c:3 return 9;"]
        self.assertEqual(self.lines(), ((7, 8, 0), missed, []))
        self.assertEqual(self.lines("c sim/twice.c return 9;: nobody is negative\n"), ((7, 7, 1), [], []))
        self.count("two", "-1")
        self.assertEqual(self.lines("c sim/twice.c return 9;: nobody is negative\n")[::2],
                         ((8, 8, 0), ["waiver of nothing that is missed: c sim/twice.c return 9;"]))

    def test_what_nobody_runs_counts(self):
        self.count("one")
        next(self.counts("one").rglob("twice.gcda")).unlink()
        self.assertEqual(self.lines()[0], (3, 8, 0))

    def test_damage_stays_in_its_test(self):
        """Whether somebody adds to what is there of a file, or not; what libgcov makes of it without a word is less at most."""
        for cut, again in ((60, False), (60, True), (8, True)):
            self.count("one")
            self.count("two", "-1")
            damaged = next(self.counts("two").rglob("twice.gcda"))
            damaged.write_bytes(damaged.read_bytes()[:-cut])
            if again:
                self.count("two", "3")
            reached, missed, _ = self.lines()
            self.assertEqual(reached[1], 8)
            self.assertIn(missed, ([], ["c sim/twice.c:3 return 9;"]), cut)
            if cut == 60:
                self.assertEqual(reached[0], 7)
                self.assertIn("two: what it counted in twice.gcda is forgotten", self.said.getvalue())
            shutil.rmtree(self.build / "counts")


MODEL = """\
    if (false && vlSelf) {}  // Prevent unused
    if ((1U & ((IData)(vlSelf->q) ^ (IData)(vlSelf->Vtogcov__q)))) {
        vlSymsp->__Vcoverage[0].fetch_add(1, std::memory_order_relaxed);
    }
    if ((2U & ((IData)(vlSelf->q)
               ^ (IData)(vlSelf->Vtogcov__q)))) {
        vlSymsp->__Vcoverage[1].fetch_add(1, std::memory_order_relaxed);
    }
    vlSelf->d = 1U;
    if (vlSelf->d) {
        vlSelf->e = 0U;
    } else {
        vlSelf->e = 1U;
    }
    if ((1U & ((IData)((vlSelf->w >> 0x20U)) ^ (IData)((vlSelf->Vtogcov__w >> 0x20U))))) {
        vlSymsp->__Vcoverage[2].fetch_add(1, std::memory_order_relaxed);
    }
    if ((1U & ((IData)((vlSelf->w >> 3U)) ^ (IData)(vlSelf->Vtogcov__one)))) {
        vlSymsp->__Vcoverage[3].fetch_add(1, std::memory_order_relaxed);
    }
    if ((1U & (IData)(((IData)(vlSelf->Vtogcov__tied) >> 0xfU)))) {
        vlSymsp->__Vcoverage[4].fetch_add(1, std::memory_order_relaxed);
    }
"""


class Quicker(unittest.TestCase):
    def test_bits_of_a_signal_behind_one_look(self):
        made = quicker.quicker(MODEL)
        looks = [line for line in made.split("\n") if re.match(r"    if .*Vtogcov.*\) {$", line) and "U &" not in line]
        self.assertEqual(looks, ["    if ((IData)(vlSelf->q) ^ (IData)(vlSelf->Vtogcov__q)) {",
                                 "    if (vlSelf->w ^ vlSelf->Vtogcov__w) {",
                                 "    if ((IData)((vlSelf->w >> 3U)) ^ (IData)(vlSelf->Vtogcov__one)) {"])
        for number in range(5):
            count = f"vlSymsp->__Vcoverage[{number}]"
            relaxed = "std::memory_order_relaxed"
            self.assertIn(f"        {count}.store({count}.load({relaxed}) + 1, {relaxed});", made)
        added = looks + 3 * ["    }"]
        kept = made.split("\n")
        for line in added:
            kept.remove(line)
        self.assertEqual(sorted(kept), sorted(quicker.ATOMIC.sub(quicker.ADDED, MODEL).split("\n")))
        self.assertLess(made.index(added[0]), made.index("__Vcoverage[0]"))
        self.assertLess(made.index("__Vcoverage[1]"), made.index("vlSelf->d = 1U"))


if __name__ == "__main__":
    unittest.main()
