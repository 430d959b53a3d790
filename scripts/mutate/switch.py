"""All changes of a sample in one build: each is compiled in beside what it replaces, and the program chooses when it starts.

A build of the design costs a hundred times a run of its quick tests. So a changed expression `a + b` becomes
`(tetra_mutant == 7 ? a - b : a + b)`, a dropped statement `if (tetra_mutant != 7) statement`, and the environment variable
TETRA_MUTANT says which change is made (0: none). Where an expression must be constant that is impossible: such a change is
left to a build of its own."""

import re

NAME = "tetra_mutant"
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
TEXT = re.compile(r'"(?:\\.|[^"\\\n])*"' + r"|'(?:\\.|[^'\\\n])'(?!\w)")
OPEN, CLOSE = "([{", ")]}"
# What may stand before an expression that begins a statement.
LEADING = re.compile(r"\s*(?:(?:return|else|assign|do|begin)\b\s*)*")
WORD = re.compile(r"(?<!\w)(?:begin|end|else)\b")
CONSTANT = {
    "c": re.compile(r"\b(?:case|enum|static|typedef|_Static_assert)\b"),
    "sv": re.compile(r"\b(?:localparam|parameter|genvar|enum|typedef|import)\b"),
}


def blank(text, kind):
    """The text with comments, strings and directives turned into as many spaces, so that only code is left."""

    def spaces(match):
        return re.sub(r"[^\n]", " ", match[0])

    text = COMMENT.sub(spaces, text)
    if kind == "c":
        text = TEXT.sub(spaces, text)
        return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", spaces, text, flags=re.M)
    return re.sub(r"`\w+[^\n]*", spaces, re.sub(r'"[^"\n]*"', spaces, text))


def is_assignment(code, i):
    """Whether the = at i assigns, alone or as the end of +=."""
    return code[i] == "=" and code[i + 1] != "=" and code[i - 1] not in "=!<>" or code[i - 2 : i] in ("<<", ">>")


def statement_start(code, i):
    """Where the statement or the bracket that holds i begins, and whether something is assigned in between."""
    depth, assigned = 0, False
    for j in range(i - 1, -1, -1):
        c = code[j]
        if c in CLOSE:
            depth += 1
        elif c in OPEN:
            if depth == 0:
                return j, True
            depth -= 1
        elif depth == 0 and (c == ";" or WORD.match(code, j)):
            return j, assigned
        elif depth == 0 and c == "=" and is_assignment(code, j):
            assigned = True
    return 0, assigned


def left_end(code, at, kind):
    depth = 0
    for j in range(at - 1, -1, -1):
        c = code[j]
        if c in CLOSE:
            depth += 1
        elif c in OPEN:
            if depth == 0:
                return j + 1, c
            depth -= 1
        elif depth:
            continue
        elif c in ";,?" or c == ":" and code[j - 1] != ":" and code[j + 1] != ":":
            return j + 1, c
        elif c == "=" and is_assignment(code, j):
            return j + 1, c
        elif kind == "sv" and code[j : j + 2] == "<=" and not statement_start(code, j)[1]:
            return j + 2, "="
    return 0, ";"


def right_end(code, at):
    depth = 0
    for j in range(at, len(code)):
        c = code[j]
        if c in OPEN:
            depth += 1
        elif c in CLOSE:
            if depth == 0:
                return j, c
            depth -= 1
        elif depth:
            continue
        elif c in ";,?" or c == ":" and code[j - 1] != ":" and code[j + 1] != ":":
            return j, c
        elif c == "=" and is_assignment(code, j):
            return None, c
    return None, ""


def span_of(code, at, kind):
    """The smallest whole expression around `at`, or None where it cannot be chosen when the program runs."""
    begin, before = left_end(code, at, kind)
    end, after = right_end(code, at)
    if end is None:
        return None
    lead = LEADING.match(code, begin)
    if before in ";{:)" or begin == 0:
        begin = lead.end()
    start, _ = statement_start(code, begin)
    if CONSTANT[kind].search(code[start:at]):
        return None
    bracket = before == "[" or after == "]"
    if bracket and (":" in (before, after) or before == "," or not code[begin:end].strip()):
        return None
    if kind == "sv" and ":" in (before, after) and part_select(code, begin):
        return None
    while begin < end and code[begin].isspace():
        begin += 1
    while end > begin and code[end - 1].isspace():
        end -= 1
    return (begin, end) if begin <= at < end else None


def part_select(code, at):
    """Whether `at` is inside [...:...], whose ends must be constants."""
    start, _ = statement_start(code, at)
    return code[start] == "["


def one_line(text):
    return re.sub(r"\s*\n\s*", " ", COMMENT.sub(" ", text))


class Node:
    def __init__(self, begin, end):
        self.begin, self.end, self.changes, self.drops, self.inner = begin, end, [], [], []


def switched(text, changes, kind):
    """The text with every one of `changes` in it, each (number, offset, old, new, name of its kind): (text, placed numbers by
    line, numbers that cannot be placed)."""
    code, nodes, left = blank(text, kind), {}, []
    for number, at, old, new, name in changes:
        span = (at, at + len(old)) if name == "dropped" else span_of(code, at, kind)
        if span is None or at + len(old) > span[1]:
            left.append(number)
            continue
        node = nodes.setdefault(span, Node(*span))
        if name == "dropped":
            node.drops.append(number)
        else:
            a, b = at - span[0], at - span[0] + len(old)
            whole = text[span[0] : span[1]]
            node.changes.append((number, one_line(whole[:a] + new + whole[b:])))
    root = Node(0, len(text))
    stack = [root]
    for span in sorted(nodes, key=lambda s: (s[0], -s[1])):
        while stack[-1].end < span[1] or stack[-1].end <= span[0]:
            stack.pop()
        stack[-1].inner.append(nodes[span])
        stack.append(nodes[span])
    lines = {}
    for span, node in nodes.items():
        first, last = text.count("\n", 0, span[0]) + 1, text.count("\n", 0, span[1]) + 1
        for line in range(first, last + 1):
            lines.setdefault(line, []).extend([n for n, _ in node.changes] + node.drops)
    return render(text, root, kind), lines, left


def render(text, node, kind):
    out, at = "", node.begin
    for inner in node.inner:
        out += text[at : inner.begin] + render(text, inner, kind)
        at = inner.end
    out += text[at : node.end]
    if node.changes:
        out = "(" + "".join(f"{NAME} == {n} ? ({new}) : " for n, new in node.changes) + f"({out}))"
    for n in node.drops:
        out = f"begin if ({NAME} != {n}) {out} end" if kind == "sv" else f"{{ if ({NAME} != {n}) {out} }}"
    return out


def with_selector(text, kind, number):
    """The text of a whole file with what reads TETRA_MUTANT, in the lines that are there."""
    if kind == "sv":
        read = f' int {NAME}; initial {NAME} = $c32("(getenv(\\"TETRA_MUTANT\\") ? atoi(getenv(\\"TETRA_MUTANT\\")) : 0)");'
        return re.sub(r"^\);", ");" + read, text, flags=re.M)
    name = f"{NAME}_read_{number}"
    # Once in a file that includes a changed header twice, too.
    return (f"extern int {NAME}; " + text.rstrip("\n") + f"\n#ifndef {name}_here\n#define {name}_here\n"
            f"__attribute__((weak)) int {NAME};\nextern char *getenv(const char *);\n"
            f"extern int atoi(const char *);\n__attribute__((constructor)) static void {name}(void) {{\n"
            f'  {NAME} = getenv("TETRA_MUTANT") ? atoi(getenv("TETRA_MUTANT")) : 0;\n}}\n#endif\n')
