#!/usr/bin/env python3
"""sweep_test.py SIM SOURCE [MPIRUN]: `sim sweep` through its files: the same tables whoever answers and whatever is killed, what is
refused, what a point is worth. With MPIRUN also on several ranks. Exit code 77 where the program was built without SQLite."""
import csv
import fcntl
import json
import os
import pathlib
import re
import resource
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import zlib

sim, source, mpirun = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""
SMALL = {"network": "resnet18", "size": 32, "width": 0.25}
TABLES = ("SELECT * FROM points ORDER BY id", "SELECT * FROM results ORDER BY point", "SELECT * FROM layers ORDER BY point, layer",
          "SELECT * FROM accuracy ORDER BY network, bits", "SELECT * FROM answers ORDER BY id")


def check(good, *what):
    if not good:
        sys.exit(f"FAILED: {' '.join(map(str, what))}")


def run(*arguments, code=0, **more):
    p = subprocess.run([sim, "sweep", *map(str, arguments)], capture_output=True, text=True, check=False, **more)
    check(p.returncode == code, arguments, "exit code", p.returncode, "not", code, p.stdout, p.stderr)
    return p


def write(folder, name, study):
    path = folder / f"{name}.json"
    path.write_text(study if isinstance(study, str) else json.dumps(study), encoding="utf-8")
    return path


def query(path, sql):
    with sqlite3.connect(path, timeout=30) as c:
        return c.execute(sql).fetchall()


def tables(path):
    return [query(path, t) for t in TABLES]


def count(path, sql="SELECT count(*) FROM points WHERE status <> 'todo'"):
    try:
        return query(path, sql)[0][0]
    except sqlite3.OperationalError:
        return 0  # not made yet, or just being written


def refused(folder, study, *words, results="none.sqlite", **more):
    p = run(write(folder, "bad", study), "--results", folder / results, code=2, **more)
    check(p.stderr.count("\n") == 1 and p.stderr.startswith("sim: ") and p.stdout == "", study, p.stderr)
    for w in words:
        check(w in p.stderr, w, "is not in", p.stderr)


