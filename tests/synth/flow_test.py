#!/usr/bin/env python3
"""flow_test.py SOURCE: what synth/flow/ reads and works out, without Yosys, OpenSTA or a library of anybody's: a liberty file
of its own, bad ones, cells' models, toggles of a VCD, energies, SRAMs' model, composition; and what silicon.py refuses."""
import gzip
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

source = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(source / "synth"))
from flow import cells, compose, design, gates, liberty, netlist, power, program, rtlil, sizing, sram, sta, sums, timing  # noqa: E402

TINY = """library (tiny130) { time_unit : "1ns"; voltage_unit : "1V"; capacitive_load_unit (1, pf); leakage_power_unit : "1nW";
  nom_voltage : 2.0; nom_process : 1; nom_temperature : 25; /* a comment { */
  power_lut_template (e2) { variable_1 : total_output_net_capacitance; variable_2 : input_transition_time;
    index_1 ("0, 1"); index_2 ("0.0, 0.2"); }
  cell (INV) { area : 1; cell_leakage_power : 3; pin (A) { direction : input; capacitance : 0.01; }
    pin (Y) { direction : output; function : "!A"; internal_power () { related_pin : "A";
      rise_power (e2) { values ("0, 0.2", "1, 1.2"); } fall_power (e2) { values ("0, 0.2", \\
        "1, 1.2"); } } } }
  cell (AOI) { area : 2; pin (A) { direction : input; capacitance : 0.02; } pin (B) { direction : input; capacitance : 0.02; }
    pin (C) { direction : input; capacitance : 0.02; } pin (Y) { direction : output; function : "(A B + C)'"; } }
  cell (NOT_USED) { area : 9; dont_use : true; pin (A) { direction : input; } pin (Y) { direction : output; function : "A"; } }
  cell (DFFR) { area : 6; ff (IQ, IQN) { clocked_on : "CK"; next_state : "D"; clear : "!RN"; }
    pin (CK) { direction : input; clock : true; capacitance : 0.01; } pin (D) { direction : input; capacitance : 0.01; }
    pin (RN) { direction : input; capacitance : 0.01; } pin (Q) { direction : output; function : "IQ"; } } }
"""


def refused(call, *says):
    try:
        call()
    except liberty.Refused as why:
        text = str(why)
        assert "\n" not in text and all(s in text for s in says), text
        return
    raise AssertionError(f"not refused: {says}")


