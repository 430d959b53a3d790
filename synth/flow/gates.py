"""The flat netlist for synth/bench/gates.h: every cell as a truth table made of the library's `function`s, and registers.

A text file, a thing a line, nets as numbers (0 and 1 are the constants):
  nets COUNT MEASURED              nets below MEASURED are the netlist's, others only carry a register's next value and the like
  input NAME NETS.. / output ..    a port's nets, lowest bit first
  gate OUT TABLE INPUTS..          TABLE: bit i, in hexadecimal, is the value at inputs i, the first input being its lowest bit
  register STATE NEXT CLEAR PRESET nets; 0 where there is no clear or preset
  sram WORDS KEEP WE RE RADDR.. / WADDR.. / WDATA.. / RDATA..    lowest bits first, "/" between them
"""
import itertools
import re

from .cells import edge, expression
from .liberty import Refused, flop, pins
from .netlist import ADVICE

PIN = re.compile(r"(?<!')\b[A-Za-z_]\w*")


class Function:
    """A liberty function: the pins that it names, and its truth table."""

    def __init__(self, text):
        verilog = expression(text)
        self.pins = sorted(set(PIN.findall(verilog)))
        python = compile(re.sub(r"1'b([01])", r"\1", verilog), text, "eval")
        self.table = 0
        for i, values in enumerate(itertools.product((0, 1), repeat=len(self.pins))):
            self.table |= (eval(python, {"__builtins__": {}}, dict(zip(reversed(self.pins), values))) & 1) << i


class Writer:
    def __init__(self, lib, flat):
        self.lib, self.flat, self.lines, self.memo = lib, flat, [], {}
        self.measured = self.nets = len(flat.same)
        self.gates = 0                # gate lines so far
        self.gate_of = {}             # cell: its gate's number

    def function(self, text):
        if text not in self.memo:
            self.memo[text] = Function(text)
        return self.memo[text]

    def new(self):
        self.nets += 1
        return self.nets - 1

    def gate(self, out, function, named):
        """A pin that is not connected is 0."""
        self.lines.append(f"gate {out} {function.table:x} {' '.join(str(named.get(p, 0)) for p in function.pins)}")
        self.gates += 1

    def outputs(self, kind, named):
        for p in pins(self.lib.cells[kind]):
            if p.get("direction") == "output" and p.get("function") and p.args[0] in named:
                self.gate(named[p.args[0]], self.function(p.get("function")), named)

    def register(self, kind, nets, clock):
        ff = flop(self.lib.cells[kind])
        when, pin = edge(ff.get("clocked_on"))
        if when != "posedge" or nets.get(pin) != clock:
            raise Refused(f"a {kind} of the netlist is not clocked by clk_i's rising edge; {ADVICE}")
        state = self.new()
        named = {**nets, ff.args[0]: state}
        if len(ff.args) > 1:
            named[ff.args[1]] = self.new()
            self.gate(named[ff.args[1]], self.function(f"!{ff.args[0]}"), named)
        roles = []
        for role in ("next_state", "clear", "preset"):
            roles.append(self.new() if ff.get(role) else 0)
            if ff.get(role):
                self.gate(roles[-1], self.function(ff.get(role)), named)
        self.lines.append("register " + " ".join(map(str, [state, *roles])))
        self.outputs(kind, named)

    def text(self):
        for port, nets in self.flat.ports.items():
            self.lines.append(f"{self.flat.ways[port]} {port} {' '.join(map(str, reversed(nets)))}")
        clock = self.flat.ports["clk_i"][0]
        for at, (kind, nets, _) in enumerate(self.flat.cells):
            if flop(self.lib.cells[kind]) is None:
                self.gate_of[at] = self.gates
                self.outputs(kind, nets)
            else:
                self.register(kind, nets, clock)
        for _, ports in self.flat.srams:
            one = [ports[p][0] if ports.get(p) else 0 for p in ("keep_low_i", "we_i", "re_i")]
            words = [" ".join(map(str, reversed(ports[p]))) for p in ("raddr_i", "waddr_i", "wdata_i", "rdata_o")]
            self.lines.append(f"sram {1 << len(ports['waddr_i'])} {' '.join(map(str, one))} {' / '.join(words)}")
        return "\n".join([f"nets {self.nets} {self.measured}", *self.lines]) + "\n"
