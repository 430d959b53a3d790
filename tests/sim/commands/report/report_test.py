#!/usr/bin/env python3
"""report_test.py SIM [CHROMIUM]: the page of `sim report` has every number of the results file, its front and best points are those that
trying all finds, it stays below 2 MB for 10,000 points, and no text becomes markup. With CHROMIUM: the same of what its script shows.
Exit code 77 where CHROMIUM is no program, or the program was built without SQLite."""
import html.parser
import json
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sim = sys.argv[1]
EVIL = "</script><img src=x onerror=evil()>'\"&"
POINT = ("network precision bits width size batch array act_kib wgt_kib res_kib par_entries acc_pixels pool_words dram_bytes_per_cycle "
         "dram_latency sram_bytes").split()
RESULT = ("cycles compute_bound memory_bound macs utilization layers commands read_bytes write_bytes command_bytes constant_bytes busy fill "
          "mode wait_load wait_dep wait_drain wait_cmd tail energy_pj").split()


def results_file(path, n, seed, networks, version="1"):
    """As docs/sweep.md has it, with n points of which some have no answer."""
    draw = random.Random(seed)
    db = sqlite3.connect(path)
    db.executescript(f"""
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE points(id INTEGER PRIMARY KEY, {",".join(POINT)}, status TEXT, reason TEXT);
        CREATE TABLE results(point INTEGER PRIMARY KEY, {",".join(RESULT)}, rtl_cycles INTEGER);
        CREATE TABLE accuracy(network TEXT, bits TEXT, images INTEGER, top1 INTEGER, top5 INTEGER, reason TEXT);
        CREATE VIEW answers AS SELECT p.*, {",".join("r." + c for c in RESULT)}, r.rtl_cycles, a.images, a.top1, a.top5,
          CAST(a.top1 AS REAL) / a.images AS accuracy FROM points p LEFT JOIN results r ON r.point = p.id
          LEFT JOIN accuracy a ON a.network = p.network AND a.bits = COALESCE(p.bits, '');""")
    db.executemany("INSERT INTO meta VALUES (?, ?)", [("format", version), ("version", "0.1.0"), ("command", f"sim sweep {EVIL}"),
                                                      ("study", json.dumps({"networks": networks})), ("points", str(n))])
    sram, stalls = 65536, [1000] * 8
    for i in range(n):
        array, width = draw.choice([4, 8, 16, 32, 64]), 1 if i in (5, 6) else draw.choice([0.5, 1])
        sram = 65536 if i in (5, 6) else sram if draw.random() < 0.5 else draw.randrange(64, 1024) * 1024  # points may be equal on one axis, or both
        db.execute(f"INSERT INTO points VALUES ({','.join('?' * (len(POINT) + 3))})",
                   (i, networks[0] if i in (5, 6) else draw.choice(networks), draw.choice(["w8a8", "w4a4"]), None, width, 224, 1, array, sram // 4096, sram // 8192, 32, 128,
                    196, 64, draw.choice([4, 8, 16, 32]), 64, sram, "done", None))
        if draw.random() < 0.1 and i not in (5, 6):
            db.execute("UPDATE points SET status = 'refused', reason = ? WHERE id = ?", (f"too small {EVIL}", i))
            continue
        stalls = stalls if draw.random() < 0.5 else [draw.randrange(1, 10 ** draw.randrange(2, 8)) for _ in range(8)]
        if i in (5, 6):  # as good as each other, and no other point as good
            stalls = [1] * 8
        db.execute(f"INSERT INTO results VALUES ({','.join('?' * (len(RESULT) + 2))})",
                   (i, sum(stalls), draw.randrange(10**7), draw.randrange(10**7), 4089184256, draw.random(), 55, draw.randrange(20000),
                    draw.randrange(10**8), draw.randrange(10**8), draw.randrange(10**6), draw.randrange(10**7), *stalls,
                    draw.random() * 1e9, sum(stalls) if draw.random() < 0.01 else None))
    db.commit()
    return db


def report(path, page):
    done = subprocess.run([sim, "report", str(path), "-o", str(page)], capture_output=True, text=True, check=False)
    if "without SQLite" in done.stderr:
        print("the program was built without SQLite: skipped")
        sys.exit(77)
    assert done.returncode == 0, done.stderr
    return page.read_text(encoding="utf-8")