def check_liberty(folder):
    path, zipped = folder / "tiny.lib", folder / "tiny.lib.gz"
    path.write_text(TINY, encoding="utf-8")
    zipped.write_bytes(gzip.compress(TINY.encode()))
    lib = liberty.Library([path])
    assert set(lib.cells) == {"INV", "AOI", "DFFR"}, lib.cells
    assert lib.inverters() == [("INV", "A", "Y")] and lib.volt() == 2
    again = folder / "again.lib"
    again.write_text(liberty.Library([zipped]).text(), encoding="utf-8")
    assert liberty.Library([again]).text() == lib.text() == again.read_text(encoding="utf-8")

    # The same library in fF: loads and the energies of tables, which are in fF V^2 then.
    femto = re.sub(r"capacitance : (0\.\d+)", lambda m: f"capacitance : {1000 * float(m[1]):g}", TINY).replace("(1, pf)", "(1, ff)")
    femto = femto.replace('index_1 ("0, 1")', 'index_1 ("0, 1000")').replace("0, 0.2", "0, 200").replace("1, 1.2", "1000, 1200")
    path.write_text(femto.replace('index_2 ("0.0, 200")', 'index_2 ("0.0, 0.2")'), encoding="utf-8")
    e = power.Energies(liberty.Library([path]))
    assert abs(e.internal("INV", "Y", 0.5) - 0.6) < 1e-12 and e.capacitance("AOI", "A") == 0.02 and e.capacitance("INV", "A") == 0.01
    # A cell that keeps the complement of its data, cleared when SN is low: its output QN, the state, is 0 then, and the data 1.
    for inverse in ("!D", "D'", "(!D)"):
        path.write_text(TINY.replace('ff (IQ, IQN) { clocked_on : "CK"; next_state : "D"; clear : "!RN"; }',
                                     f'ff (IQ, IQN) {{ clear : "!SN"; clear_preset_var1 : L; clear_preset_var2 : H; clocked_on : "CK"; '
                                     f'next_state : "{inverse}"; preset : "!RN"; }}'), encoding="utf-8")
        ff = liberty.flop(liberty.Library([path]).cells["DFFR"])
        assert ff.args == ["IQN", "IQ"] and ff.get("next_state") == "D" and ff.get("clear") == "!RN", (inverse, ff.attrs)
        assert ff.get("preset") == "!SN" and ff.get("clear_preset_var1") == "H" and ff.get("clear_preset_var2") == "L", ff.attrs
    # Others stay as they are: blanks are ANDs.
    for data in ("D", "D R'", "!D E", "!(D E)", "!D'"):
        path.write_text(TINY.replace('next_state : "D"', f'next_state : "{data}"'), encoding="utf-8")
        ff = liberty.flop(liberty.Library([path]).cells["DFFR"])
        assert ff.args == ["IQ", "IQN"] and ff.get("next_state") == data, ff.attrs

    def bad(text):
        path.write_text(text, encoding="utf-8")
        return lambda: liberty.Library([path])

    refused(bad("hello"), "no liberty file", "tiny.lib")
    refused(bad(TINY[:700]), "ends in the middle")
    refused(bad(TINY.replace("ff (", "fg (")), "no flip-flop")
    refused(bad(TINY.replace('clear : "!RN";', "")), "no flip-flop with an asynchronous reset")
    refused(lambda: liberty.Library([folder / "nowhere.lib"]), "cannot read", "nowhere.lib")
    for unit in ("(1)", "()", "(1, mf)", "(0, pf)", "(x, pf)", "(nan, pf)", "(1, pf, 1)", ": 1"):
        refused(bad(TINY.replace("(1, pf)", unit)), "tiny.lib", "capacitive_load_unit (", "is not accepted; a number and ff, pf, nf, like (1, pf), is")
    for right, wrong, says in (("0.01", "x", "pin (A): capacitance: 'x' is not accepted; a number is"), ("1, 1.2", "1, x", "values: '1, x' is not accepted"),
                               ("area : 1", "area : 1,", "area: '1 ,'"), ('"1ns"', '"ns"', "time_unit: 'ns' is not accepted; a unit like 1ns is"),
                               ("cell (INV)", "cell ()", "a 'cell ()' without a name"), ("ff (IQ, IQN)", "ff ()", "a 'ff ()' without a name")):
        refused(bad(TINY.replace(right, wrong)), "tiny.lib", says)
    path.write_text(TINY, encoding="utf-8")
    for right, wrong in (("(1, pf)", "(1, ff)"), ('"1ns"', '"1ps"'), ('"1nW"', '"1pW"')):
        again.write_text(TINY.replace(right, wrong), encoding="utf-8")
        refused(lambda: liberty.Library([path, again]), "again.lib' has other units than", "tiny.lib'; give the files of one library")
    again.write_text(TINY.replace("(1, pf)", "(1.0, pF)"), encoding="utf-8")
    assert liberty.Library([path, again]).inverters() == [("INV", "A", "Y")]
    refused(bad("library (a) {" + "b () {" * 5000), "groups in groups without end")
    damaged = bytearray(gzip.compress(TINY.encode()))
    damaged[12] ^= 255
    zipped.write_bytes(damaged)
    refused(lambda: liberty.Library([zipped]), "tiny.lib.gz", "is damaged")
    return lib


def check_cells(lib):
    for text, verilog in (("!A", "~A"), ("(A B + C)'", "(~(((A & B) | C)))"), ("A ^ B", "(A ^ B)"), ("A*!B", "(A & ~B)"),
                          ("1", "1'b1")):
        assert cells.expression(text) == verilog, (text, cells.expression(text))
    # Truth tables, by Python's own evaluation.
    for text, meaning in (("(A B + C)'", lambda a, b, c: not (a and b or c)), ("A'B^C", lambda a, b, c: (not a) and (b != c))):
        python = cells.expression(text).replace("~", "1^")
        for i in range(8):
            a, b, c = i & 1, i >> 1 & 1, i >> 2
            assert eval(python, {"A": a, "B": b, "C": c}) & 1 == int(meaning(a, b, c)), (text, i)
    model = cells.verilog(lib, ["DFFR"])
    assert "always @(posedge CK or negedge RN) if (~RN) IQ <= 1'b0; else IQ <= D;" in model, model


# A full adder with complements at its outputs, a half adder without, and their time.
ADDERS = """lu_table_template (t2) { variable_1 : input_net_transition; variable_2 : total_output_net_capacitance;
    index_1 ("0, 1"); index_2 ("0, 1"); }
  cell (FA) { area : 5; %s
    pin (SN) { direction : output; function : "!(A ^ B ^ CI)"; %s } pin (CN) { direction : output; function : "!(A B + A CI + B CI)"; %s } }
  cell (HA) { area : 3; %s
    pin (S) { direction : output; function : "A B' + A' B"; %s } pin (CO) { direction : output; function : "A B"; %s } }
  cell (INV) {"""


