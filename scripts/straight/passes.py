"""What is done to a model's functions. Each pass leaves what it cannot show to be the same.

`hot` below is what runs behind a rise of the clock while no reset is active: function -> statements. The functions as
Verilator made them stay beside it for everything else."""

import re
from collections import Counter

from text import ASSIGNED, If, assigned, assignment, closing, names, operands, plain, statements, touched

COPY = re.compile(r"(?P<to>(?:vlSelf->)?\w+)(?P<i>(?:\[\w+\])?) = (?P<of>(?:vlSelf->)?\w+)(?P<j>(?:\[\w+\])?);")


def bare(name):
    return name.replace("vlSelf->", "")


def copies(model, is_to, is_of):
    """(function, place, to, of, index) of the statements that copy one variable, or an element, to another."""
    for function in model.order:
        for place, statement in enumerate(model.functions[function].body):
            m = COPY.fullmatch(plain(statement))
            if m and m["i"] == m["j"] and is_to(bare(m["to"])) and is_of(bare(m["of"])):
                yield function, place, bare(m["to"]), bare(m["of"]), m["i"]


def drop(model, places):
    for function, gone in places.items():
        f = model.functions[function]
        f.body = [s for place, s in enumerate(f.body) if place not in gone]


def shadows(model):
    """A register that is read behind its assignment is assigned as __Vdly__X: X is copied to it at the start and from it at
    the end. Where nothing else writes X, the two are equal between evaluations, so the first copy says nothing new. Returns
    {shadow: register}."""
    ins, outs, found, gone = {}, {}, {}, {}
    shadow = lambda name: name.startswith("__Vdly__")
    for function, place, to, of, index in copies(model, shadow, lambda n: not shadow(n)):
        ins.setdefault(to, []).append((function, place, of, index))
    for function, place, to, of, index in copies(model, lambda n: not shadow(n), shadow):
        outs.setdefault(of, []).append((function, place, to, index))
    fast, slow = writers(model.fast), writers(model.slow)
    for name in sorted(set(ins) & set(outs)):
        registers = {e[2] for e in ins[name] + outs[name]}
        begins, ends = {e[0] for e in ins[name]}, {e[0] for e in outs[name]}
        if len(registers) != 1 or len(begins) != 1 or len(ends) != 1:
            continue
        register, begin, end = registers.pop(), begins.pop(), ends.pop()
        if model.when[begin] != model.when[end] or sorted(e[3] for e in ins[name]) != sorted(e[3] for e in outs[name]):
            continue
        if len(fast[0].get(register, ())) != len(outs[name]) or register in fast[1] | slow[1]:
            continue
        if any(not re.match(r"0;|VL_RAND_RESET", value) for value in slow[0].get(register, ())):
            continue
        for function, place, _, _ in ins[name]:
            gone.setdefault(function, set()).add(place)
        found[name] = (register, begin)
    drop(model, gone)
    model.make_members({name: begin for name, (_, begin) in found.items()})
    model.begin += [(name, register) for name, (register, _) in found.items()]
    return {name: register for name, (register, _) in found.items()}


def writers(files):
    """({member: values assigned to it}, members that something else may write, random values at the start aside)."""
    values, hidden = {}, set()
    for text in files.values():
        for statement in text.split(";"):
            statement += ";"
            for m in ASSIGNED.finditer(statement):
                values.setdefault(bare(m.group(1)), []).append(statement[m.end() :].strip())
            if "VL_RAND_RESET" not in statement:
                hidden |= {bare(n) for n in touched(statement) - assigned(statement)}
    return values, hidden