class Page(html.parser.HTMLParser):
    """Tags, tables by id, and the data."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.tables, self.data, self.table, self.cell, self.script = {}, {}, None, None, None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert not {"src", "href"} & attrs.keys() and not any(a.startswith("on") for a in attrs), (tag, attrs)
        self.tags[tag] = self.tags.get(tag, 0) + 1
        if tag == "table":
            self.table = self.tables.setdefault(attrs["id"], [])
        elif tag == "tr":
            self.table.append([])
        elif tag in ("td", "th"):
            self.cell = ""
        elif tag == "script":
            self.script = attrs.get("id")

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data
        if self.script == "data":
            self.data = json.loads(data)

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.table[-1].append(self.cell)
            self.cell = None
        elif tag == "script":
            self.script = None


def decode(column, rows):
    if "one" in column:
        return [column["one"]] * rows
    if "numbers" in column:
        return column["numbers"]
    if "whole" in column:
        return [None if d == "" else int(d, 36) for d in column["whole"].split(" ")]
    digits, at = column["digits"], column["at"]
    return [column["words"][int(at[i * digits:(i + 1) * digits], 36)] for i in range(rows)]


def check_data(page, db):
    """Every cell of the view is in the page, and nothing else."""
    cursor = db.execute("SELECT * FROM answers ORDER BY id")
    names, rows = [d[0] for d in cursor.description], cursor.fetchall()
    assert page.data["rows"] == len(rows) and [c["name"] for c in page.data["columns"]] == names
    for k, column in enumerate(page.data["columns"]):
        values = decode(column, len(rows))
        for value, row in zip(values, rows, strict=True):
            assert value == row[k] or (isinstance(row[k], float) and abs(value - row[k]) <= 1e-14 * abs(row[k])), (names[k], value, row[k])
    return [dict(zip(names, row)) for row in rows]


def front(points):
    """Of each work, by trying all pairs."""
    done = [p for p in points if p["status"] == "done"]
    work = [tuple(p[k] for k in ("network", "width", "size", "batch")) for p in done]
    return {p["id"] for p, w in zip(done, work)
            if not any(w == v and q["sram_bytes"] <= p["sram_bytes"] and q["cycles"] <= p["cycles"] and
                       (q["sram_bytes"] < p["sram_bytes"] or q["cycles"] < p["cycles"]) for q, v in zip(done, work))}


def check_small(folder):
    db = results_file(folder / "small.sqlite", 400, 3, ["resnet18", f"b{EVIL}.onnx"])
    text = report(folder / "small.sqlite", folder / "small.html")
    page = Page(text)
    points = check_data(page, db)
    assert {int(r[0]) for r in page.tables["front"][1:]} == front(points)
    head, *fastest = page.tables["fastest"]
    works = {(p["network"], p["width"]) for p in points if p["status"] == "done"}
    assert len(fastest) == len(works) == 4, fastest
    for row in fastest:
        p = points[int(row[0])]
        same = [q["cycles"] for q in points if q["status"] == "done" and (q["network"], q["width"]) == (p["network"], p["width"])]
        assert p["cycles"] == min(same) == int(row[head.index("cycles")]), row
    refused = sum(p["status"] == "refused" for p in points)
    assert page.tables["reasons"][1:] == [[str(refused), f"too small {EVIL}"]], page.tables["reasons"]
    assert "img" not in page.tags and EVIL not in text and page.tags["circle"] == len(page.tables["front"]) - 1
    return text, points


def check_sweep(folder):
    """The same of a file that `sim sweep` makes."""
    (folder / "study.json").write_text(json.dumps({"network": "resnet18", "width": 0.25, "size": 32, "array": [8, 16],
                                                   "dram-bytes-per-cycle": [8, 16], "precision": ["w8a8", "w4a4"]}), encoding="utf-8")
    subprocess.run([sim, "sweep", str(folder / "study.json"), "--results", str(folder / "real.sqlite")], capture_output=True, check=True)
    page = Page(report(folder / "real.sqlite", folder / "real.html"))
    points = check_data(page, sqlite3.connect(folder / "real.sqlite"))
    assert len(points) == 8 and {int(r[0]) for r in page.tables["front"][1:]} == front(points) and len(page.tables["fastest"]) == 2


def check_large(folder):
    db = results_file(folder / "large.sqlite", 10000, 4, ["resnet50"])
    text = report(folder / "large.sqlite", folder / "large.html")
    assert len(text.encode()) < 2e6, len(text.encode())
    check_data(Page(text), db)


def check_refusals(folder):
    page = folder / "p.html"
    results_file(folder / "other.sqlite", 1, 1, ["a"], "99")
    results_file(folder / "good.sqlite", 3, 1, ["a"])
    sqlite3.connect(folder / "foreign.sqlite").execute("CREATE TABLE t(x)").connection.commit()
    (folder / "text.sqlite").write_text("no database " * 200, encoding="utf-8")
    for arguments, message in (([], "0 files given"), (["a", "b"], "2 files given"), (["good.sqlite"], "-o FILE.html is needed"),
                               (["no.sqlite", "-o", "p.html"], "no.sqlite"), (["text.sqlite", "-o", "p.html"], "no results file"),
                               (["foreign.sqlite", "-o", "p.html"], "no results file"), (["other.sqlite", "-o", "p.html"], "format 99"),
                               (["good.sqlite", "-o", "good.sqlite"], "good.sqlite"), (["good.sqlite", "-o", "none/p.html"], "none/p.html"),
                               (["good.sqlite", "-o", "/dev/full"], "/dev/full"), (["good.sqlite", "--outptu", "x"], "--output")):
        done = subprocess.run([sim, "report", *arguments], capture_output=True, text=True, check=False, cwd=folder)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and message in done.stderr, (arguments, done)
    assert not page.exists() and len(list(folder.glob("*.html*"))) == 0, list(folder.iterdir())


def check_browser(chromium, folder):
    """Constraints and axes are chosen as a user would; what the page says then is what trying all finds."""
    text, points = check_small(folder)
    probe = """<script>
      window.evil = () => document.documentElement.dataset.evil = 1;
      const set = (id, value) => { const e = document.getElementById(id); e.value = value; e.dispatchEvent(new Event("change")); };
      const seen = {start: document.querySelectorAll("#chart circle").length};
      set("only", "sram_bytes <= 300000, precision = w8a8, array >= 16");
      seen.best = document.getElementById("best").dataset.id;
      seen.rows = [...document.querySelectorAll("#table tbody tr")].map((r) => r.cells[0].textContent);
      seen.line = document.querySelector("#lines .front").dataset.id;
      seen.lines = [...document.querySelectorAll("#lines .thread")].reduce((n, p) => n + p.getAttribute("d").split("M").length - 1, 0);
      set("x", "energy_pj"); set("y", "utilization"); set("goal", "utilization");
      seen.largest = document.getElementById("best").dataset.id;
      set("only", "nonsense");
      seen.wrong = document.getElementById("best").textContent;
      document.body.append(Object.assign(document.createElement("pre"), {id: "probe", textContent: JSON.stringify(seen)}));
      </script>"""
    page = folder / "browse.html"
    page.write_text(text.replace("</body>", probe + "</body>"), encoding="utf-8")
    done = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom",
                           page.as_uri()], capture_output=True, text=True, check=False, timeout=240)
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert done.returncode == 0 and not said, (done.returncode, said)
    assert 'data-ready="1"' in done.stdout and "data-evil" not in done.stdout and "<img" not in done.stdout
    seen = json.loads(re.search(r'id="probe">([^<]*)<', done.stdout).group(1))
    some = [p for p in points if p["status"] == "done" and p["sram_bytes"] <= 300000 and p["precision"] == "w8a8" and p["array"] >= 16]
    assert seen["start"] == len(front(points)), seen
    assert int(seen["best"]) == min(some, key=lambda p: p["cycles"])["id"], seen
    assert int(seen["largest"]) == max(some, key=lambda p: p["utilization"])["id"], seen
    assert [int(r) for r in seen["rows"]] == [p["id"] for p in sorted(some, key=lambda p: (p["cycles"], p["id"]))], seen
    assert "no constraint" in seen["wrong"], seen
    assert seen["line"] == seen["best"] and seen["lines"] == len(some), seen


with tempfile.TemporaryDirectory() as scratch:
    if len(sys.argv) > 2:
        if shutil.which(sys.argv[2]) is None:
            print(f"no browser '{sys.argv[2]}' (Debian: chromium): skipped")
            sys.exit(77)
        check_browser(sys.argv[2], pathlib.Path(scratch))
    else:
        check_small(pathlib.Path(scratch))
        for file in pathlib.Path(scratch).iterdir():
            file.unlink()
        check_refusals(pathlib.Path(scratch))
        check_sweep(pathlib.Path(scratch))
        check_large(pathlib.Path(scratch))
