"""The copy of the repository that is changed, built and run."""

import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

from operators import language
from switch import switched, with_selector

ROOT = Path(__file__).resolve().parent.parent.parent


def fail(text):
    print(f"mutate.py: {text}", file=sys.stderr)
    sys.exit(2)


def changed(text, site):
    """The text with one change made."""
    number, column, old, new, _ = site
    lines = text.split("\n")
    line = lines[number - 1]
    lines[number - 1] = line[:column] + new + line[column + len(old):]
    return "\n".join(lines)


def offset(text, site):
    return sum(len(line) + 1 for line in text.split("\n")[: site[0] - 1]) + site[1]


SANITIZED = "sanitized/"


class Tree:
    """A program of an area is a name, or a name and a filter of its tests; after "sanitized/" that of the build with the
    address and undefined-behaviour sanitizers, whose tests scripts/check.sh runs, too."""

    def __init__(self, folder):
        """Copies the repository into `folder`."""
        self.source, self.build = folder / "source", folder / "source/build"
        self.source.mkdir(parents=True, exist_ok=True)
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, listed.split("\0")):
            old, new = ROOT / name, self.source / name
            if old.is_file() and (not new.exists() or new.read_bytes() != old.read_bytes()):
                new.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(old, new)
        self.configured, self.limits = set(), {}

    def configure(self, kind):
        """Once, when something of it is built; `kind` is "" or SANITIZED."""
        if kind in self.configured:
            return
        self.configured.add(kind)
        options = ["-G", "Ninja", "-DTETRA_ARRAYS=4;16", "-DTETRA_TEST_ARRAYS=4", f"-DTETRA_SANITIZE={'ON' if kind else 'OFF'}"]
        if shutil.which("ccache"):
            options += ["-DCMAKE_C_COMPILER_LAUNCHER=ccache", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"]
        self.call(["cmake", "-S", self.source, "-B", self.build / kind, *options])

    def see_that_they_pass(self, programs):
        """Without a change; measures on the way how long each program may take."""
        if self.make(*programs) is not None:
            fail(f"{', '.join(programs)}: not all build unchanged; see cmake --build {self.build}")
        for program in programs:
            start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            if not self.run(program, 3600):
                fail(f"{program} fails unchanged: {self.build / program}")
            self.limits[program] = 5 + 4 * int(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start)

    def call(self, command):
        """What a command that failed has printed, or None."""
        run = subprocess.run([str(c) for c in command], capture_output=True, text=True, errors="replace", check=False)
        return run.stdout + run.stderr if run.returncode else None

    def make(self, *programs):
        targets = dict.fromkeys(p.split()[0] for p in programs)
        for kind in ("", SANITIZED):
            mine = [t.removeprefix(SANITIZED) for t in targets if t.startswith(SANITIZED) == bool(kind)]
            if mine:
                self.configure(kind)
                said = self.call(["cmake", "--build", self.build / kind, "--target", *mine, "--", "-k", "0"])
                if said is not None:
                    return said
        return None

    def run(self, program, seconds, number=0):
        """Whether all its tests pass, in so many seconds of processor time."""
        name, _, tests = program.partition(" ")
        command = [str(self.build / name), "--gtest_fail_fast", "--gtest_brief=1", f"--gtest_filter={tests or '*'}"]
        environment = {**os.environ, "TETRA_MUTANT": str(number), "OPENBLAS_NUM_THREADS": "1"}

        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        try:
            return subprocess.run(command, cwd=self.build, env=environment, preexec_fn=limit, capture_output=True,
                                  timeout=20 * seconds, check=False).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def noticed_by(self, programs, number=0):
        """The first program that fails, or "nobody"."""
        return next((p for p in programs if not self.run(p, self.limits[p], number)), "nobody")

    def alone(self, file, site, programs):
        """Who notices the change in a build of its own: a program's name, "nobody", or "unbuilt"."""
        if not set(programs) <= set(self.limits):
            self.see_that_they_pass(programs)
        path = self.source / file
        text = path.read_text()
        try:
            path.write_text(changed(text, site))
            for program in programs:
                if self.make(program) is not None:
                    return "unbuilt"
                if not self.run(program, self.limits[program]):
                    return program
            return "nobody"
        finally:
            path.write_text(text)

    def switch(self, sites, programs):
        """Builds the programs with every one of `sites`, number -> (file, site), to choose from by its number: the numbers
        that are in. The sources are as they were afterwards, the programs are not."""
        files, texts, inside = {}, {}, set(sites)
        for number, (file, site) in sites.items():
            files.setdefault(file, []).append((number, site))
        try:
            while inside:
                lines = {}
                for index, (file, mine) in enumerate(files.items()):
                    path, kind = self.source / file, language(Path(file))
                    text = texts.setdefault(file, path.read_text())
                    chosen = [(n, offset(text, s), s[2], s[3], s[4]) for n, s in mine if n in inside]
                    new, lines[file], left = switched(text, chosen, kind)
                    inside -= set(left)
                    path.write_text(with_selector(new, kind, index) if len(chosen) > len(left) else text)
                self.write_includers(texts)
                said = self.make(*programs)
                if said is None:
                    self.see_that_they_pass(programs)
                    return inside
                wrong = self.blamed(said, lines) & inside
                if not wrong:
                    print(said[-2000:], file=sys.stderr)
                    fail("the changes do not build together")
                inside -= wrong
            return inside
        finally:
            for file, text in texts.items():
                (self.source / file).write_text(text)

    def write_includers(self, texts):
        """Modules that include a changed file declare what chooses, too."""
        for file in [f for f in list(texts) if f.endswith(".svh")]:
            for path in (self.source / file).parent.glob("*.sv"):
                name = str(path.relative_to(self.source))
                if name not in texts and Path(file).name in path.read_text():
                    texts[name] = path.read_text()
                    path.write_text(with_selector(texts[name], "sv", 0))

    def blamed(self, said, lines):
        """Numbers of the changes in lines that a compiler complains of."""
        found = set()
        for file, number in re.findall(r"([\w/.-]+\.(?:svh?|[ch])):(\d+):\d+:", said):
            for name, by_line in lines.items():
                if file.endswith(name):
                    found |= set(by_line.get(int(number), []))
        return found