def bad_input(folder):
    refused(folder, {**SMALL, "arrray": 4}, '"arrray"', 'did you mean "array"')
    refused(folder, {**SMALL, "array": []}, '"array"', "empty")
    refused(folder, {**SMALL, "constraints": ["sram <= 1K"]}, "no point meets")
    refused(folder, {**SMALL, "constraints": ["sram <= "]}, "missing at ''", "sram <= 512K")
    refused(folder, {**SMALL, "constraints": ["sram & 1"]}, "missing at '& 1'")
    refused(folder, {**SMALL, "constraints": ["size < zise"]}, "no name of an axis at 'zise'")
    refused(folder, {**SMALL, "constraints": ["(" * 50 + "1 < 2"]}, "too many parentheses")
    refused(folder, {**SMALL, "constraints": ["1 < 2" + " " * 300]}, "longer than")
    refused(folder, {**SMALL, "act-kib": 48}, '"act-kib"', "power of two")
    refused(folder, {**SMALL, "dram-latency": {"from": 1, "to": 9}}, '"dram-latency"', "times")
    refused(folder, {**SMALL, "dram-latency": {"from": 1, "to": 60000, "step": 1}}, "more than")
    refused(folder, {**SMALL, "dram-latency": {"from": 1, "to": 1000, "step": 1}, "dram-bytes-per-cycle": {"from": 1, "to": 1000, "step": 1},
                     "batch": {"from": 1, "to": 64, "step": 1}}, "cross product of 64000000 points")
    refused(folder, {"network": "resnet51"}, "resnet51", "resnet50")
    refused(folder, {"network": "none.onnx"}, "none.onnx", "No such file")
    refused(folder, {**SMALL, "record": ["joules"]}, "joules", "utilization")
    refused(folder, {**SMALL, "sample": {"method": "guess", "count": 1}}, "latin-hypercube")
    refused(folder, {"points": [{"array": 4}]}, "network")
    refused(folder, {**SMALL, "points": []}, '"points" is an empty list')
    refused(folder, {**SMALL, "constraints": "sram <= 1K"}, "no point meets")  # one text is a list of one
    refused(folder, {**SMALL, "constraints": 1}, "a list of texts")
    for key, value in (("seed", 1.5), ("seed", -1), ("count", 2.5)):
        refused(folder, {**SMALL, "sample": {"method": "random", "count": 3, key: value}}, f'"{key}"', "whole number")
    texts = {"input": "none.npy", "labels": "bad.json"}
    refused(folder, {**SMALL, "accuracy": {**texts, "layout": "hwcn", "mean": "a", "std": "0", "limit": 1.5}}, "hwcn", "--mean", "--std",
            '"limit"')  # all at once
    refused(folder, {**SMALL, "accuracy": texts}, "none.npy", "bad.json", "a network from a file")
    refused(folder, {**SMALL, "accuracy": {"input": 1}}, '"input"', '"labels" is missing')
    refused(folder, SMALL, "SQLite's own", results="a.sqlite-journal")
    refused(folder, SMALL, "device", results="/dev/null")
    refused(folder, "[]", "JSON object")
    refused(folder, '{"network": ', "line 1")
    check(not (folder / "none.sqlite").exists(), "a results file of nothing")
    os.mkfifo(folder / "pipe.json")
    check("pipe" in run(folder / "pipe.json", "--results", folder / "x", code=2, timeout=60).stderr, "a pipe that nobody writes")
    good = write(folder, "good", SMALL)
    check("--results" in run(good, code=2).stderr, "no --results")
    check("--rtl" in run(good, "--results", folder / "x", "--rtl", "2", code=2).stderr, "--rtl 2")
    check("study" in run(good, "--results", good, code=2).stderr, "results over the study")


def other_files(folder):
    """Results of another study or version, no results, files of others."""
    study, results = write(folder, "a", SMALL), folder / "a.sqlite"
    run(study, "--results", results)
    before = results.read_bytes()
    refused(folder, {**SMALL, "array": 4}, "another study", results="a.sqlite")
    check(results.read_bytes() == before, "the file of another study was changed")
    with sqlite3.connect(results) as c:
        c.execute("UPDATE meta SET value = '0.0.0' WHERE key = 'version'")
    c.close()
    refused(folder, SMALL, "another version", "0.0.0", results="a.sqlite")
    (folder / "dropped.sqlite").write_bytes(before)
    with sqlite3.connect(folder / "dropped.sqlite") as c:
        c.execute("DROP TABLE points")
    c.close()
    refused(folder, SMALL, "no such table: points", "name another file", results="dropped.sqlite")
    (folder / "damaged.sqlite").write_bytes(before[:4096] + bytes(range(256)) * 16 + before[8192:])
    refused(folder, SMALL, "is damaged", results="damaged.sqlite")
    (folder / "text.sqlite").write_text("no database, but long enough to be one" * 40, encoding="utf-8")
    refused(folder, SMALL, "another kind of file", results="text.sqlite")
    with sqlite3.connect(folder / "other.sqlite") as c:
        c.execute("CREATE TABLE t(x)")
    c.close()
    refused(folder, SMALL, "not of a sweep", results="other.sqlite")
    refused(folder, SMALL, "cannot be opened", results="no/folder.sqlite")