def with_adders():
    def inputs(names):
        return " ".join(f"pin ({n}) {{ direction : input; capacitance : 0.01; }}" for n in names)

    def arcs(names, ns):
        tables = " ".join(f'{k} (t2) {{ values ("{ns}, {ns}", "{ns}, {ns}"); }}' for k in
                          ("cell_rise", "cell_fall", "rise_transition", "fall_transition"))
        return " ".join(f"timing () {{ related_pin : {n}; {tables} }}" for n in names)

    full, half = ("A", "B", "CI"), ("A", "B")
    return TINY.replace("cell (INV) {", ADDERS % (inputs(full), arcs(full, 0.4), arcs(full, 0.3), inputs(half), arcs(half, 0.2), arcs(half, 0.1)), 1)


def values_of(verilog, module, a):
    """Outputs of a module that flow/sums.py has written, its inputs being the number a, by evaluating its text."""
    text = re.search(rf"module {module} .*?endmodule", verilog, re.S).group(0)
    known, y = {}, {}

    def value(expression):
        expression = re.sub(r"a\[(\d+)\]", lambda m: str(a >> int(m[1]) & 1), expression.replace("1'b", ""))
        choice = re.fullmatch(r"(\w+) \? (.*) : (.*)", expression)
        if choice:
            return value(choice[2] if value(choice[1]) else choice[3])
        return eval(expression, {}, known) & 1

    for line in text.splitlines():
        named = dict(re.findall(r"\.(\w+)\(([^()]*)\)", line))
        bits = {p: value(n) for p, n in named.items() if p in ("A", "B", "CI")}
        if " FA " in line:
            known[named["SN"]], known[named["CN"]] = 1 - sum(bits.values()) % 2, 1 - (sum(bits.values()) >> 1)
        elif " HA " in line:
            known[named["S"]], known[named["CO"]] = sum(bits.values()) % 2, sum(bits.values()) >> 1
        elif m := re.fullmatch(r"  wire (\w+) = (.*);", line):
            known[m[1]] = value(m[2])
        elif m := re.fullmatch(r"  assign (w\d+) = (.*);", line):
            known[m[1]] = value(m[2])
        elif m := re.fullmatch(r"  assign y\[(\d+)\] = (.*);", line):
            y[int(m[1])] = value(m[2])
        elif m := re.search(r"\{(.*)\}\W+\{(.*)\}|$", line) if "y[" in line and "module" not in line else None:
            high, low = map(int, re.search(r"y\[(\d+):(\d+)\]", line).groups())
            rows = [sum(value(b) << i for i, b in enumerate(reversed(row.split(", ")))) for row in m.groups()]
            y.update((low + i, sum(rows) >> i & 1) for i in range(high - low + 1))
    return y


def check_sums(folder):
    """Sums and products, with the library's adders and with gates, beside Python's; a sum that waits."""
    path = folder / "adders.lib"
    path.write_text(with_adders(), encoding="utf-8")
    lib = liberty.Library([path])
    full, half = sums.adder(lib, 3), sums.adder(lib, 2)
    assert (full.name, full.total, full.carry, full.inverts) == ("FA", "SN", "CN", True), vars(full)
    assert (half.name, half.total, half.carry, half.inverts) == ("HA", "S", "CO", False) and half.delay == {"S": 0.2, "CO": 0.1}
    numbers = random.Random(1)
    signed = lambda v, n: v - (v >> n - 1 << n)  # noqa: E731
    for cells_ in ((full, half), (sums.Gates(0.4), sums.Gates(0.4))):
        for width, m, n, is_signed, minus in ((14, 5, 7, 1, 0), (30, 17, 9, 1, 0), (30, 17, 9, 1, 1), (26, 16, 8, 0, 0), (40, 9, 20, 0, 1)):
            for rows in (False, True):
                s = sums.Sum("m", width, *cells_)
                a, b, c = ([(name, i) for i in range(k)] for name, k in (("a", m), ("b", n), ("c", 12)))
                s.add_product(a, b, is_signed, -1 if minus else 1)
                s.add_number([s.bit(x) for x in sums.extended(c, True, width)], False)
                s.add_number([s.bit("1")] * 3, False)
                if rows:
                    text, columns, ones = s.rows(s.tree(1.0))
                    assert max(columns.count(i) for i in columns) > 2        # one nanosecond is too short for all of it
                else:
                    text = s.finish(s.tree(None))
                for _ in range(20):
                    x, y, z = (numbers.getrandbits(k) for k in (m, n, 12))
                    bits = {("a", i): x >> i & 1 for i in range(m)} | {("b", i): y >> i & 1 for i in range(n)} | {("c", i): z >> i & 1 for i in range(12)}
                    got = values_of(text, "m", sum(bits[w] << i for w, i in s.inputs.items()))
                    total = sum(v << (columns[i] if rows else i) for i, v in got.items()) + (ones if rows else 0)
                    product = signed(x, m) * signed(y, n) if is_signed else x * y
                    assert (total - (-product if minus else product) - signed(z, 12) - 7) % (1 << width) == 0, (width, m, n, x, y, z)


