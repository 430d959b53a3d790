"""Functional models of a library's cells in Verilog, from its `function` and `ff` attributes: no delays."""
import re

from .liberty import flop, pins


def tokens_of(text):
    return re.findall(r"[A-Za-z_][\w\[\]]*|[01]|[!'*&+|^()]", text)


def expression(text):
    """Liberty's boolean expression in Verilog. Liberty: ! before and ' behind negate; * & and blanks are AND, + | OR."""
    tokens, at = tokens_of(text), 0

    def peek():
        return tokens[at] if at < len(tokens) else None

    def primary():
        nonlocal at
        token = tokens[at]
        at += 1
        if token == "!":
            return f"~{primary()}"
        if token == "(":
            inner = either()
            at += 1
            value = f"({inner})"
        else:
            value = f"1'b{token}" if token in "01" else token
        while peek() == "'":
            at += 1
            value = f"(~{value})"
        return value

    def exclusive():
        nonlocal at
        value = primary()
        while peek() == "^":
            at += 1
            value = f"({value} ^ {primary()})"
        return value

    def both():
        nonlocal at
        value = exclusive()
        while peek() is not None and peek() not in "+|)":
            if peek() in "*&":
                at += 1
            value = f"({value} & {exclusive()})"
        return value

    def either():
        nonlocal at
        value = both()
        while peek() is not None and peek() in "+|":
            at += 1
            value = f"({value} | {both()})"
        return value

    return either()


def edge(text):
    """("posedge"|"negedge", pin) of an expression of one pin."""
    name = re.sub(r"[\s()!']", "", text)
    return ("negedge" if "!" in text or "'" in text else "posedge"), name


def flop_model(cell, lines):
    """Starts at a random value, as silicon does: what needs a reset must have one."""
    ff = flop(cell)
    q, nq = ff.args[0], ff.args[1] if len(ff.args) > 1 else None
    events, branches = ["{} {}".format(*edge(ff.get("clocked_on")))], []
    for kind, value in (("clear", 0), ("preset", 1)):
        if ff.get(kind):
            events.append("{} {}".format(*edge(ff.get(kind))))
            branches.append(f"if ({expression(ff.get(kind))}) {q} <= 1'b{value};")
    lines.append(f"  reg {q};")
    lines.append(f"  initial {q} = $random(tetra_seed.value);")
    if nq:
        lines.append(f"  wire {nq} = ~{q};")
    body = " else ".join(branches + [f"{q} <= {expression(ff.get('next_state'))};"])
    lines.append(f"  always @({' or '.join(events)}) {body}")


def verilog(lib, kinds):
    """Models of the cells named; one module holds the seed of the registers' first values."""
    lines = ["// Made from the library: functions only.", "module tetra_seed; integer value = 1; endmodule"]
    for kind in sorted(kinds):
        cell = lib.cells[kind]
        ports = [(p.args[0], p.get("direction")) for p in pins(cell) if p.get("direction") in ("input", "output")]
        lines.append(f"module \\{kind} ({', '.join(n for n, _ in ports)});")
        lines += [f"  {way} {name};" for name, way in ports]
        if flop(cell) is not None:
            flop_model(cell, lines)
        lines += [f"  assign {p.args[0]} = {expression(p.get('function'))};" for p in pins(cell)
                  if p.get("direction") == "output" and p.get("function")]
        lines.append("endmodule")
    return "\n".join(lines).replace("module \\", "module ") + "\n"