def flags(model):
    """A memory's write is noted in __Vdlyvset__X, which is cleared at each start and looked at at the end: it is cleared where
    it was found set instead. Returns how many."""
    zeros, tests, gone, found = {}, {}, {}, []
    for function in model.order:
        for place, statement in enumerate(model.functions[function].body):
            text = plain(statement)
            m = re.fullmatch(r"(?:vlSelf->)?(__Vdlyvset__\w+) = 0U;", text)
            if m:
                zeros.setdefault(m.group(1), []).append((function, place))
            m = re.match(r"if \((?:vlSelf->)?(__Vdlyvset__\w+)\) \{", text)
            if m and If(statement).alone:
                tests.setdefault(m.group(1), []).append((function, place))
    bodies = "".join("".join(f.body) for f in model.functions.values())
    uses = Counter(re.findall(r"\b__Vdlyvset__\w+", bodies))
    sets = Counter(re.findall(r"\b(__Vdlyvset__\w+)\s*= 1U;", bodies))
    for name in sorted(zeros):
        if len(zeros[name]) != 1 or len(tests.get(name, ())) != 1:
            continue
        (begin, place), (end, test) = zeros[name][0], tests[name][0]
        if model.when[begin] != model.when[end] or uses[name] != sets[name] + 2:
            continue
        f = model.functions[end]
        brace = If(f.body[test]).blocks[0][0] + 1
        is_own = model.functions[begin].declared(name)
        f.body[test] = f"{f.body[test][:brace]}\n        {'' if is_own else 'vlSelf->'}{name} = 0U;{f.body[test][brace:]}"
        gone.setdefault(begin, set()).add(place)
        found.append((name, begin))
    drop(model, gone)
    model.make_members(dict(found))
    model.begin += [(name, "0") for name, _ in found]
    return len(found)


def early(model, hot, late):
    """What follows from inputs is worked out once more when they are there, before anything but LATE looks at it: not behind
    the rise as well. Returns how many statements that were."""
    free = set()
    for statement in model.functions["ico_sequent__TOP__0"].body:
        free |= {n for n in assigned(statement) if n.startswith("vlSelf->") and bare(n).split("__DOT__")[-1] not in late}
    flat = [(function, place) for function in model.order for place in range(len(hot[function]))]
    text = {at: hot[at[0]][at[1]] for at in flat}
    to = {at: assigned(s) for at, s in text.items()}
    given = {at: touched(s) for at, s in text.items()}
    read = {at: names(s) for at, s in text.items()}
    while True:
        gone = {at for at in flat if to[at] and to[at] == given[at] and to[at] <= free}
        first, kept = {}, set()
        for place, at in enumerate(flat):
            if at in gone:
                for name in to[at]:
                    first.setdefault(name, place)
        for place, at in enumerate(flat):
            if at not in gone:
                kept |= {n for n in free & read[at] if n in given[at] or first.get(n, place) < place}
        if not kept & free:
            break
        free -= kept
    for function in model.order:
        hot[function] = [s for place, s in enumerate(hot[function]) if (function, place) not in gone]
    return len(gone)


def running(model, hot):
    """No reset is active: what it would do is left out."""
    for reset, _ in model.resets:
        read = re.compile(rf"vlSelf->{reset}\b(?!\s*=(?!=))")
        for function in model.order:
            for place, statement in enumerate(hot[function]):
                if f"vlSelf->{reset}" in touched(statement):
                    break
                hot[function][place] = read.sub("1U", statement)
            else:
                continue
            break
    for function in model.order:
        hot[function] = [inner for s in hot[function] for inner in opened(s)]


def opened(statement):
    """The first branch's statements, where it is taken for sure."""
    branch = If(statement)
    if not branch.ok or branch.condition != "1U":
        return [statement]
    begin, end = branch.blocks[0]
    return [inner for s in statements(statement[begin + 1 : end]) for inner in opened(s)]


def sink(model, hot, seen):
    """What is looked at in one branch only is worked out there, when nothing it follows from changes on the way. SEEN are nets
    that others than the model look at. Returns the statements that went to a branch of the next rise, in order."""
    ico = model.functions["ico_sequent__TOP__0"].body
    changing = model.inputs().union(*(touched(s) for s in ico))
    fixed = changing.union(*(names(s) for s in ico))
    flat = [[function, s] for function in model.order for s in hot[function]]
    sunk = []
    while True:
        move = sinkable(flat, changing, fixed, seen)
        if move is None:
            break
        name, places, at, next_rise = move
        text = "".join(flat[place][1] for place in places)
        brace = If(flat[at][1]).blocks[0][0] + 1
        flat[at][1] = flat[at][1][:brace] + text + flat[at][1][brace:]
        if next_rise:
            sunk.insert(0, text)
        for place in sorted(places, reverse=True):
            del flat[place]
        fixed.add(name)
    for function in model.order:
        hot[function] = [s for f, s in flat if f == function]
    return sunk


