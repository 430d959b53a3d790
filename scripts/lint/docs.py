#!/usr/bin/env python3
"""docs.py [FOLDER]: what README.md, CONTRIBUTING.md and docs/*.md of FOLDER (default: the project) name exists.

Checked are links to files and headings, and in `code`: paths of files and folders, names of functions and constants
(tetra_..., TETRA_..., sim_..., test programs). A path may be relative to the page, to the project, or begin inside a
folder that the same page names (`lower/tile.c`); {a,b}, *, NAME and N stand for anything. Prints page, line and what is
missing; exit code 1 where something is."""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent.parent).resolve()
SUFFIXES = "c|h|cc|sv|svh|vlt|md|sh|py|def|cmake|txt|svg|ys|sby|proto|fbs"
# Files of other projects that docs/import.md names as its sources.
NOT_OURS = {"kernels/internal/common.cc", "quantization_util.cc", "reference/integer_ops/add.h", "pooling.h",
            "reference/softmax.h", "reference/reduce.h", "kernels/kernel_util.cc", "micro/kernels/add_common.cc",
            "fully_connected_common.cc", "fixedpoint.h", "reduce.h", "onnx.proto"}
PLACEHOLDER = re.compile(r"\*|\bNAME\b|\bN\b|\bSTEP\b|\bSUITE\b|_N\b|\.\.\.|<|>")


def project_files():
    out = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    files = out.stdout.split("\n") if out.returncode == 0 else [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file()]
    return [f for f in files if f and (ROOT / f).is_file()]


def anchor(heading):
    """A heading's anchor, as GitHub makes it."""
    text = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(page):
    """Of all headings; one that is there again has a number behind it, from 1."""
    found = []
    for heading in re.findall(r"(?m)^#+ (.*)$", page.read_text()):
        name = anchor(heading)
        again = sum(re.sub(r"-\d+$", "", f) == name for f in found)
        found.append(f"{name}-{again}" if again else name)
    return found


def words_of(files):
    """Every identifier in the project's sources, and the constants that hw_fields.def gives rise to."""
    words = set()
    for f in files:
        if re.search(r"\.(c|h|cc|sv|svh|def|txt|cmake|sh|py|yml)$|Makefile$", f) and not f.endswith("lint/docs.py"):
            words.update(re.findall(r"\w+", (ROOT / f).read_text(errors="replace")))
    words.update("TETRA_" + w for w in list(words) if w.isupper() or re.fullmatch(r"[A-Z][A-Z0-9_]+", w))
    return words


def expand(path):
    """a/{b,c}.d -> a/b.d, a/c.d"""
    m = re.search(r"\{([^{}]*)\}", path)
    if not m:
        return [path]
    return [p for part in m.group(1).split(",") for p in expand(path[:m.start()] + part + path[m.end():])]


def find_link(page, target):
    """None, or what is wrong with the link."""
    path, _, fragment = target.partition("#")
    file = page if path == "" else (page.parent / path).resolve()
    if not file.exists():
        return f"link to {target}: no such file"
    if fragment and file.suffix == ".md":
        if fragment not in anchors(file):
            return f"link to {target}: no such heading"
    return None


def path_exists(path, page, files):
    path = path.rstrip("/")
    if (ROOT / path).exists() or (page.parent / path).exists():
        return True
    return any(f.endswith("/" + path) or ("/" + path + "/") in ("/" + f) for f in files)


def check(page, files, words, complain):
    for number, line in enumerate(page.read_text().split("\n"), 1):
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            wrong = None if re.match(r"https?:", target) else find_link(page, target)
            if wrong:
                complain(page, number, wrong)
        for code in re.findall(r"`([^`]+)`", line):
            for path in re.findall(rf"(?<![\w./{{}}-])((?:[\w.{{}},-]+/)+|(?:[\w.{{}},-]+/)*[\w{{}},-]+\.(?:{SUFFIXES}))(?![\w/*{{])", code):
                if PLACEHOLDER.search(path) or re.match(r"(build|\.\.|FILE|model|network)\b", path) or code.startswith(("./sim ", "--")):
                    continue
                for one in expand(path):
                    if one not in NOT_OURS and not path_exists(one, page, files):
                        complain(page, number, f"`{one}`: no such file or folder")
            for name in re.findall(r"(?<![\w.-])((?:tetra|sim|TETRA|SIM|core|net|driver|import)_\w+)(?![\w.*/])", code):
                if name not in words and not PLACEHOLDER.search(name):
                    complain(page, number, f"`{name}`: no such name in the sources")


def main():
    files, found = project_files(), 0
    words = words_of(files)
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        if not page.exists():
            continue

        def complain(where, number, text):
            nonlocal found
            found = 1
            print(f"{where.relative_to(ROOT)}:{number}: {text}")

        check(page, files, words, complain)
    return found


sys.exit(main())