def check_waiting(folder):
    """A product in a register that is only added to something: its rows are in the register, and the addition has them all."""
    path = folder / "adders.lib"
    lib = liberty.Library([path])
    config = "".join(f"{n:0{k}b}" for n, k in ((0, 6), (20, 6), (0, 1), (0, 1), (9, 6), (12, 6), (0, 1), (0, 1), (6, 4)))
    text = f"""module \\m
  wire width 12 input 1 \\a
  wire width 9 input 2 \\b
  wire width 20 input 3 \\c
  wire input 4 \\k
  wire width 20 output 5 \\y
  wire width 20 $p
  wire width 20 \\p
  cell $macc $one
    parameter \\A_WIDTH 41
    parameter \\B_WIDTH 0
    parameter \\CONFIG {len(config)}'{config}
    parameter \\CONFIG_WIDTH {len(config)}
    parameter \\Y_WIDTH 20
    connect \\A {{ \\c \\b \\a }}
    connect \\B {{ }}
    connect \\Y $p
  end
  cell $dff $two
    parameter \\CLK_POLARITY 1'1
    parameter \\WIDTH 20
    connect \\CLK \\k
    connect \\D $p
    connect \\Q \\p
  end
  cell $alu $three
    parameter \\A_SIGNED 0
    parameter \\A_WIDTH 20
    parameter \\B_SIGNED 0
    parameter \\B_WIDTH 20
    parameter \\Y_WIDTH 20
    connect \\A \\p
    connect \\B \\c
    connect \\BI 1'0
    connect \\CI 1'0
    connect \\CO $co
    connect \\X $x
    connect \\Y \\y
  end
end
"""
    full, half = sums.adder(lib, 3), sums.adder(lib, 2)
    found, verilog, adders = sums.Rewriting(text, full, half, 2.0).run()
    part = rtlil.Part(found)
    kinds = {c.name: c.kind for c in part.cells.values()}
    assert kinds["$two"] == "$dff" and kinds["$one"].startswith("\\tetra_sum_") and kinds["$three"].startswith("\\tetra_sum_"), kinds
    assert len(part.cells["$two"].pins["D"]) > 20 and len(adders) == 1, adders
    numbers = random.Random(2)
    for _ in range(20):
        signals = {"\\a": numbers.getrandbits(12), "\\b": numbers.getrandbits(9), "\\c": numbers.getrandbits(20)}

        def run(name):
            cell = part.cells[name]
            bits = [signals[w] >> i & 1 for w, i in cell.pins["a"]]
            got = values_of(verilog, cell.kind[1:], sum(b << i for i, b in enumerate(bits)))
            return sum(v << i for i, v in got.items())

        signals[part.cells["$two"].pins["Q"][0][0]] = run("$one")
        assert run("$three") == (signals["\\a"] * signals["\\b"] + 2 * signals["\\c"]) % (1 << 20), signals
    # Where somebody else looks at the register, it has the sum.
    found, _, _ = sums.Rewriting(text.replace("end\nend", "end\n  connect \\z \\p\nend").replace("  wire width 20 $p\n", "  wire width 20 output 6 \\z\n  wire width 20 $p\n"),
                                 full, half, 2.0).run()
    assert len(rtlil.Part(found).cells["$two"].pins["D"]) == 20


def check_power(lib, folder):
    e = power.Energies(lib)
    assert abs(e.internal("INV", "Y", 0.5) - 0.6) < 1e-12       # half way in load, half way in slew
    # An inverter that drives two gates' pins: 0.04 pF at 2 V, and its own energy.
    assert abs(e.net(("INV", "Y"), [("AOI", "A"), ("AOI", "B")]) - (0.5 * 0.04 * 4 + 0.14) * 1e-12) < 1e-20
    assert abs(e.clock("DFFR") - 0.01 * 4 * 1e-12) < 1e-24
    netlist = folder / "n.v"
    netlist.write_text("module m(a, y);\n  INV _1_ (\n    .A(a),\n    .Y(n[0])\n  );\n  DFFR _2_ (\n    .CK(clk),\n"
                       "    .D(n[0]),\n    .Q(y),\n    .RN(r)\n  );\nendmodule\n", encoding="utf-8")
    nets, clock = power.netlist(netlist, e)
    assert set(nets) == {"a", "n[0]", "y", "r"} and abs(clock - 0.04e-12) < 1e-24, nets
    vcd = folder / "x.vcd"
    vcd.write_text("$scope module t $end\n$scope module m $end\n$var wire 1 ! a $end\n$var wire 4 % n [3:0] $end\n$upscope $end\n"
                   "$enddefinitions $end\n#0\n0!\nb0 %\n#5\n1!\nb101 %\n#10\n0!\nb1 %\n#20\n1!\n", encoding="utf-8")
    names, counts = power.toggles(vcd, [(0, 8), (8, 15)], lambda scope: scope == "t/m")
    assert counts == [{"!": 1, ("%", 0): 1, ("%", 2): 1}, {"!": 1, ("%", 2): 1}], counts
    total = power.total(lambda scope: {"a": 1.0, "n[0]": 10.0, "n[2]": 100.0}, names, counts)
    assert total == [{"t/m": 111.0}, {"t/m": 101.0}], total