def sinkable(flat, changing, fixed, seen):
    """(variable, its statements' places, the branch's place, whether that is the next rise's), or None."""
    made = [assignment(s) for _, s in flat]
    given = [touched(s) for _, s in flat]
    defined, readers, writers = {}, {}, {}
    for place, (function, statement) in enumerate(flat):
        for name in given[place]:
            writers.setdefault(name, set()).add(place)
        if made[place]:
            defined.setdefault(made[place][0], []).append(place)
            read = operands(made[place][2]) | operands(made[place][1])
        else:
            read = names(statement)
        for name in read:
            readers.setdefault(name, set()).add(place)
    for name, places in sorted(defined.items()):
        if "__DOT__" not in name or not name.startswith("vlSelf->") or name in fixed or bare(name).split("__DOT__")[-1] in seen:
            continue
        at = readers.get(name, set())
        if len(at) != 1 or at & set(places) or writers[name] != set(places):
            continue
        at = next(iter(at))
        branch = If(flat[at][1])
        if not branch.alone or name in names(branch.condition):
            continue
        follows = frozenset().union(*(operands(made[p][2]) for p in places))
        if follows & changing or any(not n.startswith("vlSelf->") for n in follows):
            continue
        low, high = min(places), max(places)
        if low < at < high:
            continue
        way = set(range(low, at) if at > high else [*range(at), *range(low, len(flat))])
        if any(p in way and p not in places for n in follows for p in writers.get(n, ())):
            continue
        return name, places, at, at < low
    return None


def guard(model, hot, registers):
    """Registers whose shadows one branch alone changes are copied only when it was run. REGISTERS: {shadow: register}.
    Returns how many copies."""
    copy = {}
    changed = {}
    for function in model.order:
        for place, statement in enumerate(hot[function]):
            m = COPY.fullmatch(plain(statement))
            if m and registers.get(bare(m["of"])) == bare(m["to"]):
                copy[function, place] = bare(m["of"])
                continue
            for name in set(re.findall(r"__Vdly__\w+", statement)):
                changed.setdefault(name, []).append((function, place))
    groups = {}
    for name, places in changed.items():
        branch = If(hot[places[0][0]][places[0][1]])
        if len(places) == 1 and name in registers and branch.ok and not branch.always:
            groups.setdefault(places[0], set()).add(name)
    group_of = {name: place for place, members in groups.items() if len(members) > 1 for name in members}
    number, guarded, new = {}, 0, {}
    for function in model.order:
        body, runs, place = [], hot[function], 0
        while place < len(runs):
            together = {}
            while (function, place) in copy:  # copies beside each other may change places
                together.setdefault(group_of.get(copy[function, place]), []).append(runs[place])
                place += 1
            for group, lines in together.items():
                if group is None or len(lines) < 2:
                    body += [(None, line) for line in lines]
                    continue
                guarded += len(lines)
                ran = number.setdefault(group, len(number))
                body.append((None, f"\n    if (vlSelf->__Vran{ran}) {{{''.join(lines)}\n    }}"))
            if place < len(runs):
                body.append((place, runs[place]))
                place += 1
        new[function] = body
    for (function, place), ran in number.items():
        statement = hot[function][place]
        for brace, _ in sorted(If(statement).blocks, reverse=True):
            statement = f"{statement[: brace + 1]} vlSelf->__Vran{ran} = 1U;{statement[brace + 1 :]}"
        statement = f"\n    vlSelf->__Vran{ran} = 0U;{statement}"
        new[function] = [(p, statement if p == place else s) for p, s in new[function]]
        model.members.append(f"CData __Vran{ran};")
        model.begin.append((f"__Vran{ran}", "0"))
    for function in model.order:
        hot[function] = [s for _, s in new[function]]
    return guarded


def seldom(statement, often):
    """Branches that no net of OFTEN decides are said to be seldom taken, so that they lie behind what is run in every clock."""
    branch = If(statement)
    if not branch.ok:
        return statement
    out, last = [], 0
    for begin, end in branch.blocks:
        inner = "".join(seldom(s, often) for s in statements(statement[begin + 1 : end]))
        out += [statement[last : begin + 1], inner]
        last = end
    statement = "".join(out) + statement[last:]
    condition = branch.condition
    asked = {n.split("__DOT__")[-1] for n in names(condition)} | {"__DOT__".join(n.split("__DOT__")[-2:]) for n in names(condition)}
    if not branch.alone or asked & often or "VL_UNLIKELY" in condition:
        return statement
    # Not VL_UNLIKELY: what is never taken is not compiled for speed either.
    begin, end = branch.head
    return f"{statement[:begin]}__builtin_expect_with_probability(!!({condition}), 0, 0.95){statement[closing(statement, begin - 1):]}"