def locked_and_full(folder):
    study, results = write(folder, "l", {**SMALL, "dram-latency": {"from": 1, "to": 300, "step": 1}}), folder / "l.sqlite"
    c = sqlite3.connect(results, isolation_level=None)
    c.execute("BEGIN EXCLUSIVE")
    check("locked" in run(study, "--results", results, code=2).stderr, "locked")
    c.execute("ROLLBACK")
    c.close()

    def small_disk(size=65536):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    p = run(study, "--results", folder / "f.sqlite", code=2, preexec_fn=small_disk)
    check(p.stderr.count("\n") == 1 and "goes on" in p.stderr, "full disk:", p.stderr)
    run(study, "--results", folder / "f.sqlite")
    run(study, "--results", results)
    check(tables(folder / "f.sqlite") == tables(results), "after a full disk the tables differ")
    page = [sim, "report", str(results), "-o", str(folder / "l.html")]
    p = subprocess.run(page, capture_output=True, text=True, check=False, preexec_fn=lambda: small_disk(4096))
    check(p.returncode == 2 and p.stderr.count("\n") == 1 and not list(folder.glob("l.html*")), "page on a full disk:", p)


def says(folder):
    """Progress where it is asked for, and nothing where it is not; what the command is."""
    study = write(folder, "says", {**SMALL, "act-kib": [64, 128]})
    told = run(study, "--results", folder / "says.sqlite", "--progress").stderr.splitlines()
    check(told and re.fullmatch(r"2 of 2 points, \S+ a second, 0 s left", told[-1]), "progress:", told)
    check(run(study, "--results", folder / "quiet.sqlite", "--progress", "--quiet").stderr == "", "quiet progress")
    check(run(study, "--results", folder / "none.sqlite").stderr == "", "progress that nobody asked for")
    shown = run("--help").stdout
    check(shown.startswith("usage: sim sweep STUDY.json") and "--progress" in shown and "Exit code: 0" in shown, "help:", shown)
    for wrong in ([], [study, study]):
        check("one study is accepted" in run(*wrong, "--results", folder / "none.sqlite", code=2).stderr, wrong)
    check("--results FILE.sqlite is missing" in run(study, code=2).stderr, "no results")


def odd_names(folder):
    """What SQLite would take for something else are files."""
    study = write(folder, "o", SMALL)
    for name in (":memory:", "file:x?mode=memory"):
        run(study, "--results", name, cwd=folder)
        check(count(folder / name) > 0, name)


def product(folder):
    """A product with all that can be recorded; what a point is worth is what ./sim says."""
    study = write(folder, "p", {**SMALL, "precision": ["w8a8", "w4a4-init8-dense8"], "array": [4, 16], "act-kib": [1, 64, 256],
                                "dram-bytes-per-cycle": [8, 16], "constraints": ["array < 8 * (1 + 1) + 1", "sram <= 600K"],
                                "record": ["bytes", "stalls", "utilization", "energy", "layers"],
                                "energy": {"multiply": 0.5, "dram-byte": 20, "busy-cycle": 3, "cycle": 7},
                                "points": [{**SMALL, "array": 4, "act-kib": 64, "precision": "w8a8", "dram-bytes-per-cycle": 8},
                                           {**SMALL, "array": 8}]})
    results = folder / "p.sqlite"
    run(study, "--results", results, "--csv", folder / "p.csv", "--json", folder / "p.json.out", "--jobs", 1)
    with sqlite3.connect(results) as c:
        c.row_factory = sqlite3.Row
        rows = [dict(r) for r in c.execute("SELECT * FROM answers ORDER BY id")]
    c.close()
    check(len(rows) == 25, "points:", len(rows))  # 2 * 2 * 3 * 2, one of them named again, one new
    check(len({tuple(list(r.values())[1:17]) for r in rows}) == 25, "points are there twice")
    for r in rows:
        if r["act_kib"] == 1:
            check(r["status"] == "refused" and "stem" in r["reason"] and r["cycles"] is None, r)
            continue
        check(r["status"] == "done" and r["reason"] is None, r)
        check(sum(r[k] for k in "busy fill mode wait_load wait_dep wait_drain wait_cmd tail".split()) == r["cycles"], r)
        layers = query(results, f"SELECT sum(cycles), sum(read_bytes + write_bytes), sum(macs), count(*) FROM layers WHERE point = {r['id']}")
        check(layers[0] == (r["cycles"], r["read_bytes"] + r["write_bytes"], r["macs"], r["layers"]), layers, r)
        energy = 20 * (r["read_bytes"] + r["write_bytes"] + r["command_bytes"]) + 3 * r["busy"] + 7 * r["cycles"]
        check(r["macs"] * 0.5 <= r["energy_pj"] - energy <= r["macs"] * 2, energy, r)
    one = next(r for r in rows if r["status"] == "done" and r["array"] == 16 and r["act_kib"] == 64 and r["precision"] != "w8a8")
    document = folder / "one.json"
    subprocess.run([sim, "resnet18", "--model", "--size", "32", "--width", "0.25", "--act-kib", "64", "--dram-bytes-per-cycle",
                    str(one["dram_bytes_per_cycle"]), "--json", document], check=True, capture_output=True)
    check(json.loads(document.read_text(encoding="utf-8"))["total"]["cycles"] == one["cycles"], "not the cycles of ./sim --model", one)
    with open(folder / "p.csv", encoding="utf-8", newline="") as f:
        from_csv = list(csv.DictReader(f))
    check([{k: "" if v is None else str(v) for k, v in r.items() if not isinstance(v, float)} for r in rows] ==
          [{k: v for k, v in r.items() if not isinstance(rows[i][k], float)} for i, r in enumerate(from_csv)], "CSV differs")
    data = json.loads((folder / "p.json.out").read_text(encoding="utf-8"))
    check(data["answers"] == rows, "JSON differs")
    validate(data)
    example(results, rows)


