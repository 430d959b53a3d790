#!/usr/bin/env python3
"""exporters_test.py SIM MAKE_ONNX_CORPUS WORK: the table of scripts/exporters says what is so. A hand-made network takes the
place of an exporter's: once with ./sim's own answers, then with answers, refusals and makers that are wrong in one way
each, of which every one must be noticed. Needs none of the exporters' packages."""

import array
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = os.path.join(HERE, "..", "..", "scripts", "exporters")
sys.path.insert(0, SCRIPTS)
import table

IMAGES = 16


def write_npy(path, shape, values):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        file.write(array.array("f", values).tobytes())


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


class Table:
    def __init__(self, sim, corpus, work):
        self.sim, self.work, self.failed = sim, work, 0
        self.model = os.path.join(work, "global_average_flatten_gemm.onnx")
        for command in ((corpus, work), (sim, self.model, "--quiet")):
            done = run(*command)
            if done.returncode:
                sys.exit(f"{' '.join(command)}: {done.stderr}")
        h, w, c = map(int, re.search(r"input (\d+)x(\d+)x(\d+)", done.stdout).groups())
        self.input, self.answers = os.path.join(work, "x.npy"), os.path.join(work, "answers.npy")
        write_npy(self.input, (IMAGES, h, w, c), [(i * 37 % 256 - 128) / 32 for i in range(IMAGES * h * w * c)])
        done = run(sim, self.model, "--input", self.input, "--backend", "fast", "--output", self.answers)
        if done.returncode:
            sys.exit(done.stderr)
        self.rows = table.read_npy(self.answers)

    def changed(self, name, change):
        """A file of the right answers after change(rows)."""
        rows = [array.array("f", r) for r in self.rows]
        change(rows)
        path = os.path.join(self.work, name + ".npy")
        write_npy(path, (len(rows), len(rows[0])), [v for r in rows for v in r])
        return path

    def expect(self, code, says, **model):
        """A table of one model, and what the script must make of it."""
        folder = os.path.join(self.work, "made", "nncf")
        os.makedirs(folder, exist_ok=True)
        model = {"setting": "by hand", "file": self.model, "input": self.input, "answers": self.answers, **model}
        with open(os.path.join(folder, "nncf.json"), "w") as file:
            json.dump([model], file)
        done = run(sys.executable, os.path.join(SCRIPTS, "exporters.py"), "--sim", self.sim, "--keep", "--folder",
                   os.path.join(self.work, "made"), "nncf")
        if done.returncode != code or says not in done.stdout:
            self.failed += 1
            print(f"expected exit code {code} and '{says}', got {done.returncode}:\n{done.stdout}{done.stderr}")


def reverse_two(rows):
    """Two of 16 images with another class first."""
    for row in rows[:2]:
        row[list(row).index(max(row))] = min(row) - 1


def nudge(rows):
    """One value by less than a class, more than rounding."""
    rows[3][0] += (max(rows[3]) - min(rows[3])) * 0.01


def main():
    sim, corpus, work = sys.argv[1:4]
    os.makedirs(work, exist_ok=True)
    t = Table(sim, corpus, work)
    wrong = "NOT as it should be"
    t.expect(0, "100.00 %", equal=1, top1=1, exact=t.answers)
    t.expect(1, "14/16", answers=t.changed("two", reverse_two))
    t.expect(0, "16/16", answers=t.changed("one", nudge))
    t.expect(1, wrong, answers=t.changed("one", nudge), equal=1)
    t.expect(0, "16/16", exact=t.changed("one", nudge))
    t.expect(1, wrong, exact=t.changed("one", nudge), double=0.999)
    t.expect(0, "(its float64: 16/16, 100.00 %)", float64_answers=t.answers, float64=0.999)
    t.expect(1, wrong, float64_answers=t.changed("one", nudge), float64=0.999)
    t.expect(1, wrong, float64_answers=t.changed("two", reverse_two), float64=0.5)
    t.expect(0, "14/16", float64_answers=t.changed("two", reverse_two))
    t.expect(1, wrong, exact=t.changed("all", lambda rows: [r.reverse() for r in rows[:2]]))
    t.expect(1, "should be refused", refused="int16")
    t.expect(0, "refused: ", file=os.path.join(work, "none.onnx"), refused="none.onnx")
    t.expect(1, "NO: ", file=os.path.join(work, "none.onnx"), refused="int16")
    t.expect(1, "NO: ", file=os.path.join(work, "none.onnx"))
    t.expect(0, "not made: KeyError", failed="KeyError: 'x'")
    done = run(sys.executable, os.path.join(SCRIPTS, "exporters.py"), "--sim", sim, "--folder", os.path.join(work, "nothing"),
               "--keep")
    if done.returncode != 77 or "skipped: tflite" not in done.stdout:
        t.failed += 1
        print(f"nothing to run: {done.returncode}\n{done.stdout}{done.stderr}")
    print(f"{t.failed} failed")
    return t.failed > 0


if __name__ == "__main__":
    sys.exit(main())
