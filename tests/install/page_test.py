#!/usr/bin/env python3
"""page_test.py SIM SOURCE SCRATCH PAGE: runs the commands of a page of docs/, each section in a folder of its own. A command is an
indented line that begins with "$"; the indented lines below it must be in its output, each as it stands."""
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys

sim, source, scratch = (pathlib.Path(a).resolve() for a in sys.argv[1:4])
page = source / "docs" / sys.argv[4]


def sections(text):
    """Name and [(command, [expected lines])] of each section."""
    for part in re.split(r"(?m)^## ", text)[1:]:
        commands = []
        for line in part.splitlines()[1:]:
            if line.startswith("    $ "):
                commands.append((line[6:], []))
            elif line.startswith("    ") and commands:
                commands[-1][1].append(line[4:])
        yield part.splitlines()[0], commands


def prepare(folder):
    """What the page says is there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "sim").symlink_to(sim)
    (folder / "tetra").symlink_to(source)
    rng = random.Random(1)
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (8, 8, 8, 3), }\n"
    (folder / "images.npy").write_bytes(b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header +
                                        struct.pack("<1536f", *(rng.gauss(0, 1) for _ in range(1536))))


wrong = count = 0
for number, (name, commands) in enumerate(sections(page.read_text(encoding="utf-8"))):
    folder = scratch / str(number)
    prepare(folder)
    for command, expected in commands:
        run = subprocess.run(["bash", "-c", command], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        missing = [line for line in expected if line.strip() not in run.stdout]
        count += 1
        if run.returncode != 0 or missing:
            wrong += 1
            print(f"{name}\n$ {command}\nexit code {run.returncode}; not in the output: {missing}\n{run.stdout}{run.stderr}")
if count < 12:
    sys.exit(f"only {count} commands were found")
print(f"{count} commands, {wrong} not as the page says")
sys.exit(1 if wrong else 0)