def example(results, rows):
    """The example in Python, where pandas is: it names the point of least cycles."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import pandas"], capture_output=True, check=False).returncode == 0:
            p = subprocess.run([python, source / "python/examples/study.py", results], capture_output=True, text=True, check=False)
            check(p.returncode == 0 and f" {min(r['cycles'] for r in rows if r['cycles'])}\n" in p.stdout, p.stdout, p.stderr)
            return


def validate(data):
    try:
        import jsonschema
    except ImportError:
        return
    schema = json.loads((source / "docs/schema/study.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(data)
    properties = set(schema["properties"]["answers"]["items"]["properties"])
    check(set(data["answers"][0]) == properties, "columns and schema:", set(data["answers"][0]) ^ properties)
    check(set(data) == set(schema["properties"]), "keys and schema:", set(data) ^ set(schema["properties"]))
    data["answers"][0]["extra"] = 1
    check(not validator.is_valid(data), "the schema accepts anything")


def samples(folder):
    base = {**SMALL, "array": [4, 8, 16, 32], "act-kib": {"from": 16, "to": 256, "times": 2}, "dram-latency": {"from": 8, "to": 200, "step": 8}}
    latin = folder / "s1.sqlite"
    run(write(folder, "s1", {**base, "sample": {"method": "latin-hypercube", "count": 100, "seed": 3}}), "--results", latin)
    per_array = query(latin, "SELECT array, count(*) FROM points GROUP BY array")
    check(90 <= sum(n for _, n in per_array) <= 100 and all(22 <= n <= 25 for _, n in per_array), "strata:", per_array)
    drawn = {}
    for name, seed in (("s2", 3), ("s3", 3), ("s4", 4)):
        run(write(folder, name, {**base, "name": name, "sample": {"method": "random", "count": 40, "seed": seed},
                                 "constraints": ["sram <= 512K"]}), "--results", folder / f"{name}.sqlite")
        drawn[name] = query(folder / f"{name}.sqlite", TABLES[0])
        check(len(drawn[name]) == 40 and all(r[16] <= 524288 for r in drawn[name]), "a random sample:", len(drawn[name]))
    check(drawn["s2"] == drawn["s3"] != drawn["s4"], "seeds")


def kill_children(sweep, results, every):
    """Kills one of its processes, twice; gives how often that was possible."""
    hit = 0
    for part in (0.02, 0.3):
        while count(results) < part * every and sweep.poll() is None:
            time.sleep(0.001)
        try:
            children = pathlib.Path(f"/proc/{sweep.pid}/task/{sweep.pid}/children").read_text(encoding="utf-8").split()
            os.kill(int(children[0]), signal.SIGKILL)
            hit += 1
        except (OSError, IndexError):
            pass  # the sweep is done
    return hit


def kills(folder):
    """Whole sweeps and single processes are killed; the tables are those of one process that was left alone."""
    study = write(folder, "k", {**SMALL, "width": [0.25, 0.5], "array": [4, 8], "act-kib": [64, 128], "acc-pixels": [64, 128, 256],
                                "dram-latency": {"from": 1, "to": 30, "step": 1}, "record": ["layers", "stalls"]})
    alone, killed, hurt = folder / "k1.sqlite", folder / "k2.sqlite", folder / "k3.sqlite"
    run(study, "--results", alone, "--jobs", 1)
    every = count(alone)
    for attempt in range(20):  # the machine may be so busy that a sweep is done before anybody can kill it
        killed.unlink(missing_ok=True)
        for part in (0.02, 0.3):
            with subprocess.Popen([sim, "sweep", study, "--results", killed, "--jobs", "2", "--quiet"]) as p:
                while count(killed) < part * every and p.poll() is None:
                    time.sleep(0.001)
                os.kill(p.pid, signal.SIGKILL)
        before = count(killed)
        if 0 < before < every:
            break
    check(0 < before < every, "killed too late, 20 times:", before, "of", every)
    says = run(study, "--results", killed, "--jobs", 2).stdout
    check(f"this run {every - before} points" in says, "not only what was to do:", before, says)
    check(tables(killed) == tables(alone), "after two kills the tables differ")
    for attempt in range(20):
        hurt.unlink(missing_ok=True)
        with subprocess.Popen([sim, "sweep", study, "--results", hurt, "--jobs", "2", "--quiet"]) as p:
            hit = kill_children(p, hurt, every)
            check(p.wait() == 0, "a sweep whose processes were killed:", p.returncode)
        if hit == 2:
            break
    check(hit == 2, "no process could be killed, 20 times")
    check(tables(hurt) == tables(alone), "after its processes were killed the tables differ")
    if mpirun:
        ranks(study, alone, folder)


def ranks(study, alone, folder):
    env = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    launch = [mpirun, "--oversubscribe", "-n", "3", sim, "sweep"]
    results = folder / "m.sqlite"
    subprocess.run([*launch, study, "--results", results, "--quiet"], env=env, check=True, timeout=300)
    check(tables(results) == tables(alone), "the tables of three ranks differ")
    dead = folder / "d.sqlite"
    for _ in range(5):  # mpirun ends all ranks where one dies; what they had answered is there
        dead.unlink(missing_ok=True)
        with subprocess.Popen([*launch, study, "--results", dead, "--quiet"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
            while count(dead) == 0 and p.poll() is None:
                time.sleep(0.001)
            try:
                processes = pathlib.Path(f"/proc/{p.pid}/task/{p.pid}/children").read_text(encoding="utf-8").split()
                os.kill(int(processes[-1]), signal.SIGKILL)
            except (OSError, IndexError):
                pass  # the sweep is done
        if p.returncode != 0:
            break
    check(p.returncode != 0, "mpirun has good news of a dead rank")
    run(study, "--results", dead)
    check(tables(dead) == tables(alone), "after a rank died the tables differ")
    bad = subprocess.run([*launch, write(folder, "bad", {}), "--results", folder / "none.sqlite"], env=env, capture_output=True, text=True,
                         check=False, timeout=300)
    check(bad.returncode == 2 and bad.stderr.count("sim: ") == 1, "three ranks and a bad study:", bad.returncode, bad.stderr)


def images(folder):
    """Images over ranks: the document of one process, and one line where something is wrong."""
    if not mpirun:
        return
    env = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    said = []
    for n, launch in ((1, []), (3, [mpirun, "--oversubscribe", "-n", "3"])):
        command = [*launch, sim, folder / "net.onnx", "--input", folder / "i.npy", "--labels", folder / "l.npy", "--backend", "fast", "--batch",
                   "1", "--quiet", "--json", folder / f"{n}.out"]
        p = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=300)
        check(p.returncode == 0, p.stdout, p.stderr)
        said.append({k: v for k, v in json.loads((folder / f"{n}.out").read_text(encoding="utf-8")).items() if k != "seconds"})
    check(said[0] == said[1] and len(said[0]["leading"]) == 4, "images over ranks:", said)
    for wrong, word in ((["--jobs", "2"], "--jobs"), (["--skip", "99"], "--skip 99")):
        p = subprocess.run([*command, *wrong], env=env, capture_output=True, text=True, check=False, timeout=300)
        check(p.returncode == 2 and p.stderr.count("sim: ") == 1 and word in p.stderr, wrong, p.returncode, p.stderr)


def segments(folder):
    """Pieces over ranks: the document of one process, in which one that differs is found; one line for what is wrong; one page."""
    if not mpirun:
        return
    env = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    network = [sim, "resnet18", "--size", "32", "--width", "0.25", "--array", "4", "--segments", "4", "--json", folder / "seg.out"]
    if subprocess.run([sim, "resnet18", "--size", "32", "--width", "0.25", "--array", "4", "--layers", "22"], capture_output=True, check=False).returncode != 0:
        return  # that array is not built
    for more, code in (([], 0), (["--inject-weight-flip", "12"], 1)):
        said = []
        for launch in ([], [mpirun, "--oversubscribe", "-n", "3"]):
            p = subprocess.run([*launch, *network, *more], env=env, capture_output=True, text=True, check=False, timeout=300)
            check(p.returncode == code, launch, more, p.returncode, p.stdout, p.stderr)
            j = json.loads((folder / "seg.out").read_text(encoding="utf-8"))
            del j["sim"]
            for piece in j["pieces"]:
                del piece["user_seconds"]
            said.append((j, [line for line in p.stdout.splitlines() if not line.startswith(("compare", "simulation", "user CPU"))]))
        check(said[0] == said[1], "pieces over ranks:", said)
    launch = [mpirun, "--oversubscribe", "-n", "3"]
    p = subprocess.run([*launch, *network, "--jobs", "2"], env=env, capture_output=True, text=True, check=False, timeout=300)
    check(p.returncode == 2 and p.stderr.count("sim: ") == 1 and "--jobs" in p.stderr, p.returncode, p.stderr)
    run(write(folder, "page", SMALL), "--results", folder / "page.sqlite")
    p = subprocess.run([*launch, sim, "report", folder / "page.sqlite", "-o", folder / "page.html"], env=env, capture_output=True, text=True,
                       check=False, timeout=300)
    check(p.returncode == 0 and p.stdout.count("points in") == 1, p.returncode, p.stdout, p.stderr)


def two_at_once(folder):
    study, results = write(folder, "t", SMALL), folder / "t.sqlite"
    run(study, "--results", results)
    with open(results, "rb") as f:
        fcntl.flock(f, fcntl.LOCK_EX)  # what a sweep holds while it runs
        check("another sweep" in run(study, "--results", results, code=2).stderr, "two sweeps of one file")
    run(study, "--results", results)


def rtl(folder):
    study = write(folder, "r", {**SMALL, "width": 0.125, "act-kib": [64, 256], "dram-bytes-per-cycle": [8, 16, 24]})
    says = run(study, "--results", folder / "r.sqlite", "--rtl", 0.5).stdout
    rows = query(folder / "r.sqlite", "SELECT act_kib, cycles, rtl_cycles FROM answers")
    confirmed = [r for r in rows if r[2] is not None]
    check(0 < len(confirmed) <= 3 and all(r[0] == 256 and r[1] == r[2] for r in confirmed), rows)
    check(f"RTL      {len(confirmed)} of {len(confirmed)} points" in says, says)
    elsewhere = write(folder, "e", {**SMALL, "act-kib": 64})
    check("--rtl" in run(elsewhere, "--results", folder / "e.sqlite", "--rtl", 1, code=2).stderr, "--rtl of nothing that was built")


def accuracy(folder):
    """Of a network from a file, beside the study; equal to what ./sim counts."""
    pixels = bytes((7 * i * i + i // 3) % 256 for i in range(4 * 8 * 8 * 3))
    for name, kind, shape, data in (("i.npy", "|u1", (4, 8, 8, 3), pixels), ("l.npy", "<i8", (4,), struct.pack("<4q", 0, 1, 2, 0))):
        header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
        (folder / name).write_bytes(b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + data)
    subprocess.run([sim, "quantize", source / "tests/fuzz/corpus/onnx/float_network.onnx", "--calibrate", folder / "i.npy", "-o",
                    folder / "net.onnx"], check=True, capture_output=True)
    study = write(folder, "n", {"network": "net.onnx", "array": [4, 8], "accuracy": {"input": "i.npy", "labels": "l.npy"}})
    labels = (folder / "l.npy").read_bytes()
    (folder / "l.npy").write_bytes(labels[:-8])
    p = run(study, "--results", folder / "n.sqlite")
    check("1 of 1 networks were NOT run" in p.stdout, "labels that are too few:", p.stdout)
    (folder / "l.npy").write_bytes(labels)
    check("NOT" not in run(study, "--results", folder / "n.sqlite").stdout, "labels that are mended")
    p = subprocess.run([sim, folder / "net.onnx", "--input", folder / "i.npy", "--labels", folder / "l.npy", "--backend", "fast", "--json",
                        folder / "n.out"], capture_output=True, text=True, check=False)
    check(p.returncode == 0, p.stderr)
    said = json.loads((folder / "n.out").read_text(encoding="utf-8"))
    rows = query(folder / "n.sqlite", "SELECT status, images, top1, accuracy FROM answers")
    check(len(rows) == 2 and all(r == ("done", 4, round(said["top1"] * 4 / 100), said["top1"] / 100) for r in rows), rows, said["top1"])
    check(query(folder / "n.sqlite", "SELECT precision, width, size FROM points") == [(None, None, None)] * 2, "axes of built-in networks")
    images = (folder / "i.npy").read_bytes()
    (folder / "i.npy").write_bytes(images[:-1] + bytes([images[-1] ^ 255]))  # of the same size, under the same name
    p = run(study, "--results", folder / "n.sqlite")
    check("hold something else" in p.stderr and "this run 0 points, 1 network over" in p.stdout, "other images:", p.stdout, p.stderr)
    check("hold" not in run(study, "--results", folder / "n.sqlite").stderr, "images that were counted")
    (folder / "i.npy").write_bytes(images)


def png(rgb, side):
    """A picture of side x side pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + rgb[3 * side * y:3 * side * (y + 1)] for y in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", side, side, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


