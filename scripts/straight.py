#!/usr/bin/env python3
"""straight.py FOLDER PREFIX CLOCK [--often FILE] [--seen NET,...] [--late NET,...]: a Verilated model's clock, made straight.

For verilate.sh --settled: who drives the model changes inputs only together with CLOCK's fall and evaluates both halves of
every clock. Then a rise of the clock while no reset is active, nearly every evaluation there is, gets functions of its own
beside Verilator's:
  * no loop in which it is looked for what else an edge may have set off (shown by the text, then left out),
  * no copies of registers, no flags of memories, that say what is known (shadows, flags),
  * nothing behind the rise that follows from inputs, which comes again with the fall before anything looks (early),
  * no branches for active resets (running),
  * what one branch alone looks at is worked out in it (sink), what only seldom branches change after one was run (lazy),
  * what is seldom done does not lie between what is always done: the code of one clock then fits a processor's instruction
    cache, which is what limits (seldom).
Everything else runs as Verilator made it. FOLDER has the text as verilate.sh puts it together: *.inc and *__Slow.cpp.
  --often FILE  nets, one a line, that decide what is done in a tenth of the clocks or more; without: no hint
  --seen NETS   nets looked at from outside with the clock low
  --late NETS   outputs and nets looked at between rise and fall
A net is named by its last part; one that no net is named by is refused. Nets that the RTL itself makes visible (a comment
`verilator public`) must be among them. Text of another form (another Verilator) is left as it is, which is said; exit code 0."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "straight"))
import passes  # noqa: E402
from model import Leave, Model  # noqa: E402


def listed(text):
    return {n for n in text.split(",") if n}


def nets(path):
    lines = (line.split("#")[0].strip() for line in Path(path).read_text().splitlines())
    return {line for line in lines if line}


def evaluation(model):
    """Verilator's loop for edges, with the way for a rise in front."""
    this, root, clock = "vlSelf->", model.root, model.clock
    last = f"{this}__Vtrigrprev__TOP__{clock}"
    same = " && ".join(f"{this}{r} == {this}{p}" for r, p in model.resets) or "true"
    high = " & ".join(this + r for r, _ in model.resets) or "true"
    note = "".join(f"\n            {this}{p} = {this}{r};" for r, p in model.resets)
    return f"""void {root}___eval({root}* vlSelf) {{
    if (!{this}{clock}) {{
        {root}___ico_sequent__TOP__0(vlSelf);
        if (VL_LIKELY({same})) {{
            {last} = 0U;
            return;
        }}
    }} else if (VL_LIKELY({high})) {{
        if (!{last}) {{
            {last} = 1U;{note}
            {root}___rise(vlSelf);
        }}
        if (VL_LIKELY({same})) return;
    }}
    for (;;) {{
        {root}___eval_triggers__act(vlSelf);
        if (!vlSelf->__VactTriggered.any()) return;
        vlSelf->__VnbaTriggered = vlSelf->__VactTriggered;
        {root}___eval_nba(vlSelf);
    }}
}}"""


def emit(model, hot, sunk):
    root, rise = model.root, []
    for name in model.order:
        rise.append(f"static void {root}___rise__{name}({root}* vlSelf) {{\n{model.functions[name].intro}    // Body\n{''.join(hot[name])}\n}}\n")
    rise.append(f"static inline void {root}___rise({root}* vlSelf) {{\n")
    rise += [f"    {root}___rise__{name}(vlSelf);\n" for name in model.order]
    rise.append("}\n")
    model.functions["eval"].instead = "".join(rise) + evaluation(model)
    # Verilator's own way begins with what only a branch of the next rise would have worked out.
    nba = model.functions["eval_nba"]
    nba.body[:0] = sunk
    nba.head = f"__attribute__((cold, noinline)) {nba.head}"
    mark = f"void {model.prefix}::eval_step() {{\n"
    if mark not in model.top_text:
        raise Leave("the step")
    step = f"    if (VL_LIKELY(vlSymsp->__Vm_didInit)) {{\n        {root}___eval(&(vlSymsp->TOP));\n        return;\n    }}\n"
    model.top_text = model.top_text.replace(mark, mark + step)


def straighten(model, often, seen, late):
    registers = passes.shadows(model, seen | late)
    flags = passes.flags(model)
    hot = {name: list(model.functions[name].body) for name in model.order}
    early = passes.early(model, hot, late)
    passes.running(model, hot)
    sunk = passes.sink(model, hot, seen | late)
    passes.banks(model, hot)
    lazy = passes.lazy(model, hot, often)
    if often:
        hot = {name: [passes.seldom(s, often) for s in hot[name]] for name in model.order}
    emit(model, hot, sunk)
    return f"{len(registers)} registers and {flags} memories without their copies, {early} statements early, {lazy} late"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("prefix")
    parser.add_argument("clock")
    parser.add_argument("--often")
    parser.add_argument("--seen", type=listed, default=set())
    parser.add_argument("--late", type=listed, default=set())
    args = parser.parse_args()
    try:
        model = Model(args.folder, args.prefix, args.clock)
        unknown = model.unknown(args.seen | args.late)
        if unknown:
            print(f"straight.py: no net of {args.prefix} is named {', '.join(unknown)} (--seen, --late)", file=sys.stderr)
            sys.exit(2)
        said = straighten(model, nets(args.often) if args.often else set(), args.seen, args.late)
        model.write()
        print(f"straight.py: {said}")
    except Leave as why:
        print(f"straight.py: left as it is: {why}")
    except Exception as why:  # a form that nobody thought of: nothing has been written
        print(f"straight.py: left as it is: {type(why).__name__} {why}")


if __name__ == "__main__":
    main()