# Two modules: an inverter and a register behind it below, one SRAM, a bus in another order above.
TOP = """module top(clk_i, \\a.b , y);
  input clk_i;
  wire clk_i;
  input [1:0] \\a.b ;
  wire [1:0] \\a.b ;
  output [1:0] y;
  wire [1:0] y;
  wire [1:0] q;
  assign y[0] = q[1];
  assign y[1] = q[0];
  low u_low (
    .clk_i(clk_i),
    .in({ \\a.b [0], 1'b1 }),
    .q(q[0])
  );
  tetra_sram \\gen[0].u_mem  (
    .clk_i(clk_i),
    .raddr_i(\\a.b ),
    .rdata_o(q[1]),
    .waddr_i(2'b00),
    .wdata_i(1'b0)
  );
endmodule
"""
LOW = """module low(clk_i, in, q);
  input clk_i;
  input [1:0] in;
  output q;
  wire n;
  wire \\q.d ;
  assign \\q.d  = n;
  AOI _1_ (
    .A(in[1]),
    .B(in[0]),
    .C(1'b0),
    .Y(n)
  );
  DFFR _2_ (
    .CK(clk_i),
    .D(\\q.d ),
    .Q(q),
    .RN(in[1])
  );
endmodule
"""


def check_netlist(lib):
    flat = netlist.Flat({"top": TOP, "low": LOW}, "top", lib.cells)
    assert [(kind, module) for kind, _, module in flat.cells] == [("AOI", "low"), ("DFFR", "low")], flat.cells
    gate, register = flat.cells[0][1], flat.cells[1][1]
    a, y = flat.ports["a.b"], flat.ports["y"]
    assert gate == {"A": a[1], "B": 1, "C": 0, "Y": register["D"]} and register["RN"] == a[1], flat.cells
    assert y == [register["Q"], flat.srams[0][1]["rdata_o"][0]] and flat.srams[0][1]["waddr_i"] == [0, 0], (y, flat.srams)
    writer = gates.Writer(lib, flat)
    lines = writer.text().splitlines()
    assert f"input a.b {a[1]} {a[0]}" in lines and f"output y {y[1]} {y[0]}" in lines, lines
    # !(A B + C) of inputs A, B, C: bits 0 to 2 of the table are 1.
    assert f"gate {gate['Y']} 7 {a[1]} 1 0" in lines and writer.gate_of == {0: 0}, lines
    state, following, clear, preset = (int(n) for n in next(line for line in lines if line.startswith("register")).split()[1:])
    assert {f"gate {following} 2 {register['D']}", f"gate {clear} 1 {a[1]}", f"gate {register['Q']} 2 {state}"} < set(lines) and preset == 0, lines
    assert f"sram 4 0 0 0 {a[1]} {a[0]} / 0 0 / 0 / {flat.srams[0][1]['rdata_o'][0]}" in lines, lines
    assert [gates.Function(f).table for f in ("A'B^C", "!A & B", "1", "A")] == [0b00010100, 0b0100, 1, 2]
    found, clock = power.flat_energies(flat, power.Energies(lib))
    # The register's input: driven by the gate, 0.01 pF at 2 V.
    assert found[gate["Y"]][0] == "low" and abs(found[gate["Y"]][1] - 0.5 * 0.01 * 4e-12) < 1e-20, found
    assert set(clock) == {"low"} and register["CK"] not in found, (found, clock)
    # A register by its name in the design: what it drives, or what an inverter makes of that; by its number where nothing has one.
    def cell(kind, name, **nets):
        return f"  {kind} {name} (\n" + ",\n".join(f"    .{pin}({net})" for pin, net in nets.items()) + "\n  );\n"

    part = (cell("DFFR", "_1_", CK="clk", D="d", Q="\\x_q[3] [2]") + cell("DFFR", "_2_", CK="clk", D="d", Q="_07_") + cell("INV", "_3_", A="_07_", Y="_08_")
            + cell("INV", "_4_", A="_08_", Y="y_q") + cell("DFFR", "_5_", CK="clk", D="y_q", Q="_09_ [1]"))
    assert [netlist.register(part, n, lib) for n in ("_1_", "_2_", "_5_", "_6_")] == ["x_q[3][2]", "y_q", "_09_[1]", None]
    refused(lambda: netlist.Flat({"top": TOP.replace("assign y[1] = q[0];", "assign q[0] = 1'b1;\n  assign q[0] = 1'b0;"), "low": LOW},
                                 "top", lib.cells), "ties 0 to 1")


