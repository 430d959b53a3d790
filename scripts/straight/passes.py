"""What is done to a model's functions. Each pass leaves what it cannot show to be the same.

`hot` below is what runs behind a rise of the clock while no reset is active: function -> statements. The functions as
Verilator made them stay beside it for everything else."""

import re
from collections import Counter

from text import ASSIGNED, If, assigned, assignment, names, operands, plain, statements, targets, touched

COPY = re.compile(r"(?P<to>(?:vlSelf->)?\w+)(?P<i>(?:\[\w+\])?) = (?P<of>(?:vlSelf->)?\w+)(?P<j>(?:\[\w+\])?);")


def bare(name):
    return name.replace("vlSelf->", "")


def last_part(name):
    return bare(name).split("__DOT__")[-1]


def copies(model, is_to, is_of):
    """(function, place, to, of, index) of the statements that copy one variable, or an element, to another."""
    for function in model.order:
        for place, statement in enumerate(model.functions[function].body):
            m = COPY.fullmatch(plain(statement))
            if m and m["i"] == m["j"] and is_to(bare(m["to"])) and is_of(bare(m["of"])):
                yield function, place, bare(m["to"]), bare(m["of"]), m["i"]


def flattened(model, hot):
    """[[function, statement]] in the order in which they run."""
    return [[function, s] for function in model.order for s in hot[function]]


def put_back(model, hot, flat):
    for function in model.order:
        hot[function] = [s for f, s in flat if f == function and s]


def drop(model, places):
    for function, gone in places.items():
        f = model.functions[function]
        f.body = [s for place, s in enumerate(f.body) if place not in gone]


def shadows(model, seen):
    """A register that is read behind its assignment is assigned as __Vdly__X: X is copied to it at the start and from it at
    the end. Where nothing else writes X, the two are equal between evaluations, so the first copy says nothing new. SEEN are nets
    that others than the model look at, and may write. Returns {shadow: register}."""
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
        if len(fast[0].get(register, ())) != len(outs[name]) or register in fast[1] | slow[1] or last_part(register) in seen:
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
            m = re.fullmatch(r"(?:vlSelf->)?(__Vdlyvset__\w+) = 0U;", plain(statement))
            if m:
                zeros.setdefault(m.group(1), []).append((function, place))
            flag = memory_flag(statement)
            if flag:
                tests.setdefault(bare(flag), []).append((function, place))
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
    again = frozenset().union(*(targets(s) for s in model.from_inputs))  # elements of arrays one by one
    free = {n for n, _ in again if n.startswith("vlSelf->") and last_part(n) not in late} - model.at_the_end()
    flat = flattened(model, hot)
    while True:
        gone = {p for p, (_, s) in enumerate(flat) if assigned(s) and assigned(s) == touched(s) and assigned(s) <= free and targets(s) <= again}
        first, kept = {}, set()
        for place in sorted(gone):
            for name in assigned(flat[place][1]):
                first.setdefault(name, place)
        for place, (_, s) in enumerate(flat):
            if place not in gone:
                kept |= {n for n in free & names(s) if n in touched(s) or first.get(n, place) < place}
        if not kept:
            break
        free -= kept
    put_back(model, hot, [e for place, e in enumerate(flat) if place not in gone])
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
    changing = model.changing()
    fixed = changing.union(model.at_the_end(), *(names(s) for s in model.from_inputs))
    flat = flattened(model, hot)
    sunk = []
    while True:
        move = sinkable(model, flat, changing, fixed, seen)
        if move is None:
            break
        name, places, at, next_rise, own = move
        model.declare(flat[places[0]][0], {flat[at][0], "eval_nba"}, own)
        text = "".join(flat[place][1] for place in places)
        brace = If(flat[at][1]).blocks[0][0] + 1
        flat[at][1] = flat[at][1][:brace] + text + flat[at][1][brace:]
        if next_rise:
            sunk.insert(0, text)
        for place in sorted(places, reverse=True):
            del flat[place]
        fixed.add(name)
    put_back(model, hot, flat)
    return sunk


TEMPORARY = re.compile(r"(?:vlSelf->)?__V(?:func|temp)_\w+")


