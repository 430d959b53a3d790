"""A Verilated model's files: functions, the conditions under which they run, what a member is called."""

import re
from pathlib import Path

from text import names, plain, statements, touched


class Leave(Exception):
    """This text is not as known: it stays as it is."""


class Function:
    def __init__(self, path, match):
        self.path, self.old = path, match.group(0)
        self.head = self.old[: self.old.index("{\n") + 2]
        intro, mark, body = match.group(2).partition("    // Body\n")
        self.intro, self.body = intro, statements(body) if mark else []
        self.instead = None  # text in its place

    def declared(self, name):
        """The type of a variable of its own, or None."""
        m = re.search(rf"^ *(\S[^;\n]*?) {name};", self.intro, re.M)
        return m.group(1) if m else None

    def text(self):
        return self.instead or f"{self.head}{self.intro}    // Body\n{''.join(self.body)}\n}}"


class Model:
    """Nothing is written before write()."""

    def __init__(self, folder, prefix, clock):
        self.root, self.clock = prefix + "___024root", clock
        folder = Path(folder)
        self.fast = {f: f.read_text() for f in sorted(folder.glob(f"{self.root}__*.inc"))}
        self.slow = {f: f.read_text() for f in sorted(folder.glob(f"{self.root}__*Slow.cpp"))}
        self.header = folder / f"{self.root}.h"
        self.header_text = self.header.read_text()
        self.top = folder / f"{prefix}.cpp"
        self.top_text = self.top.read_text()
        self.prefix = prefix
        self.members, self.begin = [], []
        pattern = re.compile(rf"^(?:VL_INLINE_OPT )?void {self.root}___(\w+)\({self.root}\* vlSelf\) \{{\n(.*?)^\}}", re.M | re.S)
        self.functions = {m.group(1): Function(f, m) for f, t in self.fast.items() for m in pattern.finditer(t)}
        for name in ("eval", "eval_act", "eval_ico", "eval_nba", "eval_triggers__act", "eval_triggers__ico", "ico_sequent__TOP__0"):
            if name not in self.functions:
                raise Leave(f"no {name}")
        self.from_inputs = self.functions["ico_sequent__TOP__0"].body
        self.check_inputs()
        self.order, self.when = self.behind_edge()
        clocked = [self.from_inputs, *(self.functions[name].body for name in self.order)]
        if any(f"vlSelf->{clock}" in names(s) for body in clocked for s in body):
            raise Leave("the clock is looked at, or a latch is open with it")
        self.resets = self.triggers()

    def check_inputs(self):
        """One group of logic follows from inputs, and nothing happens between an edge and its assignments."""
        ico = "".join(plain(s) for s in self.functions["eval_ico"].body)
        if ico.replace(" ", "") != f"if(vlSelf->__VicoTriggered.at(0U)){{{self.root}___ico_sequent__TOP__0(vlSelf);}}":
            raise Leave("inputs")
        if self.functions["eval_act"].body:
            raise Leave("between edge and assignment")
        if "(0U == vlSelf->__VicoIterCount);" not in plain("".join(self.functions["eval_triggers__ico"].body)):
            raise Leave("when inputs are looked at")
        if not all(f"__V{n}IterCount" in "".join(self.functions["eval"].body) for n in ("ico", "nba", "act")):
            raise Leave("the evaluation")

    def behind_edge(self):
        """The functions behind an edge in order, and each one's condition."""
        order, when = [], {}
        for statement in self.functions["eval_nba"].body:
            m = re.fullmatch(rf"if \((.*)\) \{{ {self.root}___(\w+)\(vlSelf\); \}}", plain(statement))
            if not m or m.group(2) in when:
                raise Leave("behind an edge")
            order.append(m.group(2))
            when[m.group(2)] = m.group(1)
        return order, when

    def triggers(self):
        """(reset, its value before) of the resets that set logic off; every trigger must have the clock's rise in it."""
        last = f"__Vtrigrprev__TOP__{self.clock}"
        rise = f"((IData)(vlSelf->{self.clock}) & (~ (IData)(vlSelf->{last})))"
        falls = re.escape(f"({rise} | ") + r"\(\(~ \(IData\)\(vlSelf->(\w+)\)\) & \(IData\)\(vlSelf->(__Vtrigrprev__TOP__\w+)\)\)\)"
        resets = set()
        for statement in self.functions["eval_triggers__act"].body:
            m = re.fullmatch(r"vlSelf->__VactTriggered\.at\(\d+U\) = (.*);", plain(statement))
            if not m or m.group(1) == rise:
                continue
            fall = re.fullmatch(falls, m.group(1))
            if not fall:
                raise Leave("a trigger")
            resets.add(fall.groups())
        return sorted(resets)

    def users(self):
        """{variable of Verilator's for assignments behind an edge: functions that have it}"""
        found = {}
        for name, f in self.functions.items():
            for variable in set(re.findall(r"__Vdly\w+", "".join(f.body))):
                found.setdefault(variable, set()).add(name)
        return found

    def make_members(self, variables):
        """{variable: the function that has it}: they become the model's, where they are a function's."""
        users, own = self.users(), {}
        for variable, function in variables.items():
            kind = self.functions[function].declared(variable)
            if kind is None:
                if not re.search(rf"\b{variable};", self.header_text):
                    raise Leave(f"where {variable} is declared")
            elif users[variable] != {function}:
                raise Leave(f"two variables {variable}")
            else:
                self.members.append(f"{kind} {variable};")
                own.setdefault(function, []).append(variable)
        for function, ours in own.items():
            f, any_of = self.functions[function], "|".join(ours)
            f.intro = "".join(line + "\n" for line in f.intro.splitlines() if not re.search(rf"\b(?:{any_of})\b", line))
            f.body = [re.sub(rf"(?<![\w>])({any_of})\b", r"vlSelf->\1", s) for s in f.body]

    def declare(self, function, others, variables):
        """What FUNCTION declares of VARIABLES becomes known to OTHERS, too."""
        for variable in sorted(variables):
            kind = self.functions[function].declared(variable)
            for other in others if kind else ():
                if not self.functions[other].declared(variable):
                    self.functions[other].intro += f"    {kind} {variable};\n"

    def at_the_end(self):
        """What is looked at when a simulation ends."""
        ends = re.findall(r"^(?:VL_ATTR_COLD )?void \w*final\w*\(.*?^\}", "\n".join(self.slow.values()), re.M | re.S)
        return frozenset().union(*(names(e) for e in ends))

    def unknown(self, nets):
        """Those of NETS that no member is named by."""
        last = {n.split("__DOT__")[-1] for n in re.findall(r"\b\w+(?=;|,\d+,\d+\)|\))", self.header_text)}
        return sorted(set(nets) - last)

    def changing(self):
        """Inputs, and what follows from them at once."""
        inputs = {"vlSelf->" + n for n in re.findall(r"VL_IN\w*\(&?(\w+)", self.header_text)}
        return inputs.union(*(touched(s) for s in self.from_inputs))

    def write(self):
        """Files with the functions of now; `begin` follows the constructor's own values."""
        mark = f"    {self.root}___ctor_var_reset(this);\n"
        where = [f for f, t in self.slow.items() if mark in t]
        end = "\n    // INTERNAL VARIABLES\n"
        if len(where) != 1 or end not in self.header_text:
            raise Leave("the constructor")
        begin = "".join(f"    {name} = {value};\n" for name, value in self.begin)
        where[0].write_text(self.slow[where[0]].replace(mark, mark + begin))
        self.header.write_text(self.header_text.replace(end, "\n" + "".join(f"    {m}\n" for m in self.members) + end, 1))
        for f in self.functions.values():
            self.fast[f.path] = self.fast[f.path].replace(f.old, f.text())
        for path, text in self.fast.items():
            path.write_text(text)
        self.top.write_text(self.top_text)
