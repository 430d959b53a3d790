#!/usr/bin/env python3
"""quicker.py FOLDER: makes a Verilated model that counts toggles, in FOLDER, several times as fast; it counts the same.

Verilator looks at each bit of each signal whenever something has changed, and adds with atomic operations because threads
may share the counts. These models have one thread, and most signals stay as they are most of the time: the bits of a signal
are put behind one look at all of them."""

import re
import sys
from pathlib import Path

ATOMIC = re.compile(r"(vlSymsp->__Vcoverage\[\d+\])\.fetch_add\(1, std::memory_order_relaxed\)")
ADDED = r"\1.store(\1.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed)"
ONE_BIT = re.compile(r"\((?:0x)?[0-9a-f]+U & \((.+)\)\)")
SHIFTED = re.compile(r"\(IData\)\(\((vlSelf->\S+) >> (?:0x)?[0-9a-f]+U\)\)")


def balanced(text):
    """Whether each bracket closes one that is open."""
    depth = 0
    for sign in text:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            return False
    return depth == 0


def signal(header):
    """Of the lines `if (some bit has changed) {`: the whole signal's comparison, which holds whenever a bit's does."""
    text = " ".join(line.strip() for line in header)
    found = ONE_BIT.fullmatch(text[len("if ("):-len(") {")])
    if not text.startswith("if (") or "Vtogcov" not in text or not found:
        return None
    whole = found.group(1)
    if len(SHIFTED.findall(whole)) == 2:  # of both sides the same bit
        whole = SHIFTED.sub(r"\1", whole)
    return whole if whole.count(" ^ ") == 1 and balanced(whole) else None


def blocks(lines):
    """The statements of functions, line by line: (lines, the signal if they count a bit of one)."""
    at = 0
    while at < len(lines):
        end = at + 1
        if lines[at].startswith("    if ("):
            while not lines[end - 1].endswith(("{", "}", ";", "*/")) and "//" not in lines[end - 1]:
                end += 1
        key = signal(lines[at:end]) if lines[end - 1].endswith("{") else None
        while key and not lines[end - 1].startswith("    }"):
            end += 1
        yield lines[at:end], key if lines[end - 1] == "    }" else None
        at = end


def quicker(text):
    out, last = [], None
    for lines, key in blocks(ATOMIC.sub(ADDED, text).split("\n")):
        if key != last:
            if last:
                out.append("    }")
            if key:
                out.append(f"    if ({key}) {{")
        out += lines
        last = key
    return "\n".join(out)


if __name__ == "__main__":
    for file in Path(sys.argv[1]).iterdir():
        text = file.read_text() if file.suffix == ".cpp" else ""
        if "__Vcoverage" in text:
            file.write_text(quicker(text))
