#!/usr/bin/env python3
"""Which changes the mutator makes to a line, and which lines it leaves alone."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts/mutate"))
from operators import sites  # noqa: E402


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
                               "  if (a < 3 && !b) return x - y;"})

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


if __name__ == "__main__":
    unittest.main()