def sinkable(model, flat, changing, fixed, seen):
    """(variable, its statements' places, the branch's place, whether that is the next rise's), or None."""
    made = [assignment(s) for _, s in flat]
    given = [touched(s) for _, s in flat]
    mention, readers, writers = {}, {}, {}
    for place, (_, statement) in enumerate(flat):
        for name in given[place]:
            writers.setdefault(name, set()).add(place)
        for name in names(statement):
            mention.setdefault(name, set()).add(place)
        for name in operands(made[place][2]) | operands(made[place][1]) if made[place] else names(statement):
            readers.setdefault(name, set()).add(place)
    for name, places in sorted(writers.items()):
        if "__DOT__" not in name or not name.startswith("vlSelf->") or name in fixed or last_part(name) in seen:
            continue
        # It must not keep anything: all of it is assigned first, or each element once.
        first = made[min(places)]
        if not first or first[1] and len({made[p][1] for p in places if made[p]}) != len(places):
            continue
        own = {n for p in places for n in names(flat[p][1]) if TEMPORARY.fullmatch(n) and mention[n] <= places}
        if any(not made[p] and not If(flat[p][1]).ok or given[p] - {name} - own for p in places):
            continue
        at = readers.get(name, set()) - {p for p in places if not made[p]}
        if len(at) != 1 or at & places:
            continue
        at = next(iter(at))
        branch = If(flat[at][1])
        if not branch.alone or name in names(branch.condition):
            continue
        follows = frozenset().union(*(operands(made[p][2]) if made[p] else operands(flat[p][1]) for p in places)) - own - {name, "if", "else"}
        follows = {n for n in follows if not n.startswith(f"{model.prefix}__ConstPool__")}
        if follows & changing or any(not n.startswith("vlSelf->") for n in follows):
            continue
        low, high = min(places), max(places)
        if low < at < high:
            continue
        way = set(range(low, at) if at > high else [*range(at), *range(low, len(flat))])
        if any(p in way and p not in places for n in follows for p in writers.get(n, ())):
            continue
        return name, sorted(places), at, at < low, own
    return None


def banks(model, hot):
    """Branches beside each other that ask for bits of one word are passed by where the word is zero."""
    for function in model.order:
        body, new, place = hot[function], [], 0
        while place < len(body):
            word, end = bits_of(body[place]), place + 1
            while word and end < len(body) and bits_of(body[end]) == word:
                end += 1
            if end - place < 4:
                new.append(body[place])
                end = place + 1
            else:
                new.append(f"\n    if ({word}) {{{''.join(body[place:end])}\n    }}")
            place = end
        hot[function] = new


def bits_of(statement):
    """The word that a branch asks for one bit of, if it does not write it."""
    branch = If(statement)
    m = branch.alone and re.fullmatch(r"\(0x\w+U & (?:\(IData\))?\(?(vlSelf->\w+)\)?\)|\([1248]U & (?:\(IData\))?\(?(vlSelf->\w+)\)?\)", plain(branch.condition))
    word = m and (m.group(1) or m.group(2))
    return word if word and word not in touched(statement) else None


