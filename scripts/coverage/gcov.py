"""Lines of the C sources: what gcov counted in each test's processes, added up, and read by gcovr."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path


def run(*command):
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL)


def forget(file, test):
    file.unlink(missing_ok=True)
    print(f"coverage.py: {test}: what it counted in {file.name} is forgotten, it was damaged", file=sys.stderr)


def forget_damaged(counts):
    """A process that is ended while it writes leaves a file half-written, to which nothing can be added any more. Each test has
    its own, so that others' stay."""
    messages = counts / "damaged"
    text = messages.read_text(errors="replace") if messages.exists() else ""
    for name in sorted(set(re.findall(r"profiling error: ?(\S+\.gcda):", text))):
        forget(Path(name), counts.name)


def add(a, b, sums):
    """Whether a folder's counts can be added to another's."""
    shutil.rmtree(sums, ignore_errors=True)
    command = ["gcov-tool", "merge", str(a), str(b), "-o", str(sums)]
    tool = subprocess.run(command, check=False, capture_output=True, text=True)
    return tool.returncode == 0 and "mismatch" not in tool.stderr


def forget_unsound(folder, others, scratch):
    """Files that a process wrote in part: they cannot be added to the same of `others`, or where there is none, to themselves."""
    for file in sorted(folder.rglob("*.gcda")):
        other = others / file.relative_to(folder)
        shutil.rmtree(scratch, ignore_errors=True)
        for name, which in (("one", file), ("two", other if other.exists() else file)):
            (scratch / name).mkdir(parents=True)
            shutil.copy(which, scratch / name)
        if not add(scratch / "one", scratch / "two", scratch / "sums"):
            forget(file, folder.parent.name)
    shutil.rmtree(scratch)


def merge(folders, into):
    """The sums of the counts in these folders, two at a time."""
    sums = into.with_name(f"{into.name}.sums")
    for folder in folders:
        first = not into.exists()
        if not add(folder if first else into, folder, sums):
            forget_unsound(folder, into, into.with_name(f"{into.name}.scratch"))
            if any(folder.rglob("*.gcda")) and not add(folder if first else into, folder, sums):
                raise subprocess.CalledProcessError(1, ["gcov-tool"])
        if first:
            shutil.copytree(folder, into)
        elif sums.exists():
            shutil.rmtree(into)
            sums.rename(into)
    shutil.rmtree(sums, ignore_errors=True)


class Gcov:
    def __init__(self, root, folder, folders, waivers):
        """Of a build's `folder`; `folders` of the project count."""
        self.root, self.folder, self.names = root, folder, folders
        sums, html = folder / "c", folder / "html/c"
        shutil.rmtree(sums, ignore_errors=True)
        html.mkdir(parents=True, exist_ok=True)
        merge(sorted(p for p in (folder / "counts").glob("*/c") if any(p.rglob("*.gcda"))), sums)
        for notes in list(folder.rglob("*.gcno")):
            if sums not in notes.parents:
                place = sums / notes.relative_to(folder)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(notes)
        filters = [a for f in folders for a in ("--filter", f"{root}/{f}/")]
        run("gcovr", "--root", root, "--object-directory", sums, *filters, "--exclude", r".*\.(cc|def)$",
            "--gcov-ignore-parse-errors", "--json", folder / "c.json", "--html-details", html / "index.html", sums)
        self.all, self.reached, self.left, self.waived = {}, {}, {}, {}
        for name in folders:
            self.all[name], self.left[name] = 0, []
        for file in json.loads((folder / "c.json").read_text())["files"]:
            self.add(file)
        for name in folders:
            self.waived[name] = [p for p in self.left[name] if waivers.cover("c", p[0], p[2])]

    def add(self, file):
        name, path = file["file"].split("/")[0], file["file"]
        text = (self.root / path).read_text().splitlines()
        for line in file["lines"]:
            if line.get("gcovr/noncode"):
                continue
            self.all[name] += 1
            if line["count"] == 0:
                self.left[name].append((path, line["line_number"], text[line["line_number"] - 1].strip()))

    def tally(self, name):
        """(reached, all but the waived, waived)"""
        waived = len(self.waived[name])
        return self.all[name] - len(self.left[name]), self.all[name] - waived, waived

    def missed(self):
        return [f"c {file}:{number} {what}" for name in self.names
                for file, number, what in self.left[name] if (file, number, what) not in self.waived[name]]