def pictures(folder):
    """A folder of pictures is the array of their pixels, in the order of their names; other pictures under the same names are noticed."""
    pixels, here = (folder / "i.npy").read_bytes()[-4 * 192:], folder / "pictures"
    here.mkdir()
    for i, name in enumerate(("a.png", "b.JPG", "c.png", "d.png")):  # its first bytes say what a file is
        (here / name).write_bytes(png(pixels[192 * i:192 * (i + 1)], 8))
    (here / "notes.txt").write_text("no picture", encoding="utf-8")
    said = []
    for source_of in (folder / "i.npy", here, f"{here}/"):
        p = subprocess.run([sim, folder / "net.onnx", "--input", source_of, "--labels", folder / "l.npy", "--backend", "fast", "--mean", "0", "--std",
                            "1", "--json", folder / "pictures.out"], capture_output=True, text=True, check=False)
        check(p.returncode == 0, p.stdout, p.stderr)
        j = json.loads((folder / "pictures.out").read_text(encoding="utf-8"))
        said.append((j["leading"], j["top1"]))
    check(said[0] == said[1] == said[2] and len(said[0][0]) == 4, "pictures and their pixels:", said)
    study = write(folder, "pics", {"network": "net.onnx", "accuracy": {"input": "pictures", "labels": "l.npy", "mean": "0", "std": "1"}})
    run(study, "--results", folder / "pics.sqlite")
    check(query(folder / "pics.sqlite", "SELECT images, accuracy * 100 FROM answers") == [(4, said[0][1])], "a sweep over pictures")
    (here / "a.png").rename(here / "e.png")
    check("hold something else" in run(study, "--results", folder / "pics.sqlite").stderr, "pictures in another order")
    for wrong, word in ((folder / "none", "No such file"), (folder, "no .jpg")):
        p = subprocess.run([sim, folder / "net.onnx", "--input", wrong, "--backend", "fast"], capture_output=True, text=True, check=False)
        check(p.returncode == 2 and p.stderr.count("\n") == 1 and word in p.stderr, wrong, p.stderr)


