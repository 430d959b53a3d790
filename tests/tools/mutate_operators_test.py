#!/usr/bin/env python3
"""Which changes the mutator makes to a line, which lines it leaves alone, and how changes share a build."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts/mutate"))
from operators import sites  # noqa: E402
from switch import switched  # noqa: E402


def changes(text, suffix):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        path.write_text(text)
        lines = text.split("\n")
        return {(n, lines[n - 1][:c] + new + lines[n - 1][c + len(old):]) for n, c, old, new, _ in sites(path)}


class Operators(unittest.TestCase):
    def test_c_comparison_logic_constant(self):
        got = {line for _, line in changes("  if (a < 3 && !b) return x + y;", ".c")}
        self.assertEqual(got, {"  if (a <= 3 && !b) return x + y;", "  if (a >= 3 && !b) return x + y;",
                               "  if (a < 3 || !b) return x + y;", "  if (a < 3 && b) return x + y;",
                               "  if (a < 4 && !b) return x + y;", "  if (a < 2 && !b) return x + y;",
                               "  if (a < 3 && !b) return x - y;", "  if (a < 3) return x + y;"})

    def test_c_assignment_is_dropped(self):
        self.assertIn((1, "  ;"), changes("  s->count = n;", ".c"))

    def test_sv_assignment_is_no_comparison(self):
        got = {line for _, line in changes("      if (a < b) q <= d;", ".sv")}
        self.assertEqual(got, {"      if (a <= b) q <= d;", "      if (a >= b) q <= d;", "      if (a < b) ;"})

    def test_sv_constant_and_reset(self):
        got = {line for _, line in changes("  assign x = 5'd1 + (y ? 1'b0 : z);\n      q <= '0;", ".sv")}
        self.assertTrue({"  assign x = 5'd2 + (y ? 1'b0 : z);", "  assign x = 5'd1 + (y ? 1'b1 : z);", "      q <= '1;"} <= got)

    def test_what_says_nothing_is_left_alone(self):
        self.assertEqual(changes('  // a < b\n  f("a < b && 3");\n#define X 3\n  /* 1 + 1\n     a == b */', ".c"), set())
        self.assertEqual(changes("/// a == b\n  input logic [3:0] a,\n  localparam int X = 3'd2;", ".sv"), set())
        checks = "  always_ff @(posedge clk_i) begin : Checks\n    if (a == b) begin\n    end\n  end\n  assign x = a == b;"
        self.assertEqual({n for n, _ in changes(checks, ".sv")}, {5})

    def switched(self, text, kind, *changes):
        """The text with the changes, each (old, new), numbered from 1; and those that could not be placed."""
        numbered = [(i + 1, text.index(old), old, new, "dropped" if new == ";" else "") for i, (old, new) in enumerate(changes)]
        new, _, left = switched(text, numbered, kind)
        return new, left

    def test_changes_of_one_expression_share_it(self):
        got, left = self.switched("int f(void) {\n  return a + b > c;\n}", "c", ("+", "-"), (">", "<"))
        self.assertEqual(got, "int f(void) {\n  return (tetra_mutant == 1 ? (a - b > c) : tetra_mutant == 2 ? (a + b < c) : (a + b > c));\n}")
        self.assertEqual(left, [])

    def test_changes_inside_one_another(self):
        got, _ = self.switched("x = f(a + 1) && b;", "c", ("+", "-"), ("&&", "||"))
        self.assertEqual(got, "x = (tetra_mutant == 2 ? (f(a + 1) || b) : (f((tetra_mutant == 1 ? (a - 1) : (a + 1))) && b));")

    def test_statement_is_dropped_when_chosen(self):
        self.assertEqual(self.switched("  if (a) q <= d;", "sv", ("q <= d;", ";"))[0],
                         "  if (a) begin if (tetra_mutant != 1) q <= d; end")

    def test_sv_comparison_and_assignment(self):
        got, _ = self.switched("  if (a <= b + c) q <= d + e;", "sv", ("b + c"[2], "-"), ("<= b", "> b"))
        self.assertIn("tetra_mutant == 2 ? (a > b + c)", got)
        got, _ = self.switched("  always_ff begin q <= d + e; end", "sv", ("+", "-"))
        self.assertEqual(got, "  always_ff begin q <= (tetra_mutant == 1 ? (d - e) : (d + e)); end")

    def test_constants_are_left_to_a_build_of_their_own(self):
        self.assertEqual(self.switched("switch (x) {\n  case kA + 1: f();\n}", "c", ("+", "-"))[1], [1])
        self.assertEqual(self.switched("assign x = y[3+1:0];", "sv", ("+", "-"))[1], [1])


if __name__ == "__main__":
    unittest.main()