def timed(kind, related, sense, delay, slope, more=""):
    """A timing group: delay plus slope times the load, half of it as slew; nothing of the input's slew."""
    table = f'values ("{{0}}, {{1}}", "{{0}}, {{1}}");'
    rows = "".join(f"{name} (d2) {{ {table.format(a, a + b)} }} " for name, a, b in
                   (("cell_rise", delay, slope), ("cell_fall", delay, slope), ("rise_transition", delay / 2, slope / 2),
                    ("fall_transition", delay / 2, slope / 2)))
    return f'timing () {{ related_pin : "{related}"; timing_type : {kind}; timing_sense : {sense}; {rows} {more} }}'


def check_sizing(folder):
    def gate(name, area, cap, function, sense, delay, slope):
        return (f'cell ({name}) {{ area : {area}; pin (A) {{ direction : input; capacitance : {cap}; }} pin (Y) {{ direction : output; '
                f'function : "{function}"; {timed("combinational", "A", sense, delay, slope)} }} }}')

    cells = [gate("INV", 1, 0.01, "!A", "negative_unate", 0.1, 5.0), gate("BUF1", 1, 0.01, "A", "positive_unate", 0.2, 8.0),
             gate("BUF4", 3, 0.02, "A", "positive_unate", 0.2, 2.0),
             'cell (DFFR) { area : 6; ff (IQ, IQN) { clocked_on : "CK"; next_state : "D"; clear : "!RN"; } pin (CK) { direction : input; '
             'clock : true; capacitance : 0.01; } pin (RN) { direction : input; capacitance : 0.01; } pin (D) { direction : input; '
             'capacitance : 0.01; timing () { related_pin : "CK"; timing_type : setup_rising; rise_constraint (scalar) { values ("0.05"); } '
             'fall_constraint (scalar) { values ("0.05"); } } } pin (Q) { direction : output; function : "IQ"; '
             + timed("rising_edge", "CK", "non_unate", 0.3, 4.0) + " } }"]
    path = folder / "timed.lib"
    path.write_text('library (timed130) { time_unit : "1ns"; capacitive_load_unit (1, pf); lu_table_template (d2) { variable_1 : '
                    'input_net_transition; variable_2 : total_output_net_capacitance; index_1 ("0, 1"); index_2 ("0, 1"); } '
                    + " ".join(cells) + " }", encoding="utf-8")
    lib = liberty.Library([path])

    def instance(kind, name, **nets):
        return f"  {kind} {name} (\n" + ",\n".join(f"    .{pin}({net})" for pin, net in nets.items()) + "\n  );\n"

    # A register, a chain of three buffers with loads at each, a gate behind it and a register; the part is there twice, and its
    # input comes from a register of the top.
    leaves = "".join(instance("INV", f"l{i}", A=f"n{1 + i % 2}", Y=f"u{i}") for i in range(8))
    low = ("module low(clk_i, rst, d, q);\n  input clk_i;\n  input rst;\n  input d;\n  output q;\n"
           + "".join(f"  wire {n};\n" for n in ["n0", "n1", "n2", "n3", "n4", *(f"u{i}" for i in range(8))])
           + instance("DFFR", "r0", CK="clk_i", RN="rst", D="d", Q="n0") + instance("BUF1", "b1", A="n0", Y="n1")
           + instance("BUF1", "b2", A="n1", Y="n2") + instance("BUF1", "b3", A="n2", Y="n3") + instance("INV", "g", A="n3", Y="n4")
           + leaves + instance("DFFR", "r1", CK="clk_i", RN="rst", D="n4", Q="q") + "endmodule\n")
    top = ("module top(clk_i, rst, d, q);\n  input clk_i;\n  input rst;\n  input d;\n  output q;\n  wire m;\n"
           + instance("low", "x0", clk_i="clk_i", rst="rst", d="d", q="m") + instance("low", "x1", clk_i="clk_i", rst="rst", d="m", q="q")
           + "endmodule\n")
    texts, kinds = {"top": top, "low": low}, timing.kinds(lib)
    s = sizing.Sizer(lib, kinds, texts, "top", {}, ("rst",))
    # By hand: 0.3 + 4 * 0.01; 0.2 + 8 * 0.05, twice; 0.2 + 8 * 0.01; 0.1 + 5 * 0.01; 0.05 of set-up.
    assert abs(max(s.timing.ends())[0] - 2.02) < 1e-9, max(s.timing.ends())
    assert s.timing.time[s.timing.pins[0]["RN"]][0] == timing.NEVER
    before = max(s.timing.ends())[0]
    after = s.run(0.0)
    assert after < 1.2 < before, after
    # The gate hangs on a buffer less, or on none; buffers without use are gone; both copies are the same; the netlist that is
    # written says the same.
    new = s.results()
    assert set(new) == {"low"} and new["low"][1]["DFFR"] == 2 and "b3 (" not in new["low"][0], new["low"]
    again = sizing.Sizer(lib, kinds, {**texts, "low": new["low"][0]}, "top", {}, ("rst",))
    assert abs(max(again.timing.ends())[0] - after) < 1e-9 and len(again.timing.cells) == 2 * sum(new["low"][1].values())
    # A path that is short enough is left alone.
    same = sizing.Sizer(lib, kinds, texts, "top", {}, ("rst",))
    assert same.run(2.1) == before and same.results()["low"][0] == low, same.results()
    # Registers that are to have their data earlier: 2.1 is enough, and 2.05 is not; those of the other part do not matter.
    for of, ahead, changed in (("top", 0.05, False), ("top", 0.1, True), ("low", 0.1, False)):
        early = sizing.Sizer(lib, kinds, texts, "top", {}, ("rst",))
        assert early.timing.longest() == before      # and again, with ends that are known
        early.ahead(of, ahead)
        assert early.timing.longest() == before and (early.run(2.1) < before) == changed, (of, ahead)
    # A table's order of variables is the library's.
    turned = liberty.Library([path])
    for g in turned.root.all("lu_table_template"):
        g.attrs = [(k, {"input_net_transition": ["total_output_net_capacitance"], "total_output_net_capacitance": ["input_net_transition"]}
                    .get(v[0], v)) for k, v in g.attrs]
    table = timing.kinds(turned)["INV"].arcs["A"][0][3]
    assert abs(table.at(0.3, 0.7) - timing.kinds(lib)["INV"].arcs["A"][0][3].at(0.7, 0.3)) < 1e-9