def lazy(model, hot, often):
    """What follows only from what a few branches change, and what they do not run for in most clocks, is worked out when one of
    them was run: a bit for each such branch, cleared at the start. Returns how many statements."""
    flat = flattened(model, hot)
    causes = Causes(model, flat, often)
    bits, count = {}, 0
    for together in gathered(flat, causes):
        group = causes.of(together[0])
        text = "".join(flat[p][1] for p in together)
        # A test is two instructions; an operand or an operation is about one, and so is half of a test that falls away.
        tests = [p for p in together if not causes.made[p]]
        if 3 * len(tests) + sum(len(re.findall(r"vlSelf->|[-+|&^?~<>=]+ ", flat[p][1])) for p in together if causes.made[p]) < 6:
            continue
        count += len(together)
        masks = {}
        for cause in sorted(group):
            bit = bits.setdefault(cause, len(bits))
            masks[bit // 32] = masks.get(bit // 32, 0) | 1 << bit % 32
        ran = " | ".join(f"({mask:#x}U & vlSelf->__Vran{word})" for word, mask in masks.items())
        for place in together:
            flat[place][1] = ""
        flat[together[0]][1] = f"\n    if (({ran})) {{{text}\n    }}"
    for place, bit in bits.items():
        statement = flat[place][1]
        for brace, _ in sorted(If(statement).blocks, reverse=True):
            statement = f"{statement[: brace + 1]} vlSelf->__Vran{bit // 32} |= {1 << bit % 32:#x}U;{statement[brace + 1 :]}"
        flat[place][1] = statement
    words = [f"__Vran{word}" for word in range((len(bits) + 31) // 32)]
    model.members += [f"IData {word};" for word in words]
    model.begin += [(word, "0") for word in words]
    flat.insert(0, [model.order[0], "".join(f"\n    vlSelf->{word} = 0U;" for word in words)])
    put_back(model, hot, flat)
    return count


def gathered(flat, causes):
    """Places of statements with the same causes that are beside each other or can be: a later one comes to the first."""
    found, at_first = [], {}
    for place, (function, _) in enumerate(flat):
        group = causes.of(place)
        if not group:
            continue
        first = at_first.get((function, group))
        if first is not None and can_move(flat, causes, place, found[first]):
            found[first].append(place)
        else:
            at_first[function, group] = len(found)
            found.append([place])
    return found


def can_move(flat, causes, place, to):
    """Whether a statement can come to the end of others: nothing between looks at or changes what it has to do with."""
    written, concerned = touched(flat[place][1]), names(flat[place][1])
    for between in range(to[0] + 1, place):
        statement = flat[between][1]
        if between not in to and (written & names(statement) or concerned & touched(statement)):
            return False
    return True


class Causes:
    """The branches (by place) that can change what a statement says."""

    most = 12

    def __init__(self, model, flat, often):
        self.changing = model.changing()
        self.made = [assignment(s) for _, s in flat]
        self.flag = [memory_flag(s) for _, s in flat]
        # A memory's write may be gathered itself, so that it is no cause.
        self.branch = [not self.made[p] and not self.flag[p] and branch_that_is_seldom(s, often) for p, (_, s) in enumerate(flat)]
        self.writers, self.known = {}, {}
        for place, (_, statement) in enumerate(flat):
            for name in touched(statement):
                self.writers.setdefault(name, []).append(place)

    def of(self, place):
        """A set that is not empty, or None: always, or not known."""
        if place not in self.known:
            self.known[place] = None
            made = self.made[place]
            if made and made[0].startswith("vlSelf->") and self.alone(place):
                self.known[place] = self.follow(place, operands(made[2]))
            elif not made and self.flag[place]:
                self.known[place] = self.follow(place, [self.flag[place]])
        return self.known[place]

    def alone(self, place):
        """Whether nothing else writes what the statement at PLACE does; other elements may be written."""
        name, index, _ = self.made[place]
        others = [self.made[w] for w in self.writers[name] if w != place]
        return all(o and o[1] and index and o[1] != index for o in others)

    def follow(self, place, follows):
        found = set()
        for name in follows:
            if name in self.changing:
                return None
            for writer in self.writers.get(name, ()):
                if writer == place and self.flag[place]:
                    continue  # it clears its flag
                if writer >= place:
                    return None
                if self.branch[writer]:
                    found.add(writer)
                elif self.made[writer] and self.of(writer):
                    found |= self.of(writer)
                else:
                    return None
        return frozenset(found) if 0 < len(found) <= self.most else None


def memory_flag(statement):
    """The flag that a memory's write asks for."""
    branch = If(statement)
    return branch.condition if branch.alone and re.fullmatch(r"(?:vlSelf->)?__Vdlyvset__\w+", branch.condition) else None


def branch_that_is_seldom(statement, often):
    branch = If(statement)
    return branch.ok and not branch.always and not decided(branch, often)


def decided(branch, often):
    """Whether a net that is often active decides on a branch. OFTEN has names' last parts, or conditions without brackets."""
    text = re.sub(r"vlSelf->|\([CSIQ]Data\)|[()]|\b\w+__DOT__(?=\w)", "", plain(branch.condition)).strip()
    asked = {bare(n).split("__DOT__", k)[-1] for n in names(branch.condition) for k in range(6)}
    return bool(often & asked) or any(" " in entry and entry in text for entry in often)


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
    if not branch.alone or decided(branch, often) or "VL_UNLIKELY" in condition:
        return statement
    # Not VL_UNLIKELY: what is never taken is not compiled for speed either.
    begin, end = branch.head
    return f"{statement[:begin]}__builtin_expect_with_probability(!!({condition}), 0, 0.95){statement[end:]}"
