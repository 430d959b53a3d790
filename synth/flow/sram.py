"""The model of SRAMs, which are black boxes to the flow: area, energy, leakage and timing of a macro of one write and one
read port. Formulas and where they are from: docs/silicon.md; a table of real macros replaces them."""
import json
import math
import re

from .liberty import Refused

# Feature size in nm of libraries that are known by name; others say NODE.
NODES = {"osu018": 180, "osu035": 350, "osu050": 500, "sky130": 130, "sg13g2": 130, "asap7": 7, "gf180": 180,
         "Nangate": 45}

AREA_BIT_F2, AREA_ROOT_F2 = 190.0, 1.1e5          # per bit; per bit, over the root of the macro's bits
READ_BIT_PJ, READ_ROOT_PJ = 0.02, 5.4e-4          # at 45 nm and 0.9 V: per bit; per bit and root of the macro's bits
FO4_NS_PER_UM = 0.36                              # delay of an inverter with a load of four, per um of feature size
LOAD_PF = 0.01                                    # of a pin
KEYS = ("words", "bits", "area_um2", "read_pj", "write_pj", "leakage_nw", "clk_to_q_ns", "setup_ns")


def node_of(lib, given):
    if given:
        if not re.fullmatch(r"\d+(\.\d+)?", given) or not 1 <= float(given) <= 1000:
            raise Refused(f"NODE: '{given}' is not accepted; nanometres, 1 to 1000, are")
        return float(given)
    for name, node in NODES.items():
        if name.lower() in lib.name.lower():
            return float(node)
    raise Refused(f"LIBERTY: the feature size of '{lib.name}' is not known, and the SRAMs' model needs it; give NODE=nanometres")


class Model:
    def __init__(self, lib, node, table=None):
        self.lib, self.node, self.table = lib, node, self.read(table) if table else {}
        scale = node / 45 * (lib.volt() / 0.9) ** 2
        self.bit_pj, self.root_pj = READ_BIT_PJ * scale, READ_ROOT_PJ * scale
        from .mapping import leakage_of
        # A cell is two inverters.
        self.leak_nw = 2e9 * leakage_of(lib, lib.inverters()[0][0])

    @staticmethod
    def read(path):
        try:
            rows = json.loads(open(path, encoding="utf-8").read())
        except (OSError, ValueError) as why:
            raise Refused(f"SRAM: cannot read '{path}': {why}; a list of objects with {', '.join(KEYS)} is accepted") from why
        found = {}
        for row in rows if isinstance(rows, list) else [None]:
            if not isinstance(row, dict) or set(row) - {"from"} != set(KEYS):
                raise Refused(f"SRAM: '{path}': a list of objects with {', '.join(KEYS)} (and from) is accepted")
            found[(row["words"], row["bits"])] = row
        return found

    def formula(self):
        return {"read": {"pj_per_bit": self.bit_pj, "pj_per_bit_root": self.root_pj},
                "write": {"pj_per_bit": self.bit_pj, "pj_per_bit_root": self.root_pj}, "nw_per_bit": self.leak_nw}

    def macro(self, words, bits):
        """All of KEYS, and where they are from."""
        if (words, bits) in self.table:
            return dict(self.table[(words, bits)])
        total, f2 = words * bits, (self.node * 1e-3) ** 2
        root, fo4 = math.sqrt(total), FO4_NS_PER_UM * self.node * 1e-3
        energy = bits * (self.bit_pj + self.root_pj * root)
        return {"words": words, "bits": bits, "area_um2": total * f2 * (AREA_BIT_F2 + AREA_ROOT_F2 / root),
                "read_pj": energy, "write_pj": energy, "leakage_nw": total * self.leak_nw,
                "clk_to_q_ns": fo4 * (6 + math.log2(words) + 0.01 * root), "setup_ns": 2 * fo4, "from": "model"}


def timing(model, module):
    """({port: way}, (clock to output, slew, setup, a pin's load)) in the library's units."""
    macro, unit = model.macro(*module.sram()), 1 / model.lib.ns()
    return ({port: way for port, (_, way) in module.ports.items()},
            (macro["clk_to_q_ns"] * unit, 0.1 * macro["setup_ns"] * unit, macro["setup_ns"] * unit, LOAD_PF))


def liberty(model, modules):
    """A library of the macros, for timing: SRAM modules by name."""
    lines = []
    names = {"ns": "1ns", "ps": "1ps"}
    time_unit = names["ps" if model.lib.ns() < 0.01 else "ns"]
    lines += [f'library (tetra_sram) {{ delay_model : table_lookup; time_unit : "{time_unit}"; voltage_unit : "1V"; '
              'current_unit : "1mA"; pulling_resistance_unit : "1kohm"; leakage_power_unit : "1nW"; '
              f'capacitive_load_unit (1,pf); nom_voltage : {model.lib.volt()}; '
              'nom_temperature : 25; nom_process : 1;',
              'slew_lower_threshold_pct_rise : 20; slew_upper_threshold_pct_rise : 80; slew_lower_threshold_pct_fall : 20; '
              'slew_upper_threshold_pct_fall : 80; input_threshold_pct_rise : 50; input_threshold_pct_fall : 50; '
              'output_threshold_pct_rise : 50; output_threshold_pct_fall : 50;']
    widths = sorted({w for m in modules for w, _ in m.ports.values()} - {1})
    for w in widths:
        lines.append(f"type (bus{w}) {{ base_type : array; data_type : bit; bit_width : {w}; bit_from : {w - 1}; bit_to : 0; }}")
    for m in modules:
        macro, (_, (d, slew, setup, load)) = model.macro(*m.sram()), timing(model, m)
        arc = 'rise_constraint(scalar) { values ("%g"); } fall_constraint(scalar) { values ("%g"); }'
        lines.append(f"cell ({m.name}) {{ area : {macro['area_um2']:g}; cell_leakage_power : {macro['leakage_nw']:g};")
        for port, (width, way) in m.ports.items():
            kind = f"bus ({port}) {{ bus_type : bus{width};" if width > 1 else f"pin ({port}) {{"
            body = f"direction : {way}; "
            if port == "clk_i":
                body += f"clock : true; capacitance : {load:g};"
            elif way == "input":
                body += f'capacitance : {load:g}; timing () {{ related_pin : "clk_i"; timing_type : setup_rising; {arc % (setup, setup)} }}'
            else:
                body += ('timing () { related_pin : "clk_i"; timing_type : rising_edge; ' + "".join(
                    f'{k}(scalar) {{ values ("{v:g}"); }} ' for k, v in (("cell_rise", d), ("cell_fall", d), ("rise_transition", slew),
                                                                     ("fall_transition", slew))) + "}")
            lines.append(f"  {kind} {body} }}")
        lines.append("}")
    return "\n".join(lines + ["}"]) + "\n"