def check_sram(lib, folder):
    model = sram.Model(lib, sram.node_of(lib, "130"))
    small, large = model.macro(256, 32), model.macro(1024, 32)
    assert large["area_um2"] > small["area_um2"] and large["read_pj"] > small["read_pj"] and large["clk_to_q_ns"] > small["clk_to_q_ns"]
    # The read energy that the formula is from: 64 bits of 8 KiB at 45 nm and 0.9 V take 10 pJ.
    model.bit_pj, model.root_pj = sram.READ_BIT_PJ, sram.READ_ROOT_PJ
    assert abs(model.macro(1024, 64)["read_pj"] - 10) < 0.5
    refused(lambda: sram.node_of(lib, ""), "NODE=")
    table = folder / "sram.json"
    table.write_text('[{"words": 256, "bits": 32, "area_um2": 5, "read_pj": 1, "write_pj": 2, "leakage_nw": 3, "clk_to_q_ns": 1, '
                     '"setup_ns": 0.1, "from": "a data sheet"}]', encoding="utf-8")
    assert sram.Model(lib, 130, table).macro(256, 32)["area_um2"] == 5
    table.write_text('[{"words": 256}]', encoding="utf-8")
    refused(lambda: sram.Model(lib, 130, table), "sram.json", "area_um2")


def check_rest(folder):
    by = {"grid": 16.0, "lanes": 4.0, "paths": 8.0, "control": 3.0}
    assert compose.lanes(4) == 2 and compose.lanes(8) == 8 and compose.lanes(16) == 16
    assert compose.composed(by, 4, 16) == {"grid": 256.0, "lanes": 32.0, "paths": 32.0, "control": 3.0}
    assert compose.line(4, 50.0, 90.0, 4) == 50 and compose.line(4, 50.0, 90.0, 16) == 170
    assert compose.composed(by, 8, 16) == {"grid": 64.0, "lanes": 8.0, "paths": 16.0, "control": 3.0}
    report = ("Startpoint: u_a/_1_ (rising edge-triggered flip-flop clocked by clk)\nEndpoint: u_b/_2_ (rising ...)\n"
              "   0.10   0.10 ^ u_a/_1_/Q (DFF)\n  990.0000   slack (MET)\n")
    found = sta.read(report, 1000.0, 1.0, "x")
    assert found["start"] == "u_a/_1_" and found["end"] == "u_b/_2_" and found["ns"] == 10 and found["mhz"] == 100
    refused(lambda: sta.read("No paths found.", 1000.0, 1.0, "x"), "no path")
    p = program.Program(source, 4)
    p.layer(1, 1)
    p.layer(0, 0)
    p.write(folder)
    assert len(p.commands) == 14 and p.tails == [7, 14] and p.commands[0][0] & 15 == 1
    a = "module \\x\n  attribute \\src \"/a/b.sv:3\"\n  cell $add $add$/a/b.sv:3$17\nend"
    b = "module \\x\n  attribute \\src \"/c/b.sv:9\"\n  cell $add $add$/c/b.sv:9$99\nend"
    assert design.canonical(a) == design.canonical(b)


