"""Changes to one line of C or SystemVerilog that compile and mean something else.

`sites(path)` gives every place of a file as (line number, column, old text, new text, kind), in a fixed order."""

import re

COMMENT = {"c": re.compile(r"//.*|/\*.*?\*/"), "sv": re.compile(r"//.*")}
STRING = re.compile(r'"(?:\\.|[^"\\])*"')

# Kind, pattern, what may stand in its place. A pattern matches exactly the text that is replaced.
COMMON = [
    ("comparison", r"(?<![<>=!&|+\-*/])==(?!=)", ["!="]),
    ("comparison", r"!=(?!=)", ["=="]),
    ("comparison", r"(?<![<>=-])>(?![>=])", [">=", "<"]),
    ("comparison", r"(?<![<>=])>=(?!=)", [">", "<"]),
    ("logic", r"&&", ["||"]),
    ("logic", r"\|\|", ["&&"]),
    ("logic", r"!(?=[A-Za-z_(])", [""]),
    ("term", r" && !?[\w.\[\]]+(?: [=!<>]=? [\w.\[\]']+)?(?= &&|;|\)| \?)", [""]),
    ("arithmetic", r"(?<=[\w)\]'] )\+(?= [\w('])", ["-"]),
    ("arithmetic", r"(?<=[\w)\]'] )-(?= [\w('])", ["+"]),
    ("arithmetic", r"(?<=[\w)\]] )\*(?= [\w(])", ["+"]),
    ("shift", r"<<<?(?!=)", [">>"]),
    ("shift", r">>>?(?!=)", ["<<"]),
    ("bits", r"(?<=[\w)\]] )&(?= [\w(~])", ["|"]),
    ("bits", r"(?<=[\w)\]] )\|(?= [\w(~])", ["&"]),
]
C_ONLY = [
    ("comparison", r"(?<![<>=])<(?![<=])(?= )", ["<=", ">="]),
    ("comparison", r"(?<![<>=])<=(?!=)", ["<", ">"]),
    ("constant", r"(?<![\w.'])(\d{1,6})(?=u?\b)(?![\w.x'])", None),
]
SV_ONLY = [
    ("comparison", r"(?<![<>=])<(?![<=])(?= )", ["<=", ">="]),
    ("constant", r"(?<=\d'd)\d+", None),
    ("constant", r"1'b0", ["1'b1"]),
    ("constant", r"1'b1", ["1'b0"]),
    ("reset", r"'0(?=;)", ["'1"]),
]
# Lines that hold no behaviour: declarations of ports and types, directives, assertions, includes.
SKIP = {
    "c": re.compile(r"^\s*(#|/?\*|\*/|static const char|extern |typedef |enum |struct \w+ \{|.*TETRA_ASSERT|.*assert\()"),
    "sv": re.compile(r"^\s*(///|//|`|input|output|localparam|parameter|import|module|endmodule|.*\bassert\b|.*\bbegin : [A-Z])"),
}


def language(path):
    return "sv" if path.suffix in (".sv", ".svh") else "c"


def hidden(line, kind):
    """Spans of the line that are comment or text."""
    return [m.span() for m in STRING.finditer(line)] + [m.span() for m in COMMENT[kind].finditer(line)]


def replacements(old, given):
    if given is not None:
        return given
    number = int(old)
    return [str(number + 1)] + ([str(number - 1)] if number else [])


def checks_block(lines):
    """Line numbers inside the modules' blocks of assertions."""
    inside, found = False, set()
    for number, line in enumerate(lines, 1):
        inside = inside or ": Checks" in line
        if inside:
            found.add(number)
            if line.startswith("  end") and line.strip() == "end":
                inside = False
    return found


def sites(path):
    kind = language(path)
    lines = path.read_text().splitlines()
    patterns = [(k, re.compile(p), r) for k, p, r in COMMON + (C_ONLY if kind == "c" else SV_ONLY)]
    skipped = checks_block(lines) if kind == "sv" else set()
    comment = False
    for number, line in enumerate(lines, 1):
        # Comments of several lines.
        if kind == "c" and not comment and "/*" in line and "*/" not in line:
            comment = True
            continue
        if comment:
            comment = "*/" not in line
            continue
        if number in skipped or SKIP[kind].match(line):
            continue
        spans = hidden(line, kind)
        for name, pattern, given in patterns:
            for match in pattern.finditer(line):
                if any(a <= match.start() < b for a, b in spans):
                    continue
                for new in replacements(match[0], given):
                    yield number, match.start(), match[0], new, name
        # A whole assignment dropped; in SystemVerilog a non-blocking one, which leaves the register as it was.
        drop = r"^(\s+)(\w[\w.\[\]:>-]* (?:\+|-|\||&)?= [^;]*;)$" if kind == "c" else r"^(\s+(?:if \([^;]*\) |else )?)(\w+\s*<= [^;]*;)$"
        if (match := re.match(drop, line)) and "for (" not in line:
            yield number, match.start(2), match[2], ";" if kind == "c" else ";", "dropped"
