"""What Verilator's C++ says: statements, what they write and read. It is generated text: one form for one thing."""

import re
from functools import lru_cache

NAME = r"(?:vlSelf->)?\b[A-Za-z_]\w*"
ASSIGNED = re.compile(r"(?:^|[;{}]|\belse\b)\s*((?:vlSelf->)?[A-Za-z_]\w*)\s*((?:\[[^;{}]*?\]\s*|\.\w+\s*)*)=(?!=)")
# Macros that only have a value; every other one, and every function, may have results among its arguments, or effects.
VALUE = r"(?:LTS|LTES|GTS|GTES|EXTENDS?|MULS?|SHIFTR|SHIFTL|SHIFTRS|REDXOR|COUNTONES)_[IQ]+\b|UNLIKELY|LIKELY"
HIDDEN = re.compile(rf"\bVL_(?!{VALUE})\w+|\b(?!VL_)[A-Za-z_]\w*\(|(?:->|\.)\w+\(")


BRACKET = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|[()\[\]{}]')


def closing(text, at):
    """Where the bracket at AT closes; a part of a statement may end before."""
    depth = 0
    for m in BRACKET.finditer(text, at):
        if m.group() in "([{":
            depth += 1
        elif m.group() in ")]}":
            depth -= 1
            if depth == 0:
                return m.start()
    return len(text)


STOP = re.compile(r"//|[;#(\[{]")


def statements(body):
    """A body's statements; an `if` with all its branches is one, and so is a line for the preprocessor."""
    found, start, at = [], 0, 0
    while True:
        m = STOP.search(body, at)
        if not m:
            break
        at, c = m.start(), m.group()
        if c == "#":
            if not body[start:at].strip():
                at = body.index("\n", at) + 1
                found.append(body[start:at])
                start = at
                continue
        elif c == "//":
            at = body.index("\n", at)
        elif c in "([{":
            at = closing(body, at)
            if c == "{" and not re.match(r"\s*(?:else\b|;|,)", body[at + 1 : at + 60]):
                found.append(body[start : at + 1])
                start = at + 1
        elif c == ";":
            found.append(body[start : at + 1])
            start = at + 1
        at += 1
    if body[start:].strip():
        found.append(body[start:])
    return found


COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//.*|/\*.*?\*/')


@lru_cache(maxsize=None)
def plain(statement):
    """On one line, without comments."""
    return " ".join(COMMENT.sub(lambda m: m.group(1) or "", statement).split())


@lru_cache(maxsize=None)
def names(text):
    return frozenset(re.findall(NAME, plain(text)))


@lru_cache(maxsize=None)
def assigned(statement):
    """What is on the left of an assignment."""
    return frozenset(m.group(1) for m in ASSIGNED.finditer(plain(statement)))


@lru_cache(maxsize=None)
def targets(statement):
    """What is on the left of an assignment, with its index as it is written."""
    return frozenset((m.group(1), m.group(2).replace(" ", "")) for m in ASSIGNED.finditer(plain(statement)))


@lru_cache(maxsize=None)
def handed(statement):
    """What macros and functions with results among their arguments are given, and so may write."""
    text, found = plain(statement), set()
    for m in HIDDEN.finditer(text):
        bracket = text.find("(", m.start())
        if bracket >= 0:
            found |= set(re.findall(NAME, text[bracket : closing(text, bracket)]))
    return frozenset(found)


@lru_cache(maxsize=None)
def touched(statement):
    """All that a statement may write."""
    return assigned(statement) | handed(statement)


@lru_cache(maxsize=None)
def assignment(statement):
    """(variable, [index], value) of a statement that is one assignment without hidden results, else None."""
    text = plain(statement)
    m = re.fullmatch(r"((?:vlSelf->)?\w+)((?:\[\w+\])?) = (.*);", text)
    if not m or assigned(statement) != {m.group(1)} or HIDDEN.search(text):
        return None
    return m.groups()


@lru_cache(maxsize=None)
def operands(value):
    """Variables in a value: no numbers, casts or macros."""
    return frozenset(n for n in re.findall(NAME, value) if not re.fullmatch(r"[CSIQ]Data|VL_\w+|[0-9]\w*|U+L*", n))


class If:
    """`if (..) {..}` and what follows it."""

    def __init__(self, statement):
        m = re.match(r"(?:\s|//[^\n]*\n)*if \(", statement)
        self.text, self.blocks, self.always, self.ok = statement, [], False, False
        if not m:
            return
        end = closing(statement, m.end() - 1)
        self.head = (m.end(), end)
        while True:
            begin = statement.find("{", end)
            if begin < 0 or statement[end + 1 : begin].strip():
                return
            stop = closing(statement, begin)
            self.blocks.append((begin, stop))
            m = re.match(r"\s*else if \(", statement[stop + 1 :])
            if m:
                end = closing(statement, stop + m.end())
                continue
            m = re.match(r"\s*else \{", statement[stop + 1 :])
            if not m:
                break
            self.always = True
            self.blocks.append((stop + m.end(), closing(statement, stop + m.end())))
            break
        self.ok = not statement[self.blocks[-1][1] + 1 :].strip()

    @property
    def condition(self):
        return self.text[self.head[0] : self.head[1]]

    @property
    def alone(self):
        """One branch and no other."""
        return self.ok and len(self.blocks) == 1