def file_networks(folder):
    """A batch that a file fixes is the point's where the study says none; cycles of every accelerator are ./sim's, though the file is read
    once; tensors beside a file are part of the study."""
    (folder / "two.onnx").write_bytes((source / "tests/fuzz/corpus/onnx/qlinearmatmul_qlinearadd_qlinearglobalaveragepool.onnx").read_bytes())
    study = write(folder, "g", {"network": ["two.onnx", "net.onnx"], "array": [4, 8, 16], "act-kib": [4, 256], "constraints": "batch >= 1"})
    run(study, "--results", folder / "g.sqlite", "--jobs", 1)
    rows = query(folder / "g.sqlite", "SELECT network, batch, array, act_kib, status, cycles FROM answers")
    check(len(rows) == 12 and {(r[0], r[1]) for r in rows} == {("two.onnx", 2), ("net.onnx", 1)}, "batches:", rows)
    for network, _, array, kib, status, cycles in rows:
        p = subprocess.run([sim, folder / network, "--model", "--array", str(array), "--act-kib", str(kib), "--json", folder / "g.out"],
                           capture_output=True, text=True, check=False)
        said = json.loads((folder / "g.out").read_text(encoding="utf-8"))["total"]["cycles"] if p.returncode == 0 else None
        check((status, cycles) == (("done", said) if said else ("refused", None)), network, array, kib, status, cycles, p.stderr)
    run(write(folder, "g1", {"network": "two.onnx", "batch": 1}), "--results", folder / "g1.sqlite")
    check("fixed; only 2" in query(folder / "g1.sqlite", "SELECT reason FROM answers")[0][0], "a batch that is not the file's")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        p = subprocess.run([sim, "sweep", write(folder, "a", SMALL), "--results", folder / "a0.sqlite"], capture_output=True, text=True,
                           check=False)
        if "without SQLite" in p.stderr:
            check(p.returncode == 2 and p.stderr.count("\n") == 1 and "libsqlite3-dev" in p.stderr, p.stderr)
            print("the program was built without SQLite: skipped")
            sys.exit(77)
        for test in (bad_input, other_files, product, samples, kills, two_at_once, rtl, accuracy, pictures, file_networks, images, segments, says, odd_names, locked_and_full):
            start = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            test(folder)
            print(test.__name__, f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start[1]:.2f} s")


main()