def check_program(folder):
    """Bad input: one line that says what to do, and exit code 2. The tools are stubs: nothing gets as far as to use them."""
    tools = folder / "tools"
    tools.mkdir()
    for name in ("yosys", "sta", "verilator"):
        (tools / name).write_text("#!/bin/sh\necho stub\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    paths = {name: str(folder / f"{name}.lib") for name in ("text", "cut", "no_flop", "no_reset", "no_inverter", "unknown", "none")}
    texts = {"text": "hello", "cut": TINY[:700], "no_flop": TINY.replace("ff (", "fg ("), "no_reset": TINY.replace('clear : "!RN";', ""),
             "no_inverter": TINY.replace('function : "!A";', 'function : "A";'), "unknown": TINY.replace("tiny130", "tiny")}
    for name, text in texts.items():
        pathlib.Path(paths[name]).write_text(text, encoding="utf-8")
    whole = f"{tools}:{os.environ['PATH']}"

    def refuses(path, says, *arguments):
        run = subprocess.run([sys.executable, source / "synth/silicon.py", "--out", folder / "out", *arguments], capture_output=True,
                             text=True, env={"PATH": path, "HOME": str(folder)}, check=False)
        assert run.returncode == 2 and run.stderr.startswith("silicon: ") and says in run.stderr and run.stderr.count("\n") == 1, run

    refuses(str(folder), "yosys is not installed (Debian's package yosys; scripts/install-deps.sh --silicon installs all)")
    refuses(whole, "unrecognized arguments: --fast; --help lists what is accepted", "--fast")
    for count in ("0", "-1", "many", "1000"):
        refuses(whole, f"--jobs: '{count}' is not accepted; 1 to 999 are", f"--jobs={count}")
    refuses(whole, "ARRAY: '64' cannot be mapped", "--array", "64")
    refuses(whole, "'%s' is no liberty file" % paths["text"], "--liberty", paths["text"])
    refuses(whole, "ends in the middle of a group; is the file whole?", "--liberty", paths["cut"])
    refuses(whole, "has no flip-flop (a cell with an 'ff' group); give all files", "--liberty", paths["no_flop"])
    refuses(whole, "has no flip-flop with an asynchronous reset", "--liberty", paths["no_reset"])
    refuses(whole, "has no inverter", "--liberty", paths["no_inverter"])
    refuses(whole, "give NODE=nanometres", "--liberty", paths["unknown"])
    for node in ("x", "-3", "0", "nan"):
        refuses(whole, f"NODE: '{node}' is not accepted; nanometres, 1 to 1000, are", "--liberty", paths["unknown"], f"--node={node}")
    refuses(whole, "--out: cannot make the folder", "--liberty", paths["unknown"], "--out", paths["unknown"])
    refuses(whole, "cannot read '%s'" % paths["none"], "--liberty", paths["none"])
    refuses(whole, "LIBERTY: no file is given", "--liberty", " ")
    refuses(whole, "SRAM: cannot read", "--liberty", paths["unknown"], "--node", "130", "--sram", str(folder / "none.json"))
    (tools / "sta").unlink()
    if not any(pathlib.Path(p, "sta").exists() for p in os.environ["PATH"].split(":")):
        refuses(whole, "sta is not installed (Debian's package opensta", "--liberty", paths["unknown"])


def check_fpga(folder):
    """fpga.sh's bad input, before it does anything."""
    for says, *arguments in (("unknown board 'icestick'; accepted: ulx3s", "--board", "icestick"), ("unknown board '../board/ulx3s'", "--board", "../board/ulx3s"),
                             ("unknown option '--fast'", "--fast"), ("--board needs a value", "--board"), ("--board NAME is missing", "--baud", "115200"),
                             *((f"--baud: '{rate}' is not accepted; accepted: 9600 ", "--board", "ulx3s", "--baud", rate) for rate in ("0", "-1", "3000000", "fast"))):
        run = subprocess.run(["bash", source / "synth/fpga.sh", *arguments, folder / "fpga"][:-1 if says.endswith("value") else None], capture_output=True, text=True, check=False)
        assert run.returncode == 2 and run.stderr.startswith("fpga.sh: ") and says in run.stderr and run.stderr.count("\n") == 1, run
        assert not (folder / "fpga").exists()


with tempfile.TemporaryDirectory() as name:
    where = pathlib.Path(name)
    tiny = check_liberty(where)
    check_cells(tiny)
    check_sums(where)
    check_waiting(where)
    check_power(tiny, where)
    check_netlist(tiny)
    check_sizing(where)
    check_sram(tiny, where)
    check_rest(where)
    check_program(where)
    check_fpga(where)
print("synth/flow: all checks passed")
