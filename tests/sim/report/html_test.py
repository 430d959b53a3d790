#!/usr/bin/env python3
"""html_test.py SIM SOURCE [CHROMIUM]: the page that --html writes has the numbers of --json, needs nothing but itself, and no text can
become markup in it. With CHROMIUM: a browser shows it without an error, its tables sort, and nothing injected runs. Exit code 77 where
CHROMIUM is no program."""
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sim, source = sys.argv[1], pathlib.Path(sys.argv[2])
NETWORK = "resnet18 --width 0.25 --size 32 --quiet --mhz 500".split()
EVIL = "<img src=x onerror=evil()>"


class Page(html.parser.HTMLParser):
    """Tables by id, as rows of (data-v or text); JSON by id; every tag, attribute and text."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.data, self.tags, self.links, self.titles = {}, {}, {}, [], 0
        self.table = self.row = self.cell = self.script = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags[tag] = self.tags.get(tag, 0) + 1
        assert not any(a.startswith("on") for a in attrs), (tag, attrs)
        self.links += [(tag, a, v) for a, v in attrs.items() if a in ("src", "href", "xlink:href", "action", "srcset", "data")]
        if tag == "table":
            self.table = self.tables.setdefault(attrs.get("id"), [])
        elif tag == "tr" and self.table is not None:
            self.row = []
            self.table.append(self.row)
        elif tag in ("td", "th"):
            self.cell = [attrs.get("data-v"), ""]
        elif tag == "script":
            self.script = attrs.get("id")

    def handle_data(self, data):
        if self.cell is not None:
            self.cell[1] += data
        if self.script is not None:
            self.data[self.script] = json.loads(data)

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.row.append(float(self.cell[0]) if self.cell[0] is not None else self.cell[1])
            self.cell = None
        elif tag == "script":
            self.script = None
        elif tag == "table":
            self.table = None


def run(folder, arguments, code=0):
    page, document = folder / "p.html", folder / "p.json"
    done = subprocess.run([sim, *arguments, "--html", str(page), "--json", str(document)], capture_output=True, text=True, check=False)
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    return page.read_text(encoding="utf-8"), json.loads(document.read_text(encoding="utf-8"))


def check_layers(page, document):
    """Each row says what JSON says."""
    head, *rows = page.tables["layers"]
    names = [str(h).replace("\xa0", " ") for h in head]
    assert len(rows) == len(document["layers"]), len(rows)
    for row, layer in zip(rows, document["layers"]):
        for name, value in zip(names, row):
            if name in ("window", "shape", "bits"):
                continue
            want = {"#": layer["number"], "layer": layer["name"],
                    "RTL = C": {True: "yes", False: "NO", None: "-"}[layer["match"]]}.get(name, layer["traffic"].get(name, layer.get(name, layer.get("stalls", {}).get(name))))
            if name == "utilization" and want is None:
                want = -1
            assert value == want or (name == "utilization" and abs(value - want) < 1e-12), (layer["name"], name, value, want)
    return names


def check_page(text, document):
    page = Page(text)
    assert not page.links and not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(", text), page.links
    assert page.data["data"] == document
    names = check_layers(page, document)
    causes = {row[0]: row[1] for row in page.tables["causes"][1:]}
    assert causes == document["total"]["stalls"], causes
    assert page.tags["svg"] >= 4 and page.tags["title"] > 3 * len(document["layers"]), page.tags
    return names


def check_traffic(layer):
    """Kinds of bytes are what the layer's shape says; a pixel is blocks of 16 bytes."""
    traffic, is_conv = layer["traffic"], layer["kind"] in ("conv", "dense")
    assert sum(traffic.values()) == layer["dram_bytes"], layer
    assert traffic["output"] == sum(o["h"] * o["w"] * -(-o["c"] * int(o["format"][1]) // 128) * 16 for o in layer["outputs"]), layer
    assert (traffic["residual"] > 0) == layer["residual"] and traffic["input"] > 0, layer
    if is_conv:
        window, bits = layer["window"], layer["weight_bits"]
        kernel = window["kh"] * window["kw"] * layer["input"]["c"] * layer["outputs"][0]["c"] * bits // 8
        assert kernel <= traffic["weights"] <= 2 * kernel + 4096 and traffic["parameters"] > 0, (kernel, layer)


def check_runs(folder):
    text, document = run(folder, NETWORK)
    names = check_page(text, document)
    assert "wait_load" in names and "model_cycles" in names and "frames/s" in text and "A piece of the timeline" in text
    for layer in document["layers"]:
        assert sum(layer["stalls"].values()) == layer["cycles"], layer
        check_traffic(layer)
    for stall in document["total"]["stalls"]:
        assert sum(x["stalls"][stall] for x in document["layers"]) == document["total"]["stalls"][stall], stall
    assert "wait_load" not in check_page(*run(folder, [*NETWORK, "--model"]))
    assert "wait_load" in check_page(*run(folder, [*NETWORK, "--segments", "2"]))
    text, document = run(folder, [*NETWORK, "--inject-weight-flip", "s2b1.conv1"], 1)
    assert "RTL and C DIFFER" in text and not document["match"]


def check_refusals(folder):
    for path, code in ((folder / "no/such/p.html", 2), (pathlib.Path("/dev/full"), 2)):
        done = subprocess.run([sim, *NETWORK, "--model", "--html", str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == code and done.stderr.count("\n") == 1 and "--html" in done.stderr, done.stderr
    assert not list(folder.glob("*.html.*")), list(folder.iterdir())


def check_injection(folder):
    """A network file whose name, and a layer's in it, are markup: they stay text in heading, charts, table, command and JSON."""
    original = source / "tests/fuzz/corpus/onnx/conv_add_relu_joint.onnx"
    name = max((x["name"] for x in run(folder, [str(original), "--quiet"])[1]["layers"]), key=len).encode()
    evil = b"<b>'&\"<!--</script>"[:len(name)].ljust(len(name), b"<")
    path = folder / f"x{EVIL}'\"&.onnx"
    path.write_bytes(original.read_bytes().replace(name, evil))
    text, document = run(folder, [str(path), "--quiet"])
    page = Page(text)
    assert evil.decode() in [x["name"] for x in document["layers"]], document["layers"]
    assert "img" not in page.tags and EVIL not in text and document["network"].endswith(path.name)
    assert page.tags["b"] == text.count('<div class="fact">'), page.tags
    assert page.data["data"] == document
    check_layers(page, document)
    return text


def browse(chromium, folder, text):
    page = folder / "browse.html"
    page.write_text(text, encoding="utf-8")
    done = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom",
                           page.as_uri()], capture_output=True, text=True, check=False, timeout=240)
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert done.returncode == 0 and not said, (done.returncode, said)
    return done.stdout


def check_browser(chromium, folder):
    """The page of a file with an evil name; a script of ours sorts by cycles, twice, and says what it sees."""
    text = check_injection(folder)
    network, document = run(folder, NETWORK)
    probe = """<script>const head = [...document.querySelectorAll("#layers th")].find((h) => h.textContent === "cycles");
      const column = [...head.parentNode.cells].indexOf(head), seen = [];
      for (let i = 0; i < 2; i++) { head.click();
        seen.push([...document.querySelectorAll("#layers tbody tr")].map((r) => Number(r.cells[column].dataset.v))); }
      document.body.append(Object.assign(document.createElement("pre"), {id: "probe", textContent: JSON.stringify(seen)}));
      </script>"""
    dom = browse(chromium, folder, network.replace("</body>", probe + "</body>"))
    assert 'data-ready="1"' in dom
    up, down = json.loads(re.search(r'id="probe">([^<]*)<', dom).group(1))
    cycles = sorted(x["cycles"] for x in document["layers"])
    assert up == cycles and down == cycles[::-1], (up, down)
    watch = "<script>window.evil = () => document.documentElement.dataset.evil = 1;</script>"
    dom = browse(chromium, folder, text.replace("<body>", "<body>" + watch))
    assert 'data-ready="1"' in dom and "data-evil" not in dom and "<img" not in dom


with tempfile.TemporaryDirectory() as scratch:
    if len(sys.argv) > 3:
        if shutil.which(sys.argv[3]) is None:
            print(f"no browser '{sys.argv[3]}' (Debian: chromium): skipped")
            sys.exit(77)
        check_browser(sys.argv[3], pathlib.Path(scratch))
    else:
        check_runs(pathlib.Path(scratch))
        check_injection(pathlib.Path(scratch))
        check_refusals(pathlib.Path(scratch))
