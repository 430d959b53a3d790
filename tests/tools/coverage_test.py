#!/usr/bin/env python3
"""coverage_test.py SOURCES: scripts/coverage.py says no where something is missed: a combination, a line, a toggle, C lines, or a
waiver that is of nothing. Its counts, sources and lists are made here."""

import contextlib
import io
import os
import re
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
        for name, other in (("ROOT", self.root), ("c_lines", lambda _: {"sim": self.c_lines})):
            self.addCleanup(setattr, coverage, name, getattr(coverage, name))
            setattr(coverage, name, other)
        self.addCleanup(setattr, coverage.Rtl, "write_html", coverage.Rtl.write_html)
        coverage.Rtl.write_html = lambda *_: None

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
        self.files = [self.folder / name for name in ("sim", "cmodel/a.gcno", "cmodel/a.gcda", "tests/t.gcno", "libVa.a")]
        for file in self.files:
            file.parent.mkdir(exist_ok=True)
            file.touch()
        self.suite.forget_old()
        self.files[2].touch()
        (self.suite.done / "some_test").touch()

    def stays(self):
        self.suite.forget_old()
        return (self.suite.done / "some_test").exists(), self.files[2].exists()

    def test_damaged_counts(self):
        messages, other = self.folder / "damaged", self.folder / "cmodel/b.gcda"
        other.touch()
        messages.write_text(f"libgcov profiling error:{self.files[2]}:Merge mismatch for function 5\n")
        with contextlib.redirect_stderr(io.StringIO()):
            self.suite.forget_damaged(messages)
            self.suite.forget_damaged(self.folder / "none")
        self.assertEqual((self.files[2].exists(), other.exists()), (False, True))

    def test_nothing_new(self):
        self.assertEqual(self.stays(), (True, True))

    def test_built_anew(self):
        for i, forgotten in enumerate((True, True, False, False, True)):
            self.setUp()
            later = (self.suite.done / "begun").stat().st_mtime + 5
            os.utime(self.files[i], (later, later))
            self.assertEqual(self.stays(), (not forgotten, not forgotten), self.files[i])


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
